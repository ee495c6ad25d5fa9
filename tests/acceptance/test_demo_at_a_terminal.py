"""The demo as its README's reader sees it: on a terminal, at the widths that terminals have."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from support.terminal import run, without_codes

from dateline import demo
from dateline.main import main

TOLD = "9 new revisions found"


@pytest.mark.parametrize(
    "columns", [80, pytest.param(60, marks=pytest.mark.slow), pytest.param(120, marks=pytest.mark.slow)]
)
def test_the_demo_tells_its_story(columns: int, tmp_path: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    seen = run(["demo"], plain, "same terminal", columns=columns, cwd=tmp_path)
    text = " ".join(without_codes(seen.out).split())
    assert seen.status == 0, text
    assert re.search(r"The archive now knows 2\d articles \(\d en, ", text)
    assert TOLD in text
    diffs = re.findall(r"old: revision 1, captured \S+ new: revision 2, captured", text)
    assert len(diffs) == 3, text
    assert '{"id"' not in text  # what it reads for itself is not shown
    assert "[bold]" not in text
    assert "[/]" not in text
    longest = max(without_codes(seen.out).splitlines(), key=len)
    assert len(longest) < 1000, longest


def test_the_demo_ends_with_an_error_where_its_archive_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Crawls that find nothing: the demo does not go on as if that were its story."""
    real = demo.Commands.show

    def show(commands: demo.Commands, *words: str) -> None:
        real(commands, *(("init",) if words[0] == "crawl" else words))

    monkeypatch.setattr(demo.Commands, "show", show)
    monkeypatch.setattr("sys.argv", ["dateline", "--home", str(tmp_path / "home"), "demo"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    told = capfd.readouterr()
    assert "is empty, or its export gave nothing" in told.err
    assert "The archive now knows" not in told.out
