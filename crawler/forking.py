"""The process from which the extraction pool's processes are forked. It loads what they read with once, and they share that."""

from __future__ import annotations

from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerContext


def context() -> ForkServerContext:
    """How the pool starts its processes."""
    made = get_context("forkserver")
    made.set_forkserver_preload(["crawler.preload"])
    return made


def begin() -> None:
    """Start the fork server without waiting for it: it loads in a second, on another core, while this process still imports
    what it crawls with. It ends with this process, or as soon as it has loaded."""
    context()
    forkserver.ensure_running()
