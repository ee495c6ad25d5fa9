"""`python -m MODULE …` in a process of its own, without waiting for its imports: most of what the tests' hundreds of commands
would do is to import the same modules.

A server process imports them once for each process of pytest, and forks for each command. What is forked is a process like
any other: own session, own streams and environment, killed like one, ended by the interpreter's own shutdown. How a command
starts from nothing is tested by `test_install.py` and wherever the product itself starts processes.
"""

from __future__ import annotations

import atexit
import io
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from importlib import import_module, reload
from pathlib import Path
from typing import Any

from archive import failpoint

ROOT = Path(__file__).parents[2]
_IMPORTED_LATER = (
    "crawler.channels.check",
    *(f"crawler.runner.{name}" for name in ("crawl", "estimate", "scrapy_process", "survey")),
    *(f"crawler.pipelines.{name}" for name in ("classify", "deduplicate", "extract_and_normalise", "record")),
    "alembic.command",
    "multiprocessing.forkserver",
    "scheduler.daemon",
    "scrapy.core.downloader.handlers.http11",
    "twisted.internet.asyncioreactor",
)
"""What commands import when they run."""
_PATHS = [str(ROOT), str(ROOT / "tests")]
_server: tuple[socket.socket, subprocess.Popen[bytes]] | None = None
_one_at_a_time = threading.Lock()


class Popen(subprocess.Popen[Any]):
    """`subprocess.Popen` of `[sys.executable, "-m", MODULE, …]`, always in a session of its own."""

    def _execute_child(self, args: Any, *given: Any) -> None:
        (_, _, _, _, cwd, env, _, _, _, *pipes) = given[:15]
        stdin, _, _, stdout, _, stderr = pipes
        python, flag, *command = map(str, args)
        assert (python, flag) == (sys.executable, "-m"), args
        request = {"command": command, "cwd": str(cwd or Path.cwd()), "env": dict(os.environ if env is None else env)}
        status, theirs = os.pipe()
        streams = [own if own != -1 else number for number, own in enumerate((stdin, stdout, stderr))]
        try:
            data = json.dumps(request).encode()
            with _one_at_a_time:
                server = _running()
                socket.send_fds(server, [b"."], [*streams, theirs])
                server.sendall(len(data).to_bytes(8, "big") + data)
        finally:
            os.close(theirs)
        self.args = args
        self._status = os.fdopen(status, "rb", buffering=0)
        self.pid = int.from_bytes(_exactly(self._status, 8), "big")
        self._child_created = True
        self._close_pipe_fds(*pipes)  # type: ignore[attr-defined]

    def _internal_poll(self, *_: Any, **__: Any) -> int | None:
        if self.returncode is None:
            self._try_wait(os.WNOHANG)
        return self.returncode

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if wait_flags & os.WNOHANG and not select.select([self._status], [], [], 0)[0]:
            return 0, 0
        status = int.from_bytes(_exactly(self._status, 8), "big")
        self._status.close()
        self.returncode = os.waitstatus_to_exitcode(status)
        return self.pid, status


def run(
    args: Sequence[Any], *, timeout: float, env: Mapping[str, str] | None = None, text: bool = True, cwd: Any = None
) -> subprocess.CompletedProcess[Any]:
    """Run such a command to its end; both outputs are captured."""
    pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with Popen(args, **pipes, env=env, text=text, cwd=cwd) as process:
        try:
            out, errors = process.communicate(timeout=timeout)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(args, process.returncode, out, errors)


def _exactly(stream: Any, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise EOFError("the server of forked processes has ended")
        data += more
    return data


def _running() -> socket.socket:
    """The connection to this process's server, which ends with it."""
    global _server
    if _server is None:
        ours, theirs = socket.socketpair()
        process = subprocess.Popen(
            [sys.executable, "-m", "support.forked", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(_PATHS)},
            cwd=ROOT,
            start_new_session=True,
        )
        theirs.close()
        _server = ours, process
        atexit.register(_end)
    return _server[0]


def _end() -> None:
    assert _server is not None
    _server[0].close()
    _server[1].wait()


# --- the server


def _serve(requests: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Fork a child for each request. Returns its request in a child, None at the end in the server."""
    while True:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers leave no zombies
        mark, streams, _, _ = socket.recv_fds(requests, 1, 4)
        if not mark:
            return None
        stream = requests.makefile("rb", buffering=0)
        request = json.loads(_exactly(stream, int.from_bytes(_exactly(stream, 8), "big")))
        stream.close()
        if os.fork():
            for number in streams:
                os.close(number)
            continue
        # The keeper waits for the child and tells how it ended: the server has others to serve meanwhile.
        requests.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = streams[3]
        if child := os.fork():
            for number in range(3):
                os.close(streams[number])
            os.write(status, child.to_bytes(8, "big"))
            os.write(status, os.waitpid(child, 0)[1].to_bytes(8, "big"))
            os._exit(0)
        os.close(status)
        return request, streams[:3]


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Run the command in this process, as the interpreter would that was started for it."""
    os.setsid()
    for number, own in enumerate(streams):
        os.dup2(own, number)
        os.close(own)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w", closefd=False)),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[:0] = [request["cwd"], *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    reload(failpoint)  # it looks at the environment once
    module, *sys.argv[1:] = request["command"]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _main() -> None:
    import gc

    from dateline import commands

    for name in commands.COMMANDS:
        commands.loaded(name)
    for name in _IMPORTED_LATER:
        import_module(name)

    # What a process may not share with its parent.
    assert threading.active_count() == 1, threading.enumerate()
    assert "twisted.internet.reactor" not in sys.modules
    gc.freeze()
    if (work := _serve(socket.socket(fileno=int(sys.argv[1])))) is not None:
        _become(*work)


if __name__ == "__main__":
    _main()
