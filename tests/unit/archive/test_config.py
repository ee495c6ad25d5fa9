"""Settings that must be refused early, and shown without their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.cli.config import rows
from archive.config import ConfigError, Settings, listen_address, load_settings


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
        load_settings(home=tmp_path)


def test_both_can_be_switched_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_METRICS", "")
    monkeypatch.setenv("DATELINE_WEBHOOK", "")
    settings = load_settings(home=tmp_path)
    assert (settings.metrics, settings.webhook) == ("", "")


def test_the_webhooks_path_is_a_secret(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, webhook="https://user:pass@hooks.example.org/T000/s3cret?key=1")
    shown = {row["setting"]: row["value"] for row in rows(settings, None, None)}
    assert shown["webhook"] == "https://hooks.example.org/***"


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("DATELINE_DELY", "DATELINE_DELY is no setting; did you mean DATELINE_DELAY?"),
        ("DATELINE_DATABASE_ULR_FILE", "did you mean DATELINE_DATABASE_URL_FILE?"),
        ("dateline_sorces", "dateline_sorces is no setting; did you mean DATELINE_SOURCES?"),
        ("DATELINE_QQQQ", "DATELINE_QQQQ is no setting$"),
    ],
)
def test_a_misspelt_variable_is_an_error(
    variable: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "2")
    with pytest.raises(ConfigError, match=said):
        load_settings(home=tmp_path)


@pytest.mark.parametrize(
    "variable",
    [
        "DATELINE_TEST_DATABASE_URL",
        "DATELINE_SERVICE_HOST",
        "DATELINE_PORT_9464_TCP_ADDR",
        "DATELINE_PORT",
        "XDATELINE_DELY",
    ],
)
def test_variables_of_others_are_left_alone(variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "2")
    assert load_settings(home=tmp_path).home == tmp_path


def test_a_mistake_in_the_file_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "dateline.toml"
    file.write_text('# settings\ndelay = 2\ndelya = 3\nmax_body = "x"\n\n[pull]\na = 1\n')
    with pytest.raises(ConfigError) as caught:
        load_settings(home=tmp_path)
    lines = caught.value.message.splitlines()
    assert f"{file}:3: delya is no setting; did you mean delay?" in lines
    assert f"{file}:6: pull is no setting" in lines
    assert any(line.startswith(f"{file}:4: max_body: ") and "16M" in line for line in lines)
    assert len(lines) == 3


def test_a_mistake_in_a_variable_is_not_blamed_on_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dateline.toml").write_text('max_body = "16M"\n')
    monkeypatch.setenv("DATELINE_MAX_BODY", "x")
    with pytest.raises(ConfigError, match=r"^max_body \(DATELINE_MAX_BODY\): "):
        load_settings(home=tmp_path)
