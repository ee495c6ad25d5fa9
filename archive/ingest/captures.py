"""Store captures: first the bytes in the WARC file, then the row that says where they are."""

from __future__ import annotations

from typing import Literal

from archive.model.capture import Capture, RightsPolicy
from archive.model.text.urls import url_key
from archive.tables import CaptureRow
from archive.warc.records import Earlier, Revisit
from archive.writer.writer import Transaction

Kept = Literal["response", "digest"]


def store_capture(
    tx: Transaction, capture: Capture, *, kept: Kept, policy: RightsPolicy, same_as: CaptureRow | None = None
) -> CaptureRow:
    """Write a capture and return its row, which has its key and is complete.

    With `response` as `kept` the bytes are stored, unless the publisher's signals forbid it. With `digest` only headers and
    digests are stored. `same_as` is the stored capture whose bytes came again, or were confirmed by a 304. Then a revisit
    record is stored.
    """
    answer = capture.answer
    transferred = capture.transfer_digest
    withheld = capture.rights.withheld_because(policy)
    row = CaptureRow(
        source_id=capture.source_id,
        url=capture.url,
        url_key=url_key(capture.url),
        final_url=capture.final_url,
        requested_at=capture.via[0].requested_at if capture.via else answer.requested_at,
        captured_at=capture.captured_at,
        status=answer.status,
        headers=[list(header) for header in answer.response_headers],
        redirects=[
            {"url": hop.url, "status": hop.status, "location": hop.header("location")} for hop in capture.redirects
        ],
        ip=answer.ip,
        truncated=answer.truncated,
        payload_digest=transferred,
        content_digest=transferred if capture.shown is answer.body else capture.content_digest,
        length=len(answer.body),
        kept="withheld" if withheld else kept,
        withheld_because=withheld,
        origin=capture.origin.kind,
        origin_url=capture.origin.url,
        origin_offset=capture.origin.offset,
        rights=capture.rights.stored(),
    )
    if not withheld and kept == "response":
        revisit = _revisit(capture, same_as)
        if same_as is not None and revisit is None and capture.dom is not None:
            row.kept = "digest"  # the shell differs, what it shows is kept already
        else:
            _write(tx, row, capture, revisit)
    tx.rows.add(row)
    return row


def _revisit(capture: Capture, same_as: CaptureRow | None) -> Revisit | None:
    if same_as is None or same_as.warc_record_id is None:
        return None
    earlier = Earlier(same_as.warc_record_id, same_as.final_url, same_as.captured_at)
    if capture.answer.status == 304:
        return Revisit("not-modified", earlier)
    # Revisits refer to the bytes as transferred: the same page in another compression is no identical payload.
    return Revisit("identical", earlier) if same_as.payload_digest == capture.transfer_digest else None


def _write(tx: Transaction, row: CaptureRow, capture: Capture, revisit: Revisit | None) -> None:
    place = tx.warc.write(capture, revisit=revisit)
    row.kept = "revisit" if revisit else "response"
    row.warc_file = place.file
    row.warc_offset = place.offset
    row.warc_length = place.length
    row.warc_record_id = place.record_id
