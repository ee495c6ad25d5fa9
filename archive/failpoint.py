"""Failpoints: places at which a test lets the process die, to prove that nothing is lost or half written there.

`DATELINE_FAILPOINT=name:n` kills the process (SIGKILL, nothing is cleaned up) when the n-th pass reaches the point. Unset,
which is always so in use, a pass costs one comparison.
"""

from __future__ import annotations

import os
import signal
from typing import Literal, get_args

Point = Literal[
    "warc-written",  # records handed to the file, rows not yet
    "rows-written",  # rows flushed, WARC not yet on disk
    "warc-synced",  # WARC on disk, transaction open
    "committed",  # transaction durable, nobody told yet
    "told",  # the caller knows that it is done
    "backup-rows",  # the rows are copied, no file is
    "backup-file",  # one more WARC file is copied
    "backup-files",  # all is copied, the manifest not written
    "restore-file",  # one more WARC file is restored
    "restore-rows",  # the rows are there, not yet under their name
]

_name, _, _count = os.environ.get("DATELINE_FAILPOINT", "").partition(":")
if _name and _name not in get_args(Point):
    raise ValueError(f"DATELINE_FAILPOINT: {_name!r} is none of {', '.join(get_args(Point))}")
_left = int(_count or 1)


def reach(point: Point) -> None:
    """End the process here if the environment says so."""
    global _left
    if point != _name:
        return
    _left -= 1
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
