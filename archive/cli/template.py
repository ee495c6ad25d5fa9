"""`dateline sources show ID --template`: what was learnt of a source's site, explained."""

from __future__ import annotations

from typing import Any

from archive.cli.console.output import Column, Format, emit, fact, out
from archive.cli.console.query_options import counted
from archive.ingest.site_templates import SiteMemory, TemplatePast
from archive.model.site_memory import FORMAT, next_step
from archive.model.source import Selectors, Source

PLACES = (
    Column("field", style="bold", wrap=False),
    Column("selector"),
    Column("seen", "right on", wrap=False),
    Column("from", wrap=False),
)
BLOCKS = (Column("articles", align="right"), Column("text", "beginning of a line that is left out"))
HISTORY = (
    Column("learnt_at", "learnt", wrap=False),
    Column("articles", align="right"),
    Column("version", wrap=False),
    Column("fields"),
    Column("retired_at", "retired", wrap=False),
    Column("because"),
)
_OVERRIDES = {"title": "title", "body": "body", "authors": "authors", "date": "date"}


def as_dict(source: Source, memory: SiteMemory) -> dict[str, Any]:
    """What was learnt of a site, as programs get it."""
    current = memory.current
    template = current.learnt.template if current else None
    return {
        "id": source.id,
        "version": current.digest if current else None,
        "learnt_at": current.learnt_at if current else None,
        "learnt_from_pages": template.pages if template else 0,
        "articles_seen": memory.seen,
        "learns_next_at": next_step(memory.seen),
        "evidence_held": memory.evidence,
        "places": _places(source.extract, current),
        "noise": sorted(template.noise) if template else [],
        "bounds": {"shortest": template.shortest, "longest": template.longest, "outside": template.outside}
        if template
        else None,
        "blocks": [{"articles": b.articles, "text": b.text or None, "key": b.key} for b in _blocks(current)],
        "pages_fitted": memory.fitted,
        "pages_not_fitted": memory.misfitted,
        "recent": memory.recent,
        "checked_at": memory.checked_at,
        "last_misfit": memory.last_misfit,
        "redesigned_at": memory.redesigned_at,
        "redesign": memory.redesign,
        "history": [_past(past) for past in memory.history],
    }


def show_template(source: Source, memory: SiteMemory, fmt: Format) -> None:
    """Explain to a person what was learnt of a site, or print it for a program."""
    row = as_dict(source, memory)
    if fmt is not Format.table:
        emit([row], [Column(key) for key in row], fmt)
        return
    for name, text in _sentences(source, memory, row):
        fact(out(), name, text, width=12)
    for rows, columns in ((row["places"], PLACES), (row["blocks"], BLOCKS), (row["history"], HISTORY)):
        if rows:
            out().print()
            emit(rows, columns, fmt)


def _sentences(source: Source, memory: SiteMemory, row: dict[str, Any]) -> list[tuple[str, str]]:
    current = memory.current
    template = current.learnt.template if current else None
    said = [("source", f"{source.id} ({source.name})")]
    if template and current:
        said.append(
            ("template", f"learnt {_minute(current.learnt_at)} from the pages of {counted(template.pages, 'article')}")
        )
        said.append(("checked", _checked(memory)))
    else:
        said.append(("template", "none; pages are read by the general rules"))
    if memory.redesign:
        said.append(("redesign", f"{_minute(memory.redesigned_at)}: {memory.redesign}"))
    if memory.last_misfit:
        said.append(("did not fit", memory.last_misfit))
    if row["noise"]:
        said.append(("no text in", "; ".join(row["noise"])))
    said.append(("learns next", f"after {row['learns_next_at']} articles; so far it has seen {memory.seen}"))
    return said


def _checked(memory: SiteMemory) -> str:
    total = memory.fitted + memory.misfitted
    if not total:
        return "on no page so far"
    return (
        f"on {counted(total, 'page')}, last {_minute(memory.checked_at)}; "
        f"{memory.misfitted} did not fit and were read by the general rules"
    )


def _places(chosen: Selectors, current: TemplatePast | None) -> list[dict[str, Any]]:
    template = current.learnt.template if current else None
    rows = []
    for name in ("title", "lead", "authors", "date", "body"):
        own = getattr(chosen, _OVERRIDES[name]) if name in _OVERRIDES else None
        place = template.places.get(name) if template else None
        if own:
            rows.append({"field": name, "selector": own, "seen": None, "from": "registry"})
        elif place:
            seen = f"{place.seen} of {place.pages} pages"
            rows.append({"field": name, "selector": place.selector, "seen": seen, "from": "learnt"})
        else:
            rows.append({"field": name, "selector": None, "seen": None, "from": "generic"})
    return rows


def _blocks(current: TemplatePast | None) -> Any:
    return current.learnt.blocks if current else ()


def _past(past: TemplatePast) -> dict[str, Any]:
    template = past.learnt.template
    fields = ", ".join(template.selectors) if template else "none"
    because = past.retired_because or (f"ignored: not of format {FORMAT}" if past.ignored else "in force")
    return {
        "learnt_at": past.learnt_at,
        "articles": past.articles,
        "version": past.digest,
        "fields": fields + (f"; {len(past.learnt.blocks)} lines" if past.learnt.blocks else ""),
        "retired_at": past.retired_at,
        "because": because,
    }


def _minute(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"
