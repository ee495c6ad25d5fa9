"""Address templates of dated archives (`https://x.example/{date:%Y/%m/%d}/`): the units of time in them. Pure."""

from __future__ import annotations

import re
import string
from typing import Literal

Unit = Literal["hour", "day", "week", "month", "year"]

_DIRECTIVE = re.compile(r"%[-_0^#]?([A-Za-z%])")
_LETTERS: dict[Unit, frozenset[str]] = {
    "hour": frozenset("HIkl"),
    "day": frozenset("deDFjaAuwxcs"),
    "week": frozenset("UWV"),
    "month": frozenset("mbBh"),
}


def finest_unit(template: str) -> Unit:
    """The finest unit of time that the dates in a template name. It is the step from page to page."""
    specs = "".join(spec or "" for _, name, spec, _ in string.Formatter().parse(template) if name == "date")
    letters = set(_DIRECTIVE.findall(specs))
    return next((unit for unit, of_unit in _LETTERS.items() if letters & of_unit), "year")
