"""Record: the look into the archive, in one transaction; the count into the report once it is committed."""

from __future__ import annotations

from dataclasses import dataclass

from archive.frontier import links, walks
from archive.ingest import doubtful, record
from archive.ingest.captures import store_capture
from archive.ingest.record import Recorded
from archive.model.capture import RightsPolicy
from archive.model.decisions.another_page import ANOTHER_PAGE
from archive.model.frontier import KnownArticle, PendingLink
from archive.model.link import Link
from archive.model.revision import LookOutcome
from archive.model.text.sketch import sketch_of
from archive.model.text.urls import url_key
from archive.writer.writer import Needs, Transaction
from crawler.engine.article_handler import article_task, link_ended
from crawler.engine.crawl import Crawl
from crawler.engine.look import Look, Verdict
from crawler.frontier.walk import MISSED
from crawler.pipelines.base import CrawlPipeline


@dataclass(frozen=True, slots=True)
class Written:
    """The outcome of the transaction, and the links that it made ready to be fetched."""

    recorded: Recorded | None = None
    ready: tuple[PendingLink, ...] = ()
    doubtful: bool = False
    """Whether the page may be another one than the article's, so that nothing was made of its text."""


class Record(CrawlPipeline):
    """The pipeline that writes every look, whatever its verdict. A look that comes out of it is committed."""

    async def process_item(self, item: Look) -> Look:
        crawl = self.crawl
        policy = crawl.settings.rights_policy
        written = await crawl.write(lambda tx: write_look(tx, item, policy), needs(item))
        if written.doubtful:
            item.verdict = Verdict("failed", ANOTHER_PAGE)
        count(crawl, item, written.recorded)
        if written.recorded is not None:
            crawl.events.looked_at(item.task.source.id, item.article, item.task.asked, written.recorded)
        await self._learn(item, written.recorded)
        for link in written.ready:
            await crawl.offer(article_task(crawl, item.task.source, link, item.task))
        verdict = item.verdict
        found = item.article if verdict is not None and verdict.kind in ("read", "alias") else None
        await link_ended(item.task, found)
        return item

    async def _learn(self, item: Look, recorded: Recorded | None) -> None:
        """What the page says of its site."""
        verdict, source = item.verdict, item.task.source
        if recorded is None or item.reading is None or verdict is None or verdict.kind != "read":
            return
        if self.crawl.sites.note(source.id, item.task.url, item.reading, recorded):
            await self.crawl.learn(source.id)


def needs(look: Look) -> Needs:
    """Name the rows that `write_look` will look up."""
    task, article = look.task, look.article
    urls = record.addresses(look.capture, article) if article is not None else ()
    return Needs(
        task.source.id,
        keys=tuple(dict.fromkeys(url_key(url) for _, url in urls)),
        link=task.link.pk if task.link else None,
        article=task.known.pk if task.known else None,
    )


def write_look(tx: Transaction, look: Look, policy: RightsPolicy) -> Written:
    """Write all rows of one look."""
    verdict, known = look.verdict, look.task.known
    assert verdict is not None, "the gate judged this look"
    if verdict.kind == "read":
        return _write_article(tx, look, policy)
    if verdict.kind == "alias":
        return _write_alias(tx, look, verdict, policy)
    if known is not None:
        return _write_look_at_known(tx, look, verdict, known, policy)
    return _write_without_article(tx, look, verdict, policy)


def _write_article(tx: Transaction, look: Look, policy: RightsPolicy) -> Written:
    assert look.article is not None, "a look with verdict read has an article"
    task = look.task
    link = task.link.pk if task.link else None
    known = task.known.pk if task.known else None
    judgement = doubtful.judge(tx, look.capture, look.article, known=known, hint=task.hints.title)
    if judgement.doubtful:
        recorded = doubtful.record_doubtful(tx, look.capture, look.article, judgement, link=link, policy=policy)
        key = task.link.url_key if task.link else None
        ready = links.release_aliases(tx, task.source.id, key) if key is not None else []
        return Written(recorded, tuple(ready), doubtful=True)
    recorded = record.record_article(
        tx,
        look.capture,
        look.article,
        link=link,
        known=known,
        hints=task.hints,
        baseline=look.baseline,
        first=judgement.first,
        policy=policy,
    )
    return Written(recorded, recorded.released)


def _write_alias(tx: Transaction, look: Look, verdict: Verdict, policy: RightsPolicy) -> Written:
    """Write that the page is another address of an article, and the link to the article's own address."""
    assert verdict.reason is not None, "an alias names its canonical URL"
    task = look.task
    store_capture(tx, look.capture, kept="response", policy=policy)
    canonical = Link(verdict.reason, task.hints)
    article = look.article
    sketch = sketch_of(article.main_text, article.title) if article is not None else None
    ready = links.record_alias(tx, task.source.id, task.asked, canonical, link=task.link, sketch=sketch)
    if task.walk is not None and task.walk.row is not None:
        walks.add_walk_links(tx.session, task.walk.row.pk, [further.pk for further in ready])
    return Written(ready=tuple(ready))


def _write_look_at_known(
    tx: Transaction, look: Look, verdict: Verdict, known: KnownArticle, policy: RightsPolicy
) -> Written:
    """Write a look at a known article that showed no text to be compared."""
    outcome: LookOutcome
    if verdict.kind == "excluded" and look.reading is not None and look.reading.kind == "empty":
        # Whatever hides the text says nothing of the article: not that it is missing, either.
        recorded, _ = record.record_another_page(tx, known.pk, look.capture, policy=policy)
        return Written(recorded, doubtful=True)
    if verdict.kind == "look":
        assert verdict.outcome is not None, "a look has an outcome"
        outcome, detail = verdict.outcome, verdict.reason
    else:
        outcome = "failed" if verdict.kind == "failed" else "soft-404"
        detail = verdict.reason or verdict.kind
    return Written(record.record_look(tx, known.pk, outcome, capture=look.capture, detail=detail, policy=policy))


def _write_without_article(tx: Transaction, look: Look, verdict: Verdict, policy: RightsPolicy) -> Written:
    """Write a look at a page of which no article is known and that showed none, and what becomes of its link."""
    # Of a page that could not be read nobody knows whether its meta tags allow it to be kept.
    store_capture(tx, look.capture, kept="digest" if verdict.kind == "failed" else "response", policy=policy)
    link = look.task.link
    if link is None:
        return Written()
    reason = verdict.reason or verdict.kind
    if (lasting := _lasting(look)) is not None:
        links.settle(tx, link.pk, "excluded", f"{lasting}: {reason}")
    elif verdict.kind == "failed" or (verdict.kind == "look" and verdict.outcome != "gone"):
        links.record_failed_attempt(tx, link.pk, reason, answered=verdict.kind == "look")
    else:
        links.settle(tx, link.pk, "excluded", reason)
    return Written(ready=tuple(links.release_aliases(tx, look.task.source.id, link.url_key)))


def _lasting(look: Look) -> str | None:
    """Why an address of a walk that showed no article need not be tried again by itself, where others would be: an id without
    an article is asked for by the next walk, and what is missing from the past will not come any more."""
    walk, verdict = look.task.walk, look.verdict
    if walk is None or verdict is None or verdict.kind == "failed" or verdict.outcome == "blocked":
        return None
    if walk.channel.kind == "ids":
        return MISSED
    return verdict.outcome if walk.row is not None and verdict.outcome in ("missing", "soft-404", "gone") else None


def count(crawl: Crawl, look: Look, recorded: Recorded | None) -> None:
    """Enter a committed look in the crawl's report."""
    verdict, task = look.verdict, look.task
    assert verdict is not None, "the gate judged this look"
    report = crawl.report[task.source.id]
    if verdict.kind == "alias":
        report.alias += 1
    elif recorded is not None and verdict.kind in ("read", "look"):
        crawl.report.signals(task.source.id, recorded.withheld_because, noarchive=recorded.noarchive)
        match recorded.kind:
            case "new":
                report.new += 1
            case "revised":
                report.revised += 1
            case "unchanged" | "flapping":
                report.unchanged += 1
            case "withheld":
                pass  # counted with its reason
            case "gone" | "missing" | "soft-404" | "moved" | "blocked" | "paywalled":
                report.gone += 1
            case other:
                raise AssertionError(f"record() answered {other!r}")
    elif verdict.kind == "failed":
        crawl.report.fail(task.source.id, verdict.reason or "failed", task.asked)
    else:
        crawl.report.exclude(task.source.id, verdict.reason or verdict.kind)
