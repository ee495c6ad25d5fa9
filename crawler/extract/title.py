"""The headline: what the page's metadata and its visible heading agree on, without the site's name."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from crawler.extract.markup.document import Document, Element, shown
from crawler.extract.markup.jsonld import text_of, types_of
from crawler.normalise.text import key_of, tidy, width

_SEPARATOR = re.compile(
    r"\s+[|·•‹›»«~/]+\s+|\s+[-–—―]{1,2}\s+|\s*[|｜_]\s*|\s*[—–]\s+|\s+::?\s+|\s*：\s*|\s*-{1,2}\s*(?=[^\W\da-zA-Z])"
)
_LONGEST = 400
_LABEL_CLASS = re.compile(
    r"kicker|over-?line|top-?line|eyebrow|roof-?line|dachzeile|spitzmarke|super-?title|sur-?titre|ante-?titulo|occhiello|volanta|pre-?title|badge|(?:^|[\s_-])(?:label|tag|flag|category|rubri[ck]|section|sub-?title|sub-?headline|dek|deck)(?:$|[\s_-])",
    re.IGNORECASE,
)
"""Elements in a heading that stand beside the headline: the line above it, its section, its subtitle."""
_LABEL = re.compile(
    r"^(?:breaking(?: news)?|just in|live(?: updates?)?|live ?blog|exclusive|update[ds]?|watch|opinion|analysis|video|photos?|in pictures|explainer|eil(?:meldung)?|liveticker|ticker|"
    r"en direct|direct|exclusif|última hora|en vivo|exclusiva|urgente|ao vivo|ultim['’]ora|in diretta|срочно|молния|онлайн|терміново|son dakika|canlı|عاجل|فوری|"
    r"快讯|快訊|突发|突發|独家|獨家|速報|詳報|속보|단독|종합|nóng|trực tiếp|breaking nieuws|terkini)\s*[:：|!\]】)–—-]+\s*|^[\[【(（]\s*[^\[\]【】()（）]{1,14}\s*[\]】)）]\s*",
    re.IGNORECASE,
)
"""A label before a headline ("BREAKING: …", "[속보] …"); it goes where another candidate has the headline without it."""
_ALIKE = 0.5
_LONG_HEADING = 200
_FIRST_HEADINGS = 60
_SECOND_HEADINGS = 12
_PRINTED_IN = ("h3", "h4", "h5", "h6", "p", "div", "td", "th", "font", "strong", "b", "big", "span", "center", "dt")
"""Elements in which pages without headings print their headline."""
_SHORTEST_PART = 16
"""Letters of a part of `<title>` that may be a headline; shorter ones are sections and sites."""


def headline(
    document: Document, site_names: Iterable[str] = (), hint: str | None = None
) -> tuple[str | None, str | None]:
    """Find the headline and where it was read. Both are None where nothing names one.

    What readers see comes first, if the metadata bears it out: a heading that a metadata field (or the feed, `hint`)
    repeats. Next comes a first-level heading in other words than the metadata's. OpenGraph, Twitter and `<title>` are
    often one text for search engines three times over, so that their agreement with each other counts only where no
    such heading is shown. Labels and the line above a headline go where the metadata does without them. A site's name
    goes always.
    """
    names = {key_of(name) for name in (*site_names, *_own_names(document)) if name}
    shown_heads = [head for head in _headings(document) if key_of(head.full) not in names]
    firsts = [head for head in shown_heads if head.first]
    by_key = _stated_by_key(document, hint, names, shown_heads)
    if (repeated := _repeated(shown_heads, by_key)) is not None:
        return repeated
    if not by_key:
        return (firsts[0].part, "h1") if firsts else (None, None)
    return _without_repetition(document, firsts, by_key, names)


def _without_repetition(
    document: Document, firsts: list[_Heading], by_key: Mapping[str, list[tuple[str, str]]], names: Set[str]
) -> tuple[str | None, str | None]:
    """The headline of a page on which no heading repeats what metadata and feed call it, and where it was read."""
    if not firsts and (printed := _printed(document, names)) is not None:
        return _clean(shown(printed)), "title"
    if not _declared_news(document, by_key):
        texts = [text for same in by_key.values() for _, text in same]
        if (likest := _likest(firsts, texts)) is not None:
            return _without_site(likest.part, names), "h1"
    source, text = max(by_key.values(), key=len)[0]
    return text, source


def _stated_by_key(
    document: Document, hint: str | None, names: Set[str], heads: Sequence[_Heading]
) -> dict[str, list[tuple[str, str]]]:
    """What metadata and feed call the page, each text with its source, grouped by its letters, the best source first.

    `names` are the site's, `heads` the headings. One of the first level that is all that stands before a separator is
    the headline, and where there is none, one of the second.
    """
    stated = [(source, text) for source, raw in _stated(document, hint) if (text := _clean(raw))]
    seen = {key_of(head.full) for head in heads if head.first}
    others = heads if not seen else [head for head in heads if head.first]
    keys = {key_of(text) for _, text in stated} | {key_of(text) for head in others for text in (head.full, head.part)}
    stated = [(source, _without_site(text, names, keys, seen)) for source, text in stated]
    by_key: dict[str, list[tuple[str, str]]] = {}
    for source, text in _without_cut([(source, text) for source, text in stated if key_of(text) not in names]):
        by_key.setdefault(key_of(text), []).append((source, text))
    return by_key


def _repeated(heads: Iterable[_Heading], by_key: Mapping[str, list[tuple[str, str]]]) -> tuple[str, str] | None:
    """The first heading that metadata or feed repeat, and its source. None where they repeat none."""
    for head in heads:
        for text in (head.part, _LABEL.sub("", head.full), head.full):
            if same := by_key.get(key_of(text)):
                return _spelling(text, same), "h1" if head.first else same[0][0]
    return None


def shown_headline(document: Document, heading: Element, hint: str | None = None) -> str | None:
    """The headline that a known heading shows, where the metadata or the feed (`hint`) bears it out.

    None where they say something else, and the candidates have to be weighed.
    """
    text = _part(heading) or _clean(shown(heading))
    if text is None:
        return None
    key = key_of(text)
    stated = [(source, said) for source, raw in _stated(document, hint) if (said := _clean(raw))]
    same = [(source, said) for source, said in stated if key_of(said) == key]
    if same:
        return _spelling(text, same)
    return text if any(key in key_of(said) for _, said in stated) else None


def _declared_news(document: Document, by_key: Mapping[str, list[tuple[str, str]]]) -> bool:
    """Return whether a news article's JSON-LD names a headline that another field repeats.

    Of blogs' JSON-LD that proves little: their plugins copy one text into all fields.
    """
    if not any(name.endswith("NewsArticle") for name in types_of(document.linked.article)):
        return False
    return any(same[0][0] == "json-ld" and len(same) > 1 for same in by_key.values())


@dataclass(frozen=True, slots=True)
class _Heading:
    """A heading as shown: whole, and without the parts that stand beside the headline in it."""

    element: Element
    full: str
    part: str

    @property
    def first(self) -> bool:
        """Whether it is a first-level heading."""
        return bool(self.element.tag == "h1")


def _headings(document: Document) -> list[_Heading]:
    """The first-level headings that show a text, are no link to the home page and no step of a breadcrumb trail; then the
    second-level ones."""
    candidates = islice(document.tree.iter("h1"), _FIRST_HEADINGS)
    firsts = [h for h in candidates if h.getparent().tag != "li" and not _links_home(h)]
    heads = [*firsts, *islice(document.tree.iter("h2"), _SECOND_HEADINGS)]
    texts = ((h, _clean(shown(h))) for h in heads)
    return [_Heading(h, text, _part(h) or text) for h, text in texts if text]


def _links_home(heading: Element) -> bool:
    """Return whether a heading is the site's logo: a link to the home page and nothing else."""
    link = next(heading.iter("a"), None)
    if link is None:
        link = heading.getparent() if heading.getparent().tag == "a" else None
    if link is None or len(shown(link)) < len(shown(heading)):
        return False
    parts = urlsplit((link.get("href") or "").strip())
    return not parts.path.strip("/") and bool(parts.path or parts.netloc) and parts.scheme in ("", "http", "https")


def _part(heading: Element) -> str | None:
    """A heading's text without the elements whose class says that they stand beside the headline.

    None where it has no such elements, or most of its text is in them.
    """
    beside = {e for e in heading.iterdescendants() if _LABEL_CLASS.search(e.get("class") or "")}
    if not beside:
        return None
    texts = []
    walk = etree.iterwalk(heading, events=("start", "end"))
    for event, element in walk:
        if event == "end":
            texts.append("" if element is heading else element.tail or "")
        elif element in beside:
            walk.skip_subtree()
        else:
            texts.append(element.text or "")
    part = _clean("".join(texts).strip(" \t\r\n\xa0:|/-–—·•"))
    return part if part and 2 * len(part) > len(shown(heading)) else None


def _stated(document: Document, hint: str | None) -> list[tuple[str, str | None]]:
    """What metadata and feed call the page, best source first."""
    article = document.linked.article
    return [
        ("json-ld", text_of(article.get("headline")) or text_of(article.get("name"))),
        ("meta:og:title", document.meta("og:title")),
        ("meta:twitter:title", document.meta("twitter:title")),
        ("feed", hint),
        ("title", document.title),
    ]


def _without_cut(stated: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The texts without those that end in "…" where another goes on."""
    cut = [text for _, text in stated if text.endswith(("…", "..."))]
    gone = {t for t in cut if any(o != t and key_of(o).startswith(key_of(t)) for _, o in stated)}
    return [(source, text) for source, text in stated if text not in gone]


def _spelling(seen: str, same: list[tuple[str, str]]) -> str:
    """Of texts with the same letters, the heading's if any other is spelt so: markup glues words and adds blanks."""
    texts = [text for _, text in same]
    if any(key_of(seen) == key_of(text) and seen.split() == text.split() for text in texts):
        return seen
    open_graph = next((text for source, text in same if source == "meta:og:title"), None)
    return open_graph or texts[0]


def _likest(heads: list[_Heading], stated: list[str]) -> _Heading | None:
    """The heading that has most of its words in common with what the metadata says. None where that is less than
    half.

    A heading that is a section's name or a paragraph does not count.
    """
    wanted = [_words(text) for text in stated]
    best, found = _ALIKE, None
    for head in heads:
        words = _words(head.part)
        if len(words) < 2 or len(head.part) > _LONG_HEADING:
            continue  # a section's name; a paragraph
        alike = max(
            (len(words & other) / min(len(words), len(other)) for other in wanted if len(other) < 4 * len(words)),
            default=0.0,
        )
        if alike > best or (found is None and alike == best):
            best, found = alike, head
    return found


def _words(text: str) -> set[str]:
    """Words of a text; pairs of characters where the script has no blanks between words."""
    words: set[str] = set()
    for word in re.findall(r"\w+", text.casefold()):
        if width(word) > len(word):
            words.update(word[i : i + 2] for i in range(max(1, len(word) - 1)))
        else:
            words.add(word)
    return words


def _own_names(document: Document) -> list[str | None]:
    publisher = document.linked.resolve(document.linked.article.get("publisher"))
    host = (urlsplit(document.url).hostname or "").removeprefix("www.")
    return [
        document.meta("og:site_name"),
        document.meta("application-name"),
        document.meta("apple-mobile-web-app-title"),
        text_of(publisher.get("name")),
        host,
        host.partition(".")[0],
    ]


def _clean(raw: str | None) -> str | None:
    """A text on one line, without character references. None where it has no letters, or too many for a headline."""
    text = tidy(html.unescape(raw)) if raw else ""  # publishers escape twice
    return text if text and len(text) <= _LONGEST and key_of(text) else None


def _without_site(title: str, names: Set[str], others: Set[str] = frozenset(), seen: Set[str] = frozenset()) -> str:
    """`title` without the site's name behind (or before) a separator, without what one of the `others` leaves out behind
    it, and without what a heading that is `seen` leaves out before it."""
    cuts = [(title[: match.start()], title[match.end() :]) for match in _SEPARATOR.finditer(title)]
    if not cuts:
        return title
    own = {key_of(title)}
    if (part := _part_used_elsewhere(cuts, others - own, seen - own)) is not None:
        return part
    for before, behind in reversed(cuts):
        if _names_site(key_of(behind), names):
            return before.strip() or title
    first, rest = cuts[0]
    return (rest.strip() or title) if key_of(first) in names else title


def _part_used_elsewhere(cuts: Sequence[tuple[str, str]], others: Set[str], seen: Set[str]) -> str | None:
    """The part of a title before a separator that is one of the `others`, else the part behind one that is `seen`. None where
    there is neither."""
    inner = [(before, behind) for before, behind in cuts if before and behind]
    for before, _ in inner:
        if key_of(before) in others:
            return before.strip()
    for _, behind in reversed(inner):
        if key_of(behind) in seen:
            return behind.strip()
    return None


def _names_site(key: str, names: Set[str]) -> bool:
    """Return whether a text is one of the site's names, or begins or ends with one that is no abbreviation."""
    return key in names or any(len(name) > 3 and (key.startswith(name) or key.endswith(name)) for name in names)


def heading(document: Document, title: str | None) -> Element | None:
    """The element that shows the headline: the heading with the title's text, else the first `h1` of the content.

    None where the page has neither.
    """
    heads = _headings(document)
    if title is not None:
        key = key_of(title)
        for head in heads:
            if key in (key_of(head.full), key_of(head.part)):
                return head.element
        for head in heads:
            if head.first and key_of(head.full).endswith(key):
                return head.element
    first = next((head.element for head in heads if head.first), None)
    return first if first is not None or title is None else _element_of(document, {key_of(title)})


def _printed(document: Document, names: Set[str]) -> Element | None:
    """The element that shows the headline on a page that marks no heading: its text is a whole part of `<title>`.

    None where no element shows one. `names` are the site's.
    """
    cuts = [(document.title[: cut.start()], document.title[cut.end() :]) for cut in _SEPARATOR.finditer(document.title)]
    parts = {key_of(part) for cut in cuts for part in cut if width(part) >= _SHORTEST_PART} - names
    return _element_of(document, parts | {key_of(document.title)})


def _element_of(document: Document, keys: Set[str]) -> Element | None:
    """The first element, outside links, whose whole text is one of these, the longest if it is several. None where there is none."""
    longest = max(map(len, keys), default=0)
    best, found = 0, None
    for element in document.tree.iter(*_PRINTED_IN):
        key = key_of(shown(element, 2 * longest + 40))
        if best < len(key) <= longest and key in keys and not _is_linked(element, key):
            best, found = len(key), element
    return found


def _is_linked(element: Element, key: str) -> bool:
    """Return whether an element, whose letters are `key`, is an item of a list, a link, or holds nothing but one."""
    if next(element.iterancestors("a", "li"), None) is not None:
        return True
    return any(key_of(shown(link)) == key for link in element.iter("a"))


def shows(heading: Element, title: str) -> bool:
    """Return whether a heading shows that headline, and not another page's or the section's name."""
    return key_of(title) in key_of(shown(heading))
