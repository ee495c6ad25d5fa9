"""Which source follows a homepage already."""

from __future__ import annotations

import pytest

from archive.registry.naming import namesake
from archive.testing import a_source

KNOWN = [
    a_source("herald", homepage="https://www.herald.example/"),
    a_source("office-a", homepage="https://www.gov.example/offices/a"),
]


@pytest.mark.parametrize(
    ("homepage", "known"),
    [
        ("https://www.herald.example/", "herald"),
        ("http://herald.example", "herald"),
        ("https://herald.example/index.html", "herald"),
        ("https://herald.example/world/", "herald"),
        ("https://en.herald.example/", None),
        ("https://www.gov.example/offices/a/", "office-a"),
        ("https://www.gov.example/offices/b/", None),
        ("https://www.gov.example/", "office-a"),
    ],
)
def test_by_host_and_folder(homepage: str, known: str | None) -> None:
    found = namesake(homepage, KNOWN)
    assert (found.id if found else None) == known
