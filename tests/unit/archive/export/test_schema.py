from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from archive.export.jsonl import schema

WITHHELD: dict[str, Any] = {
    "id": "k3v9m2x7q0ab",
    "source": "harbour-times",
    "url": "https://www.harbour-times.example/pact",
    "canonical_url": "https://www.harbour-times.example/pact",
    "title": None,
    "lead": None,
    "authors": [],
    "language": None,
    "published_at": None,
    "modified_at": None,
    "first_seen_at": "2026-11-02T09:00:00Z",
    "last_seen_at": "2026-11-02T09:00:00Z",
    "status": "withheld",
    "text_scope": "full",
    "countries": [],
    "story_id": None,
    "duplicate_of": None,
    "original_url": None,
    "declared_language": None,
    "lineage": [],
    "captions": [],
    "reasons": dict.fromkeys(
        [
            "title",
            "lead",
            "language",
            "published_at",
            "modified_at",
            "countries",
            "story_id",
            "duplicate_of",
            "original_url",
            "declared_language",
        ],
        "withheld: noarchive",
    ),
    "revisions": [],
}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())
    Draft202012Validator(schema()).validate(WITHHELD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"published_at": "2026-11-02T00:00:00+09:00"},
        {"published_at": "2 November"},
        {"first_seen_at": "2026-11-02"},
        {"status": "deleted"},
        {"title": "A title although withheld"},
        {"countries": ["USA"]},
        {"authors": None},
        {"lineage": [{"relation": "syndicated_from"}]},
        {"surprise": 1},
        {"reasons": {}},
    ],
)
def test_what_breaks_the_contract_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Draft202012Validator(schema()).validate(copy.deepcopy(WITHHELD) | wrong)


@pytest.mark.parametrize("key", sorted(WITHHELD))
def test_every_key_is_required(key: str) -> None:
    with pytest.raises(ValidationError):
        Draft202012Validator(schema()).validate({k: v for k, v in WITHHELD.items() if k != key})
