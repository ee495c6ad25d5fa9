"""One page on its way to an article: which parts it has, and where each was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from lxml.cssselect import CSSSelector

from archive.model.article import Article, Caption, ClaimedTime, TextScope
from archive.model.capture import Rights
from archive.model.site_memory import Evidence, FieldName, Template
from archive.model.source import Selectors
from archive.model.text.urls import clean_url
from crawler.extract.body import find_body, selected_lines
from crawler.extract.captions import own_captions, take_captions
from crawler.extract.dates import Printed, printed_dates, printed_in
from crawler.extract.kind import calls_itself_article, classify_page
from crawler.extract.lead import lead_in, printed_lead
from crawler.extract.markup.blocks import text_within
from crawler.extract.markup.document import Document, Element, remove, select, shown
from crawler.extract.markup.jsonld import as_list, text_of
from crawler.extract.markup.links import SourceLink, addresses, take_source_link
from crawler.extract.markup.paragraphs import clean_lines, shortcodes_in, without
from crawler.extract.title import heading, headline, shown_headline, shows
from crawler.extract.version import EXTRACTOR, extractor_for
from crawler.learn.evidence import date_text, evidence_of
from crawler.learn.fit import misfit
from crawler.learn.layout import layout_of
from crawler.learn.lines import describes, line_key, without_blocks
from crawler.learn.selector import find
from crawler.normalise.authors import people
from crawler.normalise.dates import claim, zone_of
from crawler.normalise.language import declared_tag, detect
from crawler.normalise.lineage import claims
from crawler.normalise.text import tidy
from crawler.reading.authors import choose_authors, site_names
from crawler.reading.dates import CREDIBLE, Calendar, choose_times, languages_of
from crawler.reading.page import Page, Reading

_IN_PLACE = 0.6
"""Trust in a date that stands where other pages of the site have theirs."""


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is read of a page before it is known what the page is."""

    title: str | None
    lead: str | None
    body: list[str]
    authors: tuple[str, ...]
    captions: tuple[Caption, ...]
    printed: list[Printed]
    source_link: SourceLink | None


@dataclass(slots=True)
class Reader:
    """One page on its way to an article. It notes where each value came from, and why others are missing."""

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
        """The site's template. None where none was learnt."""
        return self.page.memory.template if self.page.memory else None

    def standing(self, name: FieldName) -> Element | None:
        """The element at which the site's template has a field. None where it has none, or the element is not there."""
        selector = self.template.selector(name) if self.template else None
        return None if selector is None else find(self.document.tree, selector)

    @property
    def selectors(self) -> Selectors:
        """The selectors that the registry names for the source. Empty ones where it names none."""
        return self.page.source.extract if self.page.source else Selectors()

    @property
    def homepage(self) -> str | None:
        """The home page of the source. None where the page belongs to no source."""
        return self.page.source.homepage if self.page.source else None

    def note(self, name: str, found: str | None, missing: str) -> None:
        """Note where a value was found, or where that is None, why it is missing."""
        if found is not None:
            self.provenance[name] = found
        else:
            self.reasons[name] = missing

    def reading(self, rights: Rights) -> Reading:
        """Read the page. `rights` are what its publisher reserves."""
        for selector in self.selectors.remove:
            for element in self.select(selector):
                remove(element)
        parts = self.parts()
        shown_text = parts.body or ([parts.lead] if parts.lead else [])
        sure = self.provenance.get("body") == "registry"
        kind, reason = classify_page(self.document, parts.title, shown_text, self.homepage, sure=sure)
        if kind not in ("article", "paywalled"):
            return Reading(kind, reason, rights)
        if parts.lead:
            parts = replace(parts, body=without(parts.lead, parts.body))
        article = self.article(parts, reason, paywalled=kind == "paywalled")
        return Reading(kind, reason, rights, article, self.misfit if self.template else None)

    def parts(self) -> _Parts:
        """Read the parts of the text.

        The order counts: each step takes what it reads out of the tree for those after it.
        """
        document, title = self.document, self.title()
        head = self.head = self.head if self.head is not None else heading(document, title)
        printed = self.printed_dates(head)
        authors = self.authors(head)
        source_link = take_source_link(document)
        pictures = take_captions(document)
        raw = self.body(head if title and head is not None and shows(head, title) else None, title)
        body = self.raw = clean_lines(raw, title, [caption.text for caption, _ in pictures if caption.text], authors)
        captions = own_captions(pictures, document, head, body)
        lead, body = self.without_recurring(self.lead(head, body), body)
        return _Parts(title, lead, body, authors, tuple(captions), printed, source_link)

    def without_recurring(self, lead: str | None, body: list[str]) -> tuple[str | None, list[str]]:
        """Drop the lines that recur on the site's pages from lead and body."""
        if not (self.page.memory and (blocks := self.page.memory.blocks)):
            return lead, body
        own = self.document.meta("description", "og:description", "twitter:description")
        body = without_blocks(body, blocks, own)
        if len(body) < len(self.raw):
            self.provenance["body:recurring"] = f"{len(self.raw) - len(body)} lines dropped"
        if lead and line_key(lead) in blocks and not describes(own, lead):
            lead = None
            self.provenance.pop("lead")
            self.reasons["lead"] = "the site's, not the article's"
        return lead, body

    def article(self, parts: _Parts, reason: str | None, *, paywalled: bool) -> Article:
        """Put the article together from its parts and from what other places of the page say of it.

        `reason`: why the page was taken for what it is.
        """
        lead, body, source_link = parts.lead, parts.body, parts.source_link
        language, score, declared = self.language(parts.title, lead, body)
        published, modified = self.times(parts.printed, self.head, language, declared)
        self.note("captions", "visible" if parts.captions else None, "no caption printed")
        names = addresses(self.document, self.homepage)
        self.provenance["canonical_url"] = names.canonical_from
        lineage = claims(
            self.page.url,
            language,
            source_link=(source_link.url, source_link.word, source_link.shortcode) if source_link else None,
            based_on=self.works("isBasedOn", "isBasedOnUrl"),
            translation_of=self.works("translationOfWork"),
            elsewhere=names.elsewhere,
            shortcodes=shortcodes_in(self.document) if source_link else (),
        )
        self.note("original_url", "visible:source-link" if source_link else None, "no source link")
        scope = self.scope(lead, body, reason, paywalled=paywalled)
        return Article(
            url=self.page.url,
            canonical_url=names.canonical,
            title=parts.title,
            lead=lead,
            body="\n".join(body) or None,
            authors=parts.authors,
            language=language,
            declared_language=declared,
            published=published,
            modified=modified,
            extractor=extractor_for(self.page.source, self.page.memory) if self.page.source else EXTRACTOR,
            captions=parts.captions,
            original_url=source_link.url if source_link else None,
            lineage=lineage,
            amp_url=names.amp,
            text_scope=scope,
            language_score=score,
            reasons=self.reasons,
            provenance=self.provenance,
            layout=layout_of(self.head, self.place),
            declared=calls_itself_article(self.document),
        )

    def scope(self, lead: str | None, body: list[str], reason: str | None, *, paywalled: bool) -> TextScope:
        """Tell how much of the text the page shows. What is missing gets its reason."""
        scope: TextScope = "headline"
        if body or lead:
            scope = "excerpt" if paywalled else "full"
        if scope != "full":
            self.reasons["text_scope"] = reason or "no text"
        found = self.provenance.get("body") if body else None
        self.note("body", found, self.reasons.get("body") or reason or "no running text")
        if not body:
            self.provenance.pop("body", None)
        return scope

    def evidence(self, reading: Reading) -> Evidence | None:
        """What the page teaches of its site, of a page that was read the generic way. None where it is no article."""
        if reading.article is None:
            return None
        zone = zone_of(self.page.source.timezone if self.page.source else None)
        sites = site_names(self.document, self.page.source)
        return evidence_of(
            self.document,
            reading.article,
            self.raw,
            self.head,
            self.place,
            hint=self.page.hints.title,
            names=lambda text: people([text], sites),
            claim=lambda raw: claim(raw, "template", CREDIBLE, zone, self.languages),
        )

    def select(self, selector: str) -> list[Element]:
        """The elements that a CSS selector finds."""
        return select(CSSSelector(selector, translator="html"), self.document.tree)

    def title(self) -> str | None:
        """Read the headline: by the registry's selector, at the template's place, or the generic way. None where
        there is none."""
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

    def body(self, head: Element | None, title: str | None) -> list[str]:
        """Read the lines of the text: by the registry's selector, at the template's place, or the generic way.

        `head` shows the headline, which is `title`.
        """
        if self.selectors.body:
            chosen = selected_lines(self.select(self.selectors.body))
            if chosen:
                self.provenance["body"] = "registry"
                return chosen
        if (lines := self.body_in_place(head)) is not None:
            self.provenance["body"] = "template"
            return lines
        found = find_body(self.document, head, self.template.noise if self.template else frozenset(), title)
        self.place, self.provenance["body"] = found.place, found.source
        return found.lines

    def body_in_place(self, head: Element | None) -> list[str] | None:
        """Read the text where the site's template has it.

        None where the template has no place for it, or does not fit the page, which is then noted.
        """
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
        """Read the standfirst, at the template's place or the generic way. None where none is printed."""
        if (place := self.standing("lead")) is not None and (known := lead_in(place, body)):
            self.provenance["lead"] = "template"
            return known
        description = self.document.meta("description", "og:description", "twitter:description")
        lead, source = printed_lead(self.document, head, description, body)
        self.note("lead", source, "no standfirst printed")
        return lead

    def authors(self, head: Element | None) -> tuple[str, ...]:
        """Read the authors: by the registry's selector, or as `choose_authors` does."""
        sites = site_names(self.document, self.page.source)
        if self.selectors.authors:
            names = people((shown(e) for e in self.select(self.selectors.authors)), sites)
            if names:
                self.provenance["authors"] = "registry"
                return names
        chosen = choose_authors(self.document, head, self.standing("authors"), self.page.hints.authors, sites)
        self.note("authors", chosen.source, "no author found")
        return chosen.names

    def language(
        self, title: str | None, lead: str | None, body: list[str]
    ) -> tuple[str | None, float | None, str | None]:
        """Tell the text's language, how sure that is (from 0 to 1), and the declared language. None where unknown."""
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
        """Read the dates that the page names as its own."""
        found: list[Printed] = []
        if self.selectors.date:
            for element in self.select(self.selectors.date):
                raw = element.get("datetime") or element.get("content") or shown(element)
                if raw:
                    found += printed_in(raw, "registry", 1.0)
        found += printed_dates(self.document, head)
        if (place := self.standing("date")) is not None and (raw := date_text(place)):
            found += printed_in(raw, "template", _IN_PLACE)
        return found

    def times(
        self, printed: list[Printed], head: Element | None, language: str | None, declared: str | None
    ) -> tuple[ClaimedTime | None, ClaimedTime | None]:
        """Choose the times of publication and of the last change. None where unknown."""
        source = self.page.source
        self.languages = languages_of(declared, language, source.language if source else ())
        calendar = Calendar(zone_of(source.timezone if source else None), self.languages)
        times = choose_times(self.document, head, printed, self.page.hints, calendar)
        published, modified = times.published, times.modified
        for name, other in (("published_at", times.conflict), ("modified_at", times.modified_conflict)):
            if other is not None:
                self.provenance[f"{name}:conflict"] = f"{other.source}: {other.raw}"
        self.note("published_at", published.source if published else None, times.missing)
        self.note("modified_at", modified.source if modified else None, "no date found")
        return published, modified

    def works(self, *keys: str) -> list[str]:
        """The addresses of the works that the JSON-LD names under these keys."""
        found = []
        for key in keys:
            for value in as_list(self.document.linked.article.get(key)):
                raw = value.get("url") or value.get("@id") if isinstance(value, Mapping) else value
                url = clean_url(raw, self.document.base) if isinstance(raw, str) and tidy(raw) else None
                if url is not None and url != self.page.url:
                    found.append(url)
        return found
