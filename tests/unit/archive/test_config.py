"""Settings by file: `DATELINE_<NAME>_FILE`."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from archive.cli.config import rows
from archive.config import ConfigError, load

URL = "postgresql+psycopg://dateline:p%40ss@postgres/dateline"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.upper().startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DATELINE_HOME", str(tmp_path / "home"))


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "database_url"
    file.write_text(f"{URL}\n", encoding="utf-8")
    monkeypatch.setenv("DATELINE_DATABASE_URL_FILE", str(file))
    return file


def test_the_content_of_the_file_is_the_setting(secret: Path) -> None:
    assert load().database == URL


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("poll_shortest", "10m\r\n", timedelta(minutes=10)),
        ("min_free", "2G", 2 << 30),
        ("sources", "/a, /b\n", (Path("/a"), Path("/b"))),
        ("resolve", "News.example=127.0.0.1\n", {"news.example": "127.0.0.1"}),
        ("contact", "  Nhà báo \n\n", "  Nhà báo"),
    ],
)
def test_every_kind_of_setting_can_come_from_a_file(
    name: str, text: str, value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).write_bytes(text.encode())
    monkeypatch.setenv(f"DATELINE_{name.upper()}_FILE", str(tmp_path / name))
    assert getattr(load(), name) == value


def test_the_home_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "dateline.toml").write_text("delay = 7.0")
    (tmp_path / "where").write_text(str(elsewhere))
    monkeypatch.delenv("DATELINE_HOME")
    monkeypatch.setenv("DATELINE_HOME_FILE", str(tmp_path / "where"))
    assert (load().home, load().delay) == (elsewhere, 7.0)


def test_a_file_wins_over_dateline_toml(secret: Path, tmp_path: Path) -> None:
    config = tmp_path / "dateline.toml"
    config.write_text('database_url = "sqlite:///other.sqlite"')
    assert load(config=config).database == URL


def test_an_empty_variable_names_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATELINE_DATABASE_URL_FILE", "")
    assert load().database == f"sqlite:///{tmp_path / 'home' / 'archive.sqlite'}"


@pytest.mark.parametrize("value", [URL, ""])
def test_a_setting_given_twice_is_refused(secret: Path, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_DATABASE_URL", value)
    with pytest.raises(ConfigError, match=r"^DATELINE_DATABASE_URL and DATELINE_DATABASE_URL_FILE are both set$"):
        load()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "No such file or directory"),
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xff\xfe", "is not UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(secret: Path, content: bytes | None, complaint: str) -> None:
    secret.unlink() if content is None else secret.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load()
    assert caught.value.message.startswith(f"DATELINE_DATABASE_URL_FILE: {secret}")
    assert complaint in caught.value.message
    assert caught.value.exit_code == 2


def test_a_folder_in_its_place_is_named(secret: Path) -> None:
    secret.unlink()
    secret.mkdir()  # container engines make a folder where the file to mount is missing
    with pytest.raises(ConfigError, match="Is a directory"):
        load()


def test_a_bad_value_names_the_setting(secret: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_DELAY_FILE", str(secret))
    with pytest.raises(ConfigError, match="DATELINE_DELAY"):
        load()


def test_config_shows_the_file_and_masks_the_password(secret: Path) -> None:
    (row,) = (row for row in rows(load(), None, None) if row["setting"] == "database_url")
    assert row["origin"] == f"{secret} (DATELINE_DATABASE_URL_FILE)"
    assert row["value"] == "postgresql+psycopg://dateline:***@postgres/dateline"
