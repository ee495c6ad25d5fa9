"""Robots directives and TDM reservations."""

from __future__ import annotations

import pytest

from archive.model.capture import Rights
from crawler.extract.markup.directives import combine, header_rights, page_rights


@pytest.mark.parametrize(
    ("value", "noarchive"),
    [
        ("noarchive", True),
        ("NOINDEX, NoArchive", True),
        ("nocache", True),
        ("nosnapshot", True),
        ("none", False),
        ("max-snippet:5, noarchive", True),
        ("unavailable_after: 25 Jun 2030 15:00:00 PST", False),
        ("dateline: noarchive", True),
        ("Dateline: nofollow, noarchive", True),
        ("otherbot: noindex, noarchive", False),
        ("otherbot: noindex, dateline: noarchive", True),
        ("dateline: nofollow, otherbot: noarchive", False),
        ("noarchived", False),
        ("", False),
    ],
)
def test_x_robots_tag(value: str, noarchive: bool) -> None:
    rights = header_rights((("X-ROBOTS-TAG", value),))
    assert rights.noarchive is noarchive
    assert bool(rights.evidence) is noarchive


def test_several_headers_combine_to_the_most_restrictive() -> None:
    rights = header_rights((("X-Robots-Tag", "all"), ("x-robots-tag", "noarchive")))
    assert rights == Rights(noarchive=True, evidence=("header:x-robots-tag=noarchive",))


@pytest.mark.parametrize(("value", "state"), [("1", True), (" 0 ", False), ("true", None), ("2", None), ("", None)])
def test_only_0_and_1_are_reservations(value: str, state: bool | None) -> None:
    assert header_rights((("TDM-Reservation", value),)).tdm_reservation is state
    assert page_rights([("TDM-Reservation", value)]).tdm_reservation is state


@pytest.mark.parametrize(
    ("name", "counts"), [("robots", True), ("DateLine", True), ("googlebot", False), ("description", False)]
)
def test_meta_elements_for_all_robots_or_ours(name: str, counts: bool) -> None:
    assert page_rights([(name, "index, noarchive")]).noarchive is counts


def test_later_carriers_win_and_silence_resets_nothing() -> None:
    file, header, silent = (
        Rights(tdm_reservation=False),
        Rights(tdm_reservation=True, tdm_policy="https://x/p"),
        Rights(),
    )
    assert combine(file, header, silent).tdm_reservation is True
    assert combine(file, header, silent).tdm_policy == "https://x/p"
    assert combine(header, file).tdm_reservation is False
    assert combine(header, file).tdm_policy is None
    assert combine(silent, silent) == Rights()
    assert combine(Rights(noarchive=True), silent).noarchive


def test_a_policy_without_reservation_has_no_effect() -> None:
    assert combine(header_rights((("tdm-policy", "https://x/p"),))).tdm_policy is None


def test_evidence_names_every_carrier_once() -> None:
    header = header_rights((("tdm-reservation", "1"),))
    document = page_rights([("robots", "noarchive, noarchive"), ("tdm-reservation", "1")])
    assert combine(header, document, document).evidence == (
        "header:tdm-reservation=1",
        "meta:robots=noarchive",
        "meta:tdm-reservation=1",
    )
