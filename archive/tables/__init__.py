"""Typed mappings of the archive's tables (SQLAlchemy 2), the same on SQLite and PostgreSQL."""

from archive.tables.articles import (
    AliasRow,
    ArticleRow,
    DoubtfulPageRow,
    LineageRow,
    ObservationRow,
    PlacementRow,
    RevisionRow,
)
from archive.tables.base import Base
from archive.tables.captures import CaptureRow
from archive.tables.jobs import HostSlotRow, JobRow, WorkerRow
from archive.tables.ledger import AlarmRow, CoverageRow, GapRow
from archive.tables.links import LinkRow
from archive.tables.memory import EvidenceRow, SiteMemoryRow, TemplateRow
from archive.tables.runs import MetaRow, RunRow
from archive.tables.sources import ChannelRow, HostRow, SourceRow
from archive.tables.walks import MementoRow, WalkLinkRow, WalkPageRow, WalkRow

__all__ = [
    "AlarmRow",
    "AliasRow",
    "ArticleRow",
    "Base",
    "CaptureRow",
    "ChannelRow",
    "CoverageRow",
    "DoubtfulPageRow",
    "EvidenceRow",
    "GapRow",
    "HostRow",
    "HostSlotRow",
    "JobRow",
    "LineageRow",
    "LinkRow",
    "MementoRow",
    "MetaRow",
    "ObservationRow",
    "PlacementRow",
    "RevisionRow",
    "RunRow",
    "SiteMemoryRow",
    "SourceRow",
    "TemplateRow",
    "WalkLinkRow",
    "WalkPageRow",
    "WalkRow",
    "WorkerRow",
]
