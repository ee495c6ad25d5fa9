"""Names of people, as printed: without the word "by", without agencies and the site itself. Nothing is re-cased or reordered."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawler.normalise.text import key_of, tidy

_BY = re.compile(
    r"^(?:(?:written|reported|posted|published|story|text)\s+by|by|von|par|por|di|da|door|af|av|od|oleh|penulis|reporter|bởi|tác giả|автор|"
    r"авторы|текст|بقلم|كتب|作者|记者|記者|文|기자|yazan|autor(?:es|a)?|auteurs?|autore)(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:;|、|，|·|\||\s&\s|\s(?:and|und|et|y|e|en|og|och|i|и|dan|và|ve)\s|\s/\s)\s*")
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
_URL = re.compile(r"https?://|www\.|^@|\S+@\S+\.\w+")
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
            key = key_of(name)
            if not key or key in _AGENCIES or key in sites or _ROLES.match(name) or len(name) > 80:
                continue
            names.setdefault(key, name)
    return tuple(names.values())[:_MOST]


def split_names(value: str) -> list[str]:
    """The names in one printed byline."""
    text = _BY.sub("", _URL.sub(" ", tidy(value))).strip(" ,.;:|-–—/")
    names: list[str] = []
    for part in _AND.split(text):
        pieces = [piece.strip() for piece in part.split(",")]
        whole = [piece for piece in pieces if piece]
        names += whole if len(whole) > 1 and all(_whole_name(piece) for piece in whole) else [part.strip(" ,")]
    return [
        name
        for name in (
            _BY.sub("", n).strip(" ,.;:|-–—/") if not n.endswith(".") else _BY.sub("", n).strip(" ,;:|-–—/")
            for n in names
        )
        if name
    ]


def _whole_name(text: str) -> bool:
    return 2 <= len(text.split()) <= 5
