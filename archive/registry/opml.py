"""OPML 2.0 (http://opml.org/spec2.opml), the lists of feeds that readers exchange <-> registry entries. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urljoin

from lxml import etree

from archive.model.source import Channel, Source
from archive.model.text.charsets import charset_of
from archive.model.text.urls import clean_url, url_key
from archive.registry import checks
from archive.registry.naming import free_id

OUTLINE_LIMIT = 5_000
BYTE_LIMIT = 32 << 20
"""Bytes of a file: a list of 5,000 feeds has two million."""
_NAME_LIMIT = 200
_ENTITY = re.compile(r"<!\s*ENTITY", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml\b[^>]*\?>", re.IGNORECASE)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_.:-]{2,40})""")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),  # without a mark (XML 1.0, appendix F)
    (b"\x00<", "utf-16-be"),
)
# libxml2 would drop it with the word behind it, and make another address of the address.
_LOOSE = re.compile(r"&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class OpmlImport:
    """What an OPML file holds: new sources, and the outlines left out, each with its reason.

    The reasons are `known`, `no-address`, `twice` and `limit`. `problem` says why the file could not be read. It starts with a
    stable word: `not-opml: …`, `broken-xml: …`, `forbidden-entities`. None means that the file was read.
    """

    sources: tuple[Source, ...] = ()
    left_out: tuple[tuple[str, str], ...] = ()
    problem: str | None = None


def read_opml(body: bytes, known: Collection[Source] = ()) -> OpmlImport:
    """Read the feeds of an OPML file as sources, one for each homepage.

    Feeds of `known` sources are left out, and the ids of these are not given again. Folders are flattened. An outline without
    `htmlUrl` gets the root of its feed's address as homepage. An outline of type `link` becomes a source without channels.
    Nothing is verified, so `status` stays `unverified`.
    """
    root = _parse(body)
    if isinstance(root, str):
        return OpmlImport(problem=root)
    found = _Found(known)
    for number, outline in enumerate(root.iter("{*}outline")):
        if number >= OUTLINE_LIMIT:
            found.left_out.append((f"outlines from {OUTLINE_LIMIT + 1} on", "limit"))
            break
        found.add(outline)
    return OpmlImport(tuple(found.homes.values()), tuple(found.left_out))


class _Found:
    """The sources that the outlines read so far give, by the key of their homepage, and the outlines left out."""

    def __init__(self, known: Collection[Source]) -> None:
        self.homes: dict[str, Source] = {}
        self.left_out: list[tuple[str, str]] = []
        self._followed = {url_key(channel.url) for source in known for channel in source.discover}
        self._taken = {source.id for source in known}
        self._imported: set[str] = set()

    def add(self, outline: etree._Element) -> None:
        """Add what an outline names, or the reason why it is left out. An outline with others in it may be a mere folder."""
        feed = clean_url(outline.get("xmlUrl") or "")
        page = clean_url(outline.get("htmlUrl") or (outline.get("url") if _is_link(outline) else None) or "")
        if feed is None and page is None:
            if _is_leaf(outline):
                self.left_out.append((_name(outline) or "an outline without a name", "no-address"))
            return
        if feed is not None and url_key(feed) in self._followed:
            self.left_out.append((feed, "twice" if url_key(feed) in self._imported else "known"))
            return
        self._import(outline, feed, page or urljoin(feed or "", "/"))

    def _import(self, outline: etree._Element, feed: str | None, homepage: str) -> None:
        source = self.homes.get(url_key(homepage))
        if source is None:
            source = _source(outline, homepage, self._taken)
            self._taken.add(source.id)
        if feed is not None:
            self._followed.add(url_key(feed))
            self._imported.add(url_key(feed))
            source = _with(source, Channel("feed", feed))
        self.homes[url_key(homepage)] = source


def write_opml(sources: Sequence[Source], title: str, created: datetime) -> bytes:
    """Write sources as OPML 2.0: an outline for each feed, and one of type `link` for a source without a feed.

    `created` is aware. Other channels have no place in OPML.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _safe(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(created)
    body = etree.SubElement(root, "body")
    for source in sources:
        feeds = [channel.url for channel in source.discover if channel.kind == "feed"]
        common = {"text": _safe(source.name), "title": _safe(source.name)}
        for url in feeds:
            more = {"type": "rss", "xmlUrl": url, "htmlUrl": source.homepage}
            if source.language:
                more["language"] = source.language[0]
            etree.SubElement(body, "outline", common | more)
        if not feeds:
            etree.SubElement(body, "outline", common | {"type": "link", "url": source.homepage})
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _parse(body: bytes) -> etree._Element | str:
    """The root, or the problem."""
    if not body.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        return "not-opml: empty"
    if len(body) > BYTE_LIMIT:
        return f"too-large: more than {BYTE_LIMIT >> 20} MiB"
    text = _DECLARATION.sub("", _text(body).lstrip(" \t\r\n"), count=1)
    if _ENTITY.search(text):  # a bomb, or a way to read files
        return "forbidden-entities"
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
    )
    try:
        root = etree.fromstring(_LOOSE.sub("&amp;", text).encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        return f"broken-xml: {' '.join(str(error).split())[:120]}"
    if root is None:
        return "broken-xml: nothing to read"
    name = etree.QName(root).localname.lower()
    return root if name == "opml" else f"not-opml: <{name[:40]}>"


def _text(body: bytes) -> str:
    """The file's text, without characters that XML forbids. A byte order mark counts, then valid UTF-8 with a character outside
    ASCII, then what the file declares, if that is a charset and the bytes can be of it."""
    for mark, charset in _MARKS:
        if body.startswith(mark):
            return _safe(body.removeprefix(codecs.BOM_UTF8).decode(charset, "replace").removeprefix("\ufeff"))
    declared = _ENCODING.search(body[:500])
    names = ["utf-8", charset_of(declared[1].decode("ascii")) if declared else None]
    for name in reversed(names) if body.isascii() else names:  # charsets of seven bits hide behind ASCII
        try:
            text = body.decode(name) if name is not None else ""
        except UnicodeError:
            continue
        if text.lstrip()[:1] == "<":
            return _safe(text)
    return _safe(body.decode("utf-8", "replace"))


def _source(outline: etree._Element, homepage: str, taken: Collection[str]) -> Source:
    language = (outline.get("language") or "").strip().replace("_", "-")
    known = bool(language) and checks.language(language) is None
    identity = free_id(homepage, taken)
    return Source(identity, _name(outline) or identity, homepage, language=(language,) if known else ())


def _with(source: Source, channel: Channel) -> Source:
    return Source(
        source.id, source.name, source.homepage, language=source.language, discover=(*source.discover, channel)
    )


def _name(outline: etree._Element) -> str:
    return " ".join((outline.get("title") or outline.get("text") or "").split())[:_NAME_LIMIT]


def _is_link(outline: etree._Element) -> bool:
    return (outline.get("type") or "").lower() == "link"


def _is_leaf(outline: etree._Element) -> bool:
    return next(_children(outline), None) is None


def _children(outline: etree._Element) -> Iterator[etree._Element]:
    return (child for child in outline if isinstance(child.tag, str))


def _safe(text: str) -> str:
    """Without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)
