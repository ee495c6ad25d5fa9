"""How a page is laid out; and the same text on two layouts.

When a site is redesigned, a text that nobody edited is read off other elements. What both pages show, in whatever element,
is no edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from archive.model.article import Article, ClaimedTime
from crawler.extract.markup.document import Document, Element
from crawler.extract.markup.jsonld import text_of
from crawler.normalise.text import key_of

_NUMBERS = re.compile(r"\d+")
_STEPS = 6


def layout_of(heading: Element | None, place: Element | None) -> str | None:
    """A short name for how the page is laid out, by what its headline and its text stand in. None where neither is
    known.

    Pages of one layout may have several names. Pages of different layouts have different ones.
    """
    if heading is None and place is None:
        return None
    path = f"{_path(heading)}|{_path(place)}"
    return blake2b(path.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _path(element: Element | None) -> str:
    steps: list[str] = []
    while element is not None and len(steps) < _STEPS and element.tag not in ("body", "html"):
        name = " ".join(sorted((element.get("class") or "").split())[:3])
        steps.append(f"{element.tag}.{_NUMBERS.sub('', name)}")
        element = element.getparent()
    return "<".join(steps)


def told_by(document: Document) -> str:
    """All letters that a page shows or says in its metadata, for looking up lines."""
    linked = document.linked
    names = [text_of(node.get("name")) for node in linked.nodes("author")]
    said = [content for _, content in document.metas]
    return key_of("\n".join([document.tree.text_content(), document.title, *said, *filter(None, names)]))


def as_laid_out_now(old: Article, new: Article, old_told: str, new_told: str) -> Article:
    """`old`, with those fields read like `new`'s whose every word both pages show.

    They were not edited, only laid out otherwise. `old_told` and `new_told` are `told_by` of their pages.
    """

    def same(before: Iterable[str | None], after: Iterable[str | None]) -> bool:
        return _shown_by_both(before, after, old_told, new_told)

    if same([old.title], [new.title]):
        old = replace(old, title=new.title)
    if same(_text(old), _text(new)):
        old = replace(old, lead=new.lead, body=new.body)
    if same(old.authors, new.authors):
        old = replace(old, authors=new.authors)
    if same(_captions(old), _captions(new)):
        old = replace(old, captions=new.captions)
    if _same_time(old.published, new.published):
        old = replace(old, published=new.published)
    return old


def _shown_by_both(before: Iterable[str | None], after: Iterable[str | None], old_told: str, new_told: str) -> bool:
    """Return whether each page shows, wherever that may be, also those lines that were read only of the other."""
    a, b = _keys(before), _keys(after)
    return all(key in new_told for key in a - b) and all(key in old_told for key in b - a)


def _keys(lines: Iterable[str | None]) -> set[str]:
    return {key_of(line) for line in lines if line}


def _text(article: Article) -> list[str | None]:
    return [article.lead, *(article.body or "").split("\n")]


def _captions(article: Article) -> list[str | None]:
    return [part for caption in article.captions for part in (caption.text, caption.credit)]


def _same_time(a: ClaimedTime | None, b: ClaimedTime | None) -> bool:
    """Return whether two claims may be of one time. One of them may be finer."""
    if a is None or b is None:
        return False
    if "day" in (a.precision, b.precision):
        return abs((a.at.date() - b.at.date()).days) <= 1
    return a.at.replace(second=0) == b.at.replace(second=0)
