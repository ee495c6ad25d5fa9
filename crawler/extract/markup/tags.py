"""Tags with more attributes than anybody writes: libxml2 needs the square of their number for them."""

from __future__ import annotations

import re

ATTRIBUTE_LIMIT = 1_000
"""Attributes of one tag that are kept; those behind them are dropped."""

# As the HTML standard reads a tag (13.2.5.32 and the following): quotation marks count behind an equals sign only. Nothing is
# tried twice (`*+`, `(?>…)`), so that the time is that of one look at each character.
_ATTRIBUTE = r"""(?>[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
_TAG = re.compile(rf"<[A-Za-z][^\s/>]*+{_ATTRIBUTE}{{0,{ATTRIBUTE_LIMIT}}}+({_ATTRIBUTE}++)?+")


def bounded_tags(text: str) -> str:
    """The page without the attributes of a tag that are beyond the limit.

    The time is linear in the page's length. A page without such a tag, which is every page that people read, comes
    back as it is.
    """
    kept: list[str] = []
    done = 0
    for tag in _TAG.finditer(text):
        if tag[1] is not None:
            kept.append(text[done : tag.start(1)])
            done = tag.end()
    return "".join([*kept, text[done:]]) if kept else text
