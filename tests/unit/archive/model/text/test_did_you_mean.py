"""Did you mean?"""

from __future__ import annotations

import pytest

from archive.model.text.did_you_mean import closest, did_you_mean

IDS = ("yonhap-en", "yonhap-ko", "kr-mofa", "vn-mofa", "bbc-world", "rferl", "us-state", "tass-en")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("yonhap", "yonhap-en"),
        ("Yonhap-EN", "yonhap-en"),
        ("yonhapen", "yonhap-en"),
        ("mofa-kr", "kr-mofa"),
        ("kr_mofa", "kr-mofa"),
        ("bbc", "bbc-world"),
        ("tas-en", "tass-en"),
        ("state", "us-state"),
    ],
)
def test_the_likeliest_comes_first(typed: str, meant: str) -> None:
    assert closest(typed, IDS)[0] == meant


def test_what_is_like_nothing_is_left_alone() -> None:
    assert closest("zzzz", IDS) == []
    assert closest(" ", IDS) == []
    assert did_you_mean(["zzzz"], IDS) == ""


def test_several_are_listed_and_not_too_many() -> None:
    assert did_you_mean(["yonhap"], IDS) == " (did you mean yonhap-en or yonhap-ko?)"
    assert did_you_mean(["mofa"], IDS) == " (did you mean kr-mofa or vn-mofa?)"
    assert len(closest("s", [f"s{n}" for n in range(50)])) == 3
