"""The Python API for readers: find articles, and see what they say, said, and when that changed.

from archive import load_settings, open_archive
from archive.query import find, diff

archive = open_archive(load_settings())
for hit in find(archive, "campbell sarapan", country=["ID"]):
    print(hit.title, hit.url)
"""

from archive.query.activity import Activity, ActivityMark, activity, mark
from archive.query.articles import diff, get, history, revision
from archive.query.base import Ambiguous, NotFound, Reader
from archive.query.coverage import DayCoverage, GapView, SourceCoverage, coverage
from archive.query.filters import Filters
from archive.query.find import COUNTED_TO, count, find, hits
from archive.query.handing_on import for_others
from archive.query.health import AlarmView, NextPoll, Overview, Totals, WorkerView, open_alarms, overview, totals
from archive.query.names import country_code, language_tag
from archive.query.spoken import Bound, Span, parse_days, parse_since, parse_span, parse_until
from archive.query.status import status
from archive.query.views import (
    ArticleView,
    ChannelStatus,
    History,
    Hit,
    LineageView,
    Look,
    RevisionDiff,
    RevisionView,
    SignalCounts,
    SourceStatus,
)

__all__ = [
    "COUNTED_TO",
    "Activity",
    "ActivityMark",
    "AlarmView",
    "Ambiguous",
    "ArticleView",
    "Bound",
    "ChannelStatus",
    "DayCoverage",
    "Filters",
    "GapView",
    "History",
    "Hit",
    "LineageView",
    "Look",
    "NextPoll",
    "NotFound",
    "Overview",
    "Reader",
    "RevisionDiff",
    "RevisionView",
    "SignalCounts",
    "SourceCoverage",
    "SourceStatus",
    "Span",
    "Totals",
    "WorkerView",
    "activity",
    "count",
    "country_code",
    "coverage",
    "diff",
    "find",
    "for_others",
    "get",
    "history",
    "hits",
    "language_tag",
    "mark",
    "open_alarms",
    "overview",
    "parse_days",
    "parse_since",
    "parse_span",
    "parse_until",
    "revision",
    "status",
    "totals",
]
