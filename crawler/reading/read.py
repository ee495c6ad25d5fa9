"""Reading a page: bytes in, article out. Pure: no network, no clock, no archive; the same page gives the same reading.

page ─> tree ─> Reader ─> reading ─┬─> checked against the generic way, where the site's template is on probation
                                   └─> compared with the page of now, where a redesign must not look like an edit
"""

from __future__ import annotations

from dataclasses import replace

from archive.model.capture import Rights
from archive.model.site_memory import CONTRADICTION
from crawler.extract.markup.decode import decode_html, is_html
from crawler.extract.markup.directives import combine, header_rights, page_rights
from crawler.extract.markup.document import Document, copied, parse
from crawler.learn.alike import agreement
from crawler.learn.fit import ALIKE, is_sampled
from crawler.learn.layout import as_laid_out_now, told_by
from crawler.reading.page import Later, Page, Reading
from crawler.reading.reader import Reader


def read(page: Page) -> Reading:
    """Read one page. The same page with the same memory gives the same reading.

    Nothing is raised for bad input: what is no article has a kind and a reason.
    """
    if page.later is not None:
        return _to_compare(page, page.later)
    rights, document = _parsed(page)
    if isinstance(document, Reading):
        return document
    memory = page.memory
    looked_at = memory is not None and (memory.collecting or memory.checking or is_sampled(page.url))
    untouched = copied(document) if memory is not None and memory.template is not None and looked_at else None
    reader = Reader(page, document)
    reading = reader.reading(rights)
    if memory is None or not looked_at or reading.kind != "article":
        return reading
    if untouched is None:
        return replace(reading, evidence=reader.evidence(reading)) if memory.collecting else reading
    return _checked(reading, Reader(replace(page, memory=None), untouched), collecting=memory.collecting)


def _read_unchecked(page: Page) -> Reading:
    """Read a page with what is known of its site; check it against nothing and compare it with nothing."""
    rights, document = _parsed(page)
    return document if isinstance(document, Reading) else Reader(page, document).reading(rights)


def _checked(reading: Reading, reader: Reader, *, collecting: bool) -> Reading:
    """`reading`, with the word of the generic `reader` on whether the template fitted, which changes nothing else.

    The generic way is believed where it found what the page says of itself, and the template did not.
    """
    plain = reader.reading(reading.rights)
    if plain.article is None or reading.article is None:
        return reading
    alike = agreement((reading.article.body or "").split("\n"), (plain.article.body or "").split("\n"))
    fit = reading.fit
    doubtful = not fit and alike < ALIKE
    if not (doubtful or collecting):
        return reading
    evidence = reader.evidence(plain)
    if doubtful and evidence is not None and evidence.agreed:
        fit = f"{CONTRADICTION}the body agrees with the generic reading to {alike:.0%}"
    return replace(reading, fit=fit, evidence=evidence if collecting else None)


def _to_compare(page: Page, later: Later) -> Reading:
    """Read an earlier capture of a page that looks like `later` now.

    Where the layouts differ, what both show is read in the way of the later one: a redesign is no edit.
    """
    before = _read_unchecked(page)
    if before.article is None or before.article.layout == later.layout:
        return before
    now = _read_unchecked(later.page)
    if now.article is None:
        return before
    told = [told_by(document) for _, document in (_parsed(page), _parsed(later.page)) if isinstance(document, Document)]
    return replace(before, article=as_laid_out_now(before.article, now.article, *told))


def _parsed(page: Page) -> tuple[Rights, Document | Reading]:
    """The page's rights, and its tree. Where it has none, the reading that says why stands for the tree."""
    content_type = next((value for name, value in page.headers if name.lower() == "content-type"), None)
    rights = header_rights(page.headers)
    if not page.html.strip():
        return rights, Reading("empty", "no bytes", rights)
    if not is_html(page.html, content_type):
        return rights, Reading("not-html", (content_type or "unknown content").partition(";")[0][:60], rights)
    text, _charset = decode_html(page.html, content_type)
    document = parse(text, page.url)
    if document is None:
        return rights, Reading("empty", "no elements", rights)
    rights = combine(rights, page_rights(document.metas))
    if page.served is not None:  # a script may take away what the publisher reserved
        before = parse(decode_html(page.served, content_type)[0], page.url)
        rights = combine(rights, page_rights(before.metas)) if before is not None else rights
    return rights, document
