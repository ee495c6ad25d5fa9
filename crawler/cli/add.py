"""`dateline sources add ID-or-URL…`: follow a source of the registry, or look around a site for the ways to its articles and write
a registry entry for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from archive.cli.console.context import is_quiet, settings_of
from archive.cli.console.output import Column, Format, FormatOption, emit, out, tell
from archive.cli.console.own_registry import add_own_sources, own_file, write_own_file
from archive.cli.console.query_options import counted
from archive.cli.console.safe_text import safe
from archive.cli.sources import Kind
from archive.config import Settings
from archive.errors import DatelineError, UsageError
from archive.model.source import Source
from archive.model.text.did_you_mean import did_you_mean
from archive.model.text.urls import clean_url, url_key
from archive.planning import checks as orders
from archive.planning.checks import Check
from archive.query import country_code, language_tag
from archive.registry import Registry, checks, registry_for
from archive.registry.naming import free_id, namesake
from archive.registry.write import channel_entry, to_yaml
from archive.sources.discovered_channels import with_discovered_channels
from archive.sources.state import POLLED_KINDS, choose_sources, mark_verified, set_enabled, sync_sources
from archive.storage.locks import is_scheduled
from archive.storage.session import Archive, has_archive, open_archive
from crawler.cli.check_words import COLUMNS as COLUMNS_OF_CHECKS
from crawler.cli.check_words import check_sentences, not_checked, polled_from
from crawler.cli.run_checks import Seeing, show_check_progress

if TYPE_CHECKING:
    from crawler.channels.survey import Survey
    from crawler.discover.autodiscovery.candidates import Doubt, Found
    from crawler.discover.autodiscovery.ranking import Ranked

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
TAKE_STALE = "--stale accepts what is there although nothing new has come for a while."
BY_HAND = "`dateline help channels` explains how to name a channel by hand, such as a page with links."


class NothingFound(DatelineError):
    """The error of a site where no way to its articles was found."""


WantedArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="ID-or-URL",
        help="Ids of the registry, or homepages of sites. Several may be given.",
        show_default=False,
    ),
]
IdOption = Annotated[
    str | None,
    typer.Option(
        "--id",
        metavar="ID",
        help="The id of the new source. Without it the id is made from the name of the host.",
        show_default=False,
    ),
]
NameOption = Annotated[str | None, typer.Option(metavar="NAME", help="The name that people read.", show_default=False)]
CountryOption = Annotated[
    str | None,
    typer.Option(metavar="CODE", help="The country, such as KR or 'South Korea'.", show_default=False),
]
LanguageOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TAG",
        help="A language of the site, such as vi or Vietnamese. May be given more than once.",
        show_default=False,
    ),
]
ZoneOption = Annotated[
    str | None, typer.Option(metavar="ZONE", help="The time zone, such as Asia/Seoul.", show_default=False)
]
KindOption = Annotated[
    Kind | None, typer.Option(metavar="KIND", help="What kind of publisher it is.", show_default=False)
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Write new entries without asking.")]
StaleOption = Annotated[
    bool, typer.Option("--stale", help="Accept a source whose newest item is old, if nothing newer is found.")
]


def register(sources_app: typer.Typer) -> None:
    """Add `add` to the `sources` commands."""
    sources_app.command()(add)


def add(
    ctx: typer.Context,
    wanted: WantedArgument,
    source_id: IdOption = None,
    name: NameOption = None,
    country: CountryOption = None,
    language: LanguageOption = None,
    timezone: ZoneOption = None,
    kind: KindOption = None,
    yes: YesOption = False,
    stale: StaleOption = False,
    fmt: FormatOption = Format.table,
) -> None:
    """Follow sources of the registry, or any other site.

    A source of the registry is enabled and checked. For a site that the registry does not have, Dateline finds the feeds,
    sitemaps and lists, beginning at the homepage, and proposes a registry entry. The entry is written to the file
    sources/ID.yaml in the home. The search obeys robots.txt and makes a few dozen requests at most, one after another with
    pauses. Some of the links are opened to make sure that they lead to articles.

    For each source the command says what was found, from when on the source is polled, and what is missing. It works
    beside a running daemon or crawl. A new site can be looked at before there is an archive.

    The exit status is 1 if one of the sources cannot be followed.

    Examples:

        dateline sources add kr-mofa vn-mofa yonhap-en
        dateline sources add https://www.harbour-times.example/
        dateline sources add mfa.example --id mfa-xx --country XK --kind foreign-ministry --yes
        dateline sources add https://www.harbour-times.example/ --format json   the ranking, for programs
    """
    settings = settings_of(ctx)
    registry = registry_for(settings)
    given = _given(source_id, name, country, language, timezone, kind)
    if given and len(wanted) > 1:
        raise UsageError("--id, --name and the like describe one new source", hint="Name one address only.")
    if (taken := registry.sources.get(given.get("id", ""))) is not None:
        raise UsageError(f"the id {taken.id} is taken: it stands in {taken.origin}", hint="Choose another with --id.")
    known, homepages = _sort(wanted, registry, given)
    archive = open_archive(settings) if known or has_archive(settings) else None
    if archive is not None:
        ctx.call_on_close(archive.engine.dispose)
    adding = _Adding(ctx, settings, registry, archive, given, yes, stale, fmt)
    adding.run(known, homepages)


@dataclass
class _Adding:
    """One `sources add` under way."""

    ctx: typer.Context
    settings: Settings
    registry: Registry
    archive: Archive | None
    given: Mapping[str, Any]
    yes: bool
    stale: bool
    fmt: Format
    failed: dict[str, str] = field(default_factory=dict)
    """A sentence for each that cannot be followed."""
    hints: list[str] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    """For programs."""

    def run(self, known: Sequence[str], homepages: Sequence[str]) -> None:
        """Raises DatelineError naming what cannot be followed."""
        chosen = self._takeable(known)
        pks = self._order(chosen)
        with show_check_progress(is_quiet(self.ctx)) as say:
            seeing = Seeing(self.settings, self.archive, chosen, pks, say, homepages)
            over = {check.source_id: check for check in seeing.run()}
        for source in chosen.values():
            self._tell(source, over.get(source.id))
        found = dict(zip(homepages, seeing.surveys, strict=False))
        for homepage in homepages:
            if (survey := found.get(homepage)) is None:
                self.failed[homepage] = f"{homepage}: stopped before it was done"
            else:
                self._propose(homepage, survey)
        if self.fmt is not Format.table:
            emit(self.rows, PROGRAM_COLUMNS if homepages else COLUMNS_OF_CHECKS, self.fmt)
        if self.failed:
            said = list(self.failed.values())
            if (wanted := len(known) + len(homepages)) > 1:
                said.insert(0, f"{len(self.failed)} of {counted(wanted, 'source')} cannot be followed:")
            raise NothingFound(
                "\n".join(said),
                hint="\n".join(dict.fromkeys(self.hints)) or None,
            )

    # --- sources of the registry

    def _takeable(self, ids: Sequence[str]) -> dict[str, Source]:
        """The sources named, enabled; those that refuse crawlers are left out."""
        if not ids:
            return {}
        assert self.archive is not None, "it was opened"
        with self.archive.writing() as session:
            sync_sources(session, self.registry, datetime.now(UTC))
            sources = with_discovered_channels(session, choose_sources(self.registry, ids))
            for source in sources:
                if source.status == "refused":
                    self.failed[source.id] = f"{source.id} refuses crawlers and is not asked."
                    self.hints.append(f"`dateline sources show {source.id}` says why.")
                else:
                    set_enabled(session, source.id, True)
        return {source.id: source for source in sources if source.id not in self.failed}

    def _order(self, chosen: Mapping[str, Source]) -> dict[str, int]:
        if not chosen or self.archive is None:
            return {}
        with self.archive.writing() as session:
            return orders.order_checks(session, chosen.values(), datetime.now(UTC), why="added")

    def _tell(self, source: Source, check: Check | None) -> None:
        """Say what became of a source of the registry."""
        assert self.archive is not None, "it was opened"
        if check is None:
            self.failed[source.id] = f"{source.id} is enabled, but not checked yet."
            self.hints.append(not_checked([source.id]))
            return
        self.rows += [dict(row) for row in check.channels]
        newest = max((row["newest_at"] for row in check.channels if row["outcome"] == "stale"), default=None)
        if check.outcome == orders.NOT_ALIVE and newest is not None and self._takes_stale(source.id, newest):
            with self.archive.writing() as session:
                mark_verified(session, source.id, datetime.now(UTC))
                orders.drop_resting(session, [source.id])
            polled = polled_from(self.settings, self.archive, source, datetime.now(UTC))
            self._say(f"{source.id} is followed although its newest item is of {newest[:10]}. {polled}")
            return
        polled = polled_from(self.settings, self.archive, source, datetime.now(UTC))
        said = check_sentences(source, check, polled=polled)
        if check.outcome == orders.ALIVE:
            self._say(said)
            return
        self.failed[source.id] = said
        if newest is not None:
            self.hints.append(TAKE_STALE)

    def _takes_stale(self, what: str, newest: str) -> bool:
        """Whether a source is wanted although its newest item is old."""
        if self.stale or self.fmt is not Format.table or not sys.stdin.isatty():
            return self.stale
        return typer.confirm(f"The newest item of {what} is of {newest[:10]}. Follow it all the same?", err=True)

    # --- sites

    def _propose(self, homepage: str, survey: Survey) -> None:
        """Print what a site offers, and take it if that is wanted."""
        if survey.homepage != homepage and (known := _known(survey.homepage, self.registry, self.given)) is not None:
            self._take_namesake(survey.homepage, known)
            return
        proposal = _proposal(survey, self.registry, self.given)
        stale = None
        if proposal is None and (stale := _stale(survey)) is not None:
            newest = max(row.newest_at for row in survey.ranked if row.verdict == "stale" and row.newest_at is not None)
            shown = False
            if not self.stale and self.fmt is Format.table:
                self._print(survey, None)
                shown = True
            if self._takes_stale(homepage, newest.isoformat()):
                proposal = _proposal(replace(survey, proposal=stale), self.registry, self.given)
            elif shown:
                self._fail(homepage, survey)
                self.hints.insert(0, TAKE_STALE)
                return
        self._print(survey, proposal)
        if proposal is None:
            self._fail(homepage, survey)
            if stale is not None:
                self.hints.insert(0, TAKE_STALE)
            return
        _offer(self.settings, self.archive, proposal, yes=self.yes, shown=self.fmt is Format.table)

    def _fail(self, homepage: str, survey: Survey) -> None:
        error = _nothing(homepage, survey)
        self.failed[homepage] = error.message
        if error.hint:
            self.hints.append(error.hint)

    def _print(self, survey: Survey, proposal: Source | None) -> None:
        chosen = {channel.key for channel in proposal.discover} if proposal else set()
        rows = [_row(found, found.candidate.channel.key in chosen) for found in survey.ranked]
        self.rows += rows
        _print(survey, rows, self.fmt, quiet=is_quiet(self.ctx))

    def _take_namesake(self, homepage: str, known: Source) -> None:
        """The site leads to one that the registry has: that one is enabled, and its check ordered."""
        self._say(f"{homepage} stands in the registry as {known.id}.")
        if self.archive is None:
            self.failed[known.id] = f"{known.id} cannot be enabled: there is no archive yet."
            self.hints.append(f"Make it with `dateline init`; then `dateline sources add {known.id}`.")
            return
        chosen = self._takeable([known.id])
        pks = self._order(chosen)
        scheduled = is_scheduled(self.archive.engine, self.settings.home)
        if pks and scheduled:
            self._say(
                f"{known.id} is enabled. The daemon checks it now, and polls it within a minute if a channel is alive."
            )
        elif pks:
            self._say(
                f"{known.id} is enabled. `dateline sources check {known.id}` checks it; `dateline daemon` does so, too."
            )

    def _say(self, said: str) -> None:
        if not is_quiet(self.ctx):
            tell(said)


# --- before


_ID_LIKE = re.compile(r"[\w-]+")


def _sort(wanted: Sequence[str], registry: Registry, given: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The ids of sources that the registry has, and the homepages of others. Raises UsageError naming what is neither."""
    known: list[str] = []
    homepages: list[str] = []
    unknown: list[str] = []
    for text in dict.fromkeys(wanted):
        if text in registry.sources:
            known.append(text)
        elif _ID_LIKE.fullmatch(text) and text.lower() != "localhost":
            unknown.append(text)
        else:
            homepage = _address(text)
            if (source := _known(homepage, registry, given)) is None:
                homepages.append(homepage)
            else:
                tell(_is_known(homepage, source))
                known.append(source.id)
    if unknown:
        meant = did_you_mean(unknown, registry.sources)
        raise UsageError(
            f"no such source: {', '.join(unknown)}{meant}",
            hint="`dateline sources list` shows the ids. A new site is named by its address, such as https://www.example.org/",
        )
    return list(dict.fromkeys(known)), list(dict.fromkeys(homepages))


def _address(url: str) -> str:
    cleaned = clean_url(url if "://" in url else f"https://{url}")
    if cleaned is None or ("." not in (urlsplit(cleaned).hostname or "") and "localhost" not in cleaned):
        raise UsageError(f"{url}: not the address of a site", hint="Such as https://www.example.org/")
    return cleaned


def _known(homepage: str, registry: Registry, given: Mapping[str, Any]) -> Source | None:
    """The source of the registry that is meant by this homepage, unless a new id says that it is another publisher on the same
    host. Raises UsageError where an id is given for a site that the registry has already."""
    known = namesake(homepage, registry.sources.values())
    if known is None or "id" not in given:
        return known
    if url_key(known.homepage) != url_key(homepage):
        return None
    raise UsageError(
        f"{homepage}: the registry has this site already, as {known.id} ({known.origin})",
        hint=f"Follow it with: dateline sources add {known.id}",
    )


def _is_known(homepage: str, known: Source) -> str:
    said = f"{homepage} stands in the registry as {known.id}."
    if url_key(known.homepage) != url_key(homepage):
        said += f" ({known.homepage}; another publisher on the same host needs an --id of its own.)"
    return said


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


# --- what was found


def _proposal(survey: Survey, registry: Registry, given: Mapping[str, Any]) -> Source | None:
    from crawler.discover.autodiscovery.site_facts import site_facts

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


def _stale(survey: Survey) -> Source | None:
    """What could be proposed if old items do not matter."""
    from crawler.discover.autodiscovery.ranking import propose

    return propose(survey.discovery, survey.ranked, survey.homepage, stale=True)


def _print(survey: Survey, rows: Sequence[dict[str, Any]], fmt: Format, *, quiet: bool) -> None:
    if fmt is Format.table:  # for people, what failed is told in one line below
        shown = [row for row in rows if row["verdict"] not in NOT_SHOWN or row["found"] not in ("well-known", "cms")]
        origin = f"{urlsplit(survey.homepage).scheme}://{urlsplit(survey.homepage).netloc}"
        shown = [row | {"url": row["url"].removeprefix(origin), "why": row["why"].replace(origin, "")} for row in shown]
        if rows:
            emit(shown, COLUMNS, fmt, empty="nothing that can be read")
    else:
        shown = list(rows)
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
    if problem.startswith("put-off: "):
        return "The host wants to be left alone for a while. Give the same command again later."
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


def _offer(settings: Settings, archive: Archive | None, proposal: Source, *, yes: bool, shown: bool) -> None:
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
    write_own_file(file, [proposal], "Choose another name with --id.")
    tell(f"Wrote {file}.")
    tell(_next(settings, archive, proposal, file))


def _next(settings: Settings, archive: Archive | None, source: Source, file: Path) -> str:
    """Take the source into the archive, if there is one, and say from when on it is polled."""
    asked = any(channel.kind in POLLED_KINDS for channel in source.discover) and not source.render
    if (said := add_own_sources(settings, file, alive=[source.id] if asked else [])) is not None or archive is None:
        return said or "Next: `dateline init` creates the archive. Then `dateline daemon` polls the source."
    if asked:
        return f"{source.id}: {polled_from(settings, archive, source, datetime.now(UTC))}"
    if is_scheduled(archive.engine, settings.home):
        return f"{source.id}: the daemon checks it within a minute, and polls it if a channel works."
    return f"{source.id}: `dateline daemon` checks it and then polls it. `dateline sources check {source.id}` checks it now."
