"""Revisions and observations.

A revision is one published state of an article's text. States are compared by their hashes. An observation is one look at an
article. Every look leaves one, also when nothing changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from archive.model.article import Article
from archive.model.text.changing_lines import ChangingLines, changing_lines
from archive.model.text.comparable import VERSION, text_hash

ChangeKind = Literal["headline", "lead", "body", "byline", "date", "caption"]

FieldHashes = Mapping[str, str | None]
"""Hash of each field that an edit may touch, by kind of change; None where the field was not known.

A text with lines that may change by themselves also has the hash of what remains without them, as `REST`, and the hash of each such
line under its key (see `archive.model.text.changing_lines`)."""

REST = "rest"
"""The name of the hash of lead and body without the lines that may change by themselves."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of an article that is compared: the hashes of one reading, and the extractor that made it."""

    hashes: FieldHashes
    extractor: str

    @property
    def comparer(self) -> str:
        """The version of the comparison. Only states with equal comparers may be compared."""
        return f"{self.extractor}/{VERSION}"


def state_of(article: Article) -> State:
    """The state that a reading shows."""
    captions = sorted(text_hash(c.text, c.credit) for c in article.captions if c.text)
    return State(
        hashes={
            "headline": text_hash(article.title) if article.title else None,
            "lead": text_hash(article.lead) if article.lead else None,
            "body": text_hash(article.body) if article.body else None,
            "byline": text_hash(*sorted(article.authors)) if article.authors else None,
            "date": article.published.isoformat() if article.published else None,
            "caption": text_hash(*captions) if captions else None,
            **_changing(article),
        },
        extractor=article.extractor,
    )


def _changing(article: Article) -> FieldHashes:
    """The hashes of the lines that may change by themselves, and of the rest. None of them where there are no such lines."""
    lead, body = (changing_lines(text, article.language) for text in (article.lead, article.body))
    keys = sorted(lead.lines.keys() | body.lines.keys())
    if not keys or not article.body:
        return {}
    rest = {"lead": _hash_of_rest(lead), "body": _hash_of_rest(body)}
    return {REST: rest_of(rest)} | {key: text_hash(lead.lines.get(key), body.lines.get(key)) for key in keys}


def _hash_of_rest(text: ChangingLines) -> str | None:
    """The hash of a text without its lines that may change by themselves. None where nothing remains."""
    return text_hash(text.rest) if text.rest.strip() else None


def rest_of(hashes: FieldHashes) -> str:
    """The hash of lead and body without the lines that may change by themselves. A text without such lines is its own rest."""
    return hashes.get(REST) or text_hash(hashes.get("lead"), hashes.get("body"))


def content_hash(hashes: FieldHashes) -> str:
    """The hash over title, lead and body in comparable form, as `<version>:<hex>`. Equal texts have equal hashes."""
    return text_hash(*(hashes[field] for field in ("headline", "lead", "body")))


Outcome = Literal["same", "changed", "moved", "missing", "gone", "blocked", "paywalled", "soft-404", "failed"]
"""What one look showed. The first look at an article, which writes revision 1, is `changed`.

`missing` means that a 404 was seen once. `gone` means a 410, or a 404 or soft 404 that a second look at another time confirmed."""

LookOutcome = Literal["same", "moved", "missing", "gone", "blocked", "paywalled", "soft-404", "failed"]
"""The outcomes of looks that show no new text. None of them changes the stored text."""
