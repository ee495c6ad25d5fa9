"""Logging: one event name for each thing that happens, with its facts as fields. Always to stderr."""

from __future__ import annotations

import logging
import sys
from io import StringIO
from traceback import format_exception
from types import TracebackType
from typing import Literal, TextIO

import structlog

from archive.masking import masked_event, masked_text


def configure_logs(verbosity: int, log_format: Literal["auto", "console", "json"] = "auto") -> None:
    """Set up structlog and the standard library's loggers of our dependencies.

    `verbosity`: -1 errors only, 0 warnings, 1 info, 2 everything, of our dependencies too.
    """
    level = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    final: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, masked_event, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [masked_event, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=_traceback)]
    )
    structlog.configure(
        processors=[*shared, *final],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # An item that failed is our own event (`look_failed`); Scrapy would print all of it. A tick that is left out because the
    # last one is not over is what APScheduler was told to do.
    logging.getLogger("scrapy.core.scraper").setLevel(logging.DEBUG if verbosity > 1 else logging.CRITICAL)
    logging.getLogger("apscheduler").setLevel(logging.DEBUG if verbosity > 1 else logging.ERROR)
    for name in ("scrapy", "twisted", "asyncio", "apscheduler", "trafilatura", "htmldate", "alembic", "py.warnings"):
        # What they log is either recorded by us as an outcome, or noise; with -vv everything is shown.
        logging.getLogger(name).setLevel(logging.DEBUG if verbosity > 1 else logging.ERROR)
    # A look that failed is told by us; here the whole page would be shown.
    logging.getLogger("scrapy.core.scraper").setLevel(logging.DEBUG if verbosity > 1 else logging.CRITICAL)
    logging.getLogger("trafilatura").setLevel(logging.DEBUG if verbosity > 2 else logging.CRITICAL)


def show_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python's report of an error that nobody handled, without passwords (for `sys.excepthook`)."""
    sys.stderr.write(masked_text("".join(format_exception(kind, error, trace))))


def _traceback(stream: TextIO, exc_info: structlog.typing.ExcInfo) -> None:
    """A plain traceback without passwords. structlog's own shows the variables of every frame, the settings among them."""
    text = StringIO()
    structlog.dev.plain_traceback(text, exc_info)
    stream.write(masked_text(text.getvalue()))
