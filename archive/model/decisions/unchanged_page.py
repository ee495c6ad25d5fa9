"""The signals of a page that was not read again, because a server or equal bytes said that it is as it was. Pure."""

from __future__ import annotations

from dataclasses import replace

from archive.model.capture import Rights


def rights_of_unread(now: Rights, last: Rights, *, not_modified: bool) -> Rights:
    """What a publisher signals about a page whose document was not read again.

    `now` has what the headers of this answer and the TDM file of the host say; `last` what the last look found. The document
    is the same, so what it said then it says today. `not_modified`: the answer is a 304, which need not repeat the header
    fields of the page (RFC 9110, 15.4.5), so that what the headers said then holds as well, unless they say something else.
    """
    kept = tuple(line for line in last.evidence if _holds(line, not_modified=not_modified))
    noarchive = now.noarchive or (last.noarchive and (not last.evidence or any(map(_is_noarchive, kept))))
    reservation, policy = now.tdm_reservation, now.tdm_policy
    if _reserves(kept, "meta") or (_reserves(kept, "header") and not _reserves(now.evidence, "header")):
        reservation, policy = last.tdm_reservation, last.tdm_policy
    return replace(
        now,
        noarchive=noarchive,
        tdm_reservation=reservation,
        tdm_policy=policy if reservation else None,
        evidence=tuple(dict.fromkeys((*now.evidence, *kept))),
    )


def _holds(line: str, *, not_modified: bool) -> bool:
    """Whether evidence of the last look holds for a page that was not read again."""
    return line.startswith("meta:") or (not_modified and line.startswith("header:"))


def _is_noarchive(line: str) -> bool:
    """Whether a line of evidence is a robots directive, not one of the TDM protocol."""
    return not line.partition(":")[2].startswith("tdm-")


def _reserves(evidence: tuple[str, ...], carrier: str) -> bool:
    """Whether a carrier made a statement about text and data mining."""
    return any(line.startswith(f"{carrier}:tdm-reservation=") for line in evidence)
