"""Logging: one event name for each thing that happens, with its facts as fields. It always goes to stderr, one line for each
event.
"""

from __future__ import annotations

import logging
import os
import sys
from traceback import format_exception
from types import TracebackType
from typing import Any, Literal

import structlog

from archive.masking import masked_event, masked_text
from archive.model.text.printable import one_line, safe, safe_values

LEVELS = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO}
"""By verbosity; from 2 on everything of ours is logged, from `EVERYTHING` on what our dependencies say as well."""
EVERYTHING = 3
OURS = ("archive", "crawler", "scheduler", "dateline")
TRACEBACK = "exception"
"""The one field that has lines of its own."""


def level_for(given: int, *, service: bool = False) -> int:
    """The verbosity of a command, which `configure_logs` is given.

    `given` counts the `-v`; -1 is `-q`. A `service` (the daemon, a fetching process) is one step more talkative than a command
    for which somebody waits, because its log is all that a person sees of it. `-vv` shows everything of either.
    """
    return given + 1 if service or given >= 2 else given


def configure_logs(verbosity: int, log_format: Literal["auto", "console", "json"] = "auto") -> None:
    """Set up structlog and the standard library's loggers of our dependencies.

    A `verbosity` of -1 shows errors only, 0 warnings, 1 what happens, 2 also what came to nothing and why something waits, 3
    everything, of our dependencies too.
    """
    level = LEVELS.get(verbosity, logging.DEBUG)
    everything = verbosity >= EVERYTHING
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso" if as_json else "%Y-%m-%dT%H:%M:%SZ", utc=True),
    ]
    final: list[structlog.typing.Processor] = [structlog.processors.format_exc_info]
    if as_json:
        final += [_safe_for_programs, masked_event, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty() and not os.environ.get("NO_COLOR"),  # https://no-color.org/
            sort_keys=False,  # a line says its facts in the order in which its writer named them
            exception_formatter=structlog.dev.plain_traceback,
        )
        final += [_safe_for_people, masked_event, renderer]
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
    root.setLevel(level if everything else max(level, logging.INFO))
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    for name in ("scrapy", "twisted", "asyncio", "apscheduler", "trafilatura", "htmldate", "alembic", "py.warnings"):
        # What they log is either recorded by us as an outcome, or noise; with -vv everything is shown. A tick that is left out
        # because the last one is not over is what APScheduler was told to do.
        logging.getLogger(name).setLevel(logging.DEBUG if everything else logging.ERROR)
    # A look that failed is told by us (`look_failed`); here the whole page would be shown.
    logging.getLogger("scrapy.core.scraper").setLevel(logging.DEBUG if everything else logging.CRITICAL)
    logging.getLogger("trafilatura").setLevel(logging.DEBUG if verbosity > EVERYTHING else logging.CRITICAL)


def _safe_for_programs(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {key: safe_values(value) for key, value in event.items()}


def _safe_for_people(_logger: Any, _name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Each value on one line. The renderer puts a text of several words in quotation marks."""
    return {key: safe(value) if key == TRACEBACK else _for_people(value) for key, value in event.items()}


def _for_people(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return ", ".join(one_line(held) for held in value)
    return value if isinstance(value, (bool, int, float)) or value is None else one_line(value)


def show_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print Python's report of an error that nobody handled, without passwords (for `sys.excepthook`)."""
    sys.stderr.write(safe(masked_text("".join(format_exception(kind, error, trace)))))
