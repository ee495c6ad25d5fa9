"""The data that a page carries in its scripts, from which they would build what is shown.

It is JSON (`__NEXT_DATA__`, JSON-LD), an assignment (`window.__STATE__ = {…}`, `Fusion.globalContent = {…}`, the function
that Nuxt calls), or the stream of React's server components (`self.__next_f.push([1, "…"])`). All of it becomes values as
JSON has them. How much is read is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crawler.extract.markup.json_text import read_json, read_json_at, read_json_behind
from crawler.extract.markup.lenient_json import lenient_values, string_at

_SCRIPT = re.compile(r"<script\b[^>]*>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script", re.IGNORECASE)
_MOST_SCRIPTS = 300
_MOST_CHARACTERS = 4_000_000
"""Characters of scripts that are read of one page; those of real pages are rarely a tenth of that."""
_LEAST_CHARACTERS = 200
"""A script that is shorter holds no article."""
_PUSH = re.compile(r"__next_f\s*\.push\(\s*")
_ROW = re.compile(r"([0-9a-f]{1,8}):(?:T([0-9a-f]{1,8}),|(?=[\[{\"]))")
_LONG_STRING = re.compile(r"[\"'`][^\"'`]{40}")
_MOST_CODE = 1_500_000
"""Characters of scripts that are programs, of which data are a part; they are read more slowly."""
_PARSED = re.compile(r"JSON\.parse\(\s*")
_BEGINS_DATA = re.compile(r"\s*[\[{]")
_MOST_NODES = 200_000
_DEEPEST = 60
"""References followed from one value to the next."""


def page_data(source: str) -> list[Any]:
    """Read the values in the scripts of a page's HTML, in order. What cannot be read is passed over."""
    values: list[Any] = []
    stream: list[str] = []
    left = _MOST_CODE
    for code in _scripts(source):
        if "__next_f" in code:
            stream += _pushed(code)
        elif (said := _as_json(code)) is not None:
            values.append(said)
        elif len(code) <= left and _LONG_STRING.search(code):
            left -= len(code)
            values += _assigned(code)
    return [_resolved(value) for value in (*values, *_streamed("".join(stream)))]


def _scripts(source: str) -> Iterator[str]:
    """Yield the texts of the scripts that are long enough to hold an article."""
    left = _MOST_CHARACTERS
    at = 0
    for _ in range(_MOST_SCRIPTS):
        begin = _SCRIPT.search(source, at)
        if begin is None:
            return
        end = _SCRIPT_END.search(source, begin.end())
        at = end.start() if end else len(source)
        length = at - begin.end()
        if _LEAST_CHARACTERS <= length <= left:
            left -= length
            yield source[begin.end() : at]


def _as_json(code: str) -> Any:
    """The value that a script is. None where it is a program."""
    if not _BEGINS_DATA.match(code):
        return None
    try:
        return read_json(code, strict=False)
    except ValueError:
        return None


def _assigned(code: str) -> list[Any]:
    """The objects and lists in a program. JSON in a string that it parses is read as well."""
    values = lenient_values(code, escaped=True)
    for call in _PARSED.finditer(code):
        try:
            values.append(read_json(string_at(code, call.end()), strict=False))
        except ValueError:
            continue  # what is parsed is no literal
    return values


def _pushed(code: str) -> Iterator[str]:
    """Yield the pieces of the stream of server components that a script pushes."""
    for call in _PUSH.finditer(code):
        try:
            pushed = read_json_at(code, call.end())
        except ValueError:
            continue
        if isinstance(pushed, list) and len(pushed) > 1 and isinstance(pushed[1], str):
            yield pushed[1]


def _streamed(stream: str) -> list[Any]:
    """The rows of a stream of server components: `1:{…}` is JSON, `2:T1a,…` a text of so many bytes, to which `"$2"` refers."""
    values: list[Any] = []
    texts: dict[str, str] = {}
    at = 0
    while (row := _ROW.search(stream, at)) is not None:
        at = row.end()
        if row[2] is not None:
            size = int(row[2], 16)
            texts[row[1]] = text = stream[at : at + size].encode()[:size].decode("utf-8", "ignore")
            at += len(text)
            continue
        try:
            value, at = read_json_behind(stream, at)
            values.append(value)
        except ValueError:
            at = _behind_line(stream, at)
    return [_as_objects(value, texts) for value in values]


def _as_objects(value: Any, texts: Mapping[str, str]) -> Any:
    """A row of the stream with each element (`["$", "p", null, {"children": …}]`) as an object, and its texts in place."""
    if isinstance(value, str):
        return texts.get(value[1:], value) if value[:1] == "$" else value
    if isinstance(value, list):
        if len(value) > 3 and value[0] == "$" and isinstance(value[1], str) and isinstance(value[3], dict):
            return {**_as_objects(value[3], texts), "type": value[1]}
        return [_as_objects(member, texts) for member in value]
    if isinstance(value, dict):
        return {key: _as_objects(member, texts) for key, member in value.items()}
    return value


def _behind_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _resolved(value: Any) -> Any:
    """A value with its references followed: those of Apollo's cache, and the places in Nuxt's flat list."""
    if isinstance(value, list) and _is_flat(value):
        return _Resolver(value, None).of(0)
    if isinstance(value, dict) and (cache := _cache(value)) is not None:
        return _Resolver(None, cache).of(value)
    return value


def _is_flat(values: Sequence[Any]) -> bool:
    """Return whether a list is a table of values whose objects name their members by their places in it."""
    objects = [value for value in values[:200] if isinstance(value, dict) and value]
    places = [place for one in objects for place in one.values()]
    return len(objects) > 1 and all(isinstance(p, int) and not isinstance(p, bool) and p < len(values) for p in places)


def _cache(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The table of objects by name that other objects refer to. None where a value holds no such table."""
    for table in (value, *(member for member in value.values() if isinstance(member, dict))):
        named = [key for key, member in table.items() if isinstance(member, dict) and "__typename" in member]
        if len(named) > 1:
            return table
    return None


class _Resolver:
    """Follows the references of one value, each path only as far as real data goes, and all of them only so often."""

    def __init__(self, places: Sequence[Any] | None, names: Mapping[str, Any] | None) -> None:
        self.places = places
        self.names = names
        self.left = _MOST_NODES

    def of(self, value: Any, depth: int = 0) -> Any:
        """The value that a value or a reference stands for. None where the bound is reached."""
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            return None
        if self.places is not None:
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < len(self.places):
                return None
            return self.members(self.places[value], depth)
        reference = self.reference(value)
        return self.members(value, depth) if reference is None else self.of(reference, depth + 1)

    def reference(self, value: Any) -> Any:
        """The object that a value refers to by its name. None where it is no reference."""
        if not isinstance(value, dict) or self.names is None:
            return None
        name = value.get("__ref") or (value.get("id") if value.get("type") == "id" else None)
        return self.names.get(name) if isinstance(name, str) else None

    def members(self, value: Any, depth: int) -> Any:
        """A value with its members resolved."""
        if isinstance(value, dict):
            return {key: self.of(member, depth + 1) for key, member in value.items()}
        if isinstance(value, list):
            wrapped = self.places is not None and len(value) == 2 and isinstance(value[0], str)
            return self.of(value[1], depth + 1) if wrapped else [self.of(member, depth + 1) for member in value]
        return value
