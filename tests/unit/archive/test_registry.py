"""The registry's format: everything it takes, and every mistake with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.config import Settings
from archive.model.source import Channel, Selectors
from archive.registry import RegistryError, load, registry_for
from archive.registry.entry import KEYS, OPTIONS

MINIMAL = "  - {id: one, name: One, homepage: https://one.example/}\n"

FULL = r"""
sources:
  - id: yonhap-en
    name: Yonhap News Agency (English)
    homepage: https://en.yna.co.kr/
    country: KR
    language: [en, ko]
    timezone: Asia/Seoul
    kind: wire
    discover:
      - feed: https://en.yna.co.kr/RSS/news.xml
      - sitemap: https://en.yna.co.kr/sitemap.xml
      - listing: https://en.yna.co.kr/politics
        links: "h2 a"
        next: "a.next"
      - archive: "https://en.yna.co.kr/{date:%Y/%m/%d}/"
        links: "h2 a"
      - json: https://en.yna.co.kr/list.json
        links: "items[].url"
      - ids: https://en.yna.co.kr/view/{id:05d}
      - wayback: https://en.yna.co.kr/
      - warc: old/*.warc.gz
    article_urls: {allow: ['/view/[A-Z]{3}\d+'], deny: ['/photo/']}
    render: true
    schedule: every 15m
    delay: 5
    extract: {title: "h1", body: "div.article", remove: [".ad", "aside > p"], date: "time", authors: ".byline"}
    expect: {per_day: [5, 200]}
    status: verified
    note: "…"
"""


def write(folder: Path, text: str, name: str = "sources.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[str]:
    """The mistakes of a file, without its path: `line: message`."""
    path = write(folder, text)
    with pytest.raises(RegistryError) as caught:
        load([path])
    assert all(problem.startswith(f"{path}:") for problem in caught.value.problems)
    return [problem.removeprefix(f"{path}:") for problem in caught.value.problems]


def entry_problems(folder: Path, *lines: str) -> list[str]:
    """The mistakes of an otherwise good entry with `lines`, the first of which is line 5."""
    head = "sources:\n  - id: one\n    name: One\n    homepage: https://one.example/\n"
    return problems(folder, head + "".join(f"    {line}\n" for line in lines))


def test_every_key(tmp_path: Path) -> None:
    path = write(tmp_path, FULL)
    registry = load([path])
    assert list(registry.sources) == ["yonhap-en"]
    source = registry.sources["yonhap-en"]
    assert source.name == "Yonhap News Agency (English)"
    assert (source.country, source.language, source.timezone) == ("KR", ("en", "ko"), "Asia/Seoul")
    assert (source.kind, source.status, source.note) == ("wire", "verified", "…")
    assert source.discover == (
        Channel("feed", "https://en.yna.co.kr/RSS/news.xml"),
        Channel("sitemap", "https://en.yna.co.kr/sitemap.xml"),
        Channel("listing", "https://en.yna.co.kr/politics", "h2 a", "a.next"),
        Channel("archive", "https://en.yna.co.kr/{date:%Y/%m/%d}/", "h2 a"),
        Channel("json", "https://en.yna.co.kr/list.json", "items[].url"),
        Channel("ids", "https://en.yna.co.kr/view/{id:05d}"),
        Channel("wayback", "https://en.yna.co.kr/"),
        Channel("warc", "old/*.warc.gz"),
    )
    assert source.article_urls.admits("https://en.yna.co.kr/view/AEN123")
    assert not source.article_urls.admits("https://en.yna.co.kr/photo/view/AEN123")
    assert (source.render, source.schedule, source.delay) == (True, "every 15m", 5.0)
    assert source.extract == Selectors("h1", "div.article", (".ad", "aside > p"), "time", ".byline")
    assert source.expect_per_day == (5, 200)
    assert source.origin == f"{path}:3"


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    source = load([write(tmp_path, "sources:\n" + MINIMAL)]).sources["one"]
    assert (source.status, source.schedule, source.delay, source.render) == ("unverified", "adaptive", None, False)
    assert (source.country, source.language, source.discover) == (None, (), ())


def test_norway_is_a_country(tmp_path: Path) -> None:
    text = "sources:\n  - {id: nrk, name: NRK, homepage: https://www.nrk.no/, country: NO, language: no}\n"
    source = load([write(tmp_path, text)]).sources["nrk"]
    assert (source.country, source.language) == ("NO", ("no",))


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "sources:\n", "sources: []\n", "\ufeffsources: []\n", "---\n"])
def test_an_empty_file_is_fine(tmp_path: Path, text: str) -> None:
    assert load([write(tmp_path, text)]).sources == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("langauge: en", "5: unknown key 'langauge' in the source (did you mean 'language'?)"),
        ("quux: 1", "5: unknown key 'quux' in the source"),
        ("name: Two", "5: 'name' stands twice in the source; first in line 3"),
        ("country: UK", "5: country 'UK' is not a code of ISO 3166-1 alpha-2 (did you mean 'GB'?)"),
        ("country: no", "5: country 'no' is not a code of ISO 3166-1 alpha-2 (did you mean 'NO'?)"),
        ("country: Norway", "5: country 'Norway' is not a code of ISO 3166-1 alpha-2"),
        ("language: english", "5: language 'english' is not a BCP 47 tag such as en, pt-BR or zh-Hans"),
        ("language: jp", "5: language 'jp': 'jp' is no language (did you mean 'ja'?)"),
        ("language: [en, 3]", "5: each of language must be text, not a whole number (3); put it in quotes"),
        ("timezone: Asia/Soul", "5: timezone 'Asia/Soul' is not a name of the IANA time zone database (did you mean 'Asia/Seoul'?)"),
        ("timezone: Seoul", "5: timezone 'Seoul' is not a name of the IANA time zone database (did you mean 'Asia/Seoul'?)"),
        ("timezone: +09:00", "5: timezone '+09:00' is not a name of the IANA time zone database"),
        ("timezone: ../../etc/passwd", "5: timezone '../../etc/passwd' is not a name of the IANA time zone database"),
        ("kind: newspapers", "5: unknown kind 'newspapers' (did you mean 'newspaper'?)"),
        ("status: ok", "5: unknown status 'ok'; it must be one of verified, unverified, refused"),
        ("status: refused", "5: a refused source needs a note that says why"),
        ("render: yes", "5: render must be true or false, not text (yes)"),
        ("delay: soon", "5: delay must be a number from 0, not text (soon)"),
        ("delay: -1", "5: delay must be a number from 0, not a whole number (-1)"),
        ("delay: 5000", "5: delay is in seconds; 5000 is longer than an hour"),
        ("note:", "5: note must be text, not nothing"),
        ("note: ''", "5: note is empty"),
        ("note: 2026-01-01", "5: note must be text, not a date (2026-01-01); put it in quotes"),
        ("expect: {per_day: [5]}", "5: per_day must be two whole numbers, the least and the most: [5, 200]"),
        ("expect: {per_day: [9, 5]}", "5: per_day must be two whole numbers, the least and the most: [5, 200]"),
        ("expect: {per_day: [1, 2.5]}", "5: per_day must be two whole numbers, the least and the most: [5, 200]"),
        ("expect: {per_hour: [1, 2]}", "5: unknown key 'per_hour' in expect"),
        ("expect: 5", "5: expect must be a mapping of per_day, not a whole number (5)"),
        ("schedule: every 15", "5: schedule: '15' is not a duration; write for example 30s, 5m, 24h or 30d"),
        ("schedule: every 0m", "5: schedule: every 0 is never"),
        ("schedule: 0 25 * * *", "5: schedule '0 25 * * *': '25' is no hour (0-23)"),
        ("schedule: 0 6 * * fun", "5: schedule '0 6 * * fun': 'fun' is no day of the week (0-7)"),
        ("schedule: '*/0 * * * *'", "5: schedule '*/0 * * * *': '*/0' is no minute (0-59)"),
        ("schedule: daily", "5: schedule 'daily' must be adaptive, every <duration> such as every 15m, or the five fields of a cron line"),
        ("discover: https://x.example/rss", "5: discover must be a list, not text (https://x.example/rss)"),
        ("discover: [{rss: 'https://x.example/'}]", "5: unknown key 'rss' in the channel"),
        ("discover: [{feed: x.example/rss}]", "5: 'x.example/rss' is not an http(s) address"),
        ("discover: [{feed: 'javascript:alert(1)'}]", "5: 'javascript:alert(1)' is not an http(s) address"),
        ("discover: [{feed: 'https://x.example/', links: a}]", "5: 'links' has no meaning for a feed"),
        ("discover: [{listing: 'https://x.example/', links: 'a['}]", "5: 'a[' is not a CSS selector: "),
        ("discover: [{archive: 'https://x.example/'}]", "5: 'https://x.example/' must have a date to be filled in"),
        ("discover: [{archive: 'https://x.example/{day}'}]", "5: 'https://x.example/{day}' must have a date to be filled in"),
        ("discover: [{archive: 'https://x.example/{date.__class__}'}]", "5: 'https://x.example/{date.__class__}' must have a date"),
        ("discover: [{ids: 'https://x.example/{id:%Y}'}]", "5: 'https://x.example/{id:%Y}' cannot be filled in: "),
        ("discover: [{ids: 'https://x.example/{'}]", "5: 'https://x.example/{' must have a number to be filled in"),
        ("article_urls: {allow: ['(']}", "5: '(' is not a regular expression: "),
        ("article_urls: {allow: /view/}", "5: allow must be a list, not text (/view/)"),
        ("extract: {title: '..x'}", "5: '..x' is not a CSS selector: "),
        ("extract: {headline: h1}", "5: unknown key 'headline' in extract"),
        ("extract: {remove: .ad}", "5: remove must be a list, not text (.ad)"),
        ("note: !shell x", "5: note must be text, not something tagged !shell (x); put it in quotes"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    found = entry_problems(tmp_path, line)
    assert len(found) == 1
    assert found[0].startswith(message)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sources: {a: b}\n", "1: sources must be a list, not a mapping"),
        ("- id: x\n", "1: the file must be a mapping of sources, not a list"),
        ("source:\n  - id: x\n", "1: unknown key 'source' in the file (did you mean 'sources'?)"),
        ("sources:\n  - one\n", "2: the source must be a mapping of id, name"),
        ("sources:\n  - name: One\n    homepage: https://x.example/\n", "2: the source has no 'id'"),
        (
            "sources:\n  - id: One\n    name: x\n    homepage: https://x.example/\n",
            "2: id 'One' must be lower-case letters",
        ),
        (
            "sources:\n  - id: 7\n    name: x\n    homepage: https://x.example/\n",
            "2: id must be text, not a whole number (7)",
        ),
        ("sources:\n  - id: x\n    name: x\n    homepage: x.example\n", "4: 'x.example' is not an http(s) address"),
        ("sources:\n  - id: x\n   name: y\n", "3: not YAML: "),
        ("sources: [\n", "2: not YAML: "),
        ("sources: *nobody\n", "1: not YAML: found undefined alias"),
        ("sources: []\n---\nsources: []\n", "2: not YAML: "),
        ("sources:\n  - id: x\x07\n", " not YAML: "),
    ],
)
def test_a_file_of_another_form(tmp_path: Path, text: str, found: str) -> None:
    assert problems(tmp_path, text)[0].startswith(found)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("sources: # Phạm".encode("utf-16"))
    with pytest.raises(RegistryError, match="not UTF-8"):
        load([path])


def test_all_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "sources:\n  - {id: a, name: A, homepage: https://a.example/, kind: x, country: x}\n", "a.yaml")
    write(tmp_path, "sources:\n  - {id: b}\n", "b.yaml")
    with pytest.raises(RegistryError) as caught:
        load([tmp_path, tmp_path / "missing.yaml"])
    told = "\n".join(caught.value.problems)
    assert f"{tmp_path}/a.yaml:2: unknown kind 'x'" in told
    assert f"{tmp_path}/a.yaml:2: country 'x'" in told
    assert f"{tmp_path}/b.yaml:2: the source has no 'name'" in told
    assert f"{tmp_path}/b.yaml:2: the source has no 'homepage'" in told
    assert f"{tmp_path}/missing.yaml: no such file or folder" in told
    assert caught.value.message == told
    assert caught.value.exit_code == 2


def test_a_duplicate_id_names_the_first_place(tmp_path: Path) -> None:
    first = write(tmp_path, "sources:\n" + MINIMAL, "a/first.yaml")
    second = write(tmp_path, "# later\nsources:\n" + MINIMAL, "b/second.yml")
    with pytest.raises(RegistryError) as caught:
        load([tmp_path])
    assert caught.value.problems == (f"{second}:3: id 'one' is taken: it stands in {first}:2",)


def test_a_channel_stands_once_and_has_one_kind(tmp_path: Path) -> None:
    twice = entry_problems(tmp_path, "discover:", "  - feed: https://x.example/", "  - feed: https://x.example/")
    assert twice == ["7: the feed https://x.example/ stands twice in this source"]
    both = entry_problems(tmp_path, "discover:", "  - feed: https://x.example/", "    sitemap: https://x.example/s")
    assert both[0].endswith("this one names feed and sitemap")


@pytest.mark.parametrize(
    "schedule", ["adaptive", "every 90s", "0 6 * * *", "*/15 6-22 1,15 jan-jun mon-fri", "5,35 0-23/2 * * 7"]
)
def test_schedules(tmp_path: Path, schedule: str) -> None:
    text = f"sources:\n  - {{id: x, name: X, homepage: 'https://x.example/', schedule: '{schedule}'}}\n"
    assert load([write(tmp_path, text)]).sources["x"].schedule == schedule


@pytest.mark.parametrize("tag", ["en", "pt-BR", "zh-Hans", "sr-Latn-RS", "es-419", "de-CH-1996", "fil"])
def test_language_tags(tmp_path: Path, tag: str) -> None:
    text = f"sources:\n  - {{id: x, name: X, homepage: 'https://x.example/', language: {tag}}}\n"
    assert load([write(tmp_path, text)]).sources["x"].language == (tag,)


def test_folders_are_read_in_order_and_files_once(tmp_path: Path) -> None:
    for name in ("b/one", "a/two", "three"):
        source_id = name.rpartition("/")[2]
        write(tmp_path, f"sources:\n  - {{id: {source_id}, name: X, homepage: 'https://x.example/'}}\n", f"{name}.yaml")
    write(tmp_path, "not: ours", "notes.txt")
    registry = load([tmp_path, tmp_path / "three.yaml", tmp_path / "a"])
    assert list(registry.sources) == ["two", "one", "three"]


def test_which_registry_is_in_force(tmp_path: Path) -> None:
    own = tmp_path / "home"
    write(own, "sources:\n" + MINIMAL, "sources/mine.yaml")
    other = write(tmp_path, "sources:\n  - {id: other, name: O, homepage: 'https://o.example/'}\n", "other.yaml")
    default = registry_for(Settings(home=own))
    assert "one" in default.sources
    assert len(default.sources) > 1
    assert list(registry_for(Settings(home=own, sources=(other,))).sources) == ["other"]
    assert "one" not in registry_for(Settings(home=tmp_path / "elsewhere")).sources


def test_the_reference_describes_what_is_read(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs/reference/registry.md").read_text(encoding="utf-8")
    example = text.partition("```yaml\n")[2].partition("```")[0]
    assert list(load([write(tmp_path, example)]).sources) == ["yonhap-en"]
    described = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    assert described >= {*KEYS, *OPTIONS}
