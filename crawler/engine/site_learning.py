"""What a crawl knows of the sites that it reads, and how it learns more.

recorded look ─> note ─> (fifty of a site, or enough to learn, or a minute) ─> one work of the archive's writer:
                                evidence filed ─> learnt, or the template retired ─> the next page is read with it

Learning is done in the writer's thread, from what the extraction pool found out about each page; it takes milliseconds, and it
and its evidence are one transaction.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import structlog

from archive.ingest import site_templates
from archive.ingest.record import Recorded
from archive.ingest.site_templates import PageNote, SiteState
from archive.model.site_memory import RECENT, Memory, drifted, in_doubt, mark, missed, next_step
from archive.writer.writer import Transaction
from crawler.learn.template import learn
from crawler.reading.page import Reading

log = structlog.get_logger()

_AT_ONCE = 50
"""Notes of a site that are written down together."""
_LONGEST = 60.0
"""Seconds for which a note waits for others."""


@dataclass(slots=True)
class SiteLearning:
    """The sites of a crawl. With `learning` off nothing is known and nothing learnt: a page is read by itself."""

    learning: bool = True
    states: dict[str, SiteState] = field(default_factory=dict)
    _memories: dict[str, Memory] = field(default_factory=dict)
    _notes: defaultdict[str, list[PageNote]] = field(default_factory=lambda: defaultdict(list))
    _since: dict[str, float] = field(default_factory=dict)

    def memory(self, source_id: str) -> Memory | None:
        """What the pages of a source are read with. None where the crawl learns nothing of sites."""
        if not self.learning:
            return None
        if source_id not in self._memories:
            self._memories[source_id] = self._state(source_id).memory
        return self._memories[source_id]

    def recalled(self, found: dict[str, SiteState], source_ids: Iterable[str]) -> None:
        """Take over what the archive knows of these sources: another process may have learnt."""
        for source_id in source_ids:
            self.learnt(source_id, found.get(source_id, SiteState()))

    def note(self, source_id: str, url: str, reading: Reading, recorded: Recorded) -> bool:
        """Keep what the page of a recorded article says of its site, and return whether it should be written down now."""
        if not self.learning or reading.kind != "article":
            return False
        evidence = reading.evidence
        if evidence is not None and recorded.kind == "withheld":
            evidence = evidence.without_text()
        new = recorded.kind == "new"
        if not new and reading.fit is None and evidence is None:
            return False
        notes = self._notes[source_id]
        notes.append(PageNote(recorded.article_pk, url, new, reading.fit, evidence))
        self._since.setdefault(source_id, asyncio.get_running_loop().time())
        return len(notes) >= _AT_ONCE or self._matters(source_id)

    def _matters(self, source_id: str) -> bool:
        """Return whether the waiting notes bring the site to the next step of learning, or show that its pages have changed."""
        state, notes = self._state(source_id), self._notes[source_id]
        teaching = len({n.article_pk for n in notes if n.new or n.evidence})
        fits = "".join(mark(n.fit) for n in notes if n.fit is not None)
        recent = state.recent + fits
        changed = drifted(recent) or in_doubt(recent) != in_doubt(state.recent)
        return changed or state.seen + teaching >= next_step(state.seen)

    def _state(self, source_id: str) -> SiteState:
        return self.states.setdefault(source_id, SiteState())

    def waiting(self, now: float | None = None) -> list[str]:
        """The sources with notes to be written down. With `now` (the loop's time) only those whose notes have waited for long."""
        return [i for i in self._notes if now is None or now - self._since[i] >= _LONGEST]

    def take(self, source_id: str) -> list[PageNote]:
        """Hand out the notes of a source that are to be written down."""
        self._since.pop(source_id, None)
        return self._notes.pop(source_id, [])

    def learnt(self, source_id: str, state: SiteState) -> bool:
        """Take over what is known of the site now, and return whether its pages are read otherwise from now on."""
        before = self._state(source_id).learnt
        self.states[source_id] = state
        self._memories.pop(source_id, None)
        return before.digest != state.learnt.digest


def remember(tx: Transaction, source_id: str, notes: list[PageNote]) -> SiteState:
    """Record what pages say of their site. Learn the site's template, or retire it, if it is time."""
    ripe = site_templates.record_pages(tx, source_id, notes)
    state = site_templates.load_site(tx, source_id)
    if state.learnt.template is not None and drifted(state.recent):
        last = next((each.fit for each in reversed(notes) if each.fit), "")
        because = f"layout changed: the template did not fit {missed(state.recent)} of the last {RECENT} pages ({last})"
        site_templates.retire(tx, source_id, because)
        log.warning("layout_changed", source=source_id, because=because)
    elif ripe:
        found = learn(site_templates.load_evidence(tx, source_id), state.learnt)
        if site_templates.put_in_force(tx, source_id, found):
            fields = sorted(found.template.places) if found.template else []
            log.info("site_learnt", source=source_id, fields=fields, blocks=len(found.blocks), articles=state.seen)
    return site_templates.load_site(tx, source_id)
