"""What a homepage tells about its publisher: name, country, languages, zone, kind. Pure; only what there is evidence for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from archive.model.source import SourceKind
from archive.registry import checks
from crawler.normalise.language import declared_tag, detect, primary

_PARTS = re.compile(r"\s+[|·•»:—–-]+\s+|\s*[|»]\s*|\s*::\s*")
_FRONT = re.compile(
    r"(?:welcome(?: to)?|home ?page|home|front ?page|front|index|main(?: page)?|accueil|startseite|inicio|início|página (?:principal|inicial)|pagina iniziale|"
    r"strona główna|главная(?: страница)?|головна|ana ?sayfa|beranda|trang chủ|首页|首頁|网站首页|홈|메인|ホーム|トップページ?|الرئيسية|صفحه اصلی|หน้าแรก)",
    re.IGNORECASE,
)
_FOREIGN_MINISTRY_HOST = re.compile(
    r"(?:^|\.)(?:e?mfa|mofa?|mofaic|mofcom|mae|minrel|mre|mzv|mzz|msz|diplomatie|cancilleria|auswaertiges-amt)\."
)
_FOREIGN_MINISTRY = re.compile(
    r"(?:ministry|department|minister) (?:of|for) foreign|foreign (?:ministry|office)|affaires étrangères|relaciones exteriores|asuntos exteriores|negócios estrangeiros|"
    r"relações exteriores|auswärtiges amt|affari esteri|spraw zagranicznych|иностранных дел|закордонних справ|dışişleri|ngoại giao|luar negeri|外交部|外務省|외교부|وزارة الخارجية|"
    r"وزارت امور خارجه|กระทรวงการต่างประเทศ",
    re.IGNORECASE,
)
_BY_ENDING = {"uk": "GB", "gov": "US", "mil": "US"}
_OPEN_TO_ALL = frozenset(
    ["ac", "ai", "am", "as", "cc", "cd", "co", "dj", "fm", "gg", "im", "io", "is", "la", "ly", "me", "mn", "ms", "nu", "pw", "sc", "sh", "st", "tk", "to", "tv", "vc", "ws"]
)  # fmt: skip
"""Country domains that are sold to everybody, and say nothing about where a site is."""
_STATE = frozenset(["gov", "gob", "gouv", "go", "gub", "govt", "mil"])
_SAMPLE = 200
"""Characters of headlines from which on their language counts."""
_SURE = 0.9


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """The facts that a site tells of itself. None or empty means unknown. `languages` are BCP 47, most used first."""

    name: str | None = None
    country: str | None = None
    languages: tuple[str, ...] = ()
    timezone: str | None = None
    kind: SourceKind | None = None


def site_facts(homepage: str, title: str | None, declared: str | None, headlines: Sequence[str]) -> SiteFacts:
    """Find the facts that a site tells of itself.

    `title` is the page's, `declared` the language that it declares, `headlines` those of its articles.
    """
    host = (urlsplit(homepage).hostname or "").lower()
    name = _name(title, host)
    country = country_of(host)
    ministry = _FOREIGN_MINISTRY_HOST.search(f"{host}.") or (title and _FOREIGN_MINISTRY.search(title))
    return SiteFacts(
        name,
        country,
        _languages(declared, headlines),
        zone_of_country(country) if country else None,
        "foreign-ministry" if ministry else None,
    )


def country_of(host: str) -> str | None:
    """The country in whose domain a host stands, as a code of ISO 3166-1. None where the domain is open to all."""
    labels = host.split(".")
    ending = labels[-1]
    if ending in _OPEN_TO_ALL and not _STATE.intersection(labels[:-1]):
        return None
    code = _BY_ENDING.get(ending, ending.upper())
    return code if checks.country(code) is None else None


def zone_of_country(country: str) -> str | None:
    """The IANA zone of a country that has one time. None where it has several."""
    zones = _zones().get(country, ())
    days = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
    times = {tuple(day.astimezone(ZoneInfo(zone)).utcoffset() for day in days) for zone in zones}
    return zones[0] if len(times) == 1 else None


@cache
def _zones() -> Mapping[str, tuple[str, ...]]:
    """By country, the one with most people mostly first (the IANA's own table)."""
    found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for line in files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found[country] += (zone,)
    return found


def _name(title: str | None, host: str) -> str | None:
    """The publisher's name in a title: without "Home", and of several parts the one that the host's name is made of."""
    parts = [part for raw in _PARTS.split(title or "") if (part := raw.strip(" -|·")) and not _FRONT.fullmatch(part)]
    if not parts:
        return None
    named = [
        part
        for part in parts
        if (word := _letters(part)) and any(word in label or label in word for label in _words(host))
    ]
    return (named or parts)[0]


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _words(host: str) -> list[str]:
    """The labels of a host that may be a name."""
    return [_letters(label) for label in host.split(".")[:-1] if len(label) > 3 and label not in _STATE]


def _languages(declared: str | None, headlines: Sequence[str]) -> tuple[str, ...]:
    """What the headlines are written in, with the declared tag where it agrees; pages declare wrong languages."""
    tag = declared_tag(declared)
    if tag is not None and checks.language(tag) is not None:
        tag = None
    text = " \n".join(headlines)
    seen, score = detect(text, (tag,)) if len(text) >= _SAMPLE or tag is None else (None, None)
    if seen is None or score is None or score < _SURE or checks.language(seen) is not None:
        return (tag,) if tag else ()
    return (tag,) if tag and primary(tag) == seen else (seen,)
