"""One entry of the registry: YAML node -> Source."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, cast, get_args

from ruamel.yaml.nodes import Node, SequenceNode

from archive.model.source import (
    NO_ACTIONS,
    Channel,
    ListActions,
    Selectors,
    Source,
    SourceKind,
    SourceStatus,
    UrlRules,
)
from archive.registry import checks
from archive.registry.channels import read_channel
from archive.registry.nodes import Check, NodeReader, parse_text, suggestion
from archive.registry.rendering import read_render

KEYS = (
    "id", "name", "homepage", "country", "language", "timezone", "kind", "discover", "article_urls", "render", "schedule",
    "delay", "extract", "expect", "status", "note",
)  # fmt: skip
REQUIRED = ("id", "name", "homepage")
LONGEST_DELAY = 3600


def read_source(reader: NodeReader, node: Node) -> Source | None:
    """The source that `node` describes. None means that something in it is wrong, which the reader then holds as a problem."""
    before = len(reader.problems)
    fields = reader.mapping(node, "the source", KEYS)
    if fields is None:
        return None
    for key in REQUIRED:
        if key not in fields:
            reader.problem(node, f"the source has no {key!r}")
    entry = _Entry(reader, fields)
    discover = entry.discover()
    # A channel that is wrong is named by itself, and may be the list that `render` is about.
    render, list_actions = entry.render(discover if len(reader.problems) == before else ())
    source = Source(
        id=entry.checked("id", checks.source_id) or "",
        name=entry.text("name") or "",
        homepage=entry.checked("homepage", checks.web_address) or "",
        country=entry.checked("country", checks.country),
        language=entry.language(),
        timezone=entry.checked("timezone", checks.timezone),
        kind=cast("SourceKind | None", entry.choice("kind", get_args(SourceKind))),
        discover=discover,
        article_urls=entry.article_urls(),
        render=render,
        schedule=entry.checked("schedule", checks.schedule) or "adaptive",
        delay=entry.delay(),
        extract=entry.extract(),
        expect_per_day=entry.expect(),
        status=cast(SourceStatus, entry.choice("status", get_args(SourceStatus)) or "unverified"),
        note=entry.text("note"),
        list_actions=list_actions,
        origin=reader.place(node),
    )
    if source.status == "refused" and "note" not in fields:
        reader.problem(fields["status"], "a refused source needs a note that says why")
    return source if len(reader.problems) == before else None


def source_of(entry: Mapping[str, Any]) -> Source | None:
    """The source that `entry` describes, as `source_entry` writes it. None means that this version cannot read it."""
    reader = NodeReader("entry")
    node = parse_text(json.dumps(entry), reader)  # JSON is YAML
    return read_source(reader, node) if node is not None else None


class _Entry:
    """The fields of one entry, read one by one."""

    def __init__(self, reader: NodeReader, fields: dict[str, Node]) -> None:
        self._reader = reader
        self._fields = fields

    def text(self, key: str) -> str | None:
        """The text of a field."""
        return self._reader.text(self._fields[key], key) if key in self._fields else None

    def checked(self, key: str, check: Check) -> str | None:
        """The text of a field with which its check finds nothing wrong."""
        return self._reader.field(self._fields, key, check)

    def choice(self, key: str, choices: tuple[str, ...]) -> str | None:
        """The text of a field that must be one of a few."""
        text = self.text(key)
        if text is None or text in choices:
            return text
        hint = suggestion(text, choices) or f"; it must be one of {', '.join(choices)}"
        self._reader.problem(self._fields[key], f"unknown {key} {text!r}{hint}")
        return None

    def render(self, channels: tuple[Channel, ...]) -> tuple[bool, ListActions]:
        node = self._fields.get("render")
        return read_render(self._reader, node, channels) if node is not None else (False, NO_ACTIONS)

    def language(self) -> tuple[str, ...]:
        node = self._fields.get("language")
        if node is None:
            return ()
        if isinstance(node, SequenceNode):
            return tuple(dict.fromkeys(self._reader.texts(node, "language", checks.language)))
        tag = self._reader.checked(node, "language", checks.language)
        return (tag,) if tag is not None else ()

    def delay(self) -> float | None:
        node = self._fields.get("delay")
        seconds = self._reader.number(node, "delay") if node is not None else None
        if node is not None and seconds is not None and seconds > LONGEST_DELAY:
            self._reader.problem(node, f"delay is in seconds; {seconds:g} is longer than an hour")
        return seconds

    def expect(self) -> tuple[int, int] | None:
        node = self._fields.get("expect")
        fields = self._reader.mapping(node, "expect", ("per_day",)) if node is not None else None
        if not fields:
            return None
        pair = fields["per_day"]
        numbers = [self._reader.number(item, "each of per_day") for item in self._reader.items(pair, "per_day")]
        if None in numbers:
            return None
        whole = [int(number) for number in numbers if number is not None]
        if len(whole) != 2 or whole != numbers or whole[0] > whole[1]:
            self._reader.problem(pair, "per_day must be two whole numbers, the least and the most: [5, 200]")
            return None
        return whole[0], whole[1]

    def article_urls(self) -> UrlRules:
        node = self._fields.get("article_urls")
        fields = self._reader.mapping(node, "article_urls", ("allow", "deny")) if node is not None else None
        patterns = {
            key: self._reader.texts(value, key, checks.regular_expression) for key, value in (fields or {}).items()
        }
        return UrlRules(**{key: tuple(map(re.compile, texts)) for key, texts in patterns.items()})

    def extract(self) -> Selectors:
        node = self._fields.get("extract")
        known = ("title", "body", "remove", "date", "authors")
        fields = self._reader.mapping(node, "extract", known) if node is not None else None
        single: dict[str, str | None] = {}
        remove: tuple[str, ...] = ()
        for key, value in (fields or {}).items():
            if key == "remove":
                remove = self._reader.texts(value, key, checks.css)
            else:
                single[key] = self._reader.checked(value, key, checks.css)
        return Selectors(remove=remove, **single)

    def discover(self) -> tuple[Channel, ...]:
        node = self._fields.get("discover")
        channels: dict[str, Channel] = {}
        for item in self._reader.items(node, "discover") if node is not None else []:
            channel = read_channel(self._reader, item)
            if channel is None:
                continue
            if channel.key in channels:
                self._reader.problem(item, f"the {channel.kind} {channel.url} stands twice in this source")
            channels[channel.key] = channel
        return tuple(channels.values())
