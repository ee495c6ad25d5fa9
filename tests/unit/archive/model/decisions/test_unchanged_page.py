"""What follows from signals, and the signals of a page that was not read again."""

from __future__ import annotations

import pytest

from archive.model.capture import NoarchivePolicy, Rights, RightsPolicy, TdmPolicy, rights_of
from archive.model.decisions.unchanged_page import rights_of_unread

BY_META = Rights(noarchive=True, evidence=("meta:robots=noarchive",))
BY_HEADER = Rights(noarchive=True, evidence=("header:x-robots-tag=noarchive",))
SILENT = Rights()


@pytest.mark.parametrize(
    ("noarchive", "reserved", "policy", "tdm", "because"),
    [
        (False, None, "private", "respect", None),
        (False, False, "withhold", "respect", None),
        (True, None, "private", "respect", None),
        (True, None, "withhold", "respect", "noarchive"),
        (True, None, "withhold", "research", "noarchive"),
        (False, True, "private", "respect", "tdm-reservation"),
        (False, True, "private", "research", None),
        (False, True, "withhold", "research", None),
        (True, True, "private", "respect", "tdm-reservation"),
        (True, True, "private", "research", None),
        (True, True, "withhold", "respect", "noarchive"),
    ],
)
def test_what_is_withheld(
    noarchive: bool, reserved: bool | None, policy: NoarchivePolicy, tdm: TdmPolicy, because: str | None
) -> None:
    assert Rights(noarchive, reserved).withheld_because(RightsPolicy(tdm, policy)) == because


def test_what_is_stored_is_read_again() -> None:
    rights = Rights(True, True, "https://x.example/p", ("meta:robots=noarchive", "header:tdm-reservation=1"))
    assert rights_of(rights.stored()) == rights
    assert rights_of(None) == Rights()


@pytest.mark.parametrize("not_modified", [True, False])
def test_what_the_document_said_holds_while_it_is_the_same(not_modified: bool) -> None:
    assert rights_of_unread(SILENT, BY_META, not_modified=not_modified) == BY_META
    assert not rights_of_unread(SILENT, SILENT, not_modified=not_modified).noarchive
    assert rights_of_unread(BY_HEADER, SILENT, not_modified=not_modified).noarchive
    # Where nobody noted which carrier spoke, it may have been the document.
    assert rights_of_unread(SILENT, Rights(noarchive=True), not_modified=not_modified).noarchive


def test_a_header_is_taken_back_by_a_page_that_lacks_it_and_not_by_a_304() -> None:
    assert rights_of_unread(SILENT, BY_HEADER, not_modified=True) == BY_HEADER
    assert rights_of_unread(SILENT, BY_HEADER, not_modified=False) == SILENT


def test_both_carriers_are_taken_back_by_themselves() -> None:
    both = Rights(noarchive=True, evidence=(*BY_META.evidence, *BY_HEADER.evidence))
    after = rights_of_unread(SILENT, both, not_modified=False)
    assert after == BY_META
    assert rights_of_unread(SILENT, after, not_modified=True) == BY_META


@pytest.mark.parametrize(
    ("now", "last", "not_modified", "reserved"),
    [
        ((), ("meta:tdm-reservation=1",), False, True),
        (("header:tdm-reservation=0",), ("meta:tdm-reservation=1",), False, True),
        (("file:tdm-reservation=1",), ("meta:tdm-reservation=0",), False, False),
        ((), ("header:tdm-reservation=1",), True, True),
        ((), ("header:tdm-reservation=1",), False, None),
        (("header:tdm-reservation=0",), ("header:tdm-reservation=1",), True, False),
        (("file:tdm-reservation=1",), (), True, True),
        ((), ("file:tdm-reservation=1",), True, None),
    ],
)
def test_a_reservation_holds_by_its_carrier(
    now: tuple[str, ...], last: tuple[str, ...], not_modified: bool, reserved: bool | None
) -> None:
    def rights(evidence: tuple[str, ...]) -> Rights:
        return Rights(tdm_reservation=evidence[-1].endswith("1") if evidence else None, evidence=evidence)

    assert rights_of_unread(rights(now), rights(last), not_modified=not_modified).tdm_reservation is reserved


def test_of_two_reservations_that_no_one_makes_no_policy_is_left() -> None:
    policy = ("header:tdm-reservation=1", "header:tdm-policy=https://x.example/p")
    last = Rights(tdm_reservation=True, tdm_policy="https://x.example/p", evidence=policy)
    assert rights_of_unread(SILENT, last, not_modified=False).tdm_policy is None
    assert rights_of_unread(SILENT, last, not_modified=True).tdm_policy == "https://x.example/p"
