"""What a page itself says about where it was taken from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

from archive.model.article import LineageClaim
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
    """The claims of a page about its origin, each address once.

    `source_link`: address, word and shortcode of the bare link to the original. `based_on`, `translation_of`: JSON-LD.
    `elsewhere`: a canonical address on another site. A copy is called a translation only where something shows another
    language: a translated shortcode, the original's address, or a slug in another language than the text.
    """
    found: dict[str, LineageClaim] = {}

    def add(relation: str, address: str, evidence: list[str]) -> None:
        known = found.get(url_key(address))
        if known is not None:
            relation = "translation_of" if "translation_of" in (relation, known.relation) else known.relation
            evidence = [*known.evidence, *(e for e in evidence if e not in known.evidence)]
        found[url_key(address)] = LineageClaim(relation, address, tuple(evidence))  # type: ignore[arg-type]

    signs = [f"translated shortcode {code!r}" for code in shortcodes if is_translated(code)]
    slug = slug_language(url, others=source_link is not None)
    if language is not None and slug is not None and slug != language:
        signs.append(f"slug in {slug}, text in {language}")
    if source_link is not None:
        address, word, shortcode = source_link
        evidence = [f"source link {word!r}"]
        other = address_language(address)
        if other is not None and language is not None and other != language:
            signs.append(f"original's address in {other}, text in {language}")
        if shortcode and not is_translated(shortcode):
            evidence.append(f"shortcode {shortcode!r}")
        add("translation_of" if signs else "republished_from", address, [*evidence, *signs])
    for address in translation_of:
        add("translation_of", address, ["json-ld translationOfWork"])
    for address in based_on:
        add("republished_from", address, ["json-ld isBasedOn"])
    if elsewhere is not None:
        add("republished_from", elsewhere, ["rel=canonical leads to another site"])
    return tuple(found.values())


def is_translated(shortcode: str) -> bool:
    """Whether an advertisement shortcode is not the English `[ad_n]` that its maker wrote."""
    return re.fullmatch(r"\[\s*/?\s*ads?\s*_\s*\d+\s*\]", shortcode, re.IGNORECASE) is None


def slug_language(url: str, *, others: bool = True) -> str | None:
    """The language of the words in an URL's last long part, or None where there are too few to tell.

    Vietnamese slugs are recognised by their syllables: written without diacritics they are no text that a detector knows.
    Without `others` only Vietnamese is looked for.
    """
    parts = [part for part in unquote(urlsplit(url).path).split("/") if part.count("-") >= 4]
    if not parts:
        return None
    words = [word for word in re.split(r"[-_.]", parts[-1].lower()) if word.isalpha()]
    if len(words) < 5:
        return None
    if sum(1 for word in words if _VIETNAMESE.fullmatch(word)) >= 0.8 * len(words) and any(
        w in _VIETNAMESE_ONLY for w in words
    ):
        return "vi"
    if len(words) < 7 or not others:
        return None
    language, score = detect(" ".join(words))
    return language if score is not None and score > 0.97 else None


_VIETNAMESE = re.compile(
    r"(?:ngh?|[bcdghklmnrstvx]|[cgkpt]h|gi|kh|nh|ph|qu|th|tr|ch)?(?:[aeiouy]{1,3})(?:ch|nh|ng|[cmnpt])?"
)
_VIETNAMESE_ONLY = frozenset(["nguoi", "nuoc", "tuong", "duoc", "truong", "ngoai", "giao", "viet", "nhung", "khong", "hoi", "nghi", "thuong", "chinh", "phu", "quoc", "trieu", "tien", "quan", "su", "hop", "tac", "tong", "thong", "tinh", "hinh", "chuyen", "tham", "bo", "truong", "thu", "tuong", "dong", "nhat", "ban", "han", "my", "nga", "trung", "phat", "bieu", "voi", "cua", "cho", "trong"])  # fmt: skip


def address_language(url: str) -> str | None:
    """The language that an address names (`//vi.…`, `/en/…`) or is written in."""
    parts = urlsplit(url)
    labels = [(parts.hostname or "").split(".")[0], *[p for p in parts.path.split("/") if p][:1]]
    for label in labels:
        code = primary(label) if re.fullmatch(r"[a-z]{2}(?:-[a-z]{2})?", label) else None
        if code in _CODES:
            return code
    return slug_language(url)


_CODES = frozenset(["ar", "az", "be", "bg", "bn", "bs", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "hy", "id", "it", "ja", "ka", "kk", "km", "ko", "lo", "lt", "lv", "mk", "ms", "my", "ne", "nl", "no", "pl", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "th", "tr", "uk", "ur", "uz", "vi", "zh"])  # fmt: skip
