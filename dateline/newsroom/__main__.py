"""`python -m dateline.newsroom`: the sample newsroom by hand. Standard library only."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from dateline.newsroom.model import AFTER_EDITS, START
from dateline.newsroom.server import ADDRESS, run

if TYPE_CHECKING:
    from dateline.newsroom.client import Newsroom

PORT, CONTROL_PORT = 8780, 8781


def _time(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; write for example 30m, 6h or 1d")
    return timedelta(seconds=float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[match[2]])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m dateline.newsroom",
        description="Ten small news sites on one loopback port, with a clock that you move. Everything in them is invented.",
    )
    orders = parser.add_subparsers(dest="order", required=True)
    serve = orders.add_parser("serve", help="run the sites until Ctrl-C")
    serve.add_argument("--port", type=int, default=PORT, help=f"port of all sites; 0: a free one [{PORT}]")
    serve.add_argument(
        "--control-port", type=int, default=CONTROL_PORT, help=f"port for the other orders [{CONTROL_PORT}]"
    )
    serve.add_argument(
        "--time", type=_time, default=START, help=f"time in the newsroom at the start [{START.isoformat()}]"
    )
    serve.add_argument("--registry", type=Path, help="write a registry of the sites to this file")
    serve.add_argument("--as-child", action="store_true", help=argparse.SUPPRESS)
    for name, text in (
        ("env", 'print the settings of a shell that crawls these sites: eval "$(python -m dateline.newsroom env)"'),
        ("time", "print the newsroom's time"),
        ("advance", f"move the clock; 6h brings it to the first edits ({AFTER_EDITS:%d %b %H:%M} UTC)"),
        ("log", "print the requests, one JSON object a line"),
        ("truth", "print what every article says now, one JSON object a line"),
    ):
        order = orders.add_parser(name, help=text)
        order.add_argument("--control-port", type=int, default=CONTROL_PORT)
        if name == "advance":
            order.add_argument("by", type=_duration, metavar="DURATION")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Carry out one order. Return the exit status."""
    chosen = _parser().parse_args(arguments)
    if chosen.order == "serve":
        return _serve(chosen)
    from dateline.newsroom.client import Newsroom, NewsroomError

    try:
        room = Newsroom.attach(chosen.control_port)
        match chosen.order:
            case "env":
                print("\n".join(_exports(room)))
            case "time":
                print(room.time.isoformat())
            case "advance":
                print(room.advance(chosen.by).isoformat())
            case "log":
                for request in room.log():
                    print(json.dumps(request.as_json(), ensure_ascii=False))
            case "truth":
                for article in room.truth():
                    print(json.dumps(article.as_dict(), ensure_ascii=False, default=_plain))
    except NewsroomError as error:
        print(f"error: {error.message}\nStart one with: python -m dateline.newsroom serve", file=sys.stderr)
        return 1
    return 0


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _serve(chosen: argparse.Namespace) -> int:
    try:
        running = run(start=chosen.time, port=chosen.port, control_port=chosen.control_port)
    except OSError as error:
        print(f"error: ports {chosen.port} and {chosen.control_port} of {ADDRESS}: {error.strerror}", file=sys.stderr)
        return 1
    if chosen.as_child:
        print(json.dumps({"port": running.port, "control_port": running.control_port}), flush=True)
        sys.stdin.read()  # ends when the parent closes it, or dies
        return 0
    _tell(running.port, running.control_port, chosen.registry)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        running.stop()
    return 0


def _tell(port: int, control_port: int, registry: Path | None) -> None:
    """What a person must know to crawl these sites: the settings, ready to paste."""
    from dateline.newsroom.client import Newsroom

    room = Newsroom(port, control_port)
    lines = [f"The newsroom listens on port {port}; its clock stands at {room.time:%d %b %Y %H:%M} UTC.", ""]
    lines += [f"  {site.id:<18} {site.language}  {room.url(site)}" for site in room.sites.values()]
    option = "" if control_port == CONTROL_PORT else f" --control-port {control_port}"
    order = f"{shlex.quote(sys.executable)} -m dateline.newsroom"
    lines += [
        "",
        "Let the shell in which you crawl know these sites:",
        f'  eval "$({order} env{option})"',
    ]
    if registry is not None:
        room.write_registry(registry)
        lines += [f"  export DATELINE_SOURCES={shlex.quote(str(registry.absolute()))}"]
    lines += [
        "Move the newsroom's clock from there:",
        f"  {order} advance 6h{option}",
        "",
        "Ctrl-C ends the newsroom.",
    ]
    print("\n".join(lines), flush=True)


def _exports(room: Newsroom) -> list[str]:
    """The settings with which a shell reaches the sites, as shell commands."""
    variables = room.environment(Path("newsroom-home"), registry=Path("newsroom.yaml"))
    del variables["DATELINE_HOME"], variables["DATELINE_SOURCES"]
    return [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]


if __name__ == "__main__":
    sys.exit(main())
