"""The caller's side of the newsroom: starts its process, moves its clock, reads its log."""

from __future__ import annotations

import http.client
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from archive.errors import DatelineError
from dateline.newsroom.content import list_sites, sites
from dateline.newsroom.faults import Fault, FaultMode
from dateline.newsroom.homepages import HOMEPAGES, Homepage
from dateline.newsroom.model import Site
from dateline.newsroom.requests import Request
from dateline.newsroom.truth import ArticleTruth, Trap, articles_at, traps_at

ADDRESS = "127.0.0.1"
START_SECONDS = 30.0
CONTACT = "newsroom-reader@localhost.example"


class NewsroomError(DatelineError):
    """The error of a newsroom whose process did not start, has ended, or refused an order."""


class Newsroom:
    """A running newsroom. Its clock stands still until the caller moves it.

    Made by `start()` (a child process, which ends with this one) or `attach()` (one that somebody else started).
    """

    def __init__(
        self, port: int, control_port: int, process: subprocess.Popen[str] | None = None, *, lists: bool = False
    ) -> None:
        """`lists`: also the sites without feeds, which the demo leaves out."""
        self._lists = lists
        self.port = port
        self.control_port = control_port
        self._process = process
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @classmethod
    def start(
        cls, *, time: datetime | None = None, port: int = 0, control_port: int = 0, lists: bool = False
    ) -> Newsroom:
        """Start a newsroom and wait until it listens.

        Port 0 takes a free one. `lists` adds the sites without feeds to its registry and its truth.

        Raises:
            NewsroomError: The newsroom did not start.
        """
        command = [sys.executable, "-P", "-m", "dateline.newsroom", "serve", "--as-child"]
        command += ["--port", str(port), "--control-port", str(control_port)]
        if time is not None:
            command += ["--time", time.isoformat()]
        # a session of its own: Ctrl-C and signals to our process group are not meant for the newsroom
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        assert process.stdout is not None, "stdout is a pipe"
        ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
        line = process.stdout.readline() if ready else ""
        if not line:
            _end(process)
            raise NewsroomError(
                "the sample newsroom did not start", hint="Its own message stands above, if it had one."
            )
        told = json.loads(line)
        return cls(told["port"], told["control_port"], process, lists=lists)

    @classmethod
    def attach(cls, control_port: int) -> Newsroom:
        """Find a newsroom that already runs on this machine.

        Raises:
            NewsroomError: There is none.
        """
        room = cls(0, control_port)
        room.port = int(room._ask("GET", "/state")["port"])
        return room

    def close(self) -> None:
        """End the process, if it is ours, and drop the temporary files."""
        if self._process is not None:
            _end(self._process)
            self._process = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Newsroom:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- what there is

    @property
    def sites(self) -> Mapping[str, Site]:
        """The sites by id."""
        return {**sites(), **list_sites()} if self._lists else sites()

    def site(self, name: str) -> Site:
        """A site by id or host.

        Raises:
            KeyError: There is no such site.
        """
        found = next((site for site in self.sites.values() if name in (site.id, site.host)), None)
        if found is None:
            raise KeyError(f"{name}: no such site; there are {', '.join(self.sites)}")
        return found

    def url(self, site: str | Site, path: str = "/") -> str:
        """The absolute URL of a path on a site (named by id or host)."""
        return (site if isinstance(site, Site) else self.site(site)).url(path, self.port)

    def truth(self, at: datetime | None = None) -> list[ArticleTruth]:
        """Every article published by `at`, with all its states up to then. None means the room's time."""
        return articles_at(self.sites, at or self.time, self.port)

    def article(self, name: str, at: datetime | None = None) -> ArticleTruth:
        """One article by its id (`site/article`).

        Raises:
            KeyError: There is no such article.
        """
        for article in self.truth(at):
            if article.id == name:
                return article
        raise KeyError(f"{name}: no such article at this time")

    def traps(self, at: datetime | None = None) -> list[Trap]:
        """The links in the feeds that are no articles of their site."""
        return traps_at(self.sites, at or self.time, self.port)

    # --- what a crawler needs

    def registry(self) -> dict[str, Any]:
        """The sites as a registry."""
        return {"sources": [self._entry(site) for site in self.sites.values()]}

    def _entry(self, site: Site) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "id": site.id,
            "name": site.name,
            "homepage": self.url(site),
            "country": site.country,
            "language": site.language,
            "timezone": site.timezone,
            "kind": site.kind,
            "discover": [
                *({"feed": self.url(site, feed.path)} for feed in site.feeds),
                *({entry.kind: self._template(site, entry.path), **entry.options} for entry in site.lists),
            ],
            "delay": 0,
            "status": "verified",
        }
        return {**entry, "note": site.note} if site.note else entry

    def _template(self, site: Site, path: str) -> str:
        """The address of a list, whose places to be filled in stay as they are."""
        return f"http://{site.host}:{self.port}{path}"

    def write_registry(self, path: Path) -> Path:
        """Write the registry of all sites to `path`, and return it."""
        from ruamel.yaml import YAML  # not for the server's process, which needs the standard library only

        yaml = YAML()
        yaml.default_flow_style = False
        yaml.indent(mapping=2, sequence=4, offset=2)
        yaml.width = 1000
        with path.open("w", encoding="utf-8") as file:
            file.write("# The sites of the sample newsroom. Everything in it is invented.\n")
            yaml.dump(self.registry(), file)
        return path

    def resolve(self) -> dict[str, str]:
        """Host names to addresses."""
        return dict.fromkeys([*(site.host for site in self.sites.values()), *HOMEPAGES], ADDRESS)

    @property
    def homepages(self) -> Mapping[str, Homepage]:
        """The sites for autodiscovery, by host. No registry names them."""
        return HOMEPAGES

    def environment(self, home: Path, *, registry: Path | None = None) -> dict[str, str]:
        """The DATELINE_* variables with which a crawler reaches the newsroom, and nothing else.

        Without `registry` a file in a temporary folder is used that lives as long as this object.
        """
        if registry is None:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="newsroom-")
            registry = self.write_registry(Path(self._folder.name) / "newsroom.yaml")
        return {
            "DATELINE_HOME": str(home),
            "DATELINE_SOURCES": str(registry),
            "DATELINE_RESOLVE": ",".join(f"{host}={address}" for host, address in self.resolve().items()),
            "DATELINE_ALLOW_NETWORKS": "127.0.0.0/8",
            "DATELINE_CONTACT": CONTACT,
        }

    # --- the clock

    @property
    def time(self) -> datetime:
        """The time in the newsroom, UTC."""
        return datetime.fromisoformat(self._ask("GET", "/state")["time"])

    def set_time(self, at: datetime) -> datetime:
        """Move the clock to `at` (aware), forward or back. Return the new time."""
        if at.tzinfo is None:
            raise ValueError("the time needs a zone")
        return datetime.fromisoformat(self._ask("POST", "/time", {"time": at.isoformat()})["time"])

    def run_from(self, at: datetime, *, began: float, speed: float) -> None:
        """Let the clock run, `speed` times as fast as the machine's, so that it stood at `at` (aware) when that showed
        `began` (seconds of the Unix epoch), and stand there before."""
        self._ask("POST", "/run", {"time": at.isoformat(), "began": began, "speed": speed})

    def advance(self, by: timedelta) -> datetime:
        """Move the clock by a duration. Return the new time."""
        return datetime.fromisoformat(self._ask("POST", "/advance", {"seconds": by.total_seconds()})["time"])

    # --- the log

    def log(self) -> list[Request]:
        """All requests since the start or the last `clear_log()`, in the order in which they were answered."""
        return [Request.from_json(entry) for entry in self._ask("GET", "/log")]

    def clear_log(self) -> None:
        self._ask("POST", "/clear-log")

    # --- outages

    def fail(
        self,
        host: str,
        mode: FaultMode,
        *,
        path: str = "/",
        times: int | None = None,
        retry_after: str | int | None = None,
        seconds: float = 30.0,
    ) -> None:
        """Let a host (or site id) fail until `heal()`; see `FaultMode`. robots.txt fails too, unless `path` leaves it
        out.

        Of several faults of one host the oldest that fits the path strikes. A new one for the same path replaces the
        old.
        """
        after = None if retry_after is None else str(retry_after)
        fault = Fault(self.site(host).host, mode, path=path, times=times, retry_after=after, seconds=seconds)
        self._ask("POST", "/fail", fault.as_json())

    def heal(self, host: str | None = None) -> None:
        """End the outages of a host (or site id). None means all of them."""
        self._ask("POST", "/heal", {"host": None if host is None else self.site(host).host})

    def _ask(self, method: str, path: str, data: Mapping[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection(ADDRESS, self.control_port, timeout=30)
        try:
            connection.request(method, path, json.dumps(data or {}) if method == "POST" else None)
            response = connection.getresponse()
            told = json.loads(response.read())
        except OSError as error:
            raise NewsroomError(f"no newsroom answers on control port {self.control_port}: {error}") from error
        finally:
            connection.close()
        if response.status != 200:
            raise NewsroomError(f"the newsroom refused {path}: {told['error']}")
        return told


def _end(process: subprocess.Popen[str]) -> None:
    """The child ends when its input does; one that hangs is killed."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
