"""`dateline extract --jsonl`: one line for each page, always, in order."""

from __future__ import annotations

import base64
import json
from concurrent.futures import Future
from typing import Any, cast

from crawler.cli.extract import FIELDS, rows_of
from crawler.extraction_pool.pool import ExtractionFailed, ExtractionPool
from crawler.reading.page import Page, Reading
from crawler.reading.read import read


class PoolHere:
    """Reads in this process; a page whose address says so fails."""

    def submit(self, page: Page) -> Future[Reading]:
        future: Future[Reading] = Future()
        if "crash" in page.url:
            future.set_exception(RuntimeError())
        else:
            future.set_result(read(page))
        return future

    def outcome(self, future: Future[Reading]) -> Reading:
        try:
            return future.result()
        except RuntimeError as error:
            raise ExtractionFailed("crashed") from error


def rows(*lines: str) -> list[dict[str, Any]]:
    return list(rows_of(lines, cast(ExtractionPool, PoolHere()), ahead=2))


def line(identity: Any, html: str, url: str = "https://news.example/world/a") -> str:
    return json.dumps({"id": identity, "url": url, "html_b64": base64.b64encode(html.encode()).decode()})


PAGE = "<title>River treaty</title><h1>River treaty</h1><p>The ministers signed a treaty on the shared river on Tuesday.</p>"


def test_every_page_has_its_line_in_order_with_exactly_the_agreed_keys() -> None:
    found = rows(
        line(1, PAGE),
        "not json\n",
        line("two", PAGE, "https://news.example/crash"),
        "\n",
        '{"id": 3}',
        '{"id": 4, "html_b64": "!"}',
        "[]",
        line(5, "<title>404</title><h1>Page not found</h1><p>Sorry.</p>"),
        line(6, PAGE),
    )
    assert [row["id"] for row in found] == [1, None, "two", 3, 4, None, 5, 6]
    assert all(tuple(row) == FIELDS for row in found)
    assert found[0]["error"] is None
    assert (found[0]["title"], found[0]["language"]) == ("River treaty", "en")
    assert found[0]["body"] == "The ministers signed a treaty on the shared river on Tuesday."
    assert found[2]["error"] == "crashed"
    assert found[6]["error"].startswith("soft-404")
    for row in found[1:-1]:
        assert row["error"]
        assert (row["title"], row["body"], row["authors"], row["captions"]) == (None, None, [], [])


def test_a_page_without_address_is_read() -> None:
    given = json.loads(line(1, PAGE))
    del given["url"]
    assert rows(json.dumps(given))[0]["title"] == "River treaty"
