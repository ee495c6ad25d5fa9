"""Metrics and health checks, as Prometheus and a supervisor ask for them."""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from archive.frontier.links import record_links
from archive.model.link import Link
from archive.monitoring.health import raise_alarms
from archive.queue.workers import enlist
from archive.storage.engine import open_engine
from archive.storage.session import Archive
from archive.tables import ChannelRow, JobRow
from archive.testing import START, Desk
from scheduler.monitoring import metrics
from scheduler.monitoring.metrics import MetricsError, Server, daemon_problems, serve_metrics

DICTIONARY = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"


class Watched:
    """A server on an archive; `reasons`: why it is not ready."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self.desk = desk
        self.reasons: list[str] = []
        self.server = serve_metrics(
            "127.0.0.1:0", desk.archive, self.readiness, disk=folder / "not" / "there", clock=desk.clock
        )

    def readiness(self) -> list[str]:
        if "burst" in self.reasons:
            raise RuntimeError("burst pipe")
        return self.reasons

    def get(self, path: str) -> tuple[int, str]:
        return get(self.server, path)

    def figures(self) -> dict[str, float]:
        """By name and labels: `dateline_jobs{ready}`."""
        status, body = self.get("/metrics")
        assert status == 200
        return {
            sample.name + (f"{{{','.join(sample.labels.values())}}}" if sample.labels else ""): sample.value
            for family in text_string_to_metric_families(body)
            for sample in family.samples
        }


def get(server: Server, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.fixture
def watched(news_desk: Desk, tmp_path: Path) -> Iterator[Watched]:
    found = Watched(news_desk, tmp_path)
    yield found
    found.server.close()


def fill(desk: Desk) -> None:
    desk.record()
    desk.do(lambda tx: record_links(tx, "harbour-times", "feed:a", [Link("https://www.harbour-times.example/a")]))

    def job(key: str, state: str, **times: Any) -> JobRow:
        return JobRow(
            source_id="harbour-times", kind="poll", key=key, payload={}, priority=10, due_at=START, created_at=START,
            state=state, leases=0, **times,
        )  # fmt: skip

    with desk.archive.writing() as session:
        enlist(session, "alive", timedelta(hours=1))
        enlist(session, "dead", timedelta(hours=-1))
        session.add_all([job("a", "ready"), job("b", "done", finished_at=START)])
        session.add(ChannelRow(source_id="harbour-times", key="feed:a", failures=0, weight=0.0, next_poll_at=START))
        raise_alarms(session, {"harbour-times": [("silent", "…")]}, START)
    desk.now += timedelta(seconds=90)


def test_figures_of_the_archive(watched: Watched) -> None:
    fill(watched.desk)
    figures = watched.figures()
    expected = {
        "dateline_archive_up": 1,
        "dateline_articles": 1,
        "dateline_revisions": 1,
        "dateline_captures": 1,
        "dateline_links{pending}": 1,
        "dateline_links{failed}": 0,
        "dateline_jobs{ready}": 1,
        "dateline_jobs{done}": 1,
        "dateline_jobs{leased}": 0,
        "dateline_sources{alarm}": 1,
        "dateline_sources{ok}": 0,
        "dateline_alarms_open{silent}": 1,
        "dateline_alarms_open{failing}": 0,
        "dateline_workers": 1,
        "dateline_poll_lag_seconds": 90,
        "dateline_oldest_due_seconds": 90,
        "dateline_last_capture_timestamp_seconds": START.timestamp(),
    }
    assert {name: figures.get(name) for name in expected} == expected
    assert figures["dateline_disk_free_bytes"] > 0
    assert figures["process_resident_memory_bytes"] > 0


def test_an_empty_archive_has_figures_too(watched: Watched) -> None:
    figures = watched.figures()
    assert (figures["dateline_articles"], figures["dateline_poll_lag_seconds"], figures["dateline_workers"]) == (
        0,
        0,
        0,
    )
    assert "dateline_last_capture_timestamp_seconds" not in figures


def test_a_scrape_soon_after_another_asks_nobody(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "FRESH", 3600.0)
    assert watched.figures()["dateline_workers"] == 0
    with watched.desk.archive.writing() as session:
        enlist(session, "alive", timedelta(hours=1))
    assert watched.figures()["dateline_workers"] == 0


def test_health_and_readiness(watched: Watched) -> None:
    assert watched.get("/healthz") == (200, '{"alive": true}')
    assert watched.get("/readyz") == (200, '{"ready": true, "reasons": []}')
    watched.reasons = ["no fetching process is alive"]
    status, body = watched.get("/readyz")
    assert (status, json.loads(body)) == (503, {"ready": False, "reasons": ["no fetching process is alive"]})
    assert watched.get("/healthz")[0] == 200  # it lives, and need not be started again
    watched.reasons = ["burst"]
    status, body = watched.get("/readyz")
    assert status == 503 and "burst pipe" in body
    assert watched.get("/elsewhere")[0] == 404


def test_why_a_daemon_is_not_ready(news_desk: Desk) -> None:
    archive, now = news_desk.archive, news_desk.now
    assert daemon_problems(archive, None, now) == ["no fetching process is alive", "nothing was planned yet"]
    with archive.writing() as session:
        enlist(session, "alive", timedelta(hours=1))
    assert daemon_problems(archive, now - timedelta(seconds=59), now) == []
    assert daemon_problems(archive, now - timedelta(seconds=61), now) == [
        "nothing was planned since 2026-11-02T08:58:59Z"
    ]
    with archive.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    (reason,) = daemon_problems(archive, now, now)
    assert "schema 0003" in reason


def test_a_database_that_is_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]  # nobody listens at it, and nobody else is given it
        engine = open_engine(f"postgresql+psycopg://nobody@127.0.0.1:{port}/none")
        assert len(daemon_problems(Archive(engine), START, START)) == 1
        server = serve_metrics("127.0.0.1:0", Archive(engine), list, disk=tmp_path)
        try:
            status, body = get(server, "/metrics")
        finally:
            server.close()
            engine.dispose()
    assert status == 200
    assert "dateline_archive_up 0.0" in body and "dateline_articles" not in body and "dateline_disk_free_bytes" in body
    assert "metrics_without_archive" in "".join(capsys.readouterr())


def test_an_address_that_is_taken(watched: Watched) -> None:
    with pytest.raises(MetricsError, match="cannot listen on"):
        serve_metrics(f"127.0.0.1:{watched.server.port}", watched.desk.archive, list)


def test_the_dictionary_names_the_metrics(watched: Watched) -> None:
    fill(watched.desk)
    shown = {name.partition("{")[0] for name in watched.figures() if name.startswith("dateline_")}
    described = {
        line.split("`")[1].partition("{")[0]
        for line in DICTIONARY.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `dateline_")
    }
    assert described == shown
