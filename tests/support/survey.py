"""`python -m support.survey TIME URL…`: looks around the sites as `dateline sources add` does, with a clock that stands at
TIME, all of them in one process; writes one JSON object a line."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime

from archive.config import load_settings
from archive.logs import configure_logs
from archive.registry.write import channel_entry


@dataclass(frozen=True)
class StandingClock:
    at: datetime

    def __call__(self) -> datetime:
        return self.at

    def real(self, seconds: float) -> float:
        return seconds


def main() -> None:
    from crawler.runner.survey import survey_sites

    at, *urls = sys.argv[1:]
    settings = load_settings()
    configure_logs(-1, settings.log_format)
    for url, survey in zip(
        urls, survey_sites(settings, urls, clock=StandingClock(datetime.fromisoformat(at))), strict=True
    ):
        told = {
            "url": url,
            "proposed": [channel_entry(c) for c in survey.proposal.discover] if survey.proposal else [],
            "ranked": [
                {"url": r.candidate.channel.url, "verdict": r.verdict, "doubts": r.candidate.doubts}
                for r in survey.ranked
            ],
            "needs_browser": survey.needs_browser,
            "requests": survey.requests,
            "problem": survey.problem,
        }
        print(json.dumps(told))


if __name__ == "__main__":
    main()
