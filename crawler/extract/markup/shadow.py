"""Declarative shadow trees: what a browser shows of an element that has a `<template shadowrootmode>`.

Source: the HTML standard, 4.12.3 (the template element) and 4.12.4 (slots).
"""

from __future__ import annotations

from typing import Any

_MODES = frozenset(["open", "closed"])


def show_shadow_trees(tree: Any) -> None:
    """Put the shadow trees of a page in the places where they are shown. Other templates stay as they are."""
    for template in [e for e in tree.iter("template") if (e.get("shadowrootmode") or "").lower() in _MODES]:
        host = template.getparent()
        if host is not None and next(template.itersiblings("template", preceding=True), None) is None:
            _show(host, template)


def _show(host: Any, template: Any) -> None:
    """Show the shadow tree of `host` instead of what else the host holds, which goes into the slots that are for it."""
    loose = [host.text or "", template.tail or ""]
    light: dict[str, list[Any]] = {}
    for child in list(host):
        if child is not template:
            light.setdefault(child.get("slot") or "", []).append(child)
    for slot in list(template.iter("slot")):
        assigned = light.pop(slot.get("name") or "", [])
        text = "".join(loose) if not slot.get("name") else ""
        if assigned or text.strip():
            tail = slot.tail
            slot.clear()
            slot.tag, slot.text, slot.tail = "div", text, tail
            slot.extend(assigned)
            loose = loose if slot.get("name") else []
    for left in light.values():
        for child in left:
            host.remove(child)
    host.text = None
    template.tail = None
    template.tag = "div"
