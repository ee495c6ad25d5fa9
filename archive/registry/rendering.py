"""The key `render` of an entry: whether a browser reads the pages, and what it does with a list before it is read."""

from __future__ import annotations

from collections.abc import Sequence

from ruamel.yaml.nodes import MappingNode, Node

from archive.model.source import NO_ACTIONS, RENDERED_KINDS, Channel, ListActions
from archive.registry import checks
from archive.registry.nodes import NodeReader

KEYS = ("scroll", "click", "wait")
MOST_SCROLLS = 100
"""Each takes at least half a second of the page's time."""


def read_render(reader: NodeReader, node: Node, channels: Sequence[Channel]) -> tuple[bool, ListActions]:
    """Read whether a browser is used, and what it does with the lists of `channels`.

    Mistakes are noted with the reader. Empty `channels` mean that lists may be found later.
    """
    if not isinstance(node, MappingNode):
        return bool(reader.flag(node, "render")), NO_ACTIONS
    fields = reader.mapping(node, "render", KEYS) or {}
    if not node.value:
        reader.problem(node, f"render names nothing to do: write true, or some of {', '.join(KEYS)}")
    if channels and not any(channel.kind in RENDERED_KINDS for channel in channels):
        kinds = " or ".join(RENDERED_KINDS)
        reader.problem(node, f"{', '.join(KEYS)} are for lists that a browser shows, and this source has no {kinds}")
    actions = ListActions(
        click=reader.field(fields, "click", checks.css),
        scroll=reader.whole(fields["scroll"], "scroll", 1, MOST_SCROLLS) or 0 if "scroll" in fields else 0,
        wait=reader.field(fields, "wait", checks.css),
    )
    return True, actions
