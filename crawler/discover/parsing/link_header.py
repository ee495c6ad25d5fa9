"""The HTTP Link header (RFC 8288): value -> targets with their parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LIMIT = 16_000
_TARGET = re.compile(
    r"<([^<>]{1,4000})>((?:\s*;\s*[\w!#$%&'*+.^`|~-]+(?:\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s;,\"]*))?)*)"
)
_PARAMETER = re.compile(r";\s*([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;,\"]*)))?")


def parse_link_header(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Read (target, parameters by lower-case name) of each link. The first of a repeated parameter counts."""
    for target in _TARGET.finditer(value[:_LIMIT]):
        parameters: dict[str, str] = {}
        for match in _PARAMETER.finditer(target[2]):
            quoted = re.sub(r"\\(.)", r"\1", match[2]) if match[2] is not None else match[3]
            parameters.setdefault(match[1].lower(), (quoted or "").strip())
        yield target[1].strip(), parameters
