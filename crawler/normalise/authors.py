"""Names of people, as printed: without the word "by", without agencies and the site itself. Nothing is re-cased or reordered."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from crawler.normalise.text import key_of, tidy

_BY = re.compile(
    r"^(?:(?:written|reported|posted|published|story|text|reviewed|words)\s+by|by|quelle|source|authors?|redaktion|von|par|por|di|da|door|af|av|od|oleh|penulis|reporter|bởi|tác giả|автор|"
    r"авторы|текст|بقلم|كتب|作者|记者|記者|文|기자|yazan|autor(?:es|a)?|auteurs?|autore)(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_AND = re.compile(
    r"\s*(?:;|、|，|·|\||\s&\s|\s(?:and|und|et|y|e|en|og|och|i|и|dan|và|ve)\s|\s/\s|\s[-–—•»]\s|\s[-–—•](?=\d)|(?<=\w)-\s)\s*"
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
_ROLES = re.compile(r"^(?:admin(?:istrator)?|editor(?:ial)?(?: (?:team|staff|board|desk))?|staff(?: (?:writer|reporter))?|(?:web|news) ?desk|newsroom|redaktion|redacci[oó]n|redazione|redactie|la r[ée]daction|redaksi|ban biên tập|guest|user|unknown|anonymous|none|null|n/?a|webmaster|online|news|编辑|責任編輯|责任编辑)$", re.IGNORECASE)  # fmt: skip
_BRACKETS = re.compile(r"\s*[(\[（【][^()\[\]（）【】]*[)\]）】]")
_CREDENTIAL = re.compile(r"(?:Ph\.?\s?D|Dr|M\.?D|M\.?A|M\.?Sc|B\.?A|MBA|[A-Z]{2,6}®?|Jr|Sr|I{2,3})\.?")
_NO_NAME = re.compile(
    r"[@*#=<>{}]|\b(?:image|photo|getty|redaktion|editorial|staff|team|written|posted|published|more about|min read|copyright|skrifar|the author|view all|all posts|about)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"(?:https?://|www\.)\S+|(?<!\w)@\w+|\S+@\S+\.\w+")
_MOST = 12


def people(raw: Iterable[str], site_names: Iterable[str]) -> tuple[str, ...]:
    """The people among these printed authors, in order, without repetition.

    `site_names` are the source's own names and host: they are not authors. A comma separates names only where each part
    looks like a whole name: "Last, First" stays as it is.
    """
    sites = {key_of(name) for name in site_names if name}
    names: dict[str, str] = {}
    for value in raw:
        for name in split_names(value):
            if is_name(name) and not is_organisation(name, sites):
                names.setdefault(key_of(name), name)
    return tuple(names.values())[:_MOST]


def organisations(raw: Iterable[str], site_names: Iterable[str]) -> tuple[str, ...]:
    """The agencies and sites among these printed authors, as printed."""
    sites = {key_of(name) for name in site_names if name}
    found = (name for value in raw for name in split_names(value))
    return tuple(dict.fromkeys(name for name in found if is_organisation(name, sites)))[:_MOST]


def is_organisation(name: str, sites: set[str] | frozenset[str] = frozenset()) -> bool:
    """Whether a name is a news agency's or one of `sites` (compared by letters and digits)."""
    key = key_of(name)
    return key in _AGENCIES or key in sites


def is_name(name: str) -> bool:
    """Whether a string can be a person's name: letters, no figures, no address, no role, at most six words."""
    return (
        2 <= len(name) <= 80
        and bool(key_of(name))
        and not any(c.isdigit() for c in name)
        and len(name.split()) <= 6
        and _ROLES.match(name) is None
        and _NO_NAME.search(name) is None
    )


def split_names(value: str) -> list[str]:
    """The names in one printed byline."""
    text = _strip(_BRACKETS.sub(" ", _URL.sub(" ", tidy(html.unescape(value)))))
    names: list[str] = []
    for part in _AND.split(text):
        pieces = [piece for raw in part.split(",") if (piece := _strip(raw)) and not _CREDENTIAL.fullmatch(piece)]
        names += (
            pieces if len(pieces) == 1 or (pieces and all(_whole_name(piece) for piece in pieces)) else [_strip(part)]
        )
    return [name for name in names if name]


def _strip(text: str) -> str:
    """A name without the words and marks around it: "Posted by Ana Lima – " is "Ana Lima"."""
    text = tidy(text)
    while (shorter := _BY.sub("", text.strip(" ,;:|-–—/•·»«>*"))) != text:
        text = shorter
    return text.removesuffix(".") if text.count(".") == 1 and len(text.split()[-1:][0] if text else "") > 4 else text


def _whole_name(text: str) -> bool:
    return 2 <= len(text.split()) <= 5
