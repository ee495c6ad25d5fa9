"""What is told of publishers' signals: how many articles bear them, and which setting decides what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archive.model.capture import RightsPolicy
from archive.query.views import SignalCounts


def added(counts: Iterable[SignalCounts]) -> SignalCounts:
    """The counts of several sources as one."""
    found = list(counts)
    return SignalCounts(
        sum(each.noarchive for each in found),
        sum(each.withheld_noarchive for each in found),
        sum(each.withheld_tdm for each in found),
    )


def signal_sentences(counts: SignalCounts, policy: RightsPolicy) -> Iterator[str]:
    """A sentence for each signal that articles bear. It names the setting that decides what follows from the signal."""
    setting = f"DATELINE_NOARCHIVE = {policy.noarchive}"
    if counts.noarchive:
        then = (
            "kept for you and handed to nobody"
            if policy.noarchive == "private"
            else "kept from before, and withheld from their next look on"
        )
        yield f"{_articles(counts.noarchive)} noarchive: {then} ({setting})."
    if counts.withheld_noarchive:
        then = "withheld" if policy.noarchive == "withhold" else "withheld until their next look, which may keep them"
        yield f"{_articles(counts.withheld_noarchive)} noarchive: {then} ({setting})."
    if counts.withheld_tdm:
        then = "withheld" if policy.tdm == "respect" else "withheld until their next look, which may keep them"
        yield f"{_articles(counts.withheld_tdm)} a TDM reservation: {then} (DATELINE_TDM = {policy.tdm})."


def _articles(number: int) -> str:
    return f"{number:,} {'article bears' if number == 1 else 'articles bear'}"
