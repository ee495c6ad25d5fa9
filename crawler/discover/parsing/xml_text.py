"""XML from strangers, made safe to parse: decoded, cleaned, without DOCTYPE, and refused if it declares entities."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.discover.parsing.claims import UNSAFE
from crawler.extract.markup.decode import decode_html

_DECLARATION = re.compile(r"<\?xml\b[^<>]*\?>", re.IGNORECASE)
_FILLER = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_DOCTYPE = re.compile(r"""<!DOCTYPE(?:[^\[>"']|"[^"]*"|'[^']*')*""", re.IGNORECASE)
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_VAGUE_HEADER = re.compile(
    r"charset\s*=\s*(?:[\"']\s*)?(?:iso-?8859-1|latin-?1|us-ascii|windows-1252)\b", re.IGNORECASE
)
_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)


class XmlRefused(Exception):
    """The error of a document that declares entities: a bomb, or a way to read our files. Nobody needs them in a feed
    or sitemap."""


@dataclass(frozen=True, slots=True)
class XmlText:
    """The document from its first element on, and that element's name in lower case without prefix ("" if none).

    `lead` is text that stands before the first element and does not belong there (an error message of the server).
    """

    text: str
    root: str
    lead: str = ""

    @property
    def document(self) -> bytes:
        """The document in UTF-8, with a declaration that says so."""
        return b'<?xml version="1.0" encoding="utf-8"?>\n' + self.text.encode("utf-8")


def read_xml(body: bytes, content_type: str | None) -> XmlText:
    """Decode `body` and take off all that precedes its first element.

    The charset is chosen as in `decode_html`: what the bytes can only be counts for more than what HTTP or the
    declaration say. Characters that XML forbids, NUL among them, are dropped.

    Raises:
        XmlRefused: The document declares entities.
    """
    return open_xml(UNSAFE.sub("", _decode(body, content_type)))


def open_xml(text: str) -> XmlText:
    """Take off all that precedes the first element of `text`, which has no forbidden characters.

    Raises:
        XmlRefused: The document declares entities.
    """
    text = text.lstrip("\ufeff")
    at = _end_of_prolog(text)
    first = _ELEMENT.search(text, at)
    # An entity can only be declared in front of the first element: parsers look no further, so neither do we.
    if _ENTITY.search(text, at, first.start() if first else len(text)):
        raise XmlRefused
    if first is None:
        return XmlText("", "", text[at:].strip())
    lead = _DECLARATION.sub("", text[at : first.start()]).strip()
    return XmlText(text[first.start() :], first[1].rpartition(":")[2].lower(), lead)


def _decode(body: bytes, content_type: str | None) -> str:
    start = body[:200].lstrip()
    for mark, name in ((b"<\x00", "utf-16-le"), (b"\x00<", "utf-16-be")):  # no byte order mark (XML 1.0, appendix F)
        if start.startswith(mark):
            return body[len(body[:200]) - len(start) :].decode(name, "replace")
    if content_type and _VAGUE_HEADER.search(content_type) and b"encoding=" in start:
        content_type = None  # what servers say of every file; the document knows better
    return decode_html(body, content_type)[0]


def _end_of_prolog(text: str) -> int:
    """Where the prolog (white space, comments, instructions, DOCTYPE) ends. Raises XmlRefused."""
    at = 0
    while True:
        if match := _FILLER.match(text, at):
            at = match.end()
        elif match := _DOCTYPE.match(text, at):
            at = match.end()
            if text.startswith("[", at):
                end = text.find("]", at)
                end = len(text) if end < 0 else end
                if _ENTITY.search(text, at, end) or end == len(text):
                    raise XmlRefused
                at = end + 1
            at = text.find(">", at) + 1 or len(text)
        else:
            return at
