from __future__ import annotations

import subprocess
import sys

import pytest

from archive.errors import UsageError
from archive.query.filters import Filters
from archive.query.names import ALSO_CALLED, LANGUAGES_ALSO_CALLED, country_code, language_tag
from archive.registry import checks


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("KR", "KR"),
        ("kr", "KR"),
        ("KOR", "KR"),
        ("South Korea", "KR"),
        ("south-korea", "KR"),
        ("SOUTH_KOREA", "KR"),
        ("the Netherlands", "NL"),
        ("Cote d'Ivoire", "CI"),
        ("Turkey", "TR"),
        ("Turkiye", "TR"),
        ("UK", "GB"),
        ("Burma", "MM"),
        ("hong kong", "HK"),
        ("Bosnia", "BA"),
        ("Trinidad and Tobago", "TT"),
        ("Guinea", "GN"),
        ("XK", "XK"),
        ("EU", "EU"),
    ],
)
def test_countries(said: str, code: str) -> None:
    assert country_code(said) == code


@pytest.mark.parametrize(
    ("said", "tag"),
    [
        ("ko", "ko"),
        ("KO", "ko"),
        ("kor", "ko"),
        ("korean", "ko"),
        ("Farsi", "fa"),
        ("zh-Hant", "zh-Hant"),
        ("zh_Hans", "zh-Hans"),
        ("Traditional Chinese", "zh-Hant"),
        ("brazilian portuguese", "pt-BR"),
        ("maori", "mi"),
    ],
)
def test_languages(said: str, tag: str) -> None:
    assert language_tag(said) == tag


def test_what_may_mean_several_countries_is_refused_with_all_of_them() -> None:
    with pytest.raises(UsageError, match="may mean 2 countries") as refused:
        country_code("Korea")
    assert "KP for North Korea, KR for South Korea" in (refused.value.hint or "")


@pytest.mark.parametrize(("said", "meant"), [("Vietnm", "Vietnam (VN)"), ("Untied States", "United States (US)")])
def test_what_was_meant_is_suggested(said: str, meant: str) -> None:
    with pytest.raises(UsageError, match="there is no country") as refused:
        country_code(said)
    assert f"Did you mean {meant}?" in (refused.value.hint or "")


@pytest.mark.parametrize("said", ["", "xx", "Atlantis", "한국", "-"])
def test_what_is_no_country_is_refused_with_the_right_form(said: str) -> None:
    with pytest.raises(UsageError, match="there is no country") as refused:
        country_code(said)
    assert "such as KR" in (refused.value.hint or "")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("xx", "there is no language"),
        ("kr", "did you mean 'ko'"),
        ("", "there is no language"),
        ("koraen", "there is no"),
    ],
)
def test_what_is_no_language_is_refused(said: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        language_tag(said)


def test_other_names_are_written_as_they_are_looked_up_and_lead_to_codes() -> None:
    for name, code in ALSO_CALLED.items():
        assert checks.country(code) is None
        assert country_code(name) == code
    for name, tag in LANGUAGES_ALSO_CALLED.items():
        assert language_tag(name) == tag == language_tag(tag)


def test_filters_of_programs_understand_them_as_well() -> None:
    filters = Filters(country=("south korea", "jp"), language=("korean",))
    assert (filters.country, filters.language) == (("KR", "JP"), ("ko",))


def test_names_cost_nothing_until_one_is_looked_up() -> None:
    code = (
        "import sys; from archive.query import country_code, find; assert 'archive.registry' not in sys.modules; "
        "country_code('kr'); assert 'babel' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
