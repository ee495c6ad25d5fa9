"""`dateline sources add URL`: look around a site for the ways to its articles, and write a registry entry for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from archive.cli.context import is_quiet, settings_of
from archive.cli.output import Column, Format, FormatOption, emit, out, say, tell
from archive.cli.own_registry import own_file, take_in, write_own
from archive.cli.progress import progress
from archive.cli.sources import Kind
from archive.cli.terminal import safe
from archive.config import Settings
from archive.errors import DatelineError, UsageError
from archive.model.source import Source
from archive.model.urls import clean_url, url_key
from archive.query import country_code, language_tag
from archive.registry import Registry, checks, registry_for
from archive.registry.naming import free_id, namesake
from archive.registry.write import channel_entry, to_yaml
from archive.sources import POLLED_KINDS
from crawler.cli.waits import once

if TYPE_CHECKING:
    from crawler.discover.autodiscover import Doubt, Found
    from crawler.discover.autodiscover_rank import Ranked
    from crawler.survey import Survey

WHERE: Mapping[Found, str] = {
    "link": "named by the page's head",
    "header": "named by a Link header",
    "robots": "named by robots.txt",
    "cms": "usual for this system",
    "anchor": "linked on the page",
    "section": "a section of the site",
    "well-known": "a usual address",
    "homepage": "the homepage itself",
}
DOUBTS: Mapping[Doubt, str] = {
    "comments": "readers' comments",
    "other-site": "another site",
    "one-tag": "one subject only",
    "one-author": "one author only",
    "no-news": "not news",
    "whole-host": "the whole host, not this part",
}
VERDICTS = {
    "live": "live",
    "undated": "items without dates",
    "stale": "stale",
    "off-site": "another site's items",
    "no-articles": "no articles",
    "empty": "empty",
    "failed": "failed",
}
COLUMNS = (
    Column("proposed", "", wrap=False, show=lambda value: "+" if value else ""),
    Column("kind", wrap=False),
    Column("url", "address", address=True),
    Column("verdict", show=lambda value: VERDICTS[value]),
    Column("items", align="right", wrap=False, show=lambda value: str(value) if value else "·"),
    Column("newest_at", "newest", wrap=False, show=lambda value: str(value)[:10] if value else "·"),
    Column("why", leave_out=1),
)
NOT_SHOWN = ("failed", "empty")
BY_HAND = "`dateline help channels` explains how to name a channel by hand, such as a page with links."


class NothingFound(DatelineError):
    """No way to a site's articles was found."""


def register(sources_app: typer.Typer) -> None:
    """Add `add` to the `sources` commands."""

    @sources_app.command()
    def add(
        ctx: typer.Context,
        url: Annotated[str, typer.Argument(metavar="URL", help="The homepage of the site.", show_default=False)],
        source_id: Annotated[
            str | None,
            typer.Option(
                "--id",
                metavar="ID",
                help="The id of the new source. Without it the id is made from the name of the host.",
                show_default=False,
            ),
        ] = None,
        name: Annotated[
            str | None, typer.Option(metavar="NAME", help="The name that people read.", show_default=False)
        ] = None,
        country: Annotated[
            str | None,
            typer.Option(metavar="CODE", help="The country, such as KR or 'South Korea'.", show_default=False),
        ] = None,
        language: Annotated[
            list[str] | None,
            typer.Option(
                metavar="TAG",
                help="A language of the site, such as vi or Vietnamese. May be given more than once.",
                show_default=False,
            ),
        ] = None,
        timezone: Annotated[
            str | None, typer.Option(metavar="ZONE", help="The time zone, such as Asia/Seoul.", show_default=False)
        ] = None,
        kind: Annotated[
            Kind | None, typer.Option(metavar="KIND", help="What kind of publisher it is.", show_default=False)
        ] = None,
        yes: Annotated[bool, typer.Option("--yes", "-y", help="Write the entry without asking.")] = False,
        fmt: FormatOption = Format.table,
    ) -> None:
        """Find the feeds, sitemaps and lists of a site, and propose a registry entry.

        The search begins at the homepage and obeys robots.txt. It makes a few dozen requests at most, one after another with
        pauses. What it finds is ranked: channels with new items come first. Some of the links are opened to make sure that
        they lead to articles. The entry is written to the file sources/ID.yaml in the home. No archive is needed.

        The exit status is 1 if no way to the articles was found.

        Examples:

            dateline sources add https://www.harbour-times.example/
            dateline sources add mfa.example --id mfa-xx --country XK --kind foreign-ministry --yes
            dateline sources add https://www.harbour-times.example/ --format json   the ranking, for programs
        """
        settings = settings_of(ctx)
        homepage = _address(url)
        given = _given(source_id, name, country, language, timezone, kind)
        registry = registry_for(settings)
        _refuse_known(homepage, registry, given)

        from crawler.prospect import survey_sites  # Scrapy takes a second to import: not for --help

        with _shown(homepage) as (asking, say):
            waits = None if is_quiet(ctx) else once(say)
            survey = survey_sites(settings, [homepage], tell=asking, waits=waits)[0]
        proposal = _proposal(survey, registry, given)
        _print(survey, proposal, fmt, quiet=is_quiet(ctx))
        if proposal is None:
            raise _nothing(homepage, survey)
        if homepage != survey.homepage:
            _refuse_known(survey.homepage, registry, given)
        _offer(settings, proposal, yes=yes, shown=fmt is Format.table)


# --- before


def _address(url: str) -> str:
    cleaned = clean_url(url if "://" in url else f"https://{url}")
    if cleaned is None or ("." not in (urlsplit(cleaned).hostname or "") and "localhost" not in cleaned):
        raise UsageError(f"{url}: not the address of a site", hint="Such as https://www.example.org/")
    return cleaned


def _given(
    source_id: str | None,
    name: str | None,
    country: str | None,
    language: list[str] | None,
    timezone: str | None,
    kind: Kind | None,
) -> dict[str, Any]:
    """What the user says about the source, checked. Raises UsageError."""
    tested = [
        (source_id, checks.source_id),
        (timezone, checks.timezone),
    ]
    for value, check in tested:
        if value is not None and (wrong := check(value)) is not None:
            raise UsageError(wrong)
    values = {
        "id": source_id,
        "name": name,
        "country": country_code(country) if country else None,
        "language": tuple(map(language_tag, language or ())),
        "timezone": timezone,
        "kind": kind.value if kind else None,
    }
    return {key: value for key, value in values.items() if value}


def _refuse_known(homepage: str, registry: Registry, given: Mapping[str, Any]) -> None:
    """Raises UsageError where the registry has the site, or the id, already."""
    if (taken := registry.sources.get(given.get("id", ""))) is not None:
        raise UsageError(f"the id {taken.id} is taken: it stands in {taken.origin}", hint="Choose another with --id.")
    known = namesake(homepage, registry.sources.values())
    if known is None or ("id" in given and url_key(known.homepage) != url_key(homepage)):
        return
    hint = f"`dateline sources show {known.id}` shows it, `dateline sources check {known.id}` asks it."
    if url_key(known.homepage) != url_key(homepage):
        hint += " If this is another publisher on the same host, give it an --id of its own."
    raise UsageError(f"{homepage}: the registry has this site already, as {known.id} ({known.origin})", hint=hint)


@contextmanager
def _shown(homepage: str) -> Iterator[Any]:
    """A line on a terminal's stderr that says what is asked; and what prints a sentence meanwhile."""
    if not sys.stderr.isatty():
        yield None, tell
        return
    bar = progress(SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    task = bar.add_task(safe(f"asking {urlsplit(homepage).netloc} for robots.txt …"), total=None)
    with bar:
        yield (
            lambda number, url: bar.update(task, description=safe(f"{number}: {url}")),
            lambda text: say(bar.console, text),
        )


# --- what was found


def _proposal(survey: Survey, registry: Registry, given: Mapping[str, Any]) -> Source | None:
    from crawler.discover.site_facts import site_facts

    source = survey.proposal
    if source is None:
        return None
    discovery = survey.discovery
    facts = site_facts(survey.homepage, discovery.title, discovery.language, survey.titles)
    taken = registry.sources.keys()
    known = {
        "id": free_id(survey.homepage, taken),
        "name": facts.name or source.name,
        "country": facts.country,
        "language": facts.languages,
        "timezone": facts.timezone,
        "kind": facts.kind,
        "render": survey.needs_browser,
    }
    return replace(source, **(known | dict(given)))


def _print(survey: Survey, proposal: Source | None, fmt: Format, *, quiet: bool) -> None:
    chosen = {channel.key for channel in proposal.discover} if proposal else set()
    rows = [_row(found, found.candidate.channel.key in chosen) for found in survey.ranked]
    shown = rows
    if fmt is Format.table:  # for people, what failed is told in one line below
        shown = [row for row in rows if row["verdict"] not in NOT_SHOWN or row["found"] not in ("well-known", "cms")]
        origin = f"{urlsplit(survey.homepage).scheme}://{urlsplit(survey.homepage).netloc}"
        shown = [row | {"url": row["url"].removeprefix(origin), "why": row["why"].replace(origin, "")} for row in shown]
    if rows or fmt is not Format.table:
        emit(shown, COLUMNS if fmt is Format.table else PROGRAM_COLUMNS, fmt, empty="nothing that can be read")
    if quiet or survey.problem is not None:
        return
    said = f"{survey.requests} requests"
    if left_out := len(rows) - len(shown):
        said += f"; nothing at {left_out} usual addresses"
    if survey.not_asked:
        said += f"; {survey.not_asked} further places not asked, since they would not change the choice"
    tell(said)


PROGRAM_COLUMNS = tuple(
    Column(key) for key in ("proposed", "kind", "url", "verdict", "items", "newest_at", "found", "doubts", "share", "same_as", "detail")
)  # fmt: skip


def _row(found: Ranked, proposed: bool) -> dict[str, Any]:
    candidate = found.candidate
    same = f"shows the same as {found.same_as}" if found.same_as else None
    why = [WHERE[candidate.found], *(DOUBTS[doubt] for doubt in candidate.doubts), found.detail, same]
    return {
        "proposed": proposed,
        "kind": candidate.channel.kind,
        "url": candidate.channel.url,
        "verdict": found.verdict,
        "items": found.items,
        "newest_at": found.newest_at,
        "found": candidate.found,
        "doubts": list(candidate.doubts),
        "share": round(found.share, 2),
        "same_as": found.same_as,
        "detail": found.detail,
        "channel": channel_entry(candidate.channel),
        "why": "; ".join(part for part in why if part),
    }


def _nothing(homepage: str, survey: Survey) -> NothingFound:
    """The error that says what was tried, and how to go on."""
    if survey.problem is not None:
        return NothingFound(f"{homepage}: {survey.problem}", hint=_next_step(survey.problem))
    kinds = ", ".join(dict.fromkeys(f"{found.candidate.channel.kind}s" for found in survey.ranked)) or "nothing to ask"
    tried = f"{len(survey.ranked)} places were tried ({kinds})"
    if survey.needs_browser:
        source = Source(id="…", name="…", homepage=survey.homepage, render=True)
        return NothingFound(
            f"{homepage}: the page is empty without its scripts, and nothing else leads to articles; {tried}",
            hint=f"A browser is needed to read it. Its entry would be:\n\n{to_yaml([source])}\n{BY_HAND}",
        )
    return NothingFound(f"{homepage}: no live feed, sitemap or list was found; {tried}", hint=BY_HAND)


def _next_step(problem: str) -> str:
    """What a person can do where the homepage could not be had."""
    if "address-refused" in problem:
        return "Only public addresses are asked. DATELINE_ALLOW_NETWORKS lets networks of your own through."
    if "host-not-found" in problem:
        return "Is the host's name right? No address is known for it here."
    match problem.partition(":")[0]:
        case "robots":
            return "The publisher's robots.txt forbids crawlers this page. Ask the publisher."
        case "robots-unreachable":
            return "Where robots.txt cannot be had, everything is forbidden for the time being (RFC 9309). Try later."
        case "HTTP 401" | "HTTP 402" | "HTTP 403" | "HTTP 451":
            return "The publisher refuses it. Dateline does not pretend to be a browser. Ask the publisher."
        case "HTTP 404" | "HTTP 410":
            return "There is no such page. Is the address complete?"
    return "Try later."


# --- the entry


def _offer(settings: Settings, proposal: Source, *, yes: bool, shown: bool) -> None:
    """Show the entry, and write it if that is wanted."""
    text = to_yaml([proposal])
    file = own_file(settings, proposal.id)
    if shown:
        out().print(f"\n{safe(text)}", soft_wrap=True, end="")
    if proposal.render:
        tell("The pages have no text without their scripts, so a browser is needed (`render: true`).")
    if not yes:
        if not sys.stdin.isatty():
            tell(f"Nothing was written. --yes writes the entry to {file}.")
            return
        if not typer.confirm(f"Write this to {file}?", default=True, err=True):
            tell("not written")
            return
    write_own(file, [proposal], "Choose another name with --id.")
    tell(f"Wrote {file}.")
    tell(_next(settings, proposal, file))


def _next(settings: Settings, source: Source, file: Path) -> str:
    """Take the source into the archive, if there is one, and say how to go on."""
    asked = any(channel.kind in POLLED_KINDS for channel in source.discover) and not source.render
    if (said := take_in(settings, file, alive=[source.id] if asked else [])) is not None:
        return said
    if not asked:
        return f"Next: `dateline sources check {source.id}`. A crawl cannot poll the source before that."
    return f"Next: `dateline crawl {source.id} --limit 10`. The daemon polls the source from now on."
