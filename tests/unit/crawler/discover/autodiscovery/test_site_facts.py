"""What a homepage tells about its publisher."""

from __future__ import annotations

import pytest

from crawler.discover.autodiscovery.site_facts import country_of, site_facts, zone_of_country

ENGLISH = [
    "Ministers agree on joint patrols in the northern strait",
    "Envoys meet again over the disputed fishing grounds",
] * 3
VIETNAMESE = [
    "Bộ trưởng Ngoại giao tiếp đại sứ các nước láng giềng",
    "Việt Nam và Lào ký thỏa thuận hợp tác biên giới",
] * 3


@pytest.mark.parametrize(
    ("title", "host", "name"),
    [
        ("The Herald", "www.herald.example", "The Herald"),
        ("News, politics, world | The Herald", "www.herald.example", "The Herald"),
        ("Home | Ministry of Foreign Affairs", "mfa.gov.xx", "Ministry of Foreign Affairs"),
        ("首页 - 外交部", "www.mfa.gov.cn", "外交部"),
        ("Trang chủ", "x.example", None),
        (None, "x.example", None),
    ],
)
def test_the_name_is_what_is_left_of_the_title(title: str | None, host: str, name: str | None) -> None:
    assert site_facts(f"https://{host}/", title, None, ()).name == name


@pytest.mark.parametrize(
    ("host", "country"),
    [
        ("www.mofa.go.jp", "JP"),
        ("www.gov.uk", "GB"),
        ("www.state.gov", "US"),
        ("commission.europa.eu", "EU"),
        ("www.example.com", None),
        ("start.up.io", None),
        ("www.gov.me", "ME"),
        ("x.example", None),
    ],
)
def test_the_country_is_that_of_the_domain_unless_it_is_open_to_all(host: str, country: str | None) -> None:
    assert country_of(host) == country


def test_the_zone_is_known_where_a_country_has_one_time() -> None:
    assert zone_of_country("KR") == "Asia/Seoul"
    assert zone_of_country("DE") == "Europe/Berlin"  # and Büsingen, at the same time
    assert zone_of_country("US") is None
    assert zone_of_country("EU") is None


@pytest.mark.parametrize(
    ("declared", "headlines", "languages"),
    [
        ("en-GB", ENGLISH, ("en-GB",)),
        ("en-US", VIETNAMESE, ("vi",)),  # a template's default
        (None, VIETNAMESE, ("vi",)),
        ("vi_VN", [], ("vi-VN",)),
        ("vn", ENGLISH, ("en",)),  # a country is no language
        ("nonsense!", [], ()),
    ],
)
def test_headlines_count_more_than_what_a_page_declares(
    declared: str | None, headlines: list[str], languages: tuple[str, ...]
) -> None:
    assert site_facts("https://x.example/", "X", declared, headlines).languages == languages


@pytest.mark.parametrize(
    ("title", "homepage", "kind"),
    [
        ("Ministry of Foreign Affairs of Xland", "https://x.example/", "foreign-ministry"),
        ("외교부", "https://www.mofa.go.kr/", "foreign-ministry"),
        ("Portal", "https://mfa.gov.xx/", "foreign-ministry"),
        ("The Herald", "https://www.herald.example/", None),
    ],
)
def test_a_foreign_ministry_is_known_by_name_or_host(title: str, homepage: str, kind: str | None) -> None:
    assert site_facts(homepage, title, None, ()).kind == kind
