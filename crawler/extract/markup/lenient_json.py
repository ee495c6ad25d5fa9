"""Data in scripts that no JSON parser takes: comments, trailing commas, bare keys, single quotes, quotes nobody escaped.

The text is cut into tokens by one expression, and what is neither a value nor a bracket is passed over. So every text has a
reading, in time linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crawler.extract.markup.json_text import DEPTH_LIMIT

_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?)|(?P<quote>["'`])|(?P<bracket>[{}\[\]])|(?P<mark>[,:])
    |(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w$]))|(?P<word>[\w$]+)""",
    re.VERBOSE,
)
_STRINGS = {quote: re.compile(rf"[^{quote}\\]*+(?:\\.[^{quote}\\]*+)*+", re.DOTALL) for quote in "\"'`"}
_ENDS_STRING = re.compile(r"""\s*(?:[:}\]]|,\s*(?:["{\[}\]]|-?\d|true\b|false\b|null\b|//|/\*)|//|/\*|$)""")
"""What stands behind a quotation mark that ends a string of JSON."""
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_WORDS: dict[str, Any] = {"true": True, "false": False}


@dataclass(slots=True)
class _Holder:
    """An object or a list that is being read."""

    value: Any
    key: str | None = None
    """The key of an object's member whose value is still to come."""
    last: str | None = None
    """A string or word that is a key if a colon follows."""

    @property
    def takes_values(self) -> bool:
        """Whether a value has its place here: in a list, or behind a key. The body of a function is no object."""
        return self.key is not None or isinstance(self.value, list)

    def put(self, value: Any) -> None:
        """Take a member. In an object, one without a key is passed over."""
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is not None:
            self.value.setdefault(self.key, value)
            self.key = None
        elif isinstance(value, str):
            self.last = value


@dataclass(slots=True)
class _Tree:
    """The values of a text, and those around the place that is being read."""

    values: list[Any] = field(default_factory=list)
    around: list[_Holder] = field(default_factory=list)
    too_deep: int = 0

    def bracket(self, bracket: str) -> None:
        """Enter or leave an object or a list. What is nested too deeply is passed over."""
        if bracket in "}]":
            if self.too_deep:
                self.too_deep -= 1
            elif self.around:
                self.around.pop()
        elif len(self.around) >= DEPTH_LIMIT or self.too_deep:
            self.too_deep += 1
        else:
            value: Any = {} if bracket == "{" else []
            if self.around and self.around[-1].takes_values:
                self.around[-1].put(value)
            else:
                self.values.append(value)
            self.around.append(_Holder(value))

    def mark(self, mark: str) -> None:
        """Take a colon, which makes a key of what stands before it, or a comma, which ends a member."""
        if self.around and not self.too_deep:
            holder = self.around[-1]
            holder.key = holder.last if mark == ":" else None
            holder.last = None

    def value(self, value: Any) -> None:
        """Take a string, a number or a word."""
        if self.around and not self.too_deep:
            self.around[-1].put(value)

    def word(self, word: str) -> None:
        """Take a bare word: a key, or a value, which is None where it is a variable's name."""
        if not self.around or self.too_deep:
            return
        holder = self.around[-1]
        if isinstance(holder.value, dict) and holder.key is None:
            holder.last = word
        else:
            holder.put(_WORDS.get(word))


def lenient_values(text: str, *, escaped: bool) -> list[Any]:
    """Read the objects and lists of a text, in order.

    `escaped`: whether the quotation marks inside its strings are escaped, as scripts have to. In JSON of which this is
    not so, a quotation mark ends a string only before what can follow one.
    """
    tree = _Tree()
    at = 0
    while (token := _TOKEN.search(text, at)) is not None:
        at = token.end()
        kind = token.lastgroup
        if kind == "quote":
            string, at = _string(text, at, token[0], escaped=escaped)
            tree.value(string)
        elif kind == "bracket":
            tree.bracket(token[0])
        elif kind == "mark":
            tree.mark(token[0])
        elif kind == "number":
            tree.value(float(token[0]) if not token[0].lstrip("-").isdigit() else int(token[0][:20]))
        elif kind == "word":
            tree.word(token[0])
    return tree.values


def string_at(text: str, at: int) -> str:
    """The string literal that begins at `at`, with its escapes resolved. Empty where none begins there."""
    pattern = _STRINGS.get(text[at : at + 1])
    match = pattern.match(text, at + 1) if pattern else None
    return unescaped(match[0]) if match else ""


def _string(text: str, at: int, quote: str, *, escaped: bool) -> tuple[str, int]:
    """The string that begins at `at`, behind its quotation mark, and where what follows it begins."""
    parts: list[str] = []
    for part, behind in _pieces(text, at, quote):
        parts.append(part)
        at = behind
        if escaped or quote != '"' or _ENDS_STRING.match(text, behind):
            break
    return unescaped(quote.join(parts)), at


def _pieces(text: str, at: int, quote: str) -> Iterator[tuple[str, int]]:
    """Yield what stands between quotation marks from `at` on, each piece with the place behind its mark."""
    pattern = _STRINGS[quote]
    while at < len(text):
        match = pattern.match(text, at)
        assert match is not None, "the expression matches nothing as well"
        at = match.end() + 1
        yield match[0], at


def unescaped(string: str) -> str:
    """A string of a script with its escapes resolved. Unknown ones are the character itself."""
    if "\\" not in string:
        return string
    text = _ESCAPE.sub(_character, string)
    return _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)


def _character(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(escape[3], escape[3])
