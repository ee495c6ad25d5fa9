"""The handler of a channel's lists: an answer brings links and further requests; what ends without one is noted.

answer ─> decoded, rendered where it is a page ─> as at the last poll? ─> read ─> filed ─> requests and articles offered
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from archive.frontier import walks
from archive.frontier.channels import record_poll
from archive.model.capture import Capture, Exchange, digest
from archive.model.content_codings import ContentError
from archive.model.frontier import ChannelMemory
from archive.model.source import RENDERED_KINDS
from archive.model.walk import WalkPage
from archive.queue.jobs import mark_polled
from archive.writer.writer import Transaction
from crawler.channels.list_reading import read_channel
from crawler.channels.poll_end import end_poll, log_end
from crawler.channels.polling import RecordedAnswer, file_answer, is_behind_the_end
from crawler.discover.answer import Answer
from crawler.engine.article_handler import revisit_task, walk_task
from crawler.engine.crawl import LASTING, Crawl
from crawler.engine.rendering import Stopped, render
from crawler.extract.markup.directives import combine, header_rights
from crawler.frontier.task import Task, TaskHandler
from crawler.frontier.unavailable import UNCOUNTED, Ending, Fault
from crawler.frontier.walk import Walk
from crawler.http.conditional import conditional_headers
from crawler.http.failures import Failure

REGENERATED = 20
"""A list in which more links than so many, and more than half, claim to have changed since the last poll was made anew, and
its times of change say nothing."""


@dataclass(slots=True, eq=False)
class ListHandler(TaskHandler):
    """Takes in the answer to one request of a walk."""

    crawl: Crawl
    walk: Walk
    page: WalkPage
    rendered: bool = field(init=False)
    name = "list"
    is_list = True

    def __post_init__(self) -> None:
        self.rendered = self.walk.channel.kind in RENDERED_KINDS

    def request_headers(self, task: Task) -> Mapping[str, str]:
        """The validators of the last answer, where one answer stands for the whole channel."""
        if task.renders or not self.walk.validates(self.page):
            return {}
        return conditional_headers(self.walk.before.etag, self.walk.before.last_modified)

    async def answered(self, task: Task, exchange: Exchange) -> None:
        walk, page = self.walk, self.page
        if exchange.status == 304:
            await self._unchanged(walk.before, "not-modified")
        elif is_behind_the_end(walk, page, exchange.status):
            async with walk.lock:
                walk.missing += page.number == 1
                filed = await file_answer(self.crawl, walk, page, self._capture(task, exchange, b""), Answer())
            await self._offer(filed, of=0)
        elif exchange.status != 200:
            await self.ended(task, "failed", f"HTTP {exchange.status}")
        elif (bodies := await self._bodies(task, exchange)) is not None:
            await self._read(task, exchange, *bodies)

    async def _bodies(self, task: Task, exchange: Exchange) -> tuple[bytes, bytes | None] | None:
        """The answer after content decoding, and as the browser shows it, if it is to be rendered. None where it cannot be
        had, which is noted."""
        crawl = self.crawl
        try:
            body = await crawl.decode(exchange)
        except ContentError as error:
            await crawl.give_up(task, Failure(error.reason))
            return None
        if not task.renders:
            return body, None
        try:
            rendered = await render(crawl, task, exchange, body, task.source.list_actions)
        except Stopped:
            await crawl.postpone(task, "stopped")
            return None
        if isinstance(rendered, Failure):
            await crawl.give_up(task, rendered)
            return None
        return body, rendered.dom if rendered is not None else None

    async def _read(self, task: Task, exchange: Exchange, body: bytes, dom: bytes | None) -> None:
        """Read the answer and write what it shows, unless it shows what the last one did."""
        walk, page = self.walk, self.page
        shown = body if dom is None else dom
        memory = ChannelMemory(exchange.header("etag"), exchange.header("last-modified"), digest(shown))
        if walk.validates(page) and memory.body_digest == walk.before.body_digest:
            await self._unchanged(memory, "same-body")
            return
        answer = await read_channel(self.crawl, walk, page, exchange, shown)
        if answer.unreadable:
            await self.ended(task, "failed", answer.problem or "nothing to read")
            return
        async with walk.lock:
            if answer.problem is not None:
                walk.failed.append(f"{page.url}: {answer.problem}")
            # The children of an index may change while it stays the same.
            if walk.validates(page) and not answer.children:
                walk.memory = memory
            filed = await file_answer(self.crawl, walk, page, self._capture(task, exchange, body, dom), answer)
        await self._offer(filed, of=len(answer.links))

    def _capture(self, task: Task, exchange: Exchange, body: bytes, dom: bytes | None = None) -> Capture:
        rights = combine(self.crawl.politeness.file_rights(exchange.url), header_rights(exchange.response_headers))
        return Capture(self.walk.source.id, task.asked, exchange, body, task.redirects, rights, dom=dom)

    async def _unchanged(self, memory: ChannelMemory, outcome: Literal["not-modified", "same-body"]) -> None:
        """The channel shows what it did at the last poll."""
        crawl, walk, now = self.crawl, self.walk, self.crawl.clock()

        def work(tx: Transaction) -> None:
            record_poll(tx, walk.source.id, walk.channel.key, memory=memory, polled_at=now, outcome=outcome)
            mark_polled(tx.session, walk.job)

        async with walk.lock:
            walk.waiting -= 1
            await crawl.write(work)
            crawl.events.poll_ended(walk.source.id, walk.channel.key, outcome)
        report = crawl.report[walk.source.id]
        report.polls += 1
        report.polls_unchanged += 1

    async def _offer(self, found: RecordedAnswer, *, of: int) -> None:
        """Offer the requests that follow, what is to be fetched, and known articles that the list (of so many links) says were
        updated."""
        crawl, walk, filed = self.crawl, self.walk, found.links
        for further in found.pages:
            await crawl.offer(page_task(crawl, walk, further))
        for link in filed.new:
            fresh = walk_task(crawl, walk, link, found.answers)
            if not crawl.tasks_in_flight.has_link(link.pk) and crawl.admit(fresh):
                await crawl.offer(fresh)
        if len(filed.updated) > max(REGENERATED, of / 2):
            return
        for known in filed.updated:
            if crawl.tasks_in_flight.has_article(known.pk):
                continue  # it is looked at anyway
            if crawl.admit(again := revisit_task(crawl, walk.source, known, walk.job, walk.priority)):
                await crawl.offer(again)

    # --- without an answer

    async def ended(self, task: Task, how: Ending, reason: str) -> None:
        """Note that the request gave nothing to read. The other requests of its walk go on."""
        if how == "put-off":
            await self._put_off(task, reason)
            return
        crawl, walk = self.crawl, self.walk
        crawl.report.fail(walk.source.id, reason, task.asked)
        if walk.is_poll:
            walk.failed.append(f"{task.asked}: {reason}")
            await self._one_less()
        elif (pk := self.page.pk) is not None and how not in UNCOUNTED:
            now, again = crawl.clock(), reason.partition(":")[0] not in LASTING
            await crawl.write(lambda tx: walks.page_failed(tx.session, pk, reason, now, again=again))

    async def _put_off(self, task: Task, reason: str) -> None:
        """Leave the request to the next crawl. A poll that has begun ends without it."""
        walk = self.walk
        self.crawl.report.postpone(walk.source.id, reason)
        if walk.is_poll:
            if walk.read or walk.waiting > 1:
                walk.failed.append(f"{task.asked}: left for later: {reason}")
            await self._one_less()

    async def _one_less(self) -> None:
        """One request of a poll less is under way; with the last one the poll is over."""
        crawl, walk = self.crawl, self.walk
        async with walk.lock:
            walk.waiting -= 1
            if walk.waiting or not (walk.read or walk.failed):
                return
            now = crawl.clock()
            dead = await crawl.write(lambda tx: end_poll(tx, walk, now))
            log_end(crawl.events, walk)
            if dead and crawl.search_again is not None:
                crawl.search_again(walk.source)
        report = crawl.report[walk.source.id]
        report.polls += 1
        report.polls_failed += not walk.read

    def faulted(self, task: Task, fault: Fault) -> None:
        del task
        if (pk := self.page.pk) is not None and fault.counts:
            now = self.crawl.clock()
            self.crawl.writer.submit(lambda tx: walks.page_failed(tx.session, pk, fault.reason, now))


def page_task(crawl: Crawl, walk: Walk, page: WalkPage) -> Task:
    """The task of one list request of a walk."""
    form = page.form if page.method == "POST" else None
    return Task(ListHandler(crawl, walk, page), walk.source, page.url, form=form, job=walk.job, priority=walk.priority)
