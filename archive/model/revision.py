"""A revision: one published state of an article's text; and the hashes by which states are compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from archive.model.article import Article
from archive.model.text.comparable import VERSION, text_hash

ChangeKind = Literal["headline", "lead", "body", "byline", "date", "caption"]

FieldHashes = Mapping[str, str | None]
"""Hash of each field that an edit may touch, by kind of change; None where the field was not known."""


@dataclass(frozen=True, slots=True)
class State:
    """What is compared: the hashes of one reading, and the extractor that made it."""

    hashes: FieldHashes
    extractor: str

    @property
    def comparer(self) -> str:
        """Only states with equal comparers may be compared."""
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
        },
        extractor=article.extractor,
    )


def content_hash(hashes: FieldHashes) -> str:
    """`<version>:<hex>` over title, lead and body in comparable form: equal texts are equal here."""
    return text_hash(*(hashes[field] for field in ("headline", "lead", "body")))
