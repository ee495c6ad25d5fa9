"""Languages and lineage."""

from __future__ import annotations

import pytest

from crawler.normalise.language import declared_tag, detect, primary
from crawler.normalise.lineage import address_language, claims, is_translated, slug_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (
            "The foreign ministers of the two states signed a treaty on the shared river on Tuesday after long talks.",
            "en",
        ),
        ("Bộ trưởng Ngoại giao hai nước đã ký hiệp ước về dòng sông chung hôm thứ Ba sau nhiều năm đàm phán.", "vi"),
        (
            "Pemerintah Indonesia bilang bahwa kesepakatan itu bisa segera diberlakukan karena kedua negara sudah setuju pada hari Selasa.",
            "id",
        ),
        ("두 나라 외교부 장관은 화요일 공유 하천에 관한 조약에 서명했다.", "ko"),
        ("وقع وزيرا خارجية البلدين معاهدة بشأن النهر المشترك يوم الثلاثاء", "ar"),
        ("Министры иностранных дел двух стран подписали во вторник договор об общей реке.", "ru"),
        ("两国外交部长星期二签署了关于共享河流的条约。", "zh"),
    ],
)
def test_detection(text: str, language: str) -> None:
    found, score = detect(text)
    assert found == language
    assert score is not None
    assert 0 < score <= 1


def test_short_text_goes_with_what_is_declared_unless_that_is_absurd() -> None:
    assert detect("Info", ("sv-SE",))[0] == "sv"
    assert detect("Министр прибыл в столицу", ("en",))[0] == "ru"
    assert detect("2024 — 12:30", ("en",)) == (None, None)


@pytest.mark.parametrize(
    ("raw", "tag"),
    [("en_GB", "en-GB"), ("EN", "en"), ("zh-hans-cn", "zh-Hans-CN"), ("id, en", "id"), ("", None), (None, None), ("x y", None), ("{{lang}}", None)],
)  # fmt: skip
def test_declared_tags(raw: str | None, tag: str | None) -> None:
    assert declared_tag(raw) == tag


def test_primary() -> None:
    assert [primary(t) for t in ("nb-NO", "iw", "zh-Hans", None)] == ["no", "he", "zh", None]


@pytest.mark.parametrize(
    ("url", "language"),
    [
        ("https://x.example/id/ngoai-truong-nhat-ban-va-philippines-ban-ve-an-ninh-bien", "vi"),
        ("https://x.example/foreign-ministers-sign-a-treaty-on-the-shared-river-after-talks", "en"),
        ("https://x.example/a/12345", None),
        ("https://x.example/river-treaty", None),
    ],
)
def test_language_of_a_slug(url: str, language: str | None) -> None:
    assert slug_language(url) == language


def test_language_that_an_address_names() -> None:
    assert address_language("https://vi.x.example/a") == "vi"
    assert address_language("https://x.example/ko/a") == "ko"
    assert address_language("https://x.example/us/a") is None


def test_translated_shortcodes() -> None:
    assert is_translated("[iklan_2]")
    assert not is_translated("[ad_2]")
    assert not is_translated("[AD_1]")


def test_one_claim_for_each_original() -> None:
    found = claims(
        "https://x.example/a",
        "en",
        source_link=("https://w.example/b", "Source", None),
        based_on=["https://w.example/b/"],
        translation_of=["https://v.example/c"],
    )
    assert [(c.relation, c.url) for c in found] == [
        ("republished_from", "https://w.example/b/"),
        ("translation_of", "https://v.example/c"),
    ]
    assert found[0].evidence == ("source link 'Source'", "json-ld isBasedOn")
