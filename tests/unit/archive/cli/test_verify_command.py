"""`dateline verify` for people: problems of one kind in one file are summed up."""

from __future__ import annotations

import pytest

from archive.cli.console.output import Format
from archive.cli.verify import report
from archive.verify import Problem
from archive.warc.reader import MISSING

FILE = "dateline-97d617a48c04-0145cf-20261102-00001.warc.gz"


def lost(offset: int) -> Problem:
    return Problem(
        "file-missing",
        f"{FILE} at {offset}: {MISSING}",
        f"capture {offset}",
        "harbour",
        f"https://a.example/{offset}",
        FILE,
        offset,
    )


def test_a_missing_file_is_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    report([lost(n) for n in range(67)], Format.table)
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].split() == ["problem", "where", "example"]
    assert len(lines) == 2
    assert all(part in lines[1] for part in ("67 captures of a WARC file that is missing", FILE, MISSING))
    assert shown.err == "file-missing: Put the file back from a backup, or from the machine that wrote it.\n"


def test_programs_get_each_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    report([lost(n) for n in range(67)], Format.jsonl)
    assert len(capsys.readouterr().out.splitlines()) == 67


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    report([lost(n) for n in range(67)], Format.table)
    shown = capsys.readouterr()
    assert FILE in shown.out
    assert max(map(len, shown.out.splitlines())) <= width
