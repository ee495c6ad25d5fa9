"""The request for the page after this one: pure (page or JSON answer, the channel's `next`) -> request."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from archive.model.source import Next
from archive.model.text.urls import clean_url
from crawler.discover.lists.model import NextPage
from crawler.discover.parsing.json_paths import first_text, search
from crawler.discover.parsing.page import Element, Page

_DATA = ("data-href", "data-url", "data-next", "data-next-url", "data-link")
_QUOTED = re.compile(r"""["']((?:https?:)?/[^"'\s<>]{1,2000})["']""")
_LONGEST = 4_000


def next_of_page(page: Page, following: Next | None, list_url: str, number: int) -> NextPage | None:
    """The request that follows page `number` (the first is 1) of a list whose first page is at `list_url`. None at the
    end.

    Without instructions it is the link that the page itself calls `rel=next`.
    """
    if following is None:
        return _request(_own_next(page), page.url)
    if following.cursor is not None:
        return None  # the cursor stands in JSON answers only
    if following.css is None:
        return _filled(following, list_url, page, page=following.first + (number - 1) * following.step)
    element = next(iter(page.tree.cssselect(following.css)), None)
    if element is None:
        return None
    if following.pattern is None:
        return _request(_leads_to(page, element), page.url)
    match = re.search(following.pattern, " ".join(element.get(name) or "" for name in ("onclick", "href"))[:_LONGEST])
    value = match[1] if match else None
    return _filled(following, list_url, page, page=int(value) if value.isdecimal() else value) if value else None


def next_of_json(data: Any, following: Next | None, list_url: str, url: str, number: int) -> NextPage | None:
    """The request that follows a JSON answer at `url`. None at the end.

    Raises:
        PathError: A path does not fit the answer.
    """
    if following is None or following.css is not None:
        return None
    if following.cursor is None:
        return _filled(following, list_url, None, page=following.first + (number - 1) * following.step)
    cursor = first_text(search(following.cursor, data))
    if cursor is None or len(cursor) > _LONGEST:
        return None
    if following.url is None and not following.form:
        return _request(clean_url(cursor, url), url)
    return _filled(following, list_url, None, cursor=cursor)


def _own_next(page: Page) -> str | None:
    for tag in ("link", "a"):
        for element in page.tree.iter(tag):
            if "next" in (element.get("rel") or "").lower().split() and (address := page.address(element.get("href"))):
                return address
    return None


def _leads_to(page: Page, element: Element) -> str | None:
    for target in (element, *element.iter("a")):
        raw = [target.get(name) for name in ("href", *_DATA)]
        if (match := _QUOTED.search((target.get("onclick") or "")[:_LONGEST])) is not None:
            raw.append(match[1])
        for href in raw:
            if address := page.address(href):
                return address
    return None


def _request(address: str | None, here: str) -> NextPage | None:
    return NextPage(address) if address is not None and address != clean_url(here) else None


def _filled(following: Next, list_url: str, page: Page | None, /, **values: Any) -> NextPage | None:
    in_address = {name: quote(value, safe="") if isinstance(value, str) else value for name, value in values.items()}
    try:
        address = clean_url((following.url or "").format(**in_address), list_url)
        form = tuple((name, value.format(**values)) for name, value in following.form)
    except (ValueError, KeyError, IndexError):  # {page:03d} for a page that is no number
        return None
    if address is None:
        return None
    if not form:
        return NextPage(address)
    hidden = _hidden(page, following.carry) if page is not None and following.carry else {}
    return NextPage(address, "POST", tuple((hidden | dict(form)).items()))


def _hidden(page: Page, css: str) -> dict[str, str]:
    """The hidden fields of a form: the state of the page that the server wants back."""
    form = next(iter(page.tree.cssselect(css)), None)
    if form is None:
        return {}
    fields = [field for field in form.iter("input") if (field.get("type") or "").lower() == "hidden"]
    return {field.get("name"): field.get("value") or "" for field in fields if field.get("name")}
