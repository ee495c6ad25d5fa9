"""How soon and how completely the scheduling policies see a month of 1,000 sources, beside the rules of other systems.

    .venv/bin/python benchmarks/freshness.py                    1,000 sources, 30 days, 20,000 articles, three worlds; 10 minutes of CPU time
    .venv/bin/python benchmarks/freshness.py --quick            40 sources, 7 days: a smoke test
    .venv/bin/python benchmarks/freshness.py --seeds 1 2        other worlds

A discrete-event simulation in virtual time. It calls the product's own policy functions (`scheduler/policy`), with the values and in
the order in which the daemon does; feeds, articles and edits come from `freshness_world.py`, which shares neither code nor
parameters with them. The policies were tuned on the seeds 1, 2 and 4; figures are reported for 101 to 103 (see RESULTS.md).

Latency is from publication to the first capture: waiting for the poll, the daemon's tick of 5 s, and 30 s for the fetch. Items that left
the feed unseen count as infinitely late. Each of the sampled articles is followed for 30 days after its publication.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import freshness_polling as polling
import freshness_revisits as revisits
from freshness_polling import Polled
from freshness_revisits import Followed, Score
from freshness_world import DAY, HOUR, MINUTE, Site, make_life, make_sites

REPORTED = (101, 102, 103)
ADDED_WITHIN = 6 * HOUR
"""Sources are added within the first hours of the month."""


@dataclass
class PollFigures:
    """One rule's polling over all sites of one or more worlds."""

    all: list[float] = field(default_factory=list)
    daily: list[float] = field(default_factory=list)
    """Latencies at sites that publish daily or more."""
    asked_less: list[float] = field(default_factory=list)
    """Latencies at those of them whose feeds do not ask for longer pauses."""
    sites_in_time: list[bool] = field(default_factory=list)
    """For each of those: whether its own p95 is at most 20 minutes."""
    polls: int = 0
    quiet_polls: int = 0
    quiet_days: float = 0
    site_days: float = 0
    lost: int = 0
    unavoidable: int = 0

    def add(self, site: Site, polled: Polled, days: float) -> None:
        late = [captured - published for published, captured in polled.captured]
        self.all += late
        self.polls += len(polled.polls)
        self.site_days += days
        self.lost += polled.lost
        self.unavoidable += polled.unavoidable
        if site.per_day < 1:
            self.quiet_polls += len(polled.polls)
            self.quiet_days += days
        else:
            self.daily += late
            if not site.ttl:
                self.asked_less += late
                if len(late) >= 20:
                    self.sites_in_time.append(quantile(late, 0.95) <= 20 * MINUTE)


def rationing(seed: int, days: float) -> str:
    """One busy site whose budget does not suffice: what is caught with a part of the looks that it would get freely."""
    rng = random.Random(seed)
    site = next(site for site in make_sites(1000, days, rng) if site.kind == "news" and 90 < site.per_day < 130)
    lives = [make_life(site, published, rng) for published in site.published if published > 0]
    followed = [Followed(life, life.published + 5 * MINUTE, ends=days * DAY) for life in lives]
    free = revisits.score(followed, revisits.rationed(followed, 1e9, best_first=True))
    lines = [
        f"| looks a day, one site with {site.per_day:.0f} articles a day | highest gain first: first-day versions | all versions | longest due first: first-day versions | all versions |",
        "|---|---|---|---|---|",
    ]
    for part in (1.0, 0.5, 0.25, 0.1):
        a_day = part * free.requests / days
        cells = [f"{a_day:.0f} ({part:.0%})"]
        for best_first in (True, False):
            score = revisits.score(followed, revisits.rationed(followed, a_day, best_first=best_first))
            cells += [f"{share(score.first_day):.1%}", f"{share(score.every):.1%}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def quantile(values: Sequence[float], share: float) -> float:
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else math.nan


REVISITS = {
    "Dateline": ("Dateline", revisits.dateline),
    "Dateline's polls, NewsDiffs' table": ("Dateline", revisits.newsdiffs),
    "every 15 min, NewsDiffs' table": ("every 15 min (GDELT)", revisits.newsdiffs),
    "every 15 min, 24 h and 7 d (GDG)": (
        "every 15 min (GDELT)",
        lambda articles: revisits.at_ages(articles, (DAY, 7 * DAY)),
    ),
    "Miniflux, no revisits": ("Miniflux", lambda articles: revisits.at_ages(articles, ())),
    "every 6 h, no revisits (Media Cloud)": (
        "every 6 h (Media Cloud)",
        lambda articles: revisits.at_ages(articles, ()),
    ),
}
"""Name -> (whose first captures, when to look again)."""


@dataclass
class Figures:
    """All worlds together."""

    polling: dict[str, PollFigures] = field(default_factory=dict)
    revisits: dict[str, list[Score]] = field(default_factory=dict)


def simulate(seed: int, *, sources: int, days: float, articles: int, into: Figures) -> None:
    rng = random.Random(seed)
    sites = make_sites(sources, days, rng)
    starts = [rng.uniform(0, ADDED_WITHIN) for _ in sites]
    sample = _sample(sites, starts, articles, rng)
    polled: dict[str, dict[int, Polled]] = {}
    for name, rule in polling.RULES.items():
        figures = into.polling.setdefault(name, PollFigures())
        polled[name] = {}
        for site, start in zip(sites, starts, strict=True):
            done = polling.run(site, rule(site, start), start=start, end=days * DAY)
            figures.add(site, done, days - start / DAY)
            polled[name][site.number] = done
    lives = [(site, make_life(site, published, rng)) for site, published in sample]
    for name, (whose, look_again) in REVISITS.items():
        captures = {number: dict(done.captured) for number, done in polled[whose].items()}
        followed = [
            Followed(
                life,
                captures[site.number].get(life.published, math.inf),
                revisits.hints_of(site, life, polled[whose][site.number].polls),
            )
            for site, life in lives
        ]
        into.revisits.setdefault(name, []).append(revisits.score(followed, look_again(followed)))


def _sample(sites: list[Site], starts: list[float], articles: int, rng: random.Random) -> list[tuple[Site, float]]:
    population = [
        (site, published)
        for site, start in zip(sites, starts, strict=True)
        for published in site.published
        if published > start
    ]
    return rng.sample(population, min(articles, len(population)))


def report(figures: Figures) -> str:
    lines = [
        "| polling | p50 | p95 | daily or more: p50 | p95 | without ttl: p50 | p95 | sites in time | polls a source and day | of rarer sources | lost | avoidable |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, poll in figures.polling.items():
        cells = [
            *(f"{quantile(late, q) / 60:.1f}" for late in (poll.all, poll.daily, poll.asked_less) for q in (0.5, 0.95)),
            f"{share(poll.sites_in_time):.1%}",
            f"{poll.polls / poll.site_days:.1f}",
            f"{poll.quiet_polls / poll.quiet_days:.1f}" if poll.quiet_days else "",
            f"{poll.lost}",
            f"{poll.lost - poll.unavoidable}",
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| revisits | before first edit | first-day versions | versions of a week | all versions | edits noticed | after, p50 | removals noticed | after, p50 | looks an article |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for name, scores in figures.revisits.items():
        noticed = [late for one in scores for late in one.noticed]
        removals = [late for one in scores for late in one.removals]
        edits = sum(len(one.every) for one in scores) - sum(one.edited for one in scores)
        cells = [
            f"{sum(one.in_time for one in scores) / sum(one.edited for one in scores):.1%}",
            *(f"{share([v for one in scores for v in getattr(one, k)]):.1%}" for k in ("first_day", "week", "every")),
            f"{len(noticed) / edits:.1%}",
            f"{quantile(noticed, 0.5) / 60:.0f} min",
            f"{len(removals) / max(1, sum(one.deleted for one in scores)):.1%}",
            f"{quantile(removals, 0.5) / 3600:.1f} h",
            f"{sum(one.requests for one in scores) / sum(one.articles for one in scores):.1f}",
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> Figures:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(REPORTED))
    parser.add_argument("--sources", type=int, default=1000)
    parser.add_argument("--days", type=float, default=30)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--quick", action="store_true", help="40 sources, 7 days, 600 articles, one seed")
    chosen = parser.parse_args(arguments)
    if chosen.quick:
        chosen.seeds, chosen.sources, chosen.days, chosen.articles = chosen.seeds[:1], 40, 7, 600
    figures, began = Figures(), time.perf_counter()
    for seed in chosen.seeds:
        simulate(seed, sources=chosen.sources, days=chosen.days, articles=chosen.articles, into=figures)
        print(f"seed {seed}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    print(report(figures))
    print()
    print(rationing(chosen.seeds[0], 1 if chosen.quick else 5))
    return figures


if __name__ == "__main__":
    main()
