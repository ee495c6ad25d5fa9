"""No regular expression of the project takes much longer over a text than the text is long."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from support.growth import expressions, hard_texts, seconds

ROOT = Path(__file__).parents[3]
LENGTH = 6_000
MOST = 0.05
"""Seconds of CPU time. One that tries every way of dividing such a text takes at least twice as long, one that reads
it once less than a hundredth of this."""

SHORT = {
    "archive.config._SIZE": 100,  # what the operator wrote
    "archive.masking: ://[^:/@]*:([^\\s]*)@": 1_000,  # the same: the address of a database
    "crawler.discover.parsing.claims._OFFSET": 100,
    "crawler.discover.parsing.claims._SHORT_OFFSET": 100,
    "crawler.discover.feeds.xml_feed._RSS_AUTHOR": 1_000,
    "crawler.extract.authors._LABEL": 60,
    "crawler.extract.authors._SIGNED": 120,
    "crawler.extract.dates._LABEL": 40,
    "crawler.extract.kind._MISSING": 160,
    "crawler.extract.kind._CHALLENGE": 160,
    "crawler.normalise.authors._LOGIN": 80,
    "crawler.normalise.authors._URL": 2_000,
    "crawler.normalise.dates._NAMED_DATE": 100,
    "crawler.normalise.text._COUNTER": 60,
}
"""Expressions whose texts are never longer than so many characters, because whoever uses them looks first."""

FOLDED = (
    "crawler.discover.autodiscovery.site_facts._PARTS", "crawler.extract.markup.boilerplate._OTHERS", "crawler.extract.captions.",
    "crawler.extract.title.", "crawler.normalise.authors.", "crawler.normalise.calendars.", "crawler.normalise.dates", "crawler.normalise.date_words",
    "crawler.normalise.lineage", "crawler.normalise.text._SHORTCODE",
)  # fmt: skip
"""Expressions whose texts have been through `tidy`: there is one blank between two words."""

ONE_PLACE = {
    "archive.query.spoken._AGO",
    "crawler.discover.parsing.xml_text._FILLER",
    "crawler.extract.markup.boilerplate._NOTICE",
    "crawler.extract.markup.document._XML_DECLARATION",
    "crawler.extract.markup.lenient_json._ENDS_STRING",
    "crawler.extract.markup.page_data._BEGINS_DATA",
    "crawler.normalise.authors._DATE_BEFORE_BY",
    "crawler.http.robots._LINE",
}
"""Expressions that are tried at one place of a text and not searched for in it."""

FOUND = {
    name: pattern
    for package in ("archive", "crawler", "scheduler", "dateline")
    for name, pattern in expressions(ROOT, package)
}


@pytest.mark.parametrize("package", ["archive", "crawler", "scheduler", "dateline"])
def test_the_time_grows_with_the_text(package: str) -> None:
    slow = []
    for name, pattern in FOUND.items():
        if not name.startswith(package):
            continue
        for text in hard_texts(pattern, SHORT.get(name, LENGTH)):
            asked = " ".join(text.split()) if name.startswith(FOLDED) else text
            given: Any = asked.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else asked
            if seconds(pattern, given, once=name in ONE_PLACE) > MOST:
                slow.append((name, text[:40], len(text)))
                break
    assert slow == []


def test_what_is_excused_is_there() -> None:
    assert SHORT.keys() | ONE_PLACE <= FOUND.keys()
    assert [start for start in FOLDED if not any(name.startswith(start) for name in FOUND)] == []


@pytest.mark.parametrize(
    ("expression", "length"),
    [(r"(a|a)*b", 20), (r"\s+$", 2 * LENGTH), (r"[^@]+@[^@]+$", 2 * LENGTH), (r"<a\s[^>]*?href", 2 * LENGTH)],
)
def test_growth_is_seen(expression: str, length: int) -> None:
    pattern = re.compile(expression)
    assert any(seconds(pattern, text, tries=1) > MOST for text in hard_texts(pattern, length))
