from __future__ import annotations

from pathlib import Path

import pytest

from archive.config import Settings
from crawler.jobs.free_space import DiskFull, check_disk


def test_enough_room(tmp_path: Path) -> None:
    check_disk(Settings(home=tmp_path / "not-there-yet", min_free=1))


def test_too_little_room_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DiskFull, match="MB free") as caught:
        check_disk(Settings(home=tmp_path / "home", warc_dir=tmp_path, min_free=1 << 60))
    assert str(tmp_path) in caught.value.message
    assert "DATELINE_MIN_FREE" in (caught.value.hint or "")
