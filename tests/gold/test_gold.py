"""Pages written for this test, in 22 languages and the layouts of news sites, with what a reader must find on them.

A folder is a page: `input.html`, and `expected.json` with the fields of the article, the address where it was served, and the
IANA zone of its source (null where none is known). A field that is not named there is not compared.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.model.source import Source
from crawler.reading.page import Page, Reading
from crawler.reading.read import read

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/expected.json"))


def reading(folder: Path, expected: dict[str, Any]) -> Reading:
    zone = expected["timezone"]
    source = Source("courier", "River Courier", "https://courier.example/", timezone=zone) if zone else None
    return read(Page((folder / "input.html").read_bytes(), expected["url"], source=source))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_page(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    found = reading(folder, expected)
    article = found.article
    assert article is not None, found.reason
    fields = {
        "kind": found.kind,
        "title": article.title,
        "lead": article.lead,
        "body": (article.body or "").splitlines(),
        "authors": list(article.authors),
        "language": article.language,
        "published_at": article.published.isoformat() if article.published else None,
        "captions": [[caption.text, caption.credit] for caption in article.captions],
        "original_url": article.original_url,
    }
    assert {name: fields[name] for name in fields if name in expected} == {
        name: expected[name] for name in fields if name in expected
    }
    assert reading(folder, expected) == found, "a page is read the same way each time"


def test_the_set_is_as_wide_as_it_says() -> None:
    languages = {json.loads((folder / "expected.json").read_text("utf-8"))["language"] for folder in FOLDERS}
    assert len(FOLDERS) >= 60
    assert len(languages) >= 20
