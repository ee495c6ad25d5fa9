"""An observation: one look at an article. Every look leaves one, also when nothing changed."""

from __future__ import annotations

from typing import Literal

Outcome = Literal["same", "changed", "moved", "missing", "gone", "blocked", "paywalled", "soft-404", "failed"]
"""What one look showed. The first look at an article, which writes revision 1, is `changed`.
`missing`: 404 seen once; `gone`: 410, or 404/soft-404 confirmed by a second look at another time."""

LookOutcome = Literal["same", "moved", "missing", "gone", "blocked", "paywalled", "soft-404", "failed"]
"""Looks that show no new text; none of them touches the stored one."""
