"""Metrics for Prometheus, and two answers for whoever supervises the daemon: whether it lives, and whether it works.

`docs/reference/metrics.md` lists the metrics. They are read from the archive when they are asked for, at most every few
seconds. So they are right after a restart, and whichever process did the work.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from time import monotonic
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, make_wsgi_app
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from archive.config import listen_address
from archive.errors import DatelineError
from archive.model.decisions.health import KINDS
from archive.query import Overview, Totals, overview, totals
from archive.storage.free_space import free_bytes
from archive.storage.schema import check_schema
from archive.storage.session import Archive

log = structlog.get_logger()

FRESH = 5.0
"""The seconds for which figures of the archive are used again."""
TOTALS_FRESH = 60.0
"""The same for totals, because it takes a while to count millions of rows."""
TICK_LATE = timedelta(minutes=1)
"""The time without a plan after which the schedule counts as stopped."""
JOB_STATES = ("ready", "leased", "fetching", "done", "failed")
HEALTH = ("ok", "alarm", "new", "paused", "disabled")
LINK_STATES = ("pending", "done", "alias", "excluded", "failed")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class MetricsError(DatelineError):
    """The server for metrics cannot listen on its address."""


class ArchiveCollector(Collector):
    """The figures of the archive.

    If the archive does not answer, its figures are missing, but the scrape succeeds and `dateline_archive_up` is 0.
    """

    def __init__(
        self, archive: Archive, *, disk: Path | None = None, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._archive = archive
        self._disk = disk
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at: float | None = None
        self._counted_at: float | None = None
        self._totals: Totals | None = None
        self._found: list[Metric] = []

    def describe(self) -> Iterable[Metric]:
        return ()  # the registry must not ask the archive when the collector is registered

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if self._read_at is None or monotonic() - self._read_at >= FRESH:
                self._found = list(self._read())
                self._read_at = monotonic()
            yield from self._found

    def _read(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("dateline_archive_up", "1 if the archive's database answered.")
        try:
            now = self._clock()
            with self._archive.reading() as session:
                found = overview(session, now)
                if self._totals is None or self._counted_at is None or monotonic() - self._counted_at >= TOTALS_FRESH:
                    self._totals = totals(session)
                    self._counted_at = monotonic()
        except Exception as error:  # noqa: BLE001  # a database that is away has many names; the figure tells it
            log.warning("metrics_without_archive", error=str(error).strip()[:200])
            up.add_metric([], 0)
            yield up
        else:
            up.add_metric([], 1)
            yield up
            yield from _figures(found, self._totals, now)
        if self._disk is not None:
            try:  # the folder is made with the first capture
                free = free_bytes(self._disk)
            except OSError as error:
                log.warning("disk_unknown", path=str(self._disk), error=str(error))
            else:
                yield GaugeMetricFamily(
                    "dateline_disk_free_bytes", "Free space on the disk of the WARC files, in bytes.", value=free
                )


def _figures(found: Overview, held: Totals, now: datetime) -> Iterator[Metric]:
    yield GaugeMetricFamily("dateline_articles", "Articles in the archive.", value=held.articles)
    yield GaugeMetricFamily("dateline_revisions", "Revisions in the archive.", value=held.revisions)
    yield GaugeMetricFamily("dateline_captures", "Captures in the archive.", value=held.captures)
    yield _by("dateline_links", "Links that channels showed, by state.", "state", LINK_STATES, held.links)
    yield _by("dateline_jobs", "Jobs of the last day, by state.", "state", JOB_STATES, found.jobs)
    yield _by("dateline_sources", "Sources that the archive knows, by health.", "health", HEALTH, found.health)
    yield _by("dateline_alarms_open", "Alarms about sources that are open, by kind.", "kind", KINDS, found.alarms)
    yield GaugeMetricFamily(
        "dateline_workers",
        "Fetching processes that were heard of lately.",
        value=sum(worker.alive for worker in found.workers),
    )
    yield GaugeMetricFamily(
        "dateline_poll_lag_seconds",
        "For how long the most overdue poll has been due, in seconds; 0: none is.",
        value=_seconds(found.late_since, now),
    )
    yield GaugeMetricFamily(
        "dateline_oldest_due_seconds",
        "For how long the job that waits longest has been due, in seconds; 0: none waits.",
        value=_seconds(found.oldest_due_at, now),
    )
    if found.last_capture_at is not None:
        yield GaugeMetricFamily(
            "dateline_last_capture_timestamp_seconds",
            "When the newest capture was complete, in seconds since 1970.",
            value=found.last_capture_at.timestamp(),
        )


def _by(name: str, text: str, label: str, values: Sequence[str], counts: Any) -> Metric:
    """A gauge with one series for each value.

    Values that nothing has get a series, too, because a series must not vanish when all is well.
    """
    family = GaugeMetricFamily(name, text, labels=[label])
    for value in (*values, *sorted(set(counts) - set(values))):
        family.add_metric([value], counts.get(value, 0))
    return family


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since is not None else 0.0


def daemon_problems(archive: Archive, planned_at: datetime | None, now: datetime) -> list[str]:
    """The reasons why the daemon does not do its work, each in a few words. An empty list means that it does.

    `planned_at` is the time at which polls were planned last, by the same clock as `now`. None means that nothing was planned
    yet.
    """
    found = []
    try:
        check_schema(archive.engine)
        workers = overview(archive, now).workers
    except DatelineError as error:
        found.append(error.message)
    except Exception as error:  # noqa: BLE001  # a database that is away has many names
        found.append(f"the database does not answer: {type(error).__name__}")
    else:
        if not any(worker.alive for worker in workers):
            found.append("no fetching process is alive")
    if planned_at is None:
        found.append("nothing was planned yet")
    elif now - planned_at > TICK_LATE:
        found.append(f"nothing was planned since {planned_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")
    return found


class Server:
    """The HTTP server for metrics, in threads of its own. It listens on `port`."""

    def __init__(self, host: str, port: int, app: Wsgi) -> None:
        try:
            self._server = make_server(host, port, app, _ThreadingServer6 if ":" in host else _ThreadingServer, _Quiet)
        except OSError as error:
            raise MetricsError(
                f"metrics: cannot listen on {host}:{port}: {error.strerror or error}",
                hint="Choose another address with DATELINE_METRICS=host:port, or none with DATELINE_METRICS= .",
            ) from error
        self.port: int = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def serve_metrics(
    address: str,
    archive: Archive,
    readiness: Callable[[], list[str]],
    *,
    disk: Path | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Server:
    """Serve /metrics, /healthz and /readyz on `address` (host:port). Port 0 means any free port.

    `readiness` returns the reasons why the daemon is not ready. `disk` is a folder on the disk whose free space is shown. None
    means that no free space is shown.

    Raises:
        MetricsError: The server cannot listen on this address.
    """
    registry = CollectorRegistry()
    registry.register(ArchiveCollector(archive, disk=disk, clock=clock))
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    host, port = listen_address(address)
    return Server(host, port, _app(make_wsgi_app(registry), readiness))


def _app(metrics: Wsgi, readiness: Callable[[], list[str]]) -> Wsgi:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        match environ.get("PATH_INFO"):
            case "/metrics":
                return metrics(environ, start_response)
            case "/healthz":
                return _json(start_response, "200 OK", {"alive": True})
            case "/readyz":
                try:
                    reasons = readiness()
                except Exception as error:  # a question that cannot be answered is answered with no
                    log.error("readiness_failed", error=repr(error), exc_info=error)
                    reasons = [f"readiness is unknown: {error!r}"]
                return _json(
                    start_response,
                    "503 Service Unavailable" if reasons else "200 OK",
                    {"ready": not reasons, "reasons": reasons},
                )
        return _json(start_response, "404 Not Found", {"paths": ["/metrics", "/healthz", "/readyz"]})

    return app


def _json(start_response: Callable[..., Any], status: str, content: dict[str, Any]) -> Iterable[bytes]:
    body = json.dumps(content).encode()
    start_response(
        status,
        [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
        ],
    )
    return [body]


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    """A server with one thread for each request, so that a slow scrape does not delay /healthz."""

    daemon_threads = True

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer would ask DNS for our name first, which can take long
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])
        self.setup_environ()


class _ThreadingServer6(_ThreadingServer):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds: a connection that says nothing is closed

    def log_message(self, *_: object) -> None:
        """Log nothing, because scrapes come every few seconds."""
