"""No password reaches a terminal or a log, in whatever form the address was written."""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from typing import Literal

import pytest
import structlog

from archive.logs import configure_logs, show_crash
from archive.masking import UNREADABLE, masked, masked_text, masked_web

SECRET = "s3cr3t"

FORMS = [
    f"postgresql+psycopg://me:{SECRET}@localhost:1/news",
    f"postgresql://me:%20{SECRET}%40@localhost:1/news",
    f"postgresql+psycopg://me@localhost:1/news?password={SECRET}&application_name=x",
    f"postgresql+psycopg://me@localhost:1/news?sslpassword={SECRET}",
    f"postgresql+psycopg://me@localhost:1/news?PASSWORD={SECRET}",
    f"postgresql+psycopg://me%3A{SECRET}@localhost:1/news",
    f"postgresql+psycopg://me:one@{SECRET}@localhost:1/news",
    f"postgresql+psycopg://me:one/{SECRET}@localhost:1/news",
    f"postgresql+psycopg://me:{SECRET}/news",
    f"postgresql+psycopg://me:1/{SECRET}@localhost/news",
    f"postgresql+psycopg:///host=localhost port=1 password='{SECRET} it'",
    f"postgresql+psycopg://localhost:1/news?options=-c%20x.password%3D{SECRET}",
    f"host=localhost port=1 password={SECRET} dbname=news",
    f"not an address://me:{SECRET}@localhost",
    f"mysql://me:{SECRET}@localhost/news",
    SECRET,
]


@pytest.mark.parametrize("address", FORMS)
def test_no_form_of_an_address_shows_its_password(address: str) -> None:
    assert SECRET not in masked(address)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql+psycopg://me:secret@host/news", "postgresql+psycopg://me:***@host/news"),
        ("postgresql+psycopg://me@host/news?password=secret&x=1", "postgresql+psycopg://me@host/news?password=***&x=1"),
        ("postgresql+psycopg://me@host:5432/news", "postgresql+psycopg://me@host:5432/news"),
        ("not an address://me:secret@host", UNREADABLE),
        ("sqlite:////tmp/a.sqlite", "sqlite:////tmp/a.sqlite"),
        ("sqlite:////tmp/me@home/a.sqlite", "sqlite:////tmp/me@home/a.sqlite"),
    ],
)
def test_what_is_no_password_is_shown(url: str, shown: str) -> None:
    assert masked(url) == shown


def test_addresses_of_the_web() -> None:
    assert masked_web(f"https://me:{SECRET}@hooks.example:8443/{SECRET}?k={SECRET}") == "https://hooks.example/***"
    assert masked_web("") == ""
    assert masked_web(f"https://[{SECRET}") == UNREADABLE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"smtp://me:{SECRET}@mail.example:587 refused", "smtp://***@mail.example:587 refused"),
        (f"POST https://me:{SECRET}@hooks.example/x failed", "POST https://***@hooks.example/x failed"),
        (f"s3://key:{SECRET}@bucket/a", "s3://***@bucket/a"),
        (
            f"connection string: host=x password='{SECRET} b' dbname=y",
            "connection string: host=x password=*** dbname=y",
        ),
        (f"redis://:a/{SECRET}@cache", "redis://***@cache"),
        ("https://medium.example/@writer/story", "https://medium.example/@writer/story"),
        ("mail me@example.org", "mail me@example.org"),
        ("password authentication failed for user", "password authentication failed for user"),
    ],
)
def test_texts_of_others(text: str, shown: str) -> None:
    assert masked_text(text) == shown


def test_the_password_alone_is_found_in_a_drivers_message() -> None:
    address = f"postgresql+psycopg://me:%40{SECRET}@h/x"
    assert masked_text(f'cannot resolve host "@{SECRET}"', address) == 'cannot resolve host "***"'


def _fail(address: str) -> None:
    raise RuntimeError(f"cannot connect to {address}")


@pytest.mark.parametrize("form", ["json", "console"])
def test_logs_and_their_tracebacks(form: Literal["json", "console"], monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    handlers = logging.getLogger().handlers[:]
    configure_logs(1, form)
    try:
        _fail(FORMS[0])
    except RuntimeError as error:
        structlog.get_logger().error("tick_failed", error=repr(error), exc_info=error)
        logging.getLogger("other").error("lost %s", FORMS[0], exc_info=error)
    finally:
        logging.getLogger().handlers[:] = handlers
    said = stream.getvalue()
    assert said.count("RuntimeError") >= 2
    assert SECRET not in said
    if form == "json":
        assert {json.loads(line)["event"].split()[0] for line in said.splitlines()} == {"tick_failed", "lost"}


def test_a_crash_is_told_without_passwords(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        _fail(FORMS[0])
    except RuntimeError as error:
        show_crash(type(error), error, error.__traceback__)
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert os.linesep in said
    assert SECRET not in said
