"""The process from which the extraction pool's processes are forked. It loads what they read with once, and they share that."""

from __future__ import annotations

import os
import signal
from multiprocessing import forkserver, get_context, resource_tracker
from multiprocessing.context import ForkServerContext

import structlog

log = structlog.get_logger()

PRELOADED = "crawler.extraction_pool.preload"
"""The module that the fork server imports, by name: the process that fetches does not need what it loads."""


def context() -> ForkServerContext:
    """The way in which the pool starts its processes.

    None of them imports from the folder that this process was started in: a file there that is named like any module
    would be run in its place.
    """
    os.environ["PYTHONSAFEPATH"] = (
        "1"  # the server, and the tracker beside it, are Python processes with our environment
    )
    made = get_context("forkserver")
    made.set_forkserver_preload([PRELOADED])
    return made


def begin() -> None:
    """Start the fork server without waiting for it.

    It loads in a second, on another core, while this process still imports what it crawls with. It ends with this
    process, or as soon as it has loaded.
    """
    context()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        resource_tracker.ensure_running()  # the server would start it, which clears the mask
        # The server ignores Ctrl-C, but only once it has loaded.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        forkserver.ensure_running()
    except OSError as error:  # no descriptors, no memory: the pool will try again when there is something to be read
        log.warning("fork_server_not_started", error=repr(error))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
