"""YAML nodes with their places: how the registry reads values and says where one is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.composer import MaxDepthExceededError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Check = Callable[[str], "str | None"]
"""Answers what is wrong with a text. None: nothing."""

DEPTH_LIMIT = 50
"""Levels of lists and mappings; an entry has five."""
_LONGEST_MESSAGE = 600
"""Characters."""
_TAG = "tag:yaml.org,2002:"
_NAMES = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
}


def parse_file(path: Path, reader: NodeReader) -> Node | None:
    """The document in `path`. None means that it is empty, or cannot be parsed, which the reader then holds as a problem."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        reader.note(None, f"not UTF-8 (byte {error.start})")
        return None
    except OSError as error:
        reader.note(None, error.strerror or str(error))
        return None
    return parse_text(text, reader)


def parse_text(text: str, reader: NodeReader) -> Node | None:
    """The document in `text`. None means that it is empty, or cannot be parsed, which the reader then holds as a problem."""
    try:
        parser = YAML(typ="safe", pure=True)
        parser.max_depth = DEPTH_LIMIT
        node: Node | None = parser.compose(text)
    except MaxDepthExceededError as error:
        mark = error.problem_mark
        reader.note(mark.line + 1 if mark else None, f"nested too deeply: more than {DEPTH_LIMIT} levels")
        return None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reader.note(mark.line + 1 if mark else None, f"not YAML: {error.problem or error.context}")
        return None
    except YAMLError as error:
        reader.note(None, f"not YAML: {' '.join(str(error).split())}")
        return None
    return node


class NodeReader:
    """A reader of the nodes of one file, which collects the problems found on the way.

    Every method answers None (or nothing) for a node that is not as it should be, and adds the problem.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[str] = []

    def place(self, node: Node) -> str:
        """The place of a node: `path:line`."""
        return f"{self.path}:{node.start_mark.line + 1}"

    def note(self, line: int | None, message: str) -> None:
        """Add a problem at a line. A line of None means the file as a whole. A long message is cut in its middle."""
        if len(message) > _LONGEST_MESSAGE:  # what is wrong stands at its end, behind the text that it is about
            message = f"{message[: _LONGEST_MESSAGE // 2]} … {message[-_LONGEST_MESSAGE // 2 :]}"
        self.problems.append(f"{self.path}{f':{line}' if line else ''}: {message}")

    def problem(self, node: Node, message: str) -> None:
        """Add a problem of a node, with the place of the node."""
        self.note(node.start_mark.line + 1, message)

    def entries(self, document: Node | None) -> list[Node]:
        """The nodes of the list `sources:`."""
        if document is None or _is_null(document):
            return []
        fields = self.mapping(document, "the file", ("sources",))
        if fields is None or "sources" not in fields or _is_null(fields["sources"]):
            return []
        return self.items(fields["sources"], "sources")

    def mapping(self, node: Node, what: str, known: Iterable[str]) -> dict[str, Node] | None:
        """The values of a mapping by key. Keys that are unknown or come twice are problems."""
        if not isinstance(node, MappingNode):
            self.problem(node, f"{what} must be a mapping of {_listed(known)}, not {_kind(node)}")
            return None
        fields: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else None
            if name is None or name not in known:
                self.problem(key, f"unknown key {name!r} in {what}{suggestion(str(name), known)}")
            elif name in fields:
                self.problem(key, f"{name!r} stands twice in {what}; first in line {fields[name].start_mark.line + 1}")
            else:
                if _is_null(value) and not value.value:
                    value.start_mark = key.start_mark  # nothing was written: the parser puts it on the next line
                fields[name] = value
        return fields

    def pairs(self, node: Node, what: str) -> list[tuple[str, Node]]:
        """The keys and values of a mapping whose keys are free texts."""
        if not isinstance(node, MappingNode):
            self.problem(node, f"{what} must be a mapping, not {_kind(node)}")
            return []
        found: dict[str, Node] = {}
        for key, value in node.value:
            name = self.text(key, f"each key of {what}")
            if name in found:
                self.problem(key, f"{name!r} stands twice in {what}")
            elif name is not None:
                found[name] = value
        return list(found.items())

    def items(self, node: Node, what: str) -> list[Node]:
        """The nodes of a list."""
        if not isinstance(node, SequenceNode):
            self.problem(node, f"{what} must be a list, not {_kind(node)}")
            return []
        return list(node.value)

    def text(self, node: Node, what: str, *, may_be_empty: bool = False) -> str | None:
        """The text of a node."""
        if _scalar(node) != "str":
            hint = "; put it in quotes" if isinstance(node, ScalarNode) and not _is_null(node) else ""
            self.problem(node, f"{what} must be text, not {_kind(node)}{hint}")
            return None
        value = str(node.value).strip()
        if not value and not may_be_empty:
            self.problem(node, f"{what} is empty")
            return None
        return value

    def checked(self, node: Node, what: str, check: Check) -> str | None:
        """The text of a node with which `check` finds nothing wrong."""
        text = self.text(node, what)
        if text is not None and (wrong := check(text)) is not None:
            self.problem(node, wrong)
            return None
        return text

    def field(self, fields: Mapping[str, Node], key: str, check: Check) -> str | None:
        """The text of a field with which `check` finds nothing wrong. None also means that there is no such field."""
        return self.checked(fields[key], key, check) if key in fields else None

    def texts(self, node: Node, what: str, check: Check) -> tuple[str, ...]:
        """The texts of a list with which `check` finds nothing wrong."""
        found = [self.checked(item, f"each of {what}", check) for item in self.items(node, what)]
        return tuple(text for text in found if text is not None)

    def flag(self, node: Node, what: str) -> bool | None:
        """The value of a node that is true or false."""
        if _scalar(node) != "bool":
            self.problem(node, f"{what} must be true or false, not {_kind(node)}")
            return None
        return str(node.value).lower() == "true"

    def number(self, node: Node, what: str) -> float | None:
        """The value of a node that is a number and not negative."""
        try:
            value = float(node.value) if _scalar(node) in ("int", "float") else None
        except ValueError:  # 0x1F, .inf and the like
            value = None
        if value is None or not math.isfinite(value) or value < 0:
            self.problem(node, f"{what} must be a number from 0, not {_kind(node)}")
            return None
        return value

    def whole(self, node: Node, what: str, least: int, most: int | None = None) -> int | None:
        """The value of a node that is a whole number from `least` on, and at most `most` if that is given."""
        number = self.number(node, what)
        if number is None:
            return None
        if number != int(number) or number < least or (most is not None and number > most):
            self.problem(node, f"{what} must be a whole number from {least}{f' to {most}' if most is not None else ''}")
            return None
        return int(number)


def suggestion(word: str, known: Iterable[str]) -> str:
    """The words ` (did you mean …?)`, or the empty string."""
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _scalar(node: Node) -> str | None:
    """The YAML type of a scalar (`str`, `int` …). None means that the node is no scalar."""
    tag = str(node.tag)
    return tag.removeprefix(_TAG) if isinstance(node, ScalarNode) and tag.startswith(_TAG) else None


def _is_null(node: Node) -> bool:
    return _scalar(node) == "null"


def _kind(node: Node) -> str:
    """What a node is, for messages."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, SequenceNode):
        return "a list"
    kind = _scalar(node)
    if kind == "null":
        return "nothing"
    value = str(node.value)
    shown = value if len(value) <= 40 else value[:39] + "…"
    return f"{_NAMES.get(kind or '', 'something tagged ' + str(node.tag))} ({shown})"


def _listed(names: Iterable[str] | Mapping[str, object]) -> str:
    return ", ".join(names)
