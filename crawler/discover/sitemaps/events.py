"""The XML of a sitemap as a stream of entries: text in, entries out, no tree in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

_TEXT_LIMIT = 10_000
"""Characters of one element that are kept."""
_ERROR_LIMIT = 5_000
"""libxml2 keeps every error that it recovers from; a file with more is noise."""
_PREFIXES = ("news", "image", "video", "xhtml", "mobile")
_ROOT_TAG = re.compile(r"<[\w:.-]+[^<>]*")
# What libxml2 would drop with the word behind it, and so make another address of the address: an `&` that begins no
# reference of XML. In CDATA and comments it stands for itself.
_SPECIAL = re.compile(r"<!\[CDATA\[|<!--|&(?!(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")
_ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}
_CUT = re.compile(r"(?:<[!\[CDAT-]{0,8}|&[#\w]{0,9}|\]{1,2}|-{1,2})\Z")
"""What may be the first half of something special, at the end of a piece; at most 10 characters."""

_OWN = frozenset({"loc", "lastmod"})
_NEWS = frozenset({"publication_date", "title", "keywords", "language"})


@dataclass(slots=True)
class Entry:
    """A `<url>` or a `<sitemap>`: its texts by local name. `news` says whether it has the news extension."""

    child: bool
    texts: dict[str, str] = field(default_factory=dict)
    news: bool = False


class EventReader:
    """The reader of one document that is fed in pieces. `problem` tells afterwards what was wrong. None means
    nothing."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self._target = _Target()
        self._parser = etree.XMLParser(
            target=self._target, recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        self._ampersands = _Ampersands()

    def entries(self, start: str, rest: Iterator[str]) -> Iterator[Entry]:
        """Read the entries of the document that begins with its first element in `start`."""
        try:
            self._parser.feed(b'<?xml version="1.0" encoding="utf-8"?>')
            yield from self._feed(_declare(start))
            for text in rest:
                yield from self._feed(text)
                if self.problem is not None:
                    return
            yield from self._feed("", last=True)
            self._parser.close()
        except etree.XMLSyntaxError as error:
            self.problem = self.problem or _broken(str(error))
        yield from self._target.take()
        self.problem = self.problem or self._worst()

    def _feed(self, text: str, *, last: bool = False) -> Iterator[Entry]:
        if data := self._ampersands.feed(text, last=last):
            self._parser.feed(data.encode("utf-8"))
        if len(self._parser.feed_error_log) > _ERROR_LIMIT:
            self.problem = "broken-xml: errors without end"
        yield from self._target.take()

    def _worst(self) -> str | None:
        """The first error after which the document is not what it was meant to be."""
        for error in self._parser.feed_error_log:
            if error.level == etree.ErrorLevels.FATAL and error.domain != etree.ErrorDomains.NAMESPACE:
                return _broken(error.message)
        return None


class _Ampersands:
    """Escapes loose ampersands in a text that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._until: str | None = None  # what ends the CDATA section or comment that is open

    def feed(self, text: str, *, last: bool = False) -> str:
        text = self._held + text
        cut = None if last else _CUT.search(text, max(0, len(text) - 10))
        text, self._held = (text[: cut.start()], text[cut.start() :]) if cut else (text, "")
        out: list[str] = []
        at = 0
        while at < len(text):
            if self._until is not None:
                end = text.find(self._until, at)
                stop = end + len(self._until) if end >= 0 else len(text)
                out.append(text[at:stop])
                at, self._until = stop, None if end >= 0 else self._until
            elif (match := _SPECIAL.search(text, at)) is not None:
                out.append(text[at : match.start()])
                out.append("&amp;" if match[0] == "&" else match[0])
                at, self._until = match.end(), _ENDS.get(match[0])
            else:
                out.append(text[at:])
                break
        return "".join(out)


class _Target:
    """lxml's parser target: keeps the place in the document and the entry at hand."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._entry: Entry | None = None
        self._done: list[Entry] = []
        self._field: str | None = None
        self._text: list[str] = []
        self._length = 0

    def take(self) -> list[Entry]:
        done, self._done = self._done, []
        return done

    def start(self, tag: Any, attributes: object) -> None:
        name = tag.rpartition("}")[2].rpartition(":")[2].lower()
        parent = self._path[-1] if self._path else ""
        self._path.append(name)
        self._field = None
        if name in ("url", "sitemap") and parent not in ("image", "video", "news"):
            self._close_entry()  # the one before was not closed
            self._entry = Entry(child=name == "sitemap")
        elif self._entry is not None:
            if name == "news" and parent == "url":
                self._entry.news = True
            if (parent in ("url", "sitemap") and name in _OWN) or (parent in ("news", "publication") and name in _NEWS):
                self._field, self._text, self._length = name, [], 0

    def data(self, data: Any) -> None:
        if self._field is not None and self._length < _TEXT_LIMIT:
            self._text.append(data)
            self._length += len(data)

    def end(self, tag: Any) -> None:
        if not self._path:
            return
        name = self._path.pop()
        if self._field == name and self._entry is not None:
            self._entry.texts.setdefault(name, "".join(self._text).strip())
        self._field = None
        if name in ("url", "sitemap"):
            self._close_entry()

    def comment(self, text: Any) -> None:
        """Says nothing; lxml wants to be told so."""

    def close(self) -> None:
        """The end of the document: an entry that is still open was cut off, perhaps inside its address."""
        self._entry = None

    def _close_entry(self) -> None:
        if self._entry is not None:
            self._done.append(self._entry)
            self._entry = None


def _declare(start: str) -> str:
    """The usual prefixes declared in the first element, where the publisher forgot it."""
    match = _ROOT_TAG.match(start)
    if match is None:
        return start
    missing = [prefix for prefix in _PREFIXES if f"xmlns:{prefix}" not in match[0]]
    declarations = "".join(f' xmlns:{prefix}="https://undeclared.invalid/{prefix}"' for prefix in missing)
    at = match.end() - 1 if match[0].endswith("/") else match.end()
    return start[:at] + declarations + start[at:]


def _broken(message: str | None) -> str:
    return f"broken-xml: {' '.join((message or 'not well-formed').split())[:120]}"
