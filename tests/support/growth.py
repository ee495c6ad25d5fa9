"""Texts that an expression may take too long over, made from the expression itself.

An expression takes longer than its text is long where something that repeats can be divided in more than one way, or is begun
again at each place of the text. Both show on texts of one piece repeated: what stands before the repetition, then the piece
many times, then something that fits nowhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from time import thread_time
from typing import Any

_ENDS = ("\0", "x")


def hard_texts(pattern: re.Pattern[Any], size: int) -> Iterator[str]:
    """Texts of about `size` characters, for each repetition of the expression."""
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    pumps = {(before, piece) for before, piece in _repetitions(list(tree), "") if piece}
    wholes: set[str] = set()
    for before, piece in sorted(pumps):
        many = piece * (size // len(piece))
        for end in _ENDS:
            yield before + many + end
        wholes |= {before + piece, before} - {""}
    for whole in sorted(wholes):
        yield whole * (size // len(whole) or 1)


def seconds(pattern: re.Pattern[Any], text: Any, *, once: bool = False, tries: int = 3) -> float:
    """The CPU time of a search (`once`: of a match at the beginning), the best of some: what else the machine does is not
    counted."""
    look = pattern.match if once else pattern.search
    times = []
    for _ in range(tries):
        began = thread_time()
        look(text)
        times.append(thread_time() - began)
        if times[-1] < 0.001:
            break
    return min(times)


def expressions(root: Path, package: str) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """All expressions of a package that stand in its modules' names, or as plain strings in calls of `re`; each with a name."""
    for path in sorted((root / package).rglob("*.py")):
        module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        if module.endswith("__main__") or ".migrations" in module:
            continue
        for name, value in list(vars(import_module(module)).items()):
            for pattern in value if isinstance(value, tuple | list) else (value,):
                if isinstance(pattern, re.Pattern):
                    yield f"{module}.{name}", pattern
        for pattern in _literals(path):
            yield f"{module}: {pattern.pattern}", pattern


_CALLS = ("match", "search", "fullmatch", "sub", "split", "findall", "finditer")


def _literals(path: Path) -> Iterator[re.Pattern[Any]]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=name),
                args=[ast.Constant(value=str() | bytes() as text), *_],
            ) if name in _CALLS:
                yield re.compile(text)


def _repetitions(nodes: list[Any], before: str) -> Iterator[tuple[str, str]]:
    """(what stands before it at the shortest, one piece of it) of each repetition without a small upper bound."""
    for operation, value in nodes:
        match operation:
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                _, most, inner = value
                if most is sre.MAXREPEAT or most > 1_000:
                    for piece in _samples(list(inner)):
                        yield before, piece
                yield from _repetitions(list(inner), before)
            case sre.SUBPATTERN:
                yield from _repetitions(list(value[-1]), before)
            case sre.BRANCH:
                for branch in value[1]:
                    yield from _repetitions(list(branch), before)
            case sre.ASSERT | sre.ASSERT_NOT:
                yield from _repetitions(list(value[1]), before)
            case sre.ATOMIC_GROUP:
                yield from _repetitions(list(value), before)
        before += next(iter(_samples([(operation, value)])), "")


def _samples(nodes: list[Any]) -> list[str]:
    """Some texts that the nodes match, the shortest first."""
    found = [""]
    for operation, value in nodes:
        match operation:
            case sre.LITERAL:
                pieces = [chr(value)]
            case sre.NOT_LITERAL:
                pieces = [_other_than(value)]
            case sre.ANY:
                pieces = ["a", " "]
            case sre.IN:
                pieces = _of_class(value)
            case sre.SUBPATTERN:
                pieces = _samples(list(value[-1]))
            case sre.ATOMIC_GROUP:
                pieces = _samples(list(value))
            case sre.BRANCH:
                pieces = [text for branch in value[1][:6] for text in _samples(list(branch))[:2]]
            case sre.MAX_REPEAT | sre.MIN_REPEAT | sre.POSSESSIVE_REPEAT:
                least, most, inner = value
                once = _samples(list(inner))
                pieces = [text * least for text in once] if least else ["", *once] if most else [""]
            case _:
                pieces = [""]
        found = [text + piece for text in found for piece in pieces][:8]
    return list(dict.fromkeys(found))


def _other_than(code: int) -> str:
    return "b" if code == ord("a") else "a"


def _of_class(members: list[Any]) -> list[str]:
    negated = bool(members) and members[0][0] is sre.NEGATE
    given = re.compile("[" + "".join(_written(m) for m in members) + "]")
    wanted = [c for c in " \t\n\xa0a1-_.,;:/A<>\"'=é。年" if given.match(c)]
    if not wanted and not negated:
        wanted = [chr(m[1] if m[0] is sre.LITERAL else m[1][0]) for m in members if m[0] in (sre.LITERAL, sre.RANGE)]
    return wanted[:4] or ["~"]


_CATEGORIES = {
    sre.CATEGORY_DIGIT: r"\d", sre.CATEGORY_NOT_DIGIT: r"\D", sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S", sre.CATEGORY_WORD: r"\w", sre.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def _written(member: Any) -> str:
    match member:
        case (sre.NEGATE, _):
            return "^"
        case (sre.LITERAL, code):
            return re.escape(chr(code))
        case (sre.RANGE, (first, last)):
            return f"{re.escape(chr(first))}-{re.escape(chr(last))}"
        case (sre.CATEGORY, name):
            return _CATEGORIES[name]
    raise AssertionError(member)
