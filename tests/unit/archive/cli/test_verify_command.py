"""`dateline verify` for people: problems of one kind in one file are summed up."""

from __future__ import annotations

import pytest

from archive.cli.verify import _print
from archive.warc.reader import MISSING

FILE = "dateline-97d617a48c04-0145cf-20261102-00001.warc.gz"


def problem(offset: int, said: str) -> dict[str, object]:
    return {"warc_file": FILE, "warc_offset": offset, "url": f"https://a.example/{offset}", "problem": said}


def test_a_missing_file_is_one_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    _print([problem(n, f"{FILE} at {n}: {MISSING}") for n in range(67)])
    assert capsys.readouterr().out == f"{FILE} is missing: 67 captures.\n"


def test_of_other_problems_the_first_addresses_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    _print([problem(n, f"another record stands there: <urn:uuid:{n}>") for n in range(5)])
    assert capsys.readouterr().out.splitlines() == [
        f"{FILE}: 5 captures: another record stands there.",
        "  https://a.example/0",
        "  https://a.example/1",
        "  https://a.example/2",
        "and 2 more".rjust(12),
    ]
