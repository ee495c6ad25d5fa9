"""Backup and restore on both databases and between them: while a crawl writes, killed anywhere, damaged anywhere."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from support.front_door import invoke
from typer.testing import Result

from archive.backup import manifest as manifests
from archive.errors import DatelineError
from archive.ingest.record import record_look
from archive.storage.engine import open_engine
from archive.storage.session import Archive
from archive.tables import ArticleRow, ObservationRow
from archive.testing import Desk, an_article

ROOT = Path(__file__).parents[2]
KILLED = -9


@pytest.fixture
def command(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`command("backup", "DIR")` over the archive of `news_desk`; `home=` and `url=` name another one."""
    monkeypatch.setenv("DATELINE_WARC_DIR", str(tmp_path / "warc"))

    def run(*arguments: str, home: Path = tmp_path, url: str = database_url) -> Result:
        monkeypatch.setenv("DATELINE_DATABASE_URL", url)
        if home != tmp_path:
            monkeypatch.setenv("DATELINE_WARC_DIR", str(home / "warc"))
        return invoke(home, *arguments)

    return run


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("empty_postgres")
        return url
    (tmp_path / "new").mkdir()
    return f"sqlite:///{tmp_path / 'new' / 'archive.sqlite'}"


@pytest.fixture
def edited(news_desk: Desk) -> Desk:
    """Three articles, one of which was edited, one is gone, one moved to another."""
    for number in range(3):
        news_desk.record(an_article(f"https://www.harbour-times.example/news/{number}"))
    news_desk.now += timedelta(hours=1)
    news_desk.record(an_article("https://www.harbour-times.example/news/0", title="Ministers postpone 港 pact"))
    news_desk.do(lambda tx: record_look(tx, 2, "gone", detail="HTTP 410"))

    def move(tx: Any) -> None:
        tx.session.get_one(ArticleRow, 1).moved_to_pk = 3

    news_desk.do(move)
    return news_desk


def exported(run: Callable[..., Result], **where: Any) -> list[Any]:
    return [json.loads(line) for line in run("export", **where).stdout.splitlines()]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_what_is_restored_is_what_was_backed_up(
    command: Callable[..., Result], edited: Desk, tmp_path: Path, elsewhere: str
) -> None:
    (tmp_path / "dateline.toml").write_text('contact = "me@example.org"\n')
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.yaml").write_text("sources: []\n")
    before = exported(command)
    assert command("backup", str(tmp_path / "backup")).exit_code == 0
    new = tmp_path / "new"
    restored = command("restore", str(tmp_path / "backup"), home=new, url=elsewhere)
    assert (restored.exit_code, "no problem was found" in restored.stderr) == (0, True)
    assert exported(command, home=new, url=elsewhere) == before
    assert [
        hit["revision"]
        for hit in json.loads(command("search", "postpone 港", "--format", "json", home=new, url=elsewhere).stdout)
    ] == [2]
    assert (new / "dateline.toml").read_text() == 'contact = "me@example.org"\n'
    assert (new / "sources" / "own.yaml").exists()
    assert (tmp_path / "backup" / "backup.json").stat().st_size
    # The restored archive is one to go on with.
    assert command("verify", home=new, url=elsewhere).exit_code == 0
    with pytest.raises(DatelineError, match="never overwrites"):
        command("restore", str(tmp_path / "backup"), home=new, url=elsewhere)


def test_new_rows_after_a_restore_get_new_keys(
    command: Callable[..., Result], edited: Desk, tmp_path: Path, elsewhere: str
) -> None:
    command("backup", str(tmp_path / "backup"))
    command("restore", str(tmp_path / "backup"), home=tmp_path / "new", url=elsewhere)
    engine = open_engine(elsewhere)
    with Archive(engine).writing() as session:
        last = session.scalar(select(func.max(ObservationRow.pk)))
        row = ObservationRow(article_pk=1, observed_at=edited.now, outcome="failed")
        session.add(row)
        session.flush()
        assert last is not None
        assert row.pk > last
    engine.dispose()


def test_a_backup_made_while_a_crawl_writes_has_the_bytes_of_all_its_rows(
    command: Callable[..., Result], news_desk: Desk, tmp_path: Path
) -> None:
    news_desk.record(an_article("https://www.harbour-times.example/first"))
    done, failed = threading.Event(), list[BaseException]()

    def crawl() -> None:
        number = 0
        while not done.is_set():
            number += 1
            try:
                news_desk.record(an_article(f"https://www.harbour-times.example/{number}"))
            except BaseException as error:  # noqa: BLE001  # told below
                failed.append(error)
                return

    crawler = threading.Thread(target=crawl)
    crawler.start()
    try:
        extents = []
        for _ in range(3):
            assert command("backup", str(tmp_path / "backup")).exit_code == 0
            made = manifests.read(tmp_path / "backup")
            assert made is not None
            manifests.check(tmp_path / "backup", made, lambda length: None)
            extents.append(made.size)
        assert crawler.is_alive()
    finally:
        done.set()
        crawler.join()
    assert not failed
    assert extents == sorted(extents)
    new = tmp_path / "new"
    url = f"sqlite:///{new / 'archive.sqlite'}"
    assert command("restore", str(tmp_path / "backup"), home=new, url=url).exit_code == 0
    assert len(exported(command, home=new, url=url)) >= 1


@pytest.fixture
def environment(database_url: str, tmp_path: Path) -> dict[str, str]:
    own = {"DATELINE_DATABASE_URL": database_url, "DATELINE_WARC_DIR": str(tmp_path / "warc"), "PYTHONPATH": str(ROOT)}
    return os.environ | own | {"DATELINE_HOME": str(tmp_path)}


def dateline(environment: Mapping[str, str], *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dateline", *words],
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("point", ["backup-rows", "backup-file", "backup-files"])
def test_a_backup_that_is_killed_is_none_and_is_gone_on_with(
    command: Callable[..., Result], environment: dict[str, str], edited: Desk, tmp_path: Path, point: str
) -> None:
    folder = tmp_path / "backup"
    assert dateline(environment, "backup", str(folder), DATELINE_FAILPOINT=f"{point}:1").returncode == KILLED
    with pytest.raises(DatelineError, match="holds no whole backup"):
        command("restore", str(folder), home=tmp_path / "new", url=f"sqlite:///{tmp_path}/new/archive.sqlite")
    assert dateline(environment, "backup", str(folder)).returncode == 0
    whole = manifests.read(folder)
    assert whole is not None
    assert len(list(folder.glob("archive-*"))) == 1

    # One that is killed later leaves the earlier one usable.
    edited.record(an_article("https://www.harbour-times.example/later"))
    assert dateline(environment, "backup", str(folder), DATELINE_FAILPOINT=f"{point}:1").returncode == KILLED
    assert manifests.read(folder) == whole
    manifests.check(folder, whole, lambda length: None)
    new, url = tmp_path / "new", f"sqlite:///{tmp_path}/new/archive.sqlite"
    shutil.rmtree(new)
    assert command("restore", str(folder), home=new, url=url).exit_code == 0
    assert len(exported(command, home=new, url=url)) == 3


@pytest.mark.parametrize("point", ["restore-file", "restore-rows"])
def test_a_restore_that_is_killed_leaves_no_archive_and_is_gone_on_with(
    command: Callable[..., Result],
    environment: dict[str, str],
    edited: Desk,
    tmp_path: Path,
    elsewhere: str,
    point: str,
) -> None:
    command("backup", str(tmp_path / "backup"))
    new = tmp_path / "new"
    there = {"DATELINE_HOME": str(new), "DATELINE_DATABASE_URL": elsewhere, "DATELINE_WARC_DIR": str(new / "warc")}
    killed = dateline(environment, "restore", str(tmp_path / "backup"), **there, DATELINE_FAILPOINT=f"{point}:1")
    assert killed.returncode == KILLED
    assert dateline(environment, "export", **there).stdout == ""
    again = dateline(environment, "restore", str(tmp_path / "backup"), **there)
    assert (again.returncode, again.stdout) == (0, "")
    assert exported(command, home=new, url=elsewhere) == exported(command)
    assert not list(new.glob("*.restoring*"))


def _mutations(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of a backup with a bit flipped in its middle, shortened, and gone (None)."""
    for name, data in files_of(folder).items():
        if name.startswith(".") or not data:
            continue
        at = len(data) // 2
        yield name, data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
        yield name, data[:-20]
        yield name, b""


def test_a_damaged_backup_is_refused_by_the_name_of_its_file(
    command: Callable[..., Result], edited: Desk, tmp_path: Path
) -> None:
    folder, new = tmp_path / "backup", tmp_path / "new"
    (tmp_path / "dateline.toml").write_text('contact = "me@example.org"\n')
    command("backup", str(folder))
    seen = set()
    for name, data in _mutations(folder):
        good = (folder / name).read_bytes()
        (folder / name).write_bytes(data)
        with pytest.raises(DatelineError) as caught:
            command("restore", str(folder), home=new, url=f"sqlite:///{new}/archive.sqlite")
        assert str(folder / name) in caught.value.message
        assert not (new / "archive.sqlite").exists()
        (folder / name).write_bytes(good)
        seen.add(Path(name).name.split("-")[0])
    assert seen == {"archive", "backup.json", "dateline", "dateline.toml", ".folder"}
    assert command("restore", str(folder), home=new, url=f"sqlite:///{new}/archive.sqlite").exit_code == 0


def test_a_second_backup_writes_only_what_is_new(command: Callable[..., Result], edited: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    command("backup", str(folder))
    (warc,) = (folder / "warc").glob("*.warc.gz")
    first = warc.stat()
    command("backup", str(folder))
    assert warc.stat().st_mtime_ns == first.st_mtime_ns
    edited.record(an_article("https://www.harbour-times.example/later"))
    command("backup", str(folder))
    assert (warc.stat().st_ino, warc.stat().st_size > first.st_size) == (first.st_ino, True)
    assert warc.read_bytes() == next((tmp_path / "warc").glob("*.warc.gz")).read_bytes()


def test_a_good_copy_is_not_given_up_for_a_damaged_file_and_a_damaged_copy_is_mended(
    command: Callable[..., Result], edited: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "backup"
    command("backup", str(folder))
    (copy,) = (folder / "warc").glob("*.warc.gz")
    (own,) = (tmp_path / "warc").glob("*.warc.gz")
    good = own.read_bytes()
    bad = good[:500] + b"\0" + good[501:]
    own.write_bytes(bad)
    with pytest.raises(DatelineError, match="it was damaged"):
        command("backup", str(folder))
    assert copy.read_bytes() == good
    own.write_bytes(good)
    copy.write_bytes(bad)
    os.utime(own)
    command("backup", str(folder))
    assert copy.read_bytes() == good


def test_missing_files_are_refused_or_noted(command: Callable[..., Result], edited: Desk, tmp_path: Path) -> None:
    (own,) = (tmp_path / "warc").glob("*.warc.gz")
    own.rename(tmp_path / "away")
    with pytest.raises(DatelineError, match="1 of 1 WARC files are missing") as caught:
        command("backup", str(tmp_path / "backup"))
    assert "--incomplete" in str(caught.value.hint)
    done = command("backup", "--incomplete", str(tmp_path / "backup"))
    assert own.name in done.stderr
    new = tmp_path / "new"
    restored = command("restore", str(tmp_path / "backup"), home=new, url=f"sqlite:///{new}/archive.sqlite")
    assert (restored.exit_code, own.name in restored.stderr) == (1, True)


def test_other_folders_and_other_archives_are_left_alone(
    command: Callable[..., Result], edited: Desk, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("x")
    with pytest.raises(DatelineError, match="is not empty, and holds no backup"):
        command("backup", str(folder))
    with pytest.raises(DatelineError, match="there is no folder"):
        command("restore", str(tmp_path / "nowhere"), home=tmp_path / "new", url=f"sqlite:///{tmp_path}/new/a.sqlite")
    other = tmp_path / "other"
    url = f"sqlite:///{other / 'archive.sqlite'}"
    command("init", home=other, url=url)
    command("backup", str(tmp_path / "backup"), home=other, url=url)
    with pytest.raises(DatelineError, match="holds the backup of another archive"):
        command("backup", str(tmp_path / "backup"))
    made = manifests.read(tmp_path / "backup")
    assert made is not None
    manifests.check(tmp_path / "backup", made, lambda length: None)


def test_room_is_looked_for_first(
    command: Callable[..., Result], edited: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command("backup", str(tmp_path / "backup"))
    monkeypatch.setattr("archive.backup.saving.RESERVE", 1 << 60)
    monkeypatch.setattr("archive.backup.restoring.RESERVE", 1 << 60)
    before = files_of(tmp_path / "backup")
    with pytest.raises(DatelineError, match="MB free"):
        command("backup", str(tmp_path / "backup"))
    assert files_of(tmp_path / "backup") == before
    with pytest.raises(DatelineError, match="MB free"):
        command("restore", str(tmp_path / "backup"), home=tmp_path / "new", url=f"sqlite:///{tmp_path}/new/a.sqlite")


def test_settings_that_name_the_old_archive_are_not_put_in_force(
    command: Callable[..., Result], edited: Desk, tmp_path: Path
) -> None:
    (tmp_path / "dateline.toml").write_text('database_url = "postgresql+psycopg://me:secret@localhost/news"\n')
    command("backup", str(tmp_path / "backup"))
    (toml,) = (tmp_path / "backup").glob("settings-*/dateline.toml")
    assert toml.stat().st_mode & 0o777 == 0o600
    new = tmp_path / "new"
    done = command("restore", str(tmp_path / "backup"), home=new, url=f"sqlite:///{new}/archive.sqlite")
    assert not (new / "dateline.toml").exists()
    assert (new / "dateline.toml.from-backup").read_text() == toml.read_text()
    assert "dateline.toml.from-backup" in done.stderr
    assert "secret" not in done.stderr
