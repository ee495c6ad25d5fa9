"""What is nested without end in the registry or the settings is a mistake with its place, and no fault of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive import config
from archive.config import ConfigError, parse_duration
from archive.registry import RegistryError, checks, load
from archive.registry.nodes import DEPTH_LIMIT, Check


def problems(tmp_path: Path, text: str) -> tuple[str, ...]:
    file = tmp_path / "sources.yaml"
    file.write_text(text)
    with pytest.raises(RegistryError) as caught:
        load([file])
    return tuple(problem.removeprefix(str(file)) for problem in caught.value.problems)


@pytest.mark.parametrize("opening", ["[" * 20_000, "{a: " * 5_000, "[{a: " * 5_000])
def test_a_file_nested_too_deeply(tmp_path: Path, opening: str) -> None:
    assert problems(tmp_path, f"sources:\n  - id: a\n    name: {opening}") == (
        f":3: nested too deeply: more than {DEPTH_LIMIT} levels",
    )


def test_a_block_nested_too_deeply(tmp_path: Path) -> None:
    text = "sources:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 400))
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert "nested too deeply" in found[0]


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (checks.jmespath, "[" * 2_000),
        (checks.jmespath, "!" * 2_000 + "a"),
        (checks.jmespath, "`" + "[" * 200_000 + "]" * 200_000 + "`"),  # newer Pythons read 2,000
        (checks.jmespath, "a[" + "9" * 5_000 + "]"),
        (checks.css, ":is(" * 500 + "a" + ")" * 500),
        (checks.css, "a " * 2_000),
        (checks.regular_expression, "(" * 2_000 + ")" * 2_000),
        (checks.regular_expression, "a{99999999999999999999}"),
        (checks.capturing, "(" * 2_000 + ")" * 2_000),
        (checks.schedule, "*/" + "9" * 5_000 + " * * * *"),
        (checks.schedule, "9" * 5_000 + " * * * *"),
        (checks.schedule, "every " + "9" * 400 + "m"),
    ],
)
def test_an_expression_that_cannot_be_used_is_a_mistake(check: Check, text: str) -> None:
    assert check(text)


def test_good_expressions_are_used_as_before() -> None:
    assert (
        checks.jmespath("data.items[?type == 'news'] | [].{url: links.self, title: sort_by(names, &lang)[0]}") is None
    )
    assert checks.css("main > article.news:not(.ad) a[href^='/'], h2 ~ p:nth-child(2n+1)") is None
    assert checks.regular_expression(r"/news/(\\d{4})/(?:[a-z-]+)$") is None


def test_the_message_about_a_long_text_is_short(tmp_path: Path) -> None:
    (found,) = problems(
        tmp_path, f"sources: [{{id: a, name: a, homepage: 'https://a.example/', country: {'x' * 50_000}}}]"
    )
    assert len(found) < 1_000
    assert found.endswith("is not a code of ISO 3166-1 alpha-2")


@pytest.mark.parametrize(
    "place", ["simplecache::file:///x", "github://a:b@main/x", "local:///x", "ftp://a.example/x", "http://["]
)
def test_a_place_of_warc_files_names_a_known_scheme(place: str) -> None:
    assert checks.CHANNEL_ADDRESS["warc"](place)


@pytest.mark.parametrize(
    "place",
    [
        "data/*.warc.gz",
        "/data/a:b.warc.gz",
        "file:///data/*.warc.gz",
        "s3://bucket/x",
        "https://a.example/warc.paths.gz",
    ],
)
def test_places_of_warc_files(place: str) -> None:
    assert checks.CHANNEL_ADDRESS["warc"](place) is None


def test_settings_nested_too_deeply(tmp_path: Path) -> None:
    file = tmp_path / "dateline.toml"
    file.write_text("contact = " + "[" * 5_000 + "]" * 5_000)
    with pytest.raises(ConfigError, match="nested too deeply"):
        config.load_settings(config=file)


def test_a_duration_longer_than_any() -> None:
    with pytest.raises(ValueError, match="longer than any duration"):
        parse_duration("9" * 400 + "m")
