import os
from pathlib import Path

import pytest

from crawler.normalise.language_model import identifier

TEXTS = [
    "The foreign ministry said on Tuesday that the talks would go on in Geneva next week.",
    "Le ministère des Affaires étrangères a annoncé mardi la reprise des pourparlers à Genève.",
    "Bộ Ngoại giao cho biết các cuộc đàm phán sẽ tiếp tục tại Geneva vào tuần tới.",
    "外務省は火曜日、協議は来週ジュネーブで続けられると発表した。",
    "Kementerian Luar Negeri mengatakan perundingan akan dilanjutkan pekan depan.",
    "…",
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    identifier(["eo", "la"], folder)
    return folder


def test_a_kept_model_says_what_the_unpacked_one_says(kept: Path, tmp_path: Path) -> None:
    fresh, again = identifier(["eo", "la"], tmp_path), identifier(["eo", "la"], kept)
    assert {"eo", "la"}.isdisjoint(again.labels)
    assert [again.rank(text) for text in TEXTS] == [fresh.rank(text) for text in TEXTS]


def test_what_nobody_used_for_a_month_is_removed(tmp_path: Path) -> None:
    identifier(["eo", "la"], tmp_path)
    (old,) = tmp_path.iterdir()
    (tmp_path / "new-unfinished").mkdir()
    for folder in tmp_path.iterdir():
        os.utime(folder, (0, 0))
    assert "la" in identifier(["eo"], tmp_path).labels
    (new,) = tmp_path.iterdir()
    assert new != old


def test_what_is_used_stays_beside_other_versions(tmp_path: Path) -> None:
    identifier(["eo", "la"], tmp_path)
    (old,) = tmp_path.iterdir()
    os.utime(old, (0, 0))
    identifier(["eo", "la"], tmp_path)
    identifier(["eo"], tmp_path)
    assert old in tmp_path.iterdir()


@pytest.mark.parametrize(("name", "size"), [("features", 300), ("transitions", 0), ("languages", 0)])
def test_a_damaged_model_is_unpacked_again(kept: Path, name: str, size: int) -> None:
    (folder,) = kept.iterdir()
    file = folder / f"{name}.npy"
    whole = file.read_bytes()
    file.write_bytes(whole[:size])
    assert identifier(["eo", "la"], kept).classify(TEXTS[1])[0] == "fr"
    assert file.read_bytes() == whole


def test_where_nothing_can_be_kept_it_works_as_well(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file, not a folder")
    assert identifier([], tmp_path / "cache").classify(TEXTS[0])[0] == "en"
