"""What a page itself says about where it was taken from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

from archive.model.article import LineageClaim, Relation
from archive.model.text.urls import url_key
from crawler.normalise.language import detect, primary


def claims(
    url: str,
    language: str | None,
    *,
    source_link: tuple[str, str, str | None] | None = None,
    based_on: Iterable[str] = (),
    translation_of: Iterable[str] = (),
    elsewhere: str | None = None,
    shortcodes: Iterable[str] = (),
) -> tuple[LineageClaim, ...]:
    """List the claims of a page about its origin, each address once.

    `source_link`: address, word and shortcode of the bare link to the original. `based_on`, `translation_of`: JSON-LD.
    `elsewhere`: a canonical address on another site. A copy is called a translation only where something shows another
    language: a translated shortcode, the original's address, or a slug in another language than the text.
    """
    found = _Claims()
    if source_link is not None:
        signs = _signs_of_translation(url, language, source_link[0], shortcodes)
        _add_source_link(found, source_link, signs)
    for address in translation_of:
        found.add("translation_of", address, ["json-ld translationOfWork"])
    for address in based_on:
        found.add("republished_from", address, ["json-ld isBasedOn"])
    if elsewhere is not None:
        found.add("republished_from", elsewhere, ["rel=canonical leads to another site"])
    return found.all()


class _Claims:
    """Claims about the origin of one page. Two about the same address become one, with the evidence of both."""

    def __init__(self) -> None:
        self._by_key: dict[str, LineageClaim] = {}

    def add(self, relation: Relation, address: str, evidence: Sequence[str]) -> None:
        known = self._by_key.get(url_key(address))
        if known is not None:
            relation = "translation_of" if "translation_of" in (relation, known.relation) else known.relation
            evidence = [*known.evidence, *(e for e in evidence if e not in known.evidence)]
        self._by_key[url_key(address)] = LineageClaim(relation, address, tuple(evidence))

    def all(self) -> tuple[LineageClaim, ...]:
        return tuple(self._by_key.values())


def _add_source_link(found: _Claims, source_link: tuple[str, str, str | None], signs: Sequence[str]) -> None:
    """Add what the bare link to the original claims. `signs`: what shows that the text is a translation."""
    address, word, shortcode = source_link
    evidence = [f"source link {word!r}"]
    if shortcode and not is_translated(shortcode):
        evidence.append(f"shortcode {shortcode!r}")
    found.add("translation_of" if signs else "republished_from", address, [*evidence, *signs])


def _signs_of_translation(url: str, language: str | None, original: str, shortcodes: Iterable[str]) -> list[str]:
    """List what shows that the text at `url` is a translation of the one at `original`."""
    signs = [f"translated shortcode {code!r}" for code in shortcodes if is_translated(code)]
    if language is None:
        return signs
    slug = slug_language(url)
    if slug is not None and slug != language:
        signs.append(f"slug in {slug}, text in {language}")
    other = address_language(original)
    if other is not None and other != language:
        signs.append(f"original's address in {other}, text in {language}")
    return signs


def is_translated(shortcode: str) -> bool:
    """Return whether an advertisement shortcode is not the English `[ad_n]` that its maker wrote."""
    return re.fullmatch(r"\[\s*/?\s*ads?\s*_\s*\d+\s*\]", shortcode, re.IGNORECASE) is None


def slug_language(url: str) -> str | None:
    """Tell the language of the words in an URL's last long part. None where there are too few to tell.

    Vietnamese slugs are recognised by their syllables: written without diacritics they are no text that a detector knows.
    """
    words = _slug_words(url)
    if len(words) < 5:
        return None
    if _is_vietnamese(words):
        return "vi"
    if len(words) < 7:
        return None
    language, score = detect(" ".join(words))
    return language if score is not None and score > 0.97 else None


def _slug_words(url: str) -> list[str]:
    """Return the words of the last part of the path that has at least four hyphens, in small letters."""
    parts = [part for part in unquote(urlsplit(url).path).split("/") if part.count("-") >= 4]
    return [word for word in re.split(r"[-_.]", parts[-1].lower()) if word.isalpha()] if parts else []


def _is_vietnamese(words: Sequence[str]) -> bool:
    syllables = sum(1 for word in words if _VIETNAMESE.fullmatch(word))
    return syllables >= 0.8 * len(words) and any(word in _VIETNAMESE_ONLY for word in words)


_VIETNAMESE = re.compile(
    r"(?:ngh?|[bcdghklmnrstvx]|[cgkpt]h|gi|kh|nh|ph|qu|th|tr|ch)?(?:[aeiouy]{1,3})(?:ch|nh|ng|[cmnpt])?"
)
_VIETNAMESE_ONLY = frozenset(["nguoi", "nuoc", "tuong", "duoc", "truong", "ngoai", "giao", "viet", "nhung", "khong", "hoi", "nghi", "thuong", "chinh", "phu", "quoc", "trieu", "tien", "quan", "su", "hop", "tac", "tong", "thong", "tinh", "hinh", "chuyen", "tham", "bo", "truong", "thu", "tuong", "dong", "nhat", "ban", "han", "my", "nga", "trung", "phat", "bieu", "voi", "cua", "cho", "trong"])  # fmt: skip


def address_language(url: str) -> str | None:
    """The language that an address names (`//vi.…`, `/en/…`) or is written in. None where it tells none."""
    parts = urlsplit(url)
    labels = [(parts.hostname or "").split(".")[0], *[p for p in parts.path.split("/") if p][:1]]
    for label in labels:
        code = primary(label) if re.fullmatch(r"[a-z]{2}(?:-[a-z]{2})?", label) else None
        if code in _CODES:
            return code
    return slug_language(url)


_CODES = frozenset(["ar", "az", "be", "bg", "bn", "bs", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "hy", "id", "it", "ja", "ka", "kk", "km", "ko", "lo", "lt", "lv", "mk", "ms", "my", "ne", "nl", "no", "pl", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "uz", "vi", "zh"])  # fmt: skip
