"""The log as people and programs get it: what is said at which verbosity, one line for each thing, safe for a terminal."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from archive.cli.console.context import CommandContext
from archive.logs import configure_logs, level_for

HOSTILE = "\x1b[31mred\x07 \x9b2J\u202egnp.exe\nsecond line\r\ttab\u2028end"


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("given", "service", "verbosity"),
    [
        *((-1, False, -1), (0, False, 0), (1, False, 1), (2, False, 3), (3, False, 4)),
        *((-1, True, 0), (0, True, 1), (1, True, 2), (2, True, 3), (3, True, 4)),
    ],
)
def test_a_service_is_one_step_more_talkative(given: int, service: bool, verbosity: int) -> None:
    assert level_for(given, service=service) == verbosity


@pytest.mark.parametrize(
    ("verbosity", "said"),
    [
        (-1, ["error"]),
        (0, ["warning", "error"]),
        (1, ["info", "warning", "error"]),
        (2, ["debug", "info", "warning", "error"]),
        (3, ["debug", "info", "warning", "error", "theirs"]),
    ],
)
def test_what_is_said(verbosity: int, said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(verbosity, "json")
    log = structlog.get_logger()
    for name in ("debug", "info", "warning", "error"):
        getattr(log, name)(name)
    logging.getLogger("tzlocal").debug("theirs")
    logging.getLogger("scrapy.core.engine").debug("")
    events = [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()]
    assert [event for event in events if event] == said


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_texts_of_the_web_are_safe_and_stay_on_their_line(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(1, log_format)  # type: ignore[arg-type]
    structlog.get_logger().info(
        "article_new", title=HOSTILE, urls=[HOSTILE], deep={"why": [HOSTILE]}, word="\x1b]0;x\x07"
    )
    logging.getLogger("somebody").warning("said %s", HOSTILE)
    shown = capsys.readouterr().err
    assert not [c for c in shown if c != "\n" and (ord(c) < 32 or 127 <= ord(c) < 160)], repr(shown)
    assert "\u202e" not in shown
    assert len(shown.splitlines()) == 2 if log_format == "console" else shown.count("\n") == 2
    if log_format == "json":
        first = json.loads(shown.split("\n")[0])
        assert first["title"].startswith("[31mred")
        assert "second line" in first["deep"]["why"][0]


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_a_traceback_is_kept_and_safe(log_format: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(0, log_format)  # type: ignore[arg-type]
    try:
        raise ValueError(HOSTILE)
    except ValueError as error:
        structlog.get_logger().error("tick_failed", exc_info=error)
    shown = capsys.readouterr().err
    assert "ValueError" in shown
    assert "\x1b" not in shown and "\x9b" not in shown
    assert "test_logs.py" in shown


def test_colours_are_left_out_where_nobody_wants_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    configure_logs(1, "console")
    structlog.get_logger().info("leading", meaning="this daemon makes the schedule")
    assert "\x1b" not in capsys.readouterr().err


def test_a_command_says_little_unless_it_is_a_service() -> None:
    assert not CommandContext().service
