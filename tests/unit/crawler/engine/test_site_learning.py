"""When what pages say of their site is written down: at once where it changes how the next page is read."""

from __future__ import annotations

from archive.ingest.record import Recorded
from archive.ingest.site_templates import SiteState
from archive.model.capture import Rights
from archive.model.site_memory import CONTRADICTION, RECENT, Learnt, Template
from crawler.engine.site_learning import SiteLearning
from crawler.reading.page import Reading

SOURCE = "harbour-times"
FITS, CONTRADICTS = "", f"{CONTRADICTION}the body agrees with the generic reading to 10%"


def sites(recent: str) -> SiteLearning:
    """A site whose template was learnt long ago: the last pages said this of it."""
    known = SiteLearning()
    known.learnt(SOURCE, SiteState(Learnt(Template({}, 40, 100, 1_000, 0, frozenset())), seen=200, recent=recent))
    return known


def said(known: SiteLearning, number: int, fit: str) -> bool:
    """A page that is new says this of the template; whether it is to be written down now."""
    reading = Reading("article", None, Rights(), fit=fit)
    return known.note(SOURCE, f"https://harbour-times.example/{number}", reading, Recorded("new", number, 1))


async def test_pages_that_fit_can_wait() -> None:
    known = sites("1" * RECENT)
    assert not any(said(known, number, FITS) for number in range(RECENT))


async def test_a_contradiction_is_written_down_at_once() -> None:
    known = sites("1" * RECENT)
    assert not said(known, 1, FITS)
    assert said(known, 2, CONTRADICTS)


async def test_so_is_the_end_of_a_doubt() -> None:
    known = sites("?" + "1" * (RECENT - 1))
    memory = known.memory(SOURCE)
    assert memory is not None
    assert memory.checking
    assert said(known, 1, FITS), "the contradiction is none of the recent pages any more"


async def test_a_doubt_that_goes_on_can_wait() -> None:
    known = sites("11?" + "1" * (RECENT - 3))
    assert [said(known, number, FITS) for number in range(3)] == [False, False, True]


async def test_a_template_that_fits_no_more_is_given_up_at_once() -> None:
    known = sites("1" * RECENT)
    told = [said(known, number, "body: not found") for number in range(8)]
    assert told == [False] * 7 + [True]


async def test_what_was_written_down_is_not_told_again() -> None:
    known = sites("1" * RECENT)
    assert said(known, 1, CONTRADICTS)
    assert [note.fit for note in known.take(SOURCE)] == [CONTRADICTS]
    assert known.waiting() == []
