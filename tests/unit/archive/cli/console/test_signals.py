"""What is told of publishers' signals: each sentence names the setting that decides."""

from __future__ import annotations

import pytest

from archive.cli.console.signals import added, signal_sentences
from archive.model.capture import RightsPolicy
from archive.query import SignalCounts
from archive.testing import WITHHOLD


@pytest.mark.parametrize(
    ("counts", "policy", "lines"),
    [
        (SignalCounts(), RightsPolicy(), []),
        (
            SignalCounts(noarchive=1),
            RightsPolicy(),
            ["1 article bears noarchive: kept for you and handed to nobody (DATELINE_NOARCHIVE = private)."],
        ),
        (
            SignalCounts(noarchive=1_200),
            WITHHOLD,
            [
                "1,200 articles bear noarchive: kept from before, and withheld from their next look on "
                "(DATELINE_NOARCHIVE = withhold)."
            ],
        ),
        (
            SignalCounts(withheld_noarchive=2),
            WITHHOLD,
            ["2 articles bear noarchive: withheld (DATELINE_NOARCHIVE = withhold)."],
        ),
        (
            SignalCounts(withheld_noarchive=2, withheld_tdm=3),
            RightsPolicy(),
            [
                "2 articles bear noarchive: withheld until their next look, which may keep them (DATELINE_NOARCHIVE = private).",
                "3 articles bear a TDM reservation: withheld (DATELINE_TDM = respect).",
            ],
        ),
        (
            SignalCounts(withheld_tdm=3),
            RightsPolicy(tdm="research"),
            [
                "3 articles bear a TDM reservation: withheld until their next look, which may keep them (DATELINE_TDM = research)."
            ],
        ),
    ],
)
def test_each_sentence_names_the_setting(counts: SignalCounts, policy: RightsPolicy, lines: list[str]) -> None:
    assert list(signal_sentences(counts, policy)) == lines


def test_sources_are_added_up() -> None:
    assert added([SignalCounts(1, 2, 3), SignalCounts(10, 20, 30)]) == SignalCounts(11, 22, 33)
    assert added([]) == SignalCounts()
