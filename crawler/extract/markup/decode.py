"""From bytes to text: which charset a page is in.

This is done in the spirit of the WHATWG encoding sniffing algorithm. But declarations are checked against the bytes,
because publishers declare charsets that they do not use.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from archive.model.text.charsets import charset_of

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(rb"""<meta[^>]{0,300}?charset\s*=\s*(?:["']\s*)?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([A-Za-z0-9_:.-]{2,40})""")
_HEADER = re.compile(r"""charset\s*=\s*(?:["']\s*)?([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
# What browsers read under these labels (WHATWG encoding standard): supersets, so that real pages decode.
_SUPERSET = {
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
_SPACE = b" \t\n\r\v\f"
_UNDEFINED_1252 = re.compile("[\x81\x8d\x8f\x90\x9d]")


def decode_html(data: bytes, content_type: str | None) -> tuple[str, str]:
    """Decode a page. Return its text and the charset it was read in.

    A byte order mark wins. Next comes valid UTF-8 with at least one character outside ASCII, which no other charset
    produces by chance, then what HTTP and then the document declare, if the bytes allow it, and at last detection.
    Nothing is raised: what no charset explains is read as UTF-8 with replacement characters.
    """
    for mark, charset in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(charset, "replace"), charset
    text = None if data.isascii() and _is_7bit_escape(data) else _strict(data, "utf-8")
    if text is not None:
        return text, "utf-8"
    for charset in _declared(data, content_type):
        text = None if charset == "utf-8" else _strict(data, charset)
        if text is not None and _begins_alike(data, text):
            return text, charset
    if (mostly := data.decode("utf-8", "replace")) and _is_mostly_utf8(mostly):
        return mostly, "utf-8"
    sample = data if len(data) <= 60_000 else data[:30_000] + data[-30_000:]
    for guess in from_bytes(_without_markup(sample)):
        if (text := _strict(data, guess.encoding)) is not None:
            return text, guess.encoding
    return mostly, "utf-8"


def _declared(data: bytes, content_type: str | None) -> Iterator[str]:
    labels = [match[1] for match in [_HEADER.search(content_type or "")] if match]
    head = data[:4096]
    labels += [match[1].decode("ascii") for match in (_XML.search(head), _META.search(head)) if match]
    for label in labels:
        if (name := charset_of(label)) is not None:
            yield _SUPERSET.get(name, name)


def _strict(data: bytes, name: str) -> str | None:
    """`data` in charset `name`. None where it cannot be that."""
    try:
        text = data.decode(name)
    except (UnicodeError, LookupError):
        return None
    # C1 controls are not written by anybody: an "ISO-8859-1" page that has them is of another charset.
    return None if name == "cp1252" and _UNDEFINED_1252.search(text) else text


def _begins_alike(data: bytes, text: str) -> bool:
    """Return whether markup or JSON is still that when it is decoded.

    What begins with the byte of `<` is in no EBCDIC, and in UTF-16 only if a NUL follows.
    """
    first = data[:200].lstrip()[:1]
    return first not in (b"<", b"{", b"[") or text[:200].lstrip()[:1] == first.decode("ascii")


def _is_7bit_escape(data: bytes) -> bool:
    """Return whether these ASCII bytes are ISO-2022-JP or HZ, which hide their characters behind escapes."""
    # The single byte first: the search for one is far faster than for two, and it is rarely found.
    return (b"\x1b" in data and b"\x1b$" in data) or (b"~" in data and b"~{" in data)


def _is_mostly_utf8(text: str) -> bool:
    """Return whether a text is UTF-8 but for a few broken bytes: cut within a character, or a foreign snippet."""
    broken = text.count("\ufffd")
    return sum(1 for c in text if c > "\x7f") - broken > 20 * broken


def _without_markup(data: bytes) -> bytes:
    """The bytes between the tags: ASCII markup tells a detector nothing."""
    return _without_tags(_without_scripts(data))


_SCRIPT = re.compile(rb"<(script|style)\b", re.IGNORECASE)


def _without_scripts(data: bytes) -> bytes:
    """The bytes without scripts and styles.

    A regular expression would look for an end that is missing once for each beginning. Here it is looked for once.
    """
    lower = data.lower()
    kept, at, open_for_ever = [], 0, set[bytes]()
    for match in _SCRIPT.finditer(data):
        name = match[1].lower()
        if match.start() < at or name in open_for_ever:
            continue
        end = lower.find(b"</" + name + b">", match.end())
        if end < 0:
            open_for_ever.add(name)
            continue
        kept += [data[at : match.start()], b" "]
        at = end + len(name) + 3
    return b"".join([*kept, data[at:]])


def _without_tags(data: bytes) -> bytes:
    """The bytes without tags. What is longer than two thousand bytes is no tag."""
    kept, at = [], 0
    begin, end = data.find(b"<"), data.find(b">")
    while begin >= 0 and end >= 0:
        if end < begin:
            end = data.find(b">", begin)
        elif end - begin > 2_001:
            begin = max(data.find(b"<", begin + 1), data.find(b"<", end - 2_001))
        else:
            kept += [data[at:begin], b" "]
            at = end + 1
            begin = data.find(b"<", at)
    return b"".join([*kept, data[at:]])


_LISTS = (b"<rss", b"<feed", b"<rdf:rdf", b"<urlset", b"<sitemapindex")
_LIST = re.compile(rb"<(rss|feed|rdf:rdf|urlset|sitemapindex)\b")


def _behind_comments(start: bytes) -> bytes:
    """What follows the XML declaration and the comments behind it. Nothing where one of them does not end.

    Comments are scanned, not matched: an expression that repeats one tries every way of dividing what looks like
    several.
    """
    _, _, rest = start.partition(b">")
    while (rest := rest.lstrip(_SPACE)).startswith(b"<!--"):
        _, _, rest = rest[4:].partition(b"-->")
    return rest


def is_html(data: bytes, content_type: str | None) -> bool:
    """Return whether a body is a web page.

    The declared type decides. Where it is missing or vague, the first bytes do.
    """
    declared = (content_type or "").partition(";")[0].strip().lower()
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(
        (b"%pdf-", b"\x89png", b"\xff\xd8\xff", b"gif8", b"pk\x03\x04", b"\x1f\x8b", b"riff", b"\x00\x00\x00")
    ):
        return False
    looks = start.startswith(b"<") and not start.startswith(_LISTS)
    if looks and start.startswith(b"<?xml"):
        looks = not _LIST.match(_behind_comments(start))
    if declared in ("text/html", "application/xhtml+xml"):
        return True
    if declared in ("", "application/octet-stream", "text/plain", "application/xml", "text/xml", "unknown/unknown"):
        utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return utf16 or (
            looks and b"<" in start and (b"<html" in start or b"<!doctype html" in start or declared == "")
        )
    return False
