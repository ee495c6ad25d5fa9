"""Names of people, as printed: without the word "by", without agencies and the site itself. Nothing is re-cased or reordered."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from itertools import islice

from crawler.normalise.day_names import NAMES_OF_DAYS, without_date
from crawler.normalise.text import key_of, tidy

BY_WORDS = (
    r"(?:written|reported|posted|published|story|text|reviewed|words|reporting|compiled|edited|interview(?:ed)?)\s+by|by|quelle|source|authors?(?: of the article)?|autorin/autor|autor/in|redaktion(?=\s*:)|von|"
    r"écrit par|par|escrito por|por|scritto da|di|da|geschreven door|door|text:? av|skriven av|af|av|od|napisał[ay]?|ditulis oleh|oleh|penulis|reporter|bởi|tác giả|автор(?:ы|ка|ка:)?|текст|"
    r"بقلم|كتبت?|نویسنده|作者|撰文|记者|記者|本报记者|本刊记者|新华社记者|特约记者|文|取材|글|기자|yazan|haber|muhabir|autor(?:es|a|in|ka)?|auteurs?|autore|autori|szerző|kirjoittaja|συντάκτης|מאת|लेखक|ผู้เขียน"
)
"""What stands before the names in a byline."""
_BY = re.compile(
    rf"^(?:(?:{BY_WORDS})(?:\s*[:：]\s*|\s+)|(?:本报|本刊|新华社|特约)?(?:记者|記者|作者)(?=\w))", re.IGNORECASE
)
_BEHIND = re.compile(
    r"\s*(?:인턴기자|선임기자|전문기자|기자|특파원|논설위원|앵커|(?<=\w\w)(?:記者|记者|特派員|特約記者|編集委員))\s*$"
)
"""What stands behind a name in a byline."""
_AND = re.compile(
    r"\s*(?:;|、|，|،|؛|·|・|\||\s&\s|\s(?:and|und|et|y|e|en|og|och|i|и|та|dan|và|ve|ja|és|și|oraz|und|και|și|и|और)\s|\s/\s|\s[-–—•»]\s|\s[-–—•](?=\d)|(?<=\w)-\s|\s+و(?=\w{2}))\s*"
)
_AGENCIES = frozenset(
    [
        "reuters",
        "afp",
        "ap",
        "dpa",
        "efe",
        "ansa",
        "tass",
        "itartass",
        "interfax",
        "xinhua",
        "yonhap",
        "kyodo",
        "jiji",
        "antara",
        "bernama",
        "vna",
        "ttxvn",
        "vnexpress",
        "apa",
        "belga",
        "anp",
        "ritzau",
        "ntb",
        "tt",
        "stt",
        "lusa",
        "pap",
        "ctk",
        "čtk",
        "mti",
        "agerpres",
        "hina",
        "tanjug",
        "aa",
        "anadolu",
        "irna",
        "isna",
        "mehr",
        "tasnim",
        "fars",
        "spa",
        "wam",
        "petra",
        "mena",
        "bta",
        "ani",
        "pti",
        "ians",
        "upi",
        "cna",
        "ina",
        "sana",
        "rtrs",
        "mia",
        "kcna",
        "cns",
        "tanjug",
        "ukrinform",
        "unian",
        "belta",
        "trend",
        "kazinform",
        "montsame",
        "lsm",
        "bns",
        "elta",
        "tasr",
        "associatedpress",
        "agencefrancepresse",
        "deutschepresseagentur",
        "xinhuanewsagency",
        "yonhapnewsagency",
        "kyodonews",
        "anadoluagency",
        "pressassociation",
        "pamedia",
        "canadianpress",
        "thecanadianpress",
        "theassociatedpress",
        "bloomberg",
        "bloombergnews",
        "agencies",
        "agencias",
        "agências",
        "agences",
        "agenzie",
        "agencje",
        "ajanslar",
        "агентства",
        "newsagencies",
        "agenturen",
        "rferl",
        "新华社",
        "中新社",
        "人民网",
        "新华网",
        "中央社",
        "共同社",
        "時事通信",
        "연합뉴스",
        "뉴시스",
        "тасс",
        "рианoвости",
        "рианoвости",
        "риановости",
        "интерфакс",
        "укрінформ",
        "رويترز",
        "وكالات",
    ]
)
_WIRES = re.compile(
    r"^(?:AFP|AP|DPA|dpa|EFE|ANSA|TASS|ITAR|PTI|ANI|IANS|UPI|KCNA|VNA|TTXVN|APA|ANP|NTB|BTA|SID|sid|KNA|epd|AAP|PA|CP|Reuters|Interfax|Xinhua|Yonhap|Kyodo|Jiji|Antara|Bernama|Bloomberg|Anadolu|The Associated Press|Associated Press|Agence France)\b"
)
"""An agency with its branch, city or language behind: "AFP Deutschland", "Associated Press in Valencia", "dpa/lhe"."""
_AGENCY_WORDS = re.compile(
    r"\b(?:news agency|press agency|presseagentur|nachrichtenagentur|nyhetsbyrå|ajansı|agence de presse|agencia de noticias|agência|agenzia|agencja|ügynökség|informační agentura|kantor berita|thông tấn xã|агентство|агенція|وكالة|خبرگزاری)\b|(?:通讯社|通訊社|通信社|통신)$",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"\b(?:staff|team|redaktion|redacci[oó]n|redazione|r[ée]daction|redactie|redaksi|redakcja|redakce|desk|bureau|editorial|editors|newsroom|agencies|correspondents?|reporters|haber merkezi|tim liputan|toimitus|redaktionen)\b|ban biên tập|(?:^|\s)(?:редакция|редакція)|(?:编辑部|編集部|本报讯|편집국|뉴스팀|취재팀)$",
    re.IGNORECASE,
)
"""A name of many: "MND Staff", "Gear Team", "Redaktion hessenschau.de". It is no person, but says who wrote."""
_ROLES = re.compile(r"^(?:admin(?:istrator)?|editor(?:ial)?(?: (?:team|staff|board|desk))?|staff(?: (?:writer|reporter))?|(?:web|news) ?desk|newsroom|redaktion|redacci[oó]n|redazione|redactie|la r[ée]daction|redaksi|ban biên tập|guest|user|unknown|anonymous|none|null|n/?a|webmaster|online|news|nachrichten|noticias|actualit[ée]s?|name|full bio|bio|the author|author|by|read more|编辑|責任編輯|责任编辑)$", re.IGNORECASE)  # fmt: skip
_ROLE_WORDS = re.compile(
    r"\b(?:director|editor|expert|correspondent|reporter|journalist|writer|columnist|analyst|professor|producer|dietitian|nutritionist|ceo|founder|co-founder|manager|chef|contributor|marketer|specialist|strategist|coach|consultant|engineer|president|fellow|researcher|"
    r"(?:\w*redakteur|\w*korrespondent|\w*reporter|\w*journalist|\w*chef)(?:in)?|leiter(?:in)?|corresponsal|enviad[oa]|redactora?|periodista|envoyée?|correspondante?|journaliste|correspondente|inviat[oa]|jornalista|"
    r"корреспондент|обозреватель|журналист|кореспондент|muhabiri?|wartawan|phóng viên)\b",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\s*[(\[（【][^()\[\]（）【】]*[)\]）】]")
_CREDENTIAL = re.compile(r"(?:Ph\.?\s?D|Dr|M\.?D|M\.?A|M\.?Sc|B\.?A|MBA|[A-Z]{2,6}®?|Jr|Sr|I{2,3})\.?")
_NO_NAME = re.compile(
    r"[@*#=<>{}?!]|\b(?:image|photo|getty|written|posted|published|more about|mins? read|copyright|skrifar|the author|view all|all posts|about|veröffentlicht|publié|publicado|pubblicato|aktualisiert|updated|lesezeit|subscribe|follow|share|of the article)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)[^\s()]+|(?<!\w)@\w+|(?<![^\s()@])[^\s()@]+@[^\s()]+\.\w+")
_HOST = re.compile(r"\b[\w-]+\.(?:com|org|net|info|int|gov|edu|news|example|[a-z]{2})\b", re.IGNORECASE)
_LOGIN = re.compile(r"[a-z]+[._][a-z]+|[a-z]*\d[a-z\d]*")
_DATED = re.compile(
    r"\s+(?:last updated?\b|on (?:mon|tues|wednes|thurs|fri|satur|sun)day\b).*$|(?<![\s,|·•–—-])[\s,|·•–—-]*(?:\b(?:on|am|le|el|il|um|at|den|pada|ngày|last updated?)\s+)?(?:\b(?:jan|feb|m[aä]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[^\W\d]*\.?\s*)?\d.*$",
    re.IGNORECASE | re.DOTALL,
)
"""A date behind a name, and all that follows."""
_DATE_BEFORE_BY = re.compile(
    rf"[^\W\d]{{0,12}}[^\w]{{0,3}}[^\d]{{0,25}}\d.{{0,60}}?\s(?:{BY_WORDS})(?:\s*[:：]\s*|\s+)(?=[^\W\d])",
    re.IGNORECASE,
)
"""A date or time, and the word for "by" behind it."""
_MOST = 12
_LOOKED_AT = 1_000
"""Printed authors of one page that are looked at."""
_LONGEST = 2_000
"""Characters of a byline that are read: those of twelve long names, several times over."""


def people(raw: Iterable[str], site_names: Iterable[str]) -> tuple[str, ...]:
    """The people among these printed authors, in order, without repetition.

    `site_names` are the source's own names and host: they are not authors. A comma separates names where each part looks
    like a whole name, or where the first does: what follows it is then a place, a title or an agency. "Last, First"
    stays as it is.
    """
    own = list(site_names)
    sites = _keys(own)
    names: dict[str, str] = {}
    for value in islice(raw, _LOOKED_AT):
        if _HOST.search(_without_addresses(value)):
            continue  # "news.example, Frankfurt": a site
        for name in split_names(value):
            name = _without_site(name, own)
            if is_name(name) and not is_organisation(name, sites) and not is_desk(name):
                names.setdefault(key_of(name), name)
    return tuple(names.values())[:_MOST]


def organisations(raw: Iterable[str], site_names: Iterable[str]) -> tuple[str, ...]:
    """The agencies, sites and desks among these printed authors, as printed."""
    sites = _keys(site_names)
    found = (name for value in islice(raw, _LOOKED_AT) for name in split_names(value) if len(name) <= 80)
    return tuple(dict.fromkeys(n for n in found if is_organisation(n, sites) or (is_desk(n) and not _ROLES.match(n))))[
        :_MOST
    ]


def agencies(raw: Iterable[str]) -> tuple[str, ...]:
    """The news agencies among these printed authors, as printed."""
    found = (name for value in islice(raw, _LOOKED_AT) for name in split_names(value))
    return tuple(dict.fromkeys(name for name in found if is_organisation(name)))[:_MOST]


def _keys(names: Iterable[str]) -> frozenset[str]:
    """Site names for comparison, whole and by their first part: "Example – all the news" is also "Example"."""
    parts = (part for name in names if name for part in (name, re.split(r"\s[-–—|:]\s", name)[0]))
    return frozenset(key for part in parts if (key := key_of(part)))


def is_organisation(name: str, sites: set[str] | frozenset[str] = frozenset()) -> bool:
    """Return whether a name is a news agency's or one of `sites`. They are compared by letters and digits."""
    key = key_of(name)
    if key in _AGENCIES or key in sites or _AGENCY_WORDS.search(name) is not None:
        return True
    if len(name.split()) <= 4 and _WIRES.match(name) is not None:
        return True
    parts = [key_of(part) for part in re.split(r"[/+&]", name)]
    return len(parts) > 1 and all(part in _AGENCIES or _WIRES.match(part) for part in parts)


def is_desk(name: str) -> bool:
    """Return whether a name stands for a staff, a team or an editorial department."""
    return _DESK.search(name) is not None


def is_name(name: str) -> bool:
    """Return whether a string can be a person's name: letters, no figures, no address, no role, at most six words."""
    return (
        2 <= len(name) <= 80
        and bool(key_of(name))
        and not any(c.isdigit() for c in name)
        and not all(key_of(word) in NAMES_OF_DAYS for word in name.split())
        and len(name.split()) <= 6
        and _ROLES.match(name) is None
        and _NO_NAME.search(name) is None
        and _LOGIN.fullmatch(name) is None
    )


def split_names(value: str) -> list[str]:
    """The names in one printed byline."""
    printed = _without_addresses(_BRACKETS.sub(" ", tidy(html.unescape(value[:_LONGEST]))))
    text = _strip(_DATED.sub("", _behind_date(printed)))
    names: list[str] = []
    for part in _AND.split(text):
        pieces = [piece for raw in part.split(",") if (piece := _strip(raw)) and not _CREDENTIAL.fullmatch(piece)]
        names += _separate(pieces) or [_strip(part)]
    return [name for name in names if name]


def _behind_date(byline: str) -> str:
    """A byline without the date that it begins with, and the word for "by" behind that."""
    if (by := _DATE_BEFORE_BY.match(byline)) is not None:
        return byline[by.end() :]
    return without_date(byline) if any(letter.isdigit() for letter in byline) else byline


def _separate(pieces: list[str]) -> list[str]:
    """The names among the parts of a list with commas; none where the commas do not separate names."""
    if len(pieces) == 1:
        return pieces
    if not pieces:
        return []
    if _whole_name(pieces[0]) or is_organisation(pieces[0]):
        return [
            piece
            for index, piece in enumerate(pieces)
            if not index or is_organisation(piece) or (_whole_name(piece) and not _ROLE_WORDS.search(piece))
        ]
    return pieces if len(pieces) > 2 and all(" " not in piece for piece in pieces) else []


def _without_addresses(text: str) -> str:
    return tidy(_URL.sub(" ", text))


def _without_site(name: str, sites: Iterable[str]) -> str:
    """A name without the site's behind it: "Ana Lima Example News"."""
    for site in sites:
        if len(site) > 3 and name.casefold().endswith(" " + site.casefold()) and " " in name[: -len(site) - 1].strip():
            return name[: -len(site)].strip(" ,|-–")
    return name


def _strip(text: str) -> str:
    """A name without the words and marks around it: "Posted by Ana Lima – " is "Ana Lima", "김철수 기자" is "김철수"."""
    text = tidy(text)
    while (shorter := _BEHIND.sub("", _BY.sub("", text.strip(" ,;:|-–—/•·»«>*")))) != text:
        text = shorter
    return text.removesuffix(".") if text.count(".") == 1 and len(text.split()[-1:][0] if text else "") > 4 else text


def _whole_name(text: str) -> bool:
    return 2 <= len(text.split()) <= 5
