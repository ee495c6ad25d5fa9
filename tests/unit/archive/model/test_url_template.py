"""Address templates of dated archives."""

from __future__ import annotations

import pytest

from archive.model.url_template import finest_unit


@pytest.mark.parametrize(
    ("template", "unit"),
    [
        ("{date:%Y/%m/%d}", "day"),
        ("{date:%Y}/{date:%j}", "day"),
        ("{date:%-d-%-m-%Y}", "day"),
        ("{date:%Y%m%d%H}", "hour"),
        ("{date:%G-W%V}", "week"),
        ("{date:%Y}/{date:%B}", "month"),
        ("{date:%y}", "year"),
        ("{date:%Y}/100%d", "year"),
    ],
)
def test_the_finest_unit_is_the_step(template: str, unit: str) -> None:
    assert finest_unit(template) == unit
