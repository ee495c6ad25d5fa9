"""One channel of a registry entry: YAML node -> Channel."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from typing import Any, cast, get_args

from ruamel.yaml.nodes import Node, ScalarNode

from archive.model.source import CdxMatch, Channel, ChannelKind, IdWalk, Next, WebArchive
from archive.registry import checks
from archive.registry.nodes import Check, NodeReader, parse_text, suggestion

_LIST = ("items", "links", "title", "date", "pattern", "view", "next")
OPTIONS: dict[ChannelKind, tuple[str, ...]] = {
    "feed": (),
    "sitemap": (),
    "listing": _LIST,
    "archive": _LIST,
    "json": (*_LIST, "script"),
    "ids": ("start", "step", "misses"),
    "wayback": ("match", "cdx", "replay"),
    "warc": ("base",),
}
"""The channel kinds, and what may stand beside the address of each."""

ALL_OPTIONS = tuple(dict.fromkeys(option for options in OPTIONS.values() for option in options))
_PAGE = re.compile(r"\{page(?::\d*d?)?\}")  # and not the `{page: …}` of a JMESPath
NEXT_KEYS = ("css", "pattern", "url", "form", "carry", "cursor", "from", "step")


def read_channel(reader: NodeReader, node: Node) -> Channel | None:
    """The channel that `node` describes. None means that something in it is wrong, which the reader then holds as a problem."""
    before = len(reader.problems)
    fields = reader.mapping(node, "the channel", (*OPTIONS, *ALL_OPTIONS))
    if fields is None or len(reader.problems) > before:
        return None
    kinds = [kind for kind in OPTIONS if kind in fields]
    if len(kinds) != 1:
        said = " and ".join(kinds) if kinds else "none"
        reader.problem(node, f"a channel names one of {', '.join(OPTIONS)} with its address; this one names {said}")
        return None
    kind = kinds[0]
    address = reader.checked(fields[kind], kind, checks.CHANNEL_ADDRESS[kind])
    for key in fields:
        if key != kind and key not in OPTIONS[kind]:
            reader.problem(fields[key], f"{key!r} has no meaning for a {kind}")
    if len(reader.problems) > before:
        return None
    channel = _Options(reader, node, kind, fields).channel(address or "")
    return channel if len(reader.problems) == before else None


def channels_of(entries: Sequence[Any]) -> tuple[Channel, ...]:
    """The channels that `entries` describe, as `channel_entry` writes them. Those that this version cannot read are left out."""
    found = []
    for entry in entries:
        reader = NodeReader("found")
        node = parse_text(json.dumps(entry), reader)  # JSON is YAML
        if node is not None and (channel := read_channel(reader, node)) is not None:
            found.append(channel)
    return tuple(found)


class _Options:
    """The options of one channel, read one by one."""

    def __init__(self, reader: NodeReader, node: Node, kind: ChannelKind, fields: dict[str, Node]) -> None:
        self._reader = reader
        self._node = node
        self._kind = kind
        self._fields = fields
        self._path = checks.jmespath if kind == "json" else checks.css
        """What selects in the answers of this kind."""

    def channel(self, address: str) -> Channel:
        return Channel(
            self._kind,
            address,
            links=self._text("links", self._path),
            next=self._next(),
            items=self._text("items", self._path),
            title=self._beside("title"),
            date=self._beside("date"),
            pattern=self._text("pattern", checks.capturing),
            view=self._view(),
            script=self._text("script", checks.css),
            ids=self._ids() if self._kind == "ids" else None,
            web_archive=self._web_archive() if self._kind == "wayback" else None,
            base=self._text("base", checks.web_address),
        )

    def _text(self, key: str, check: Check) -> str | None:
        return self._reader.field(self._fields, key, check)

    def _beside(self, key: str) -> str | None:
        """A path to what stands beside a link. In JSON the two can be told to belong together only inside an item."""
        if self._kind == "json" and key in self._fields and "items" not in self._fields:
            self._reader.problem(self._fields[key], f"{key!r} needs 'items': it is searched for inside each of them")
        return self._text(key, self._path)

    def _view(self) -> str | None:
        if "pattern" in self._fields and "view" not in self._fields:
            self._reader.problem(self._fields["pattern"], "'pattern' finds an id, and needs a 'view' to put it into")
        return self._text("view", checks.view_template)

    def _whole(self, fields: dict[str, Node], key: str, default: int, least: int) -> int:
        number = self._reader.whole(fields[key], key, least) if key in fields else None
        return default if number is None else number

    def _ids(self) -> IdWalk:
        walk = IdWalk()
        return IdWalk(
            self._whole(self._fields, "start", walk.start, 0),
            self._whole(self._fields, "step", walk.step, 1),
            self._whole(self._fields, "misses", walk.misses, 1),
        )

    def _web_archive(self) -> WebArchive:
        defaults = WebArchive()
        match = self._text("match", _cdx_match) or defaults.match
        if ("cdx" in self._fields) != ("replay" in self._fields):
            self._reader.problem(self._node, "an archive of one's own needs both 'cdx' and 'replay'")
        cdx, replay = (self._text(key, checks.web_address) for key in ("cdx", "replay"))
        return WebArchive(cast(CdxMatch, match), cdx or defaults.cdx, replay or defaults.replay)

    def _next(self) -> Next | None:
        node = self._fields.get("next")
        if node is None:
            return None
        if isinstance(node, ScalarNode):
            return self._next_text(node)
        before = len(self._reader.problems)
        fields = self._reader.mapping(node, "next", NEXT_KEYS)
        if fields is None or len(self._reader.problems) > before:
            return None
        following = Next(
            css=self._reader.field(fields, "css", checks.css),
            pattern=self._reader.field(fields, "pattern", checks.capturing),
            cursor=self._reader.field(fields, "cursor", checks.jmespath),
            url=self._reader.field(fields, "url", checks.page_template),
            form=self._form(fields["form"]) if "form" in fields else (),
            carry=self._reader.field(fields, "carry", checks.css),
            first=self._whole(fields, "from", 2, 0),
            step=self._whole(fields, "step", 1, 1),
        )
        if len(self._reader.problems) == before and (wrong := _contradiction(following, fields)) is not None:
            self._reader.problem(node, wrong)
        return following

    def _next_text(self, node: ScalarNode) -> Next | None:
        """A text alone: a template if it has {page} to be filled in, else the path to the next page."""
        text = self._reader.text(node, "next")
        if text is None:
            return None
        if _PAGE.search(text):
            template = self._reader.checked(node, "next", checks.page_template)
            return Next(url=template)
        path = self._reader.checked(node, "next", self._path)
        return Next(cursor=path) if self._kind == "json" else Next(css=path)

    def _form(self, node: Node) -> tuple[tuple[str, str], ...]:
        found = []
        for key, value in self._reader.pairs(node, "form"):
            text = self._reader.text(value, f"the form's {key}", may_be_empty=True)
            if text is None:
                continue
            if (wrong := checks.step_template(text)) is not None:
                self._reader.problem(value, wrong)
            found.append((key, text))
        return tuple(found)


def _contradiction(following: Next, fields: dict[str, Node]) -> str | None:
    """What is wrong with the keys of `next` together. None means that nothing is."""
    templates = [text for text in (following.url, *(value for _, value in following.form)) if text]
    wanted = {name for text in templates for name in checks.template_fields(text) or ()}
    if following.cursor is not None:
        return _contradiction_of_cursor(following, templates, wanted)
    if "cursor" in wanted:
        return "{cursor} needs a 'cursor' that finds it"
    return _contradiction_of_pages(following, fields, templates, wanted)


def _contradiction_of_cursor(following: Next, templates: Sequence[str], wanted: Collection[str]) -> str | None:
    if following.css or following.pattern or "page" in wanted:
        return "next goes by 'cursor', or by 'css' and {page}, not by both"
    if templates and "cursor" not in wanted:
        return "'cursor' is not used: put {cursor} into 'url' or 'form'"
    return None


def _contradiction_of_pages(
    following: Next, fields: dict[str, Node], templates: Sequence[str], wanted: Collection[str]
) -> str | None:
    """What is wrong where the next page is found by a link or by its number."""
    if following.css is not None and following.pattern is None:
        return "'css' alone leads to the next page; for {page} it needs a 'pattern'" if templates else None
    if following.pattern is not None and following.css is None:
        return "'pattern' needs a 'css' of the element that it is searched in"
    if "page" not in wanted:
        return "next needs a 'css', a 'cursor', or {page} in 'url' or 'form'"
    if following.pattern is not None and ("from" in fields or "step" in fields):
        return "the 'pattern' finds the number of the page: 'from' and 'step' have no meaning"
    return None


def _cdx_match(text: str) -> str | None:
    kinds = get_args(CdxMatch)
    if text in kinds:
        return None
    return f"unknown match {text!r}" + (suggestion(text, kinds) or f"; it must be one of {', '.join(kinds)}")
