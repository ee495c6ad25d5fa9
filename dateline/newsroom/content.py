"""Reads the newsroom's content: one TOML file per site. Strict, so that a slip in a file is found at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar, cast

from dateline.newsroom.model import (
    Article,
    ChangeKind,
    Departure,
    Feed,
    Labels,
    Picture,
    Site,
    SiteList,
    StaticFile,
    Text,
    Trap,
    Version,
)

T = TypeVar("T")

_EDIT_KEYS = frozenset(
    {"at", "title", "lead", "authors", "published", "caption", "credit", "replace", "insert", "stamp", "ending", "path"}
)
_ARTICLE_KEYS = frozenset(
    {"id", "path", "section", "at", "published", "title", "lead", "authors", "body", "picture", "edit"}
    | {"original", "headers", "meta_robots", "feed_links", "withheld", "forbidden"}
)


class ContentError(ValueError):
    """The error of a content file that does not say what it must. The message names file and entry."""


@cache
def sites() -> Mapping[str, Site]:
    """Read all sites, by id, in the order of their file names.

    Raises:
        ContentError: A file does not say what it must.
    """
    return _read("content")


@cache
def list_sites() -> Mapping[str, Site]:
    """Read the sites without feeds, by id. They are apart because the demo shall stay short.

    Raises:
        ContentError: A file does not say what it must.
    """
    return _read("content/lists")


def _read(name: str) -> Mapping[str, Site]:
    folder = files("dateline.newsroom").joinpath(name)
    found: dict[str, Site] = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            site = parse_site(file.read_text("utf-8"), file.name)
            found[site.id] = site
    for site in found.values():
        for article in site.articles:
            if article.original is not None and article.original not in _article_names(found.values()):
                raise ContentError(f"{site.id}/{article.id}: original {article.original!r} is no article")
    return found


def _article_names(all_sites: Any) -> set[str]:
    return {f"{site.id}/{article.id}" for site in all_sites for article in site.articles}


def parse_site(text: str, name: str) -> Site:
    """Read a site from the text of its file. `name` is for messages.

    Raises:
        ContentError: The text does not say what it must.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ContentError(f"{name}: {error}") from error
    _only(data, {"site", "labels", "feed", "list", "file", "article", "trap"}, name)
    head = dict(data.get("site", {}))
    site_id = str(head.get("id", name))
    site = _make(
        Site,
        {
            **head,
            "labels": _make(Labels, data.get("labels", {}), f"{name}: labels"),
            "feeds": tuple(_make(Feed, feed, f"{name}: feed") for feed in data.get("feed", ())),
            "lists": tuple(_make(SiteList, entry, f"{name}: list") for entry in data.get("list", ())),
            "files": {path: _make(StaticFile, file, f"{name}: {path}") for path, file in data.get("file", {}).items()},
            "articles": tuple(_article(article, site_id, name) for article in data.get("article", ())),
            "traps": tuple(_make(Trap, trap, f"{name}: trap") for trap in data.get("trap", ())),
        },
        f"{name}: site",
    )
    # TOML has no null: an empty string means that nothing is declared
    return replace(site, header_charset=site.header_charset or None, meta_charset=site.meta_charset or None)


def _only(data: Mapping[str, Any], allowed: Any, where: str) -> None:
    unknown = set(data) - set(allowed)
    if unknown:
        raise ContentError(f"{where}: unknown {', '.join(sorted(unknown))}")


def _make(cls: type[T], data: Mapping[str, Any], where: str) -> T:
    """A dataclass from a table: lists become tuples, unknown and missing keys are errors."""
    _only(data, {f.name for f in fields(cast(Any, cls))}, where)
    try:
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in data.items()})
    except TypeError as error:
        raise ContentError(f"{where}: {error}") from error


def paragraphs(text: str) -> tuple[str, ...]:
    """Split a text into paragraphs, which are parted by empty lines. Each paragraph becomes one line."""
    return tuple(part.strip() for part in text.strip().split("\n\n") if part.strip())


def _article(data: Mapping[str, Any], site_id: str, name: str) -> Article:
    where = f"{name}: article {data.get('id', '?')}"
    _only(data, _ARTICLE_KEYS, where)
    try:
        text = Text(
            title=data["title"],
            lead=data.get("lead"),
            body=paragraphs(data["body"]),
            authors=tuple(data.get("authors", ())),
            published=data["published"],
            modified=None,
            pictures=tuple(_make(Picture, picture, where) for picture in data.get("picture", ())),
        )
        versions, departures = _life(text, data.get("at", data["published"]), data.get("edit", ()), where)
        return Article(
            id=data["id"],
            site_id=site_id,
            path=data["path"],
            section=data["section"],
            versions=versions,
            departures=departures,
            original=data.get("original"),
            headers=dict(data.get("headers", {})),
            meta_robots=data.get("meta_robots"),
            feed_links=tuple(data.get("feed_links", ())),
            withheld=data.get("withheld"),
            forbidden=data.get("forbidden", False),
        )
    except KeyError as error:
        raise ContentError(f"{where}: {error.args[0]} is missing") from error


def _life(
    text: Text, at: datetime, edits: Sequence[Mapping[str, Any]], where: str
) -> tuple[tuple[Version, ...], tuple[Departure, ...]]:
    versions = [Version(at, text, ())]
    departures: list[Departure] = []
    last = at
    for edit in edits:
        _only(edit, _EDIT_KEYS, where)
        if edit["at"] <= last:
            raise ContentError(f"{where}: edit at {edit['at']} is not after {last}")
        last = edit["at"]
        if "ending" in edit:
            departures.append(Departure(edit["at"], edit["ending"], edit.get("path")))
            continue
        new = edited(versions[-1].text, edit, where)
        changes = changed(new, versions[-1].text)
        if not changes:
            raise ContentError(f"{where}: the edit at {edit['at']} changes nothing")
        versions.append(Version(edit["at"], new, changes))
    return tuple(versions), tuple(departures)


def edited(text: Text, edit: Mapping[str, Any], where: str) -> Text:
    """Edit `text`. `replace` pairs must each occur in the body. `insert` is [position, paragraph]."""
    new: dict[str, Any] = {key: edit[key] for key in ("title", "lead", "published") if key in edit}
    if "authors" in edit:
        new["authors"] = tuple(edit["authors"])
    if "caption" in edit or "credit" in edit:
        first, *others = text.pictures
        first = replace(first, caption=edit.get("caption", first.caption), credit=edit.get("credit", first.credit))
        new["pictures"] = (first, *others)
    body = text.body
    for old, fresh in edit.get("replace", ()):
        if not any(old in paragraph for paragraph in body):
            raise ContentError(f"{where}: {old!r} is not in the body")
        body = tuple(paragraph.replace(old, fresh) for paragraph in body)
    if "insert" in edit:
        position, paragraph = edit["insert"]
        body = (*body[:position], paragraph, *body[position:])
    new["body"] = body
    if edit.get("stamp"):
        new["modified"] = edit["at"]
    return replace(text, **new)


def changed(new: Text, old: Text) -> tuple[ChangeKind, ...]:
    """The kinds in which two texts differ. A new time of modification alone is none: it is a claim, not an edit."""
    pairs: tuple[tuple[ChangeKind, bool], ...] = (
        ("headline", new.title != old.title),
        ("lead", new.lead != old.lead),
        ("body", new.body != old.body),
        ("byline", new.authors != old.authors),
        ("date", new.published != old.published),
        ("caption", new.pictures != old.pictures),
    )
    return tuple(kind for kind, differs in pairs if differs)
