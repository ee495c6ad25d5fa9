"""Text as the page said it: NFC, without characters that cannot be seen or stored, and without the CMS's leftovers."""

from __future__ import annotations

import re
import unicodedata

from archive.model.text.comparable import is_folded

# C0 and C1 controls except tab and newlines, soft hyphen, zero-width space, word joiner, BOM, lone surrogates,
# non-characters. Joiners (U+200C, U+200D) stay: they change words in Persian and Indic scripts.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff\ufffe\uffff]"
)
_SPACE = re.compile(r"\s+")
_NOT_LETTERS = re.compile(r"[\W_]+")
_NO_ASCII_LETTERS = bytes(code for code in range(0x80) if not chr(code).isalnum())

SOURCE_WORDS = frozenset(
    [
        "source",
        "source link",
        "original source",
        "sumber",
        "sumber asli",
        "tautan sumber",
        "nguồn",
        "nguồn tin",
        "link nguồn",
        "nguồn gốc",
        "quelle",
        "fuente",
        "fonte",
        "lien source",
        "bron",
        "källa",
        "kilde",
        "lähde",
        "źródło",
        "zdroj",
        "forrás",
        "sursa",
        "sursă",
        "izvor",
        "vir",
        "šaltinis",
        "avots",
        "allikas",
        "πηγή",
        "источник",
        "ссылка на источник",
        "джерело",
        "извор",
        "източник",
        "kaynak",
        "mənbə",
        "manba",
        "дереккөз",
        "المصدر",
        "مصدر",
        "منبع",
        "מקור",
        "ماخذ",
        "स्रोत",
        "सूत्र",
        "উৎস",
        "ที่มา",
        "แหล่งที่มา",
        "来源",
        "來源",
        "消息来源",
        "出典",
        "ソース",
        "출처",
        "pinagmulan",
        "chanzo",
    ]
)
"""What the link to the original of a copied article is called, alone on its line; in lower case."""

_COUNTER = re.compile(
    r"""(?:
        komentar | comments? | no\ comments? | kommentare? | bình\ luận | commentaires? | comentarios? | comentários? | commenti
      | reacties? | kommentarer? | komentarze? | комментари[ийев]+ | коментар[іи]*в? | yorumlar? | التعليقات | تعليقات | نظرات
      | 评论 | 評論 | コメント | 댓글 | ความคิดเห็น
    )\s*[:：]?\s*(?:\(\s*\d[\d.,\s]*\)|（\s*\d[\d.,\s]*）|\d[\d.,]*)
  | \d[\d.,]*\s+(?:comments?|komentar|bình\ luận|commentaires?|comentarios?|kommentare?|комментари[ийев]+)
    """,
    re.VERBOSE | re.IGNORECASE,
)
# WordPress's [ad_1], [ad_2], which translating machines render in every language: [iklan_2], [quảng cáo_2], [广告_2].
_SHORTCODE = re.compile(r"\[\s*/?\s*[^\W\d_]+(?:[ -][^\W\d_]+)?\s*_\s*\d{1,2}\s*\]")
_ADVERTS = frozenset(
    ["advertisement", "advertisements", "advertising", "ad", "anzeige", "werbung", "werbung überspringen", "publicité", "publicidad", "publicidade", "pubblicità", "reklama", "reklam", "reklame", "annonce", "annons", "mainos", "advertentie",
     "реклама", "διαφήμιση", "iklan", "quảng cáo", "إعلان", "اعلان", "آگهی", "פרסומת", "विज्ञापन", "বিজ্ঞাপন", "โฆษณา", "广告", "廣告", "広告", "광고", "story continues below", "story continues below advertisement",
     "article continues below", "advertisement - scroll to continue", "scroll to continue", "continue reading", "weiterlesen", "read more", "czytaj więcej", "lire la suite", "leer más", "leia mais", "watch now", "watch:", "listen to article", "share this article",
     "join the conversation", "loading...", "loading…", "view comments", "show comments", "skip to content", "copy link", "print", "noticia relacionada", "noticias relacionadas"]
)  # fmt: skip
"""Lines that mark a place for advertisements or are a button's label."""
_PIPES = re.compile(r"[|¦\s]+")


def tidy(text: str | None) -> str:
    """Fold a text into one line of NFC, without invisible and control characters. The line of None is empty."""
    if not text:
        return ""
    folded = text if is_folded(text) else " ".join(text.split())
    if folded.isprintable():  # nothing invisible in it, its white space is folded: most of what a page holds
        return folded if folded.isascii() else unicodedata.normalize("NFC", folded)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).strip()


def key_of(text: str) -> str:
    """The letters and digits of a text without case, for comparison within one page."""
    if text.isascii():  # a table of bytes to delete is many times faster than an expression
        return text.encode().translate(None, _NO_ASCII_LETTERS).decode().lower()
    return _NOT_LETTERS.sub("", text).casefold()


def is_shortcode(line: str) -> bool:
    """Return whether the line is nothing but an advertisement shortcode, translated or not. `[sic]` is none."""
    return _SHORTCODE.fullmatch(line) is not None


def is_source_word(line: str) -> bool:
    """Return whether the line is nothing but the word with which copies link to their source."""
    return line.rstrip(" :：»>→.").casefold() in SOURCE_WORDS


def is_leftover(line: str) -> bool:
    """Return whether a whole line is the CMS's and not the author's.

    Such are a shortcode, a comment counter, a bare source word, lone pipes and the mark of an advertisement.
    """
    return (
        not line
        or _PIPES.fullmatch(line) is not None
        or (
            len(line) < 60
            and (
                line.casefold() in _ADVERTS
                or is_source_word(line)
                or is_shortcode(line)
                or _COUNTER.fullmatch(line) is not None
            )
        )
    )


_WIDE = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


def width(text: str) -> int:
    """Measure how much a text says, in letters of an alphabet. A Chinese or Korean character says as much as two or
    more."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))
