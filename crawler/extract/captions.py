"""Pictures: their captions are taken out of the text, with the credit apart."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from archive.model.article import Caption
from archive.model.text.urls import clean_url
from crawler.extract.markup.document import Document, Element, blank, shown
from crawler.extract.markup.lines import page_lines
from crawler.normalise.text import tidy, width

_CREDIT_WORDS = (
    "sumber foto|sumber|foto|dok|photographer|photo by|photo credit|photo|image credit|image|picture|pictures|credit|source|nguồn ảnh|nguồn|ảnh|"
    "bildquelle|quelle|bild|fotos|fuente|crédito|imagen|crédit photo|crédit|crédits|source photo|fonte|fonte foto|foto di|"
    "источник|фото|джерело|kaynak|fotoğraf|مصدر الصورة|المصدر|الصورة|عکس|图片来源|图源|来源|图|摄|圖|出典|写真|사진 ?출처|사진|출처|เครดิต|ภาพ|foto por|kuva|lähde|zdroj|źródło|fot"
)
_BRACKETED = re.compile(
    rf"\s*[(（\[]\s*(?:(?:{_CREDIT_WORDS})\s*[.:：/=]+\s*|©\s*)(?P<credit>[^()（）\[\]]{{2,80}})[)）\]]\.?\s*$",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    rf"(?:^|[.!?。！？…»”\"')|]\s*|\s[-–—|/]\s*|\s{{2,}})(?:(?:{_CREDIT_WORDS})\s*[:：]\s*|©\s*|\(c\)\s*)(?P<credit>[^.:：]{{2,80}})\.?\s*$",
    re.IGNORECASE,
)
_CREDIT_LABEL = re.compile(
    rf"^[\s(\[|]*(?:(?:{_CREDIT_WORDS})\s*[:：/.=]+\s*|(?:photo|image|foto|bild) (?:by|von|di|de|por|oleh)\s+|©\s*)+|(?<![\s)\]|])[\s)\]|]+$",
    re.IGNORECASE,
)
_CREDIT_CLASS = re.compile(
    r"(?:^|[\s_-])(?:credits?|copyright|photographer|byline|source|photo-?author|agency|rights)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAPTION_CLASS = re.compile(
    r"caption|legende|bildunterschrift|(?:image|img|photo|picture)[-_]?(?:desc|text|title|info)|desc[-_]?(?:image|img|photo)",
    re.IGNORECASE,
)
_CAPTION_TAGS = ("div", "p", "span", "em", "small", "dd", "td")
_BELOW_TAGS = ("p", "div", "span", "em", "small")
_CREDIT_PROPERTIES = ("copyrightHolder", "author", "creditText")
_AGENCY = re.compile(r"^(?P<text>.+?)\s*[(（](?P<credit>[^()（）]{2,40})[)）]\.?$", re.DOTALL)
"""A text that ends in a name in brackets: below a picture, that is who took it."""
_IMAGE_SOURCES = ("src", "data-src", "data-original", "data-lazy-src", "data-original-src", "data-srcset", "srcset")
_SIDES = re.compile(
    r"\b(?:left|right|cent(?:er|re)|file|kiri|kanan|tengah|links|rechts|gauche|droite|izquierda|derecha|trái|phải)\b"
    r"|[左右中]$|왼쪽|오른쪽|가운데|слева|справа|يمين|يسار",
    re.IGNORECASE,
)
_INLINE = ("span", "p", "div", "b", "em", "center", "font", "picture")
_LONGEST = 1_000
_PREFIX = 24
_BEFORE, _BEHIND = 60, 12
"""Elements before the headline, and behind the last paragraph, within which a picture is still the article's."""


def take_captions(document: Document) -> list[tuple[Caption, Element]]:
    """Take the captioned pictures of a page out of its tree.

    Each caption comes with the emptied element that keeps its place. Figures that hold running text or a real table
    stay, without their caption.
    """
    taken: list[tuple[Caption, Element]] = []
    tree = document.tree
    groups = [
        *((figure, _figure_caption(figure)) for figure in list(tree.iter("figure"))),
        *((table, table) for table in list(tree.iter("table")) if _is_photo_table(table)),
        *_classed(tree),
        *_below_images(tree),
    ]
    for holder, caption in groups:
        if next(holder.iterancestors("html"), None) is not tree:
            continue  # it went with the figure around it
        read = None if caption is None else _caption(caption, holder, document.base)
        place = holder
        if caption is not None and caption is not holder and len(shown(holder)) > len(shown(caption)) + 80:
            place = caption  # a figure around a quotation, a table, a list: only the caption leaves the text
        elif holder.tag == "figure" and holder.find(".//table") is not None:
            continue
        if read is not None and next(holder.iterancestors("a"), None) is None:  # linked pictures are other articles'
            taken.append((read, place))
        blank(place)
    return taken


def own_captions(
    taken: list[tuple[Caption, Element]], document: Document, heading: Element | None, body: Sequence[str]
) -> list[Caption]:
    """Choose those of the captions taken out of a page that are its article's.

    They stand from shortly before the headline to shortly behind the last paragraph. Where either is not found in the
    tree, nothing tells the article's pictures from others', and all are returned.
    """
    if not taken or heading is None or not body:
        return list(dict.fromkeys(caption for caption, _ in taken))
    order = _DocumentOrder.of(document.tree, heading, taken, {line[:_PREFIX] for line in body[-3:]})
    begin, end = order.heading, order.end
    if begin is None or end is None or end < begin:
        return list(dict.fromkeys(caption for _, caption in order.captions))
    return list(dict.fromkeys(caption for i, caption in order.captions if begin - _BEFORE <= i <= end + _BEHIND))


@dataclass(slots=True)
class _DocumentOrder:
    """At which elements of a page, counted in document order, its captions, its headline and the end of its text stand."""

    captions: list[tuple[int, Caption]]
    heading: int | None
    end: int | None

    @classmethod
    def of(
        cls, tree: Element, heading: Element, taken: list[tuple[Caption, Element]], last_lines: Set[str]
    ) -> _DocumentOrder:
        """Look for them in the tree. `last_lines` are the beginnings of the text's last lines. It ends behind the
        headline."""
        places = {place: caption for caption, place in taken}
        found = cls([], None, None)
        for index, element in enumerate(tree.iter()):
            if element is heading:
                found.heading = index
            elif element in places:
                found.captions.append((index, places[element]))
            if found.heading is None:
                continue
            for text in (element.text, element.tail):
                if text and len(text) > 20 and tidy(text.lstrip()[: 4 * _PREFIX])[:_PREFIX] in last_lines:
                    found.end = index
        return found


def _figure_caption(figure: Element) -> Element | None:
    """The element of a figure that holds its caption. None where it has none."""
    found = next(figure.iter("figcaption"), None)
    if found is None:
        found = next((e for e in figure.iterdescendants() if _names_caption(e.get("class") or "") and shown(e)), None)
    return found


def _is_photo_table(table: Element) -> bool:
    """Return whether a table lays out one or two pictures with their captions below, in at most three rows.

    A picture's caption is one paragraph. With more of them, the table lays out a text with a picture.
    """
    images = sum(1 for _ in table.iter("img"))
    rows = list(table.iter("tr"))
    if not 1 <= images <= 2 or not 1 <= len(rows) <= 3 or table.find(".//table") is not None:
        return False
    if any(sum(1 for cell in row if cell.tag in ("td", "th")) > images for row in rows):
        return False
    if len(shown(table)) > _LONGEST or any(width(shown(p)) > 500 for p in table.iter("p")):
        return False
    return sum(line.prose for line in page_lines(table)) <= images


@lru_cache(maxsize=4096)  # a page's elements share a few dozen classes, a site's pages as well
def _names_caption(name: str) -> bool:
    return _CAPTION_CLASS.search(name) is not None


def _classed(tree: Element) -> list[tuple[Element, Element]]:
    """Captions told by their class, beside an image and outside figures (`wp-caption-text`, `image-caption` …)."""
    found = []
    for element in list(tree.iter(*_CAPTION_TAGS)):
        name = element.get("class")
        if not name or not _names_caption(name) or next(element.iterancestors("figure"), None) is not None:
            continue
        if next(element.iter("img"), None) is not None and element.tag != "p":
            continue  # a wrapper (`wp-caption`) around picture and caption
        holder = element
        for _ in range(3):
            parent = holder.getparent()
            if parent is None or parent.tag in ("body", "article", "main", "section"):
                break
            holder = parent
            if next(holder.iter("img"), None) is not None:
                short = len(shown(holder)) <= len(shown(element)) + 80
                found.append((holder if short else element, element))
                break
    return found


def _below_images(tree: Element) -> list[tuple[Element, Element]]:
    """Captions that nothing marks but their place: the block after a picture's, if it repeats the picture's description
    or ends in a name in brackets."""
    found = []
    for image in tree.iter("img"):
        below = None if _is_placed(image) else _block_below(image)
        if below is None:
            continue
        text = shown(below, _LONGEST)
        if 0 < len(text) <= _LONGEST // 2 and _describes(text, image):
            holder = below.getparent()
            alone = holder is not None and len(shown(holder)) <= len(text) + 10
            found.append((holder if alone else below, below))
    return found


def _is_placed(image: Element) -> bool:
    """Return whether an image is in a figure or table, which say themselves what its caption is, or is no part of the
    text."""
    return next(image.iterancestors("figure", "table", "a", "nav", "header", "footer", "aside"), None) is not None


def _block_below(image: Element) -> Element | None:
    """The block of text behind the boxes that hold nothing but the image. None where something else is there."""
    box = image
    while (parent := box.getparent()) is not None and parent.tag in _INLINE and not _shows_text(parent):
        box = parent
    below = box.getnext()
    if below is None or below.tag not in _BELOW_TAGS or next(below.iter("img"), None) is not None:
        return None
    return below


def _describes(text: str, image: Element) -> bool:
    """Return whether a text repeats the image's description, or ends in a name in brackets."""
    described = tidy(image.get("alt") or "")
    if len(described) > _PREFIX and text.startswith(described):
        return True
    return (named := _AGENCY.match(text)) is not None and _is_name(named["credit"])


def _shows_text(element: Element) -> bool:
    return any(not text.isspace() for text in element.itertext())


def _is_name(bracketed: str) -> bool:
    """Return whether words in brackets may be a credit: no `(left)`, `(2023)`, `(왼쪽)`."""
    return not (bracketed[0].islower() or any(c.isdigit() for c in bracketed) or _SIDES.search(bracketed))


def _caption(element: Element, holder: Element, base: str) -> Caption | None:
    """The caption in an element, with the credit apart, and the address of the image in `holder`. None where the element holds
    neither text nor credit, or a text too long for a caption."""
    credit = _take_credit(element, holder)
    text, printed = split_credit(shown(element))
    if printed is None and credit is None and (named := _AGENCY.match(text)) is not None and _is_name(named["credit"]):
        text, printed = named["text"], named["credit"]
    credit = _CREDIT_LABEL.sub("", credit or "").strip(" ,;") or printed
    if (not text and not credit) or len(text) > _LONGEST:
        return None
    return Caption(text or None, credit or None, _image(holder, base))


def _take_credit(caption: Element, holder: Element) -> str | None:
    """The text that is marked as the credit: taken out of the caption, else read beside it in `holder`. None where nothing
    is marked so."""
    inside = next((e for e in caption.iterdescendants() if _is_credit(e)), None)
    if inside is not None:
        credit = shown(inside)
        inside.drop_tree()
        return credit
    return None if caption is holder else _credit_beside(caption, holder)


def _is_credit(element: Element) -> bool:
    """Return whether an element is marked as the credit."""
    return _has_credit_class(element) or element.get("itemprop") in _CREDIT_PROPERTIES


def _has_credit_class(element: Element) -> bool:
    return _CREDIT_CLASS.search(element.get("class") or "") is not None


def _credit_beside(caption: Element, holder: Element) -> str | None:
    """The first text of a credit's class in `holder` that is neither the caption nor around it. None where there is
    none."""
    marked = [e for e in holder.iterdescendants() if _has_credit_class(e) and e.tag != "img"]
    return next((shown(e) for e in marked if e is not caption and caption not in set(e.iterdescendants())), None)


def split_credit(text: str) -> tuple[str, str | None]:
    """Split a caption into its text and the credit printed at its end, as in `… (Sumber: Yonhap)` or `… Foto: dpa`.

    The credit is None where none is printed.
    """
    text = tidy(text).strip("| ").strip()
    for pattern in (_BRACKETED, _TRAILING):
        match = pattern.search(text)
        if match:
            keep = match.start()
            if pattern is _TRAILING and match[0][:1] in ".!?。！？…»”\"')":
                keep += 1
            return text[:keep].strip(" |"), tidy(match["credit"]).strip(" ,;)") or None
    return text, None


def _image(holder: Element, base: str) -> str | None:
    """The address of the first image in `holder` that has one. None where none has."""
    for image in holder.iter("img", "source"):
        for name in _IMAGE_SOURCES:
            value = (image.get(name) or "").split(",")[0].strip().split(" ")[0]
            if value and not value.startswith("data:") and (url := clean_url(value, base)):
                return url
    return None
