"""The TDM Reservation Protocol's file, /.well-known/tdmrep.json (W3C Community Group report, section 6.1).

The other carriers (headers, meta elements) are weighed in `crawler.extract.markup.directives`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import quote

_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


LIMIT = 512 << 10
"""Bytes of the file that are read."""
RULES = 1_000
"""Rules that are looked at for a page, in the file's order. The rest is summed up: see `parse_tdmrep`."""


@dataclass(frozen=True, slots=True)
class _Rule:
    parts: tuple[str, ...]
    """The location, cut at its `*`."""
    anchored: bool
    reserved: bool | None
    policy: str | None

    def matches(self, path: str) -> bool:
        if not path.startswith(self.parts[0]):
            return False
        at = len(self.parts[0])
        if len(self.parts) == 1:
            return at == len(path) or not self.anchored
        for part in self.parts[1:-1]:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        last = self.parts[-1]
        return path.endswith(last) and len(path) - len(last) >= at if self.anchored else path.find(last, at) >= 0


@dataclass(frozen=True, slots=True)
class TdmFile:
    """What an origin's TDM file says, rule by rule. No rules: no statement."""

    rules: tuple[_Rule, ...] = ()

    def reservation(self, path: str) -> tuple[bool | None, str | None]:
        """(reserved, URL of the policy) for a path with its query, by the first rule that matches it, case-sensitively.

        reserved is None where nothing is said, or something else than 1 or 0. A policy counts only with a reservation.
        """
        normal = _normal(path or "/")
        rule = next((rule for rule in self.rules if rule.matches(normal)), None)
        return (rule.reserved, rule.policy) if rule else (None, None)


def parse_tdmrep(body: str | None) -> TdmFile:
    """Read the file. None means that there is none. Broken JSON, and whatever is not as specified, is no statement. It never
    raises.

    What goes over a bound reserves at least as much as the publisher meant: a file that was cut at `LIMIT` bytes reserves the
    whole origin, and if a rule behind the first `RULES` ones reserves something, all is reserved that those say nothing about.
    """
    try:
        data = json.loads((body or "null").removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return TdmFile((_ALL,)) if len((body or "").encode()) >= LIMIT else TdmFile()
    if not isinstance(data, list):
        return TdmFile()
    rules = [rule for item in data[:RULES] if (rule := _rule(item))]
    if any(isinstance(item, dict) and _reserved(item) for item in data[RULES:]):
        rules.append(_ALL)
    return TdmFile(tuple(rules))


_ALL = _Rule(("",), anchored=False, reserved=True, policy=None)
"""Everything is reserved."""


def _reserved(item: dict[str, object]) -> bool | None:
    value = item.get("tdm-reservation")
    return bool(value) if type(value) is int and value in (0, 1) else None  # JSON's true is not 1


def _rule(item: object) -> _Rule | None:
    if not isinstance(item, dict) or not isinstance(location := item.get("location"), str):
        return None
    reserved = _reserved(item)
    policy = item.get("tdm-policy")
    location = location.strip()
    anchored = location.endswith("$")
    parts = tuple(re.split(r"\*+", _normal(location.removesuffix("$"))))
    return _Rule(parts, anchored, reserved, policy if reserved and isinstance(policy, str) else None)


def _normal(path: str) -> str:
    """Octets compared as RFC 9309 (2.2.2) compares them: non-ASCII escaped, escapes of unreserved characters undone."""
    escaped = quote(path, safe="!#$%&'()*+,/:;=?@[]~", errors="replace")
    return _ESCAPE.sub(lambda m: c if _UNRESERVED.match(c := chr(int(m[1], 16))) else m[0].upper(), escaped)
