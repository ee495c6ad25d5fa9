from __future__ import annotations

import pytest

from archive.model.failure import WEIGHTS, FailureKind, kind_of


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("HTTP 404", "hard"),
        ("HTTP 410", "hard"),
        ("HTTP 403", "hard"),
        ("robots", "hard"),
        ("tls-failure: certificate has expired", "hard"),
        ("not-a-feed", "hard"),
        ("HTTP 429", "soft"),
        ("HTTP 500", "soft"),
        ("HTTP 503", "soft"),
        ("timeout", "soft"),
        ("connection-lost: the response is incomplete", "soft"),
        ("connection-refused", "soft"),
        ("robots-unreachable: HTTP 503", "soft"),
        ("host-not-found", "temporary"),
        ("robots-unreachable: host-not-found", "temporary"),
    ],
)
def test_kind_by_reason(reason: str, kind: FailureKind) -> None:
    assert kind_of(reason) == kind


def test_what_will_hardly_pass_weighs_most() -> None:
    assert WEIGHTS["hard"] > WEIGHTS["soft"] > WEIGHTS["temporary"] > 0
