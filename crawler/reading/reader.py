"""Reading a page: bytes in, article out. Pure: no network, no clock, no archive; the same page gives the same reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain
from urllib.parse import urlsplit

from lxml.cssselect import CSSSelector

from archive.model.article import Article, ClaimedTime, TextScope
from archive.model.capture import Headers, Rights
from archive.model.link import Hints
from archive.model.site_memory import CONTRADICTION, Evidence, FieldName, Memory, Template
from archive.model.source import Selectors, Source
from archive.model.text.urls import clean_url
from crawler.extract.authors import author_candidates, organisation_candidates, stray_candidates
from crawler.extract.body import find_body, selected_lines
from crawler.extract.captions import own_captions, take_captions
from crawler.extract.dates import Printed, machine_times, printed_dates, searched_date, visible_dates
from crawler.extract.kind import Kind, classify_page
from crawler.extract.lead import lead_in, printed_lead
from crawler.extract.markup.blocks import text_within
from crawler.extract.markup.decode import decode_html, is_html
from crawler.extract.markup.directives import combine, header_rights, page_rights
from crawler.extract.markup.document import Document, Element, copied, parse, remove, select, shown
from crawler.extract.markup.jsonld import as_list, text_of
from crawler.extract.markup.links import addresses, take_source_link
from crawler.extract.markup.paragraphs import clean_lines, shortcodes_in, without
from crawler.extract.title import heading, headline, shown_headline, shows
from crawler.extract.version import EXTRACTOR, extractor_for
from crawler.learn.alike import agreement
from crawler.learn.evidence import date_text, evidence_of
from crawler.learn.fit import ALIKE, is_sampled, misfit
from crawler.learn.layout import as_laid_out_now, layout_of, told_by
from crawler.learn.lines import describes, line_key, without_blocks
from crawler.learn.selector import find
from crawler.normalise.authors import agencies, is_desk, organisations, people
from crawler.normalise.dates import claim, claim_at, claim_without_year, zone_of
from crawler.normalise.language import declared_tag, detect
from crawler.normalise.lineage import claims
from crawler.normalise.text import tidy

_CREDIBLE = 0.5
"""A date that is trusted less contradicts nobody."""
_IN_PLACE = 0.6
"""Trust in a date that stands where other pages of the site have theirs."""


@dataclass(frozen=True, slots=True)
class Page:
    """A response to be read. `html`: the body after content decoding, or the DOM that a browser made of it, and then `served`
    is that body; `url`: where it was served in the end."""

    html: bytes
    url: str
    headers: Headers = ()
    hints: Hints = Hints()  # noqa: RUF009  # immutable
    source: Source | None = None
    memory: Memory | None = None
    """What was learnt of the site."""
    later: Later | None = None
    """The page as it looks now: `html` is then read to be compared with it (see `_to_compare`)."""
    served: bytes | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """The same article's page at a later time, and how it was laid out."""

    page: Page
    layout: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page turned out to be. `article` is set for the kinds `article` and `paywalled` (then an excerpt).

    `fit`: whether the site's template fitted: empty, or what did not; None where there is none. `evidence`: what the page
    teaches, where that was asked for.
    """

    kind: Kind
    reason: str | None
    rights: Rights
    article: Article | None = None
    fit: str | None = None
    evidence: Evidence | None = None


def read(page: Page) -> Reading:
    """Read one page. Raises nothing for bad input: what is no article has a kind and a reason. The same page with the same
    memory gives the same reading."""
    if page.later is not None:
        return _to_compare(page, page.later)
    rights, document = _parsed(page)
    if isinstance(document, Reading):
        return document
    memory = page.memory
    looked_at = memory is not None and (memory.collecting or memory.checking or is_sampled(page.url))
    untouched = copied(document) if memory is not None and memory.template is not None and looked_at else None
    reader = _Reader(page, document)
    reading = reader.reading(rights)
    if memory is None or not looked_at or reading.kind != "article":
        return reading
    if untouched is None:
        return replace(reading, evidence=reader.evidence(reading)) if memory.collecting else reading
    return _checked(reading, _Reader(replace(page, memory=None), untouched), collecting=memory.collecting)


def _read(page: Page) -> Reading:
    """The page as it is read with what is known of its site."""
    rights, document = _parsed(page)
    return document if isinstance(document, Reading) else _Reader(page, document).reading(rights)


def _checked(reading: Reading, reader: _Reader, *, collecting: bool) -> Reading:
    """`reading`, with the generic `reader`'s word on whether the template fitted; it changes nothing else. The generic way
    is believed where it found what the page says of itself, and the template did not."""
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
    """Read an earlier capture of a page that looks like `later` now. Where the layouts differ, what both show is read in the
    way of the later one: a redesign is no edit."""
    before = _read(page)
    if before.article is None or before.article.layout == later.layout:
        return before
    now = _read(later.page)
    if now.article is None:
        return before
    told = [told_by(document) for _, document in (_parsed(page), _parsed(later.page)) if isinstance(document, Document)]
    return replace(before, article=as_laid_out_now(before.article, now.article, *told))


def _parsed(page: Page) -> tuple[Rights, Document | Reading]:
    """The page's tree, or the reading of one that has none; and its rights."""
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


@dataclass(slots=True)
class _Reader:
    """One page on its way to an article; notes where each value came from and why others are missing."""

    page: Page
    document: Document
    provenance: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    head: Element | None = None
    """The element that shows the headline."""
    place: Element | None = None
    """The element that holds the text, where one is known to."""
    raw: list[str] = field(default_factory=list)
    """The body before recurring lines were dropped."""
    languages: tuple[str, ...] = ()
    misfit: str = ""
    """What did not fit the site's template."""

    @property
    def template(self) -> Template | None:
        return self.page.memory.template if self.page.memory else None

    def standing(self, name: FieldName) -> Element | None:
        """The element at which the site's template has a field; None where it has none, or it is not there."""
        selector = self.template.selector(name) if self.template else None
        return None if selector is None else find(self.document.tree, selector)

    @property
    def selectors(self) -> Selectors:
        return self.page.source.extract if self.page.source else Selectors()

    @property
    def homepage(self) -> str | None:
        return self.page.source.homepage if self.page.source else None

    def note(self, name: str, found: str | None, missing: str) -> None:
        if found is not None:
            self.provenance[name] = found
        else:
            self.reasons[name] = missing

    def reading(self, rights: Rights) -> Reading:
        document = self.document
        for selector in self.selectors.remove:
            for element in self.select(selector):
                remove(element)
        title = self.title()
        head = self.head = self.head if self.head is not None else heading(document, title)
        printed = self.printed_dates(head)
        authors = self.authors(head)
        source_link = take_source_link(document)
        pictures = take_captions(document)
        raw = self.body(head if title and head is not None and shows(head, title) else None)
        body = self.raw = clean_lines(raw, title, [caption.text for caption, _ in pictures if caption.text], authors)
        captions = own_captions(pictures, document, head, body)
        lead = self.lead(head, body)
        if self.page.memory and (blocks := self.page.memory.blocks):
            own = document.meta("description", "og:description", "twitter:description")
            body = without_blocks(body, blocks, own)
            if len(body) < len(self.raw):
                self.provenance["body:recurring"] = f"{len(self.raw) - len(body)} lines dropped"
            if lead and line_key(lead) in blocks and not describes(own, lead):
                lead = None
                self.provenance.pop("lead")
                self.reasons["lead"] = "the site's, not the article's"
        sure = self.provenance.get("body") == "registry"
        kind, reason = classify_page(document, title, body or ([lead] if lead else []), self.homepage, sure=sure)
        if kind not in ("article", "paywalled"):
            return Reading(kind, reason, rights)
        if lead:
            body = without(lead, body)
        language, score, declared = self.language(title, lead, body)
        published, modified = self.times(printed, head, language, declared)
        self.note("captions", "visible" if captions else None, "no caption printed")
        names = addresses(document, self.homepage)
        self.provenance["canonical_url"] = names.canonical_from
        lineage = claims(
            self.page.url,
            language,
            source_link=(source_link.url, source_link.word, source_link.shortcode) if source_link else None,
            based_on=self.works("isBasedOn", "isBasedOnUrl"),
            translation_of=self.works("translationOfWork"),
            elsewhere=names.elsewhere,
            shortcodes=shortcodes_in(document) if source_link else (),
        )
        self.note("original_url", "visible:source-link" if source_link else None, "no source link")
        scope: TextScope = (
            "excerpt" if kind == "paywalled" and (body or lead) else "full" if body or lead else "headline"
        )
        if scope != "full":
            self.reasons["text_scope"] = reason or "no text"
        self.note(
            "body",
            self.provenance.get("body") if body else None,
            self.reasons.get("body") or reason or "no running text",
        )
        if not body:
            self.provenance.pop("body", None)
        article = Article(
            url=self.page.url,
            canonical_url=names.canonical,
            title=title,
            lead=lead,
            body="\n".join(body) or None,
            authors=authors,
            language=language,
            declared_language=declared,
            published=published,
            modified=modified,
            extractor=extractor_for(self.page.source, self.page.memory) if self.page.source else EXTRACTOR,
            captions=tuple(captions),
            original_url=source_link.url if source_link else None,
            lineage=lineage,
            amp_url=names.amp,
            text_scope=scope,
            language_score=score,
            reasons=self.reasons,
            provenance=self.provenance,
            layout=layout_of(self.head, self.place),
        )
        return Reading(kind, reason, rights, article, self.misfit if self.template else None)

    def evidence(self, reading: Reading) -> Evidence | None:
        """What the page teaches of its site. Only of a page that was read the generic way."""
        if reading.article is None:
            return None
        zone = zone_of(self.page.source.timezone if self.page.source else None)
        return evidence_of(
            self.document,
            reading.article,
            self.raw,
            self.head,
            self.place,
            hint=self.page.hints.title,
            names=lambda text: people([text], self.site_names()),
            claim=lambda raw: claim(raw, "template", _CREDIBLE, zone, self.languages),
        )

    def select(self, selector: str) -> list[Element]:
        return select(CSSSelector(selector, translator="html"), self.document.tree)

    def title(self) -> str | None:
        if self.selectors.title:
            chosen = next((text for e in self.select(self.selectors.title) if (text := shown(e))), None)
            if chosen:
                self.provenance["title"] = "registry"
                return chosen
        place = self.standing("title")
        if place is not None and (known := shown_headline(self.document, place, self.page.hints.title)):
            self.head = place
            self.provenance["title"] = "template"
            return known
        if place is None and self.template and self.template.selector("title"):
            self.misfit = "title: not found"
        names = (self.page.source.name,) if self.page.source else ()
        title, source = headline(self.document, names, self.page.hints.title)
        self.note("title", source, "no headline found")
        return title

    def body(self, head: Element | None) -> list[str]:
        if self.selectors.body:
            chosen = selected_lines(self.select(self.selectors.body))
            if chosen:
                self.provenance["body"] = "registry"
                return chosen
        if (lines := self.body_in_place(head)) is not None:
            self.provenance["body"] = "template"
            return lines
        found = find_body(self.document, head, self.template.noise if self.template else frozenset())
        self.place, self.provenance["body"] = found.place, found.source
        return found.lines

    def body_in_place(self, head: Element | None) -> list[str] | None:
        """The text where the site's template has it; None where that is not this page's way, which is noted."""
        template = self.template
        if template is None or template.selector("body") is None:
            return None
        place = self.standing("body")
        if place is None:
            self.misfit = "body: not found"
            return None
        lines = text_within(place, head, template.noise)
        if wrong := misfit(self.document, template, place, lines):
            self.misfit = wrong
            return None
        self.place = place
        return lines

    def lead(self, head: Element | None, body: list[str]) -> str | None:
        if (place := self.standing("lead")) is not None and (known := lead_in(place, body)):
            self.provenance["lead"] = "template"
            return known
        description = self.document.meta("description", "og:description", "twitter:description")
        lead, source = printed_lead(self.document, head, description, body)
        self.note("lead", source, "no standfirst printed")
        return lead

    def authors(self, head: Element | None) -> tuple[str, ...]:
        sites = self.site_names()
        if self.selectors.authors:
            names = people((shown(e) for e in self.select(self.selectors.authors)), sites)
            if names:
                self.provenance["authors"] = "registry"
                return names
        others: list[tuple[str, list[str]]] = []
        feed = [("feed", list(self.page.hints.authors))]
        # A byline that names an agency or a desk and nobody else is still what the page says about its author.
        declared = author_candidates(self.document, head)
        for candidates in (chain(self.byline_in_place(declared), feed), stray_candidates(self.document)):
            for source, raw in candidates:
                if names := people(raw, sites):
                    self.provenance["authors"] = source
                    return names
                others.append((source, raw))
            if named := self.collective(others, sites):
                return named
        self.reasons["authors"] = "no author found"
        return ()

    def byline_in_place(self, candidates: Iterable[tuple[str, list[str]]]) -> Iterator[tuple[str, list[str]]]:
        """The candidates, with the byline at its known place before all that is only printed."""
        place = self.standing("authors")
        for source, raw in candidates:
            if place is not None and source.startswith("visible"):
                yield "template", [shown(place)]
                place = None
            yield source, raw

    def collective(self, candidates: list[tuple[str, list[str]]], sites: list[str]) -> tuple[str, ...]:
        """The agency, the desk or the site that stands in an author's place: the first that is named; an agency named later
        before the site itself."""
        declared = organisation_candidates(self.document)
        lists = [declared, *(raw for _, raw in candidates)]
        named = tuple(dict.fromkeys(declared)) or next((f for raw in lists if (f := organisations(raw, sites))), ())
        if not agencies(named) and organisations(named, sites) == named and not any(map(is_desk, named)):
            stated = (raw for source, raw in candidates if source.startswith(("json-ld", "meta:", "feed")))
            named = next((found for raw in stated if (found := agencies(raw))), named)
        if named:
            self.provenance["authors"] = "metadata:organisation"
        return named

    def site_names(self) -> list[str]:
        document = self.document
        publisher = document.linked.resolve(next(iter(as_list(document.linked.article.get("publisher"))), None))
        host = (urlsplit(document.url).hostname or "").removeprefix("www.")
        names = [document.meta("og:site_name"), text_of(publisher.get("name")), host, host.partition(".")[0]]
        return [name for name in (*names, self.page.source.name if self.page.source else None) if name]

    def language(
        self, title: str | None, lead: str | None, body: list[str]
    ) -> tuple[str | None, float | None, str | None]:
        document, source = self.document, self.page.source
        declared_by = [
            ("html:lang", document.tree.get("lang") or document.tree.get("{http://www.w3.org/XML/1998/namespace}lang")),
            ("json-ld", text_of(document.linked.article.get("inLanguage"))),
            ("meta:og:locale", document.meta("og:locale")),
            ("meta:content-language", document.meta("content-language", "language", "dc.language")),
            (
                "header:content-language",
                next((v for n, v in self.page.headers if n.lower() == "content-language"), None),
            ),
        ]
        declared, where = next(((tag, name) for name, raw in declared_by if (tag := declared_tag(raw))), (None, None))
        self.note("declared_language", where, "no language declared")
        expected = (declared, self.page.hints.language, *(source.language if source else ()))
        text = "\n".join(part for part in (title, lead, *body) if part)
        language, score = detect(text, expected)
        self.note("language", "detected" if language else None, "too little text to tell")
        return language, score, declared

    def printed_dates(self, head: Element | None) -> list[Printed]:
        found: list[Printed] = []
        if self.selectors.date:
            for element in self.select(self.selectors.date):
                raw = element.get("datetime") or element.get("content") or shown(element)
                if raw:
                    found.append(Printed(raw, "registry", 1.0))
        found += printed_dates(self.document, head)
        if (place := self.standing("date")) is not None and (raw := date_text(place)):
            found.append(Printed(raw, "template", _IN_PLACE))
        return found

    def times(
        self, printed: list[Printed], head: Element | None, language: str | None, declared: str | None
    ) -> tuple[ClaimedTime | None, ClaimedTime | None]:
        source, hints = self.page.source, self.page.hints
        zone = zone_of(source.timezone if source else None)
        languages = tuple(
            dict.fromkeys(tag for tag in (declared, language, *(source.language if source else ())) if tag)
        )
        if declared and language and declared.split("-")[0].lower() != language:
            languages = tuple(dict.fromkeys((language, *languages)))
        self.languages = languages

        def claimed(dates: list[Printed]) -> list[tuple[Printed, ClaimedTime]]:
            return [(p, c) for p in dates if (c := claim(p.raw, p.source, p.confidence, zone, languages))]

        read = claimed(printed)
        if not any(not p.modified and p.source != "url" for p, _ in read):
            read = claimed(visible_dates(self.document, head)) + read
        published = best([c for p, c in read if not p.modified and p.source != "url"])
        if published is None or published.precision == "day":
            read += claimed(machine_times(self.document, head))
            published = best([c for p, c in read if not p.modified and p.source != "url"])
        if published is None and hints.published_at is not None:
            published = claim_at(hints.published_at, hints.published, "feed", 0.7)
        if published is None and hints.published:
            published = claim(hints.published, "feed", 0.6, zone, languages)
        if published is None:
            published = best([c for p, c in read if p.source == "url"])
        modified = best([c for p, c in read if p.modified])
        if modified is None and hints.updated_at is not None and hints.updated_at != hints.published_at:
            modified = claim_at(hints.updated_at, hints.updated, "feed", 0.5)
        if published is None and modified is not None:
            shown_days = (p for p in visible_dates(self.document, head) if not p.modified)
            guesses = (claim_without_year(p.raw, "visible", 0.3, modified.at.date(), languages) for p in shown_days)
            published = next((guess for guess in guesses if guess is not None), None)
        if published is None and (found := searched_date(self.document)) is not None:
            published = claim(found.raw, found.source, found.confidence, zone, languages)
            if published is not None and modified is not None and published.at.date() == modified.at.date():
                published = None  # the day of the last change is none of publication
        if published is not None and (other := conflict(published, [c for p, c in read if not p.modified])):
            self.provenance["published_at:conflict"] = f"{other.source}: {other.raw}"
        self.note("published_at", published.source if published else None, "no date found")
        self.note("modified_at", modified.source if modified else None, "no date found")
        return published, modified

    def works(self, *keys: str) -> list[str]:
        """Aliases of the works that the JSON-LD names under these keys."""
        found = []
        for key in keys:
            for value in as_list(self.document.linked.article.get(key)):
                raw = value.get("url") or value.get("@id") if isinstance(value, Mapping) else value
                url = clean_url(raw, self.document.base) if isinstance(raw, str) and tidy(raw) else None
                if url is not None and url != self.page.url:
                    found.append(url)
        return found


def conflict(chosen: ClaimedTime, found: list[ClaimedTime]) -> ClaimedTime | None:
    """The most trustworthy claim that names a time more than a day (with zones unknown: two) from the one chosen."""
    slack = timedelta(days=2 if chosen.precision == "day" else 1)
    others = [c for c in found if c.confidence >= _CREDIBLE and abs(c.at - chosen.at) > slack]
    return max(others, key=lambda c: c.confidence, default=None)


def best(found: list[ClaimedTime]) -> ClaimedTime | None:
    """The most trustworthy claim; where another one of about the same day knows the time of day, that one."""
    if not found:
        return None
    first = max(found, key=lambda c: c.confidence)
    if first.precision != "day":
        return first
    finer = [c for c in found if c.precision != "day" and abs((c.at.date() - first.at.date()).days) <= 1]
    return replace(max(finer, key=lambda c: c.confidence)) if finer else first
