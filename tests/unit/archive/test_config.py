"""Settings that must be refused early, and shown without their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.cli.config import rows
from archive.config import ConfigError, Settings, listen_address, load


def test_listen_addresses() -> None:
    assert listen_address("127.0.0.1:9464") == ("127.0.0.1", 9464)
    assert listen_address("[::1]:0") == ("::1", 0)
    for wrong in ("9464", ":9464", "localhost:", "localhost:http", "localhost:70000"):
        with pytest.raises(ValueError, match="host:port"):
            listen_address(wrong)


@pytest.mark.parametrize(
    ("setting", "value"), [("METRICS", "here"), ("WEBHOOK", "ftp://example.org/"), ("WEBHOOK", "https:///nowhere")]
)
def test_what_cannot_be_used_is_named(
    setting: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DATELINE_{setting}", value)
    with pytest.raises(ConfigError, match=f"DATELINE_{setting}"):
        load(home=tmp_path)


def test_both_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_METRICS", "")
    monkeypatch.setenv("DATELINE_WEBHOOK", "")
    settings = load(home=tmp_path)
    assert (settings.metrics, settings.webhook) == ("", "")


def test_the_webhooks_path_is_a_secret(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, webhook="https://user:pass@hooks.example.org/T000/s3cret?key=1")
    shown = {row["setting"]: row["value"] for row in rows(settings, None, None)}
    assert shown["webhook"] == "https://hooks.example.org/***"
