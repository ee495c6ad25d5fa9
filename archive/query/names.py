"""Countries and languages as people name them: `KR`, `kor`, `South Korea`, `south-korea`; `ko`, `kor`, `Korean`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache

from archive.errors import UsageError

ALSO_CALLED: Mapping[str, str] = {
    "america": "US", "usa": "US", "united states of america": "US", "britain": "GB", "great britain": "GB", "uk": "GB",
    "england": "GB", "uae": "AE", "burma": "MM", "ivory coast": "CI", "turkey": "TR", "czech republic": "CZ", "holland": "NL",
    "swaziland": "SZ", "east timor": "TL", "palestine": "PS", "holy see": "VA", "rok": "KR", "republic of korea": "KR",
    "dprk": "KP", "democratic people s republic of korea": "KP", "prc": "CN", "people s republic of china": "CN", "drc": "CD",
    "democratic republic of the congo": "CD", "dr congo": "CD", "republic of the congo": "CG", "russian federation": "RU",
    "viet nam": "VN", "brunei darussalam": "BN", "cabo verde": "CV", "lao pdr": "LA", "macau": "MO",
    "islamic republic of iran": "IR", "syrian arab republic": "SY", "european union": "EU", "united nations": "UN",
}  # fmt: skip
LANGUAGES_ALSO_CALLED: Mapping[str, str] = {
    "bengali": "bn", "farsi": "fa", "mandarin": "zh", "castilian": "es", "bahasa indonesia": "id", "bahasa melayu": "ms",
    "pashtu": "ps", "moldovan": "ro", "oriya": "or", "sinhalese": "si", "gaelic": "ga",
}  # fmt: skip
MOST_MEANT = 4
"""Names that an error offers at most."""


def country_code(text: str) -> str:
    """The ISO 3166-1 alpha-2 code that a code or English name means.

    Raises:
        UsageError: It means no country, or several.
    """
    said = text.strip()
    if _is_country(said.upper()):
        return said.upper()
    names, code = _countries(), _alpha_3(said)
    if code is not None:
        return code
    word = _comparable(said)
    if (exact := ALSO_CALLED.get(word) or _by_name(names).get(word)) is not None:
        return exact
    wanted = set(word.split())
    meant = [code for code, name in names.items() if wanted and wanted <= set(_comparable(name).split())]
    if len(meant) == 1:
        return meant[0]
    if len(meant) > 1:
        choices = ", ".join(f"{code} for {names[code]}" for code in meant[:MOST_MEANT])
        raise UsageError(
            f"country {said!r} may mean {len(meant)} countries",
            hint=f"Write one of {choices}. The option may be repeated.",
        )
    raise UsageError(
        f"there is no country {said!r}",
        hint=f"{_near(word, _by_name(names), names)}Write a code of ISO 3166-1, such as KR, or an English name, such as South Korea.",
    )


def language_tag(text: str) -> str:
    """The BCP 47 tag that a tag or English name means.

    Raises:
        UsageError: It means no language, or several.
    """
    from archive.registry import checks

    said = text.strip()
    primary, _, rest = said.replace("_", "-").partition("-")
    names = _languages()
    if checks.language(said.replace("_", "-")) is None:
        known = primary.lower() if primary.lower() in names else _languages_elsewhere().get(primary.lower())
        if known is not None:
            return f"{known}-{rest}" if rest else known
    word = _comparable(said)
    if (exact := LANGUAGES_ALSO_CALLED.get(word) or _by_name(names).get(word)) is not None:
        return exact
    hint = _near(word, _by_name(names), names)
    if (wrong := checks.language(said)) is not None and "did you mean" in wrong:
        raise UsageError(
            wrong, hint="Write a tag of BCP 47, such as ko or zh-Hant, or an English name, such as Korean."
        )
    raise UsageError(
        f"there is no language {said!r}",
        hint=f"{hint}Write a tag of BCP 47, such as ko or zh-Hant, or an English name, such as Korean.",
    )


def _is_country(code: str) -> bool:
    from archive.registry import checks

    return checks.country(code) is None


def _near(word: str, by_name: Mapping[str, str], names: Mapping[str, str]) -> str:
    close = get_close_matches(word, list(by_name), n=1, cutoff=0.75)
    if not close:
        return ""
    code = by_name[close[0]]
    return f"Did you mean {names[code]} ({code})? "


@cache
def _countries() -> Mapping[str, str]:
    """English names by code, of the codes that a registry may hold."""
    from babel import Locale

    return {code: name for code, name in Locale("en").territories.items() if _is_country(code)}


@cache
def _languages() -> Mapping[str, str]:
    """English names by tag."""
    from babel import Locale

    without = {"und", "mul", "zxx"}
    return {code.replace("_", "-"): name for code, name in Locale("en").languages.items() if code not in without}


def _alpha_3(code: str) -> str | None:
    """The two-letter code of a three-letter one."""
    from babel.core import get_global

    found = get_global("territory_aliases").get(code.upper(), [])
    return found[0] if len(code) == 3 and len(found) == 1 and _is_country(found[0]) else None


@cache
def _languages_elsewhere() -> Mapping[str, str]:
    """Shortest codes by longer or older ones: `kor`, `iw`."""
    from babel.core import get_global

    return {code: known for code, known in get_global("language_aliases").items() if known in _languages()}


def _by_name(names: Mapping[str, str]) -> dict[str, str]:
    return {_comparable(name): code for code, name in names.items()}


def _comparable(name: str) -> str:
    """Without case, marks, signs and articles: `Côte d’Ivoire` and `cote-d-ivoire` are the same."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    return re.sub(r"^the ", "", " ".join(re.findall(r"\w+", bare.replace("&", " and ").replace("_", " "))))
