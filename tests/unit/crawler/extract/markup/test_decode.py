"""Charsets, declared rightly, wrongly and not at all."""

from __future__ import annotations

import codecs
from time import thread_time

import pytest

from crawler.extract.markup.decode import _without_markup, decode_html, is_html

RUSSIAN = "<p>Министр иностранных дел прибыл в столицу для переговоров о реке, сообщило министерство во вторник.</p>"
CHINESE = "<p>外交部长星期二在北京会见了来访的代表团，双方就河流条约交换了意见。</p>"
JAPANESE = "<p>外務大臣は火曜日に東京で会談し、河川条約について意見を交わした。</p>"
KOREAN = "<p>외교부 장관은 화요일 서울에서 회담을 가졌다.</p>"


@pytest.mark.parametrize(
    ("text", "encoding", "content_type", "head"),
    [
        (RUSSIAN, "utf-8", "text/html; charset=utf-8", ""),
        (RUSSIAN, "utf-8", "text/html; charset=iso-8859-1", ""),
        (RUSSIAN, "utf-8", "text/html", '<meta charset="windows-1251">'),
        (RUSSIAN, "cp1251", "text/html; charset=windows-1251", ""),
        (RUSSIAN, "cp1251", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'),
        (RUSSIAN, "cp1251", "text/html; charset=nonsense", '<meta charset="windows-1251">'),
        (RUSSIAN * 5, "cp1251", "text/html; charset=utf-8", ""),
        (RUSSIAN * 5, "cp1251", None, ""),
        (CHINESE, "gb18030", "text/html; charset=gb2312", ""),
        (CHINESE, "gb18030", "text/html", "<meta charset=gbk>"),
        (JAPANESE, "cp932", "text/html", '<meta charset="Shift_JIS">'),
        (JAPANESE, "euc_jp", "text/html; charset=EUC-JP", ""),
        (JAPANESE, "iso2022_jp", "text/html; charset=iso-2022-jp", ""),
        (KOREAN, "cp949", "text/html; charset=euc-kr", ""),
        ("<p>Zürich “sagt” nein – für 5 €</p>", "cp1252", "text/html; charset=iso-8859-1", ""),
    ],
)
def test_decoding(text: str, encoding: str, content_type: str | None, head: str) -> None:
    assert decode_html((head + text).encode(encoding), content_type)[0] == head + text


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")],
)
def test_a_byte_order_mark_wins(mark: bytes, encoding: str) -> None:
    assert decode_html(mark + RUSSIAN.encode(encoding), "text/html; charset=windows-1251") == (RUSSIAN, encoding)


def test_utf8_with_a_broken_character_stays_utf8() -> None:
    text, charset = decode_html(RUSSIAN.encode() * 3 + b"\xd0", "text/html; charset=utf-8")
    assert (text, charset) == (RUSSIAN * 3 + "\ufffd", "utf-8")


@pytest.mark.parametrize("data", [b"", b"\x00", b"\xff" * 100, bytes(range(256)) * 20])
def test_any_bytes_are_decoded(data: bytes) -> None:
    assert isinstance(decode_html(data, "text/html; charset=utf-8")[0], str)


@pytest.mark.parametrize(
    ("data", "content_type", "html"),
    [
        (b"<!DOCTYPE html><html>", "text/html", True),
        (b"<p>x</p>", "text/html; charset=utf-8", True),
        (b"<p>x</p>", None, True),
        (b"<html><body>", "text/plain", True),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "application/xml", True),
        (b'<?xml version="1.0"?>\n<rss version="2.0">', "text/xml", False),
        (b'<?xml version="1.0"?><!-- x --><feed xmlns="a"><title>html</title>', None, False),
        (b"plain words", "text/plain", False),
        (b"plain words", None, False),
        (b"%PDF-1.4", "text/html", False),
        (b"{}", "application/json", False),
        (b"\xff\xd8\xff", "image/jpeg", False),
    ],
)
def test_what_is_html(data: bytes, content_type: str | None, html: bool) -> None:
    assert is_html(data, content_type) is html


@pytest.mark.parametrize(
    ("start", "html"),
    [
        (b"<?xml version='1.0'?>" + b"<!---->" * 140 + b"<html>", True),
        (b"<?xml version='1.0'?>" + b"<!---->" * 140 + b"<p>", True),
        (b"<?xml version='1.0'?>" + b"<!---->" * 140 + b"<rss>", False),
        (b"<?xml version='1.0'?>\n<!-- a\nb --> <!-- c -->\n<feed xmlns='x'>", False),
        (b"<?xml version='1.0'?><!-- <rss> --><html>", True),
        (b"<?xml version='1.0'?>" + b"<!--" * 200, True),
        (b"<?xml version='1.0'?>" + b"<!-->" * 200 + b"<rss>", True),
        (b"<?xml version='1.0'?> <urlset>", False),
        (b"<?xml version='1.0'?><rssfeed>", True),
    ],
)
def test_comments_before_the_page(start: bytes, html: bool) -> None:
    assert is_html(start, None) is html


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (b"<p>a</p>b", b" a b"),
        (b"a<script>x<y</script>b<STYLE>z</Style>c", b"a b c"),
        (b"a<script>x<b>y", b"a x y"),
        (b"a<script>1</style>2</script>b<style>3", b"a b 3"),
        (b"1 < 2", b"1 < 2"),
        (b"<<a>b", b" b"),
        (b"a>b<c", b"a>b<c"),
        (b"<" + b"x" * 2_001 + b"<i>a", b"<" + b"x" * 2_001 + b" a"),
        (b"<" + b"x" * 2_000 + b">a", b" a"),
    ],
)
def test_what_a_detector_is_shown(markup: bytes, text: bytes) -> None:
    assert _without_markup(markup) == text


@pytest.mark.parametrize("piece", [b"<script", b"<", b"<script><style>", b"<a>", b"<" + b"x" * 2_001, b"</script>"])
def test_markup_is_looked_at_once(piece: bytes) -> None:
    data = piece * (400_000 // len(piece))
    began = thread_time()
    _without_markup(data)
    assert thread_time() - began < 5.0, "each beginning looked for an end of its own: half an hour"
