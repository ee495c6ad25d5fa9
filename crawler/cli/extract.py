"""`dateline extract`: read a page, saved or at an address, without an archive (contract: design 4.4)."""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console

from archive.cli.console.context import is_quiet, settings_of
from archive.cli.console.output import (
    Column,
    Format,
    FormatOption,
    data_stream,
    emit,
    emit_one,
    fact,
    out,
    say,
    tell,
)
from archive.cli.console.progress import spinner
from archive.config import Settings
from archive.errors import UsageError
from archive.model.text.printable import to_json
from archive.model.text.urls import clean_url, is_http

if TYPE_CHECKING:
    from crawler.extraction_pool.pool import ExtractionPool
    from crawler.reading.page import Reading

NO_URL = "http://page.invalid/saved"
"""The address of a page that comes without one (RFC 6761 reserves the name)."""

FIELDS = ("id", "title", "lead", "authors", "published_at", "modified_at", "language", "body", "captions", "original_url", "declared_language", "extractor", "error")  # fmt: skip


PageArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[FILE|URL]",
        help="A saved HTML page, the address of a page, or - for standard input.",
        show_default=False,
    ),
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="The address of a saved page. Its links are relative to it.",
        show_default=False,
    ),
]
RenderOption = Annotated[
    bool,
    typer.Option("--render", help="Read the page at an address in a browser, which runs its scripts."),
]
JsonLinesOption = Annotated[
    bool,
    typer.Option(
        "--jsonl", help='Read lines {"id", "url", "html_b64"} from standard input, and write one line for each.'
    ),
]


def register(app: typer.Typer) -> None:
    """Add `extract` to the front door's app."""
    app.command()(extract)


def extract(
    ctx: typer.Context,
    page: PageArgument = None,
    url: UrlOption = None,
    render: RenderOption = False,
    jsonl: JsonLinesOption = False,
    fmt: FormatOption = Format.table,
) -> None:
    """Read one page as a crawl would, and print the article.

    Nothing is stored, and no archive is needed. An address is asked as a crawl asks: robots.txt, delays and the limits of
    size and time hold. If the publisher reserves the page, it is still shown, because nothing is stored, and a message
    says so. A saved page and --jsonl use no network.

    Examples:

        dateline extract page.html --url https://example.org/news/1
        dateline extract page.html --format json
        dateline extract https://example.org/news/1
        dateline extract https://example.org/news/1 --render
        dateline extract --jsonl < pages.jsonl > articles.jsonl
    """
    settings = settings_of(ctx)
    if jsonl:
        if page is not None or url is not None or render:
            raise UsageError("--jsonl reads pages from stdin", hint="Leave FILE, --url and --render out.")
        _run_jsonl(settings.extract_processes, settings.extract_timeout.total_seconds())
        return
    row = _row_of_one(settings, page, url, render=render, quiet=is_quiet(ctx))
    _print_one(row, fmt)
    if row["error"] is not None:
        raise typer.Exit(1)


def _row_of_one(settings: Settings, page: str | None, url: str | None, *, render: bool, quiet: bool) -> dict[str, Any]:
    """Read the page at an address, or the saved one. Raises UsageError."""
    if page is None:
        raise UsageError("no page named", hint="dateline extract FILE or URL, or - for stdin; --jsonl for many pages.")
    if is_http(page):
        if url is not None:
            raise UsageError("--url names the address of a saved page", hint="Leave it out: the address is known.")
        return _fetch_one(settings, page, render=render, quiet=quiet)
    if render:
        raise UsageError("--render is for an address", hint="Saved pages are read as they were saved.")
    return _read_one(_file_bytes(page), url or NO_URL, settings.extract_timeout.total_seconds())


def article_row(identity: Any, reading: Reading) -> dict[str, Any]:
    """The row of a page, in the keys of design 4.4. A page that is no article has an `error` that says what it is."""
    article = reading.article
    if article is None:
        return failed_row(identity, f"{reading.kind}: {reading.reason}" if reading.reason else reading.kind)
    return {
        "id": identity,
        "title": article.title,
        "lead": article.lead,
        "authors": list(article.authors),
        "published_at": article.published.isoformat() if article.published else None,
        "modified_at": article.modified.isoformat() if article.modified else None,
        "language": article.language,
        "body": article.body,
        "captions": [{"text": c.text, "credit": c.credit, "image_url": c.image_url} for c in article.captions],
        "original_url": article.original_url,
        "declared_language": article.declared_language,
        "extractor": article.extractor,
        "error": None,
    }


def failed_row(identity: Any, error: str) -> dict[str, Any]:
    """The row of a page that gave no article."""
    from crawler.extract.version import EXTRACTOR

    row: dict[str, Any] = dict.fromkeys(FIELDS)
    return row | {"id": identity, "authors": [], "captions": [], "extractor": EXTRACTOR, "error": error}


def rows_of(lines: Iterable[str], pool: ExtractionPool, ahead: int) -> Iterator[dict[str, Any]]:
    """Make one row for each line of input, in order and as soon as it is ready. At most `ahead` pages are under way.

    Input is read in a thread of its own, so that a row does not wait for the next line to come.
    """
    waiting: Queue[tuple[Any, Future[Reading] | str] | BaseException | None] = Queue(maxsize=ahead)

    def take() -> None:
        try:
            for line in lines:
                if line.strip():
                    waiting.put(_submit(line, pool))
            waiting.put(None)
        except BaseException as error:  # noqa: BLE001  # handed to the reader of the queue
            waiting.put(error)

    Thread(target=take, name="pages", daemon=True).start()
    while (item := waiting.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        yield _row(*item, pool)


def _submit(line: str, pool: ExtractionPool) -> tuple[Any, Future[Reading] | str]:
    """The page's id, and its reading to be or why there is none."""
    from crawler.extract.markup.json_text import read_json
    from crawler.reading.page import Page

    try:
        given = read_json(line)
    except ValueError as error:
        return None, f"not JSON: {error}"
    if not isinstance(given, dict):
        return None, "not a JSON object"
    identity, url, encoded = given.get("id"), given.get("url"), given.get("html_b64")
    if not isinstance(encoded, str):
        return identity, "html_b64 is missing"
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        return identity, f"html_b64: {error}"
    return identity, pool.submit(Page(data, url if isinstance(url, str) and url else NO_URL))


def _row(identity: Any, work: Future[Reading] | str, pool: ExtractionPool) -> dict[str, Any]:
    from crawler.extraction_pool.pool import ExtractionFailed

    if isinstance(work, str):
        return failed_row(identity, work)
    try:
        return article_row(identity, pool.outcome(work))
    except ExtractionFailed as error:
        return failed_row(identity, str(error))


def _run_jsonl(processes: int, timeout: float) -> None:
    from crawler.extraction_pool.pool import ExtractionPool

    pool = ExtractionPool(processes, timeout)
    stream = data_stream()
    try:
        lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
        for row in rows_of(lines, pool, ahead=4 * processes):
            stream.write(to_json(row) + "\n")
            stream.flush()
    finally:
        pool.close()


def _read_one(data: bytes, url: str, timeout: float) -> dict[str, Any]:
    from crawler.extraction_pool.pool import ExtractionPool
    from crawler.reading.page import Page

    pool = ExtractionPool(1, timeout)
    try:
        return _row(url, pool.submit(Page(data, url)), pool)
    finally:
        pool.close()


def _fetch_one(settings: Settings, given: str, *, render: bool, quiet: bool) -> dict[str, Any]:
    """The row of the page at an address; what a person should know of it goes to stderr."""
    url = clean_url(given)
    if url is None:
        raise UsageError(f"{given}: not an address that can be asked", hint="Such as https://example.org/news/1")

    from crawler.runner.single_page import read_page  # Scrapy takes a second to import: not for --help

    told = f"asking {urlsplit(url).netloc} for robots.txt, then for the page …"
    with spinner(told):
        page = read_page(settings, url, render=render)
    if page.reserved and not quiet:
        tell(
            f"The publisher reserves this page: {page.reserved}. It is only shown here. A crawl would not keep its text."
            if page.withheld
            else f"The publisher reserves this page: {page.reserved}. A crawl would keep its text for you alone."
        )
    if page.url != url and not quiet:
        tell(f"The page has moved to {page.url}")
    return article_row(url, page.reading)


def _file_bytes(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}") from error


def _print_one(row: dict[str, Any], fmt: Format) -> None:
    if fmt is Format.json:
        emit_one(row)
    elif fmt is Format.table:
        _print_article(row)
    else:
        emit([row], [Column(name) for name in FIELDS], fmt)


def _print_article(row: Mapping[str, Any]) -> None:
    """Print an article as `dateline show` does."""
    console = out()
    if row["error"] is not None:
        fact(console, "address", str(row["id"]))
        fact(console, "no article", row["error"])
        return
    say(console, row["title"] or "(no title)", style="bold")
    _print_facts(console, row)
    _print_text(console, row)
    _print_captions(console, row["captions"])


def _print_facts(console: Console, row: Mapping[str, Any]) -> None:
    for name, value in (
        ("address", row["id"] if row["id"] != NO_URL else None),
        ("by", ", ".join(row["authors"])),
        ("published", row["published_at"]),
        ("modified", row["modified_at"]),
        ("language", row["language"]),
        ("original", row["original_url"]),
        ("read by", row["extractor"]),
    ):
        if value:
            fact(console, name, str(value))


def _print_text(console: Console, row: Mapping[str, Any]) -> None:
    """Print the lead and the paragraphs, with an empty line before each."""
    for text, style in ((row["lead"], "italic"), *((part, "") for part in (row["body"] or "").split("\n"))):
        if text and text.strip():
            console.print()
            say(console, text, style=style)


def _print_captions(console: Console, captions: Sequence[Mapping[str, Any]]) -> None:
    if captions:
        console.print()
    for caption in captions:
        credit = f" (photo: {caption['credit']})" if caption["credit"] else ""
        say(console, f"[picture] {caption['text'] or caption['image_url'] or ''}{credit}", style="dim")
