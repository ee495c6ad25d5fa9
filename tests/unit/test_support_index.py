"""The index of the tests' helpers names every one of them."""

from __future__ import annotations

import re
from pathlib import Path

import support

FOLDER = Path(support.__file__).parent


def test_the_index_names_every_helper() -> None:
    index = support.__doc__ or ""
    listed = set(re.findall(r"^    (\w+) ", index, re.MULTILINE)) | set(re.findall(r"\(with (\w+)\)", index))
    assert listed == {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
