"""Another page in an article's place: a question for consent, a login, a message that the site is down. Pure.

Such pages come with status 200, in any language, and no list of words knows them all. They are told by what they lack: they have
nothing of the text that is known at their address, and not what the articles of their site have. A site shows one such page at
many addresses, which gives it away as well. A page that may be another one makes no revision until a look at another time
shows the same text with an article's marks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from archive.model.article import Article
from archive.model.text.similarity import grams, overlap
from archive.model.text.sketch import Sketch, overlap_with, sketch_of, title_hash

Mark = Literal[
    "declared",  # its metadata call it an article
    "byline",
    "date",
    "place",  # its text stands where the site's template has the text
]

ANOTHER_STORY = 0.2
"""A text that shares less than this with the one we know is another story."""

SAME_HEADLINE = 0.5
"""Headlines that share this much are one headline, perhaps edited."""

SAME_TEXT, SAME_UNDER_ONE_HEADLINE = 0.9, 0.5
"""A page that shares this much with the text at the address which it names as canonical is another page of that article. Records
and communiqués on one subject may share three quarters of their words, so that half is enough only where the headline is the
same."""

ANOTHER_PAGE = "another-page"
"""The detail of an observation, and the reason of a link."""

AT_ONCE = timedelta(hours=24)
"""Two addresses that show one text within this time show it at once."""

_OTHERS = ("feed", "url")
"""Sources of a value that are not the page itself."""

_SHORTEST_PATH = 2
"""Letters of a path without its slashes that is recognised in another address."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """The text that is known of an article, and the marks that its page had."""

    title: str | None
    body: str | None
    marks: frozenset[Mark]


def marks_of(article: Article) -> frozenset[Mark]:
    """What of an article's marks a page has by itself. What only a feed or the address says of it does not count."""
    dated_by = article.published.source if article.published is not None else None
    marks = _marks(article.authors, dated_by, article.provenance)
    return marks | {"declared"} if article.declared else marks


def known_marks(
    authors: Sequence[object], published: Mapping[str, Any] | None, provenance: Mapping[str, Any]
) -> frozenset[Mark]:
    """What of an article's marks the page of a stored revision had. Whether it called itself an article is not stored."""
    return _marks(authors, published.get("source", "") if published is not None else None, provenance)


def _marks(authors: Sequence[object], dated_by: str | None, provenance: Mapping[str, Any]) -> frozenset[Mark]:
    """The marks but for `declared`. `dated_by` is the source of the time of publication. None means that there is no such time."""
    marks: set[Mark] = set()
    if authors and provenance.get("authors") not in _OTHERS:
        marks.add("byline")
    if dated_by is not None and dated_by not in _OTHERS:
        marks.add("date")
    if provenance.get("body") == "template":
        marks.add("place")
    return frozenset(marks)


def lacks_marks(marks: frozenset[Mark], usual: frozenset[Mark]) -> bool:
    """Return whether a page lacks what an article has. `usual` are the marks that the known page had, or its site's pages have.

    A page that has only some of them has to call itself an article.
    """
    wanted = usual & {"byline", "date"} or usual & {"place"}
    if wanted and wanted <= marks:
        return False
    return "declared" not in marks or bool(wanted and not wanted & marks)


def own_title(article: Article) -> str | None:
    """The headline that the page has by itself. None where it has none, or only the feed names it."""
    return None if article.provenance.get("title") in _OTHERS else article.title


def has_nothing_of(article: Article, known: KnownText) -> bool:
    """Return whether a page has nothing of a known text: neither its headline nor a good part of its body."""
    title = own_title(article)
    if title and known.title and _are_one_headline(title, known.title):
        return False
    return is_another_text(article, known)


def is_another_text(article: Article, known: KnownText) -> bool:
    """Return whether the body of a page is not that of a known text, whatever its headline."""
    return overlap(article.main_text, known.body) < ANOTHER_STORY


def _are_one_headline(one: str, other: str) -> bool:
    return title_hash(one) == title_hash(other) or overlap(one, other) >= SAME_HEADLINE


def is_doubtful(article: Article, known: KnownText, *, elsewhere: bool) -> bool:
    """Return whether a page may be another one than that of the article which is known at its address.

    `elsewhere` says whether another address of the source shows the same text at once, of which no revision was made either.
    """
    if elsewhere and is_another_text(article, known):
        return True
    return has_nothing_of(article, known) and lacks_marks(marks_of(article), known.marks)


def is_confirmed(
    article: Article,
    known: KnownText,
    first: datetime | None,
    now: datetime,
    *,
    elsewhere: bool,
    apart: timedelta,
) -> bool:
    """Return whether a doubtful page is the article's after all.

    `first` is the time (UTC) of the first look that showed this text. None means that none did before this one. A second look has to come at
    another time, at least `apart` later, and no other address may show the text. It has to show the marks that the known page
    had. If that had none, the second look is all that can be asked for.
    """
    if first is None or elsewhere or now - first < apart:
        return False
    return not known.marks or not lacks_marks(marks_of(article), known.marks)


def is_no_first_page(article: Article, *, elsewhere: bool, redirected: bool, hint: str | None) -> bool:
    """Return whether a page at an address of which nothing is known is no article's.

    `elsewhere` says whether another address of the source shows the same text at once. `redirected` says that another address
    answered than the one that was asked for. `hint` is the headline that a feed named. None means that it named none.
    """
    if marks_of(article) & {"declared", "byline", "date"}:
        return False
    title = own_title(article)
    if hint is None or not grams(hint):  # a few letters are no headline
        return elsewhere
    if title is not None and _are_one_headline(title, hint):
        return False  # it shows the headline by which the feed led to it
    return elsewhere or redirected


def has_same_text(sketch: Sketch, title: str | None, text: str | None) -> bool:
    """Return whether a page, of which a sketch is kept, is one more page of the article that has this headline and text.

    Of an article without a text nobody can tell, so that what the page says of itself counts.
    """
    one_headline = title is not None and sketch["title"] == title_hash(title)
    return not text or overlap_with(sketch, text) >= (SAME_UNDER_ONE_HEADLINE if one_headline else SAME_TEXT)


def names_wrong_address(article: Article, title: str | None, text: str | None) -> bool:
    """Return whether a page is not of the article at the address which it names as canonical, and which has this headline and
    text.
    """
    own = sketch_of(article.main_text, article.title)
    return own is not None and not has_same_text(own, title, text)


def asks_to_come_back(asked: str, landed: str) -> bool:
    """Return whether a redirect led to a gate: a page whose address bears the address that was asked for, to lead back there."""
    there, here = urlsplit(asked), urlsplit(landed)
    path = there.path.strip("/")
    if len(path) < _SHORTEST_PATH or here.path.strip("/") == path:
        return False
    return path in unquote(unquote(here.query))
