"""The registry's format: everything it takes, and every mistake with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archive.config import Settings
from archive.model.source import Channel, IdWalk, ListActions, Next, Selectors, WebArchive
from archive.registry import RegistryError, load, registry_for
from archive.registry.channels import ALL_OPTIONS, NEXT_KEYS, OPTIONS
from archive.registry.entry import KEYS
from archive.registry.rendering import KEYS as RENDER_KEYS

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
        Channel("listing", "https://en.yna.co.kr/politics", "h2 a", Next(css="a.next")),
        Channel("archive", "https://en.yna.co.kr/{date:%Y/%m/%d}/", "h2 a"),
        Channel("json", "https://en.yna.co.kr/list.json", "items[].url"),
        Channel("ids", "https://en.yna.co.kr/view/{id:05d}", ids=IdWalk(1, 1, 20)),
        Channel("wayback", "https://en.yna.co.kr/", web_archive=WebArchive("prefix")),
        Channel("warc", "old/*.warc.gz"),
    )
    assert source.article_urls.admits("https://en.yna.co.kr/view/AEN123")
    assert not source.article_urls.admits("https://en.yna.co.kr/photo/view/AEN123")
    assert (source.render, source.schedule, source.delay) == (True, "every 15m", 5.0)
    assert source.extract == Selectors("h1", "div.article", (".ad", "aside > p"), "time", ".byline")
    assert source.expect_per_day == (5, 200)
    assert source.origin == f"{path}:3"


def read_channel(folder: Path, *lines: str) -> Channel:
    text = "".join(f"        {line}\n" for line in lines)
    head = "sources:\n  - id: one\n    name: One\n    homepage: https://one.example/\n    discover:\n      -"
    (channel,) = load([write(folder, head + text[7:])]).sources["one"].discover
    return channel


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('next: "a.next"', Next(css="a.next")),
        ("next: {css: a.next}", Next(css="a.next")),
        ("next: '/politics/page/{page}'", Next(url="/politics/page/{page}")),
        ("next: {url: '?offset={page}', from: 20, step: 20}", Next(url="?offset={page}", first=20, step=20)),
        (
            "next: {css: a.next, pattern: 'goPage\\((\\d+)\\)', url: '?p={page}'}",
            Next(css="a.next", pattern=r"goPage\((\d+)\)", url="?p={page}"),
        ),
        (
            "next: {form: {__EVENTTARGET: 'ctl00$Grid', __EVENTARGUMENT: 'Page${page}', x: ''}, carry: '#aspnetForm'}",
            Next(
                form=(("__EVENTTARGET", "ctl00$Grid"), ("__EVENTARGUMENT", "Page${page}"), ("x", "")),
                carry="#aspnetForm",
            ),
        ),
        (
            "next: {cursor: meta.next, url: '/more?after={cursor}'}",
            Next(cursor="meta.next", url="/more?after={cursor}"),
        ),
        ("next: {cursor: links.next}", Next(cursor="links.next")),
    ],
)
def test_how_the_next_page_is_asked_for(tmp_path: Path, lines: str, expected: Next) -> None:
    assert read_channel(tmp_path, "listing: https://x.example/", lines).next == expected


def test_the_options_of_a_listing_of_onclick_ids(tmp_path: Path) -> None:
    channel = read_channel(
        tmp_path,
        "listing: https://x.example/list.do",
        "items: tr",
        "links: a",
        "title: td.subject",
        "date: td.date",
        r"pattern: 'f_view\(.(\d+).\)'",
        "view: /view.do?seq={id}",
    )
    assert (channel.items, channel.links, channel.title, channel.date) == ("tr", "a", "td.subject", "td.date")
    assert (channel.pattern, channel.view) == (r"f_view\(.(\d+).\)", "/view.do?seq={id}")


def test_the_options_of_a_json_list(tmp_path: Path) -> None:
    channel = read_channel(
        tmp_path, "json: https://x.example/", "items: data.items", "links: id", "view: /a/{id}", "script: '#__DATA__'", "next: meta.next"
    )  # fmt: skip
    assert (channel.items, channel.links, channel.view, channel.script) == ("data.items", "id", "/a/{id}", "#__DATA__")
    assert channel.next == Next(cursor="meta.next")


def test_the_options_of_ids_and_archives(tmp_path: Path) -> None:
    ids = read_channel(tmp_path, "ids: https://x.example/{id}", "start: 100", "step: 2", "misses: 5")
    assert ids.ids == IdWalk(100, 2, 5)
    own = read_channel(
        tmp_path,
        "wayback: https://x.example/",
        "match: domain",
        "cdx: https://y.example/cdx",
        "replay: https://y.example/all/",
    )
    assert own.web_archive == WebArchive("domain", "https://y.example/cdx", "https://y.example/all/")
    assert read_channel(tmp_path, "wayback: https://x.example/").web_archive == WebArchive()
    files = read_channel(
        tmp_path, "warc: 's3://commoncrawl/CC-NEWS/2024/03/warc.paths.gz'", "base: https://data.example/"
    )
    assert (files.url, files.base) == ("s3://commoncrawl/CC-NEWS/2024/03/warc.paths.gz", "https://data.example/")


def test_options_do_not_change_the_identity_of_a_channel(tmp_path: Path) -> None:
    plain = read_channel(tmp_path, "listing: https://x.example/")
    assert plain.key == read_channel(tmp_path, "listing: https://x.example/", "links: h2 a", "next: a.next").key


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
        ("render: [a]", "5: render must be true or false, not a list"),
        ("render: {}", "5: render names nothing to do: write true, or some of scroll, click, wait"),
        ("render: {scrol: 3}", "5: unknown key 'scrol' in render (did you mean 'scroll'?)"),
        ("render: {scroll: 0}", "5: scroll must be a whole number from 1 to 100"),
        ("render: {scroll: 2.5}", "5: scroll must be a whole number from 1 to 100"),
        ("render: {scroll: 101}", "5: scroll must be a whole number from 1 to 100"),
        ("render: {scroll: much}", "5: scroll must be a number from 0, not text (much)"),
        ("render: {click: true}", "5: click must be text, not true or false (true); put it in quotes"),
        ("render: {click: 'button['}", "5: 'button[' is not a CSS selector: "),
        ("render: {wait: 'li >> a'}", "5: 'li >> a' is not a CSS selector: "),
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
        ("discover: [{archive: 'https://x.example/{date}'}]", "5: 'https://x.example/{date}' must say how the date is written"),
        ("discover: [{warc: 'ftp://x.example/a.warc'}]", "5: 'ftp://x.example/a.warc': WARC files are read from paths"),
        ("discover: [{json: 'https://x.example/', links: 'items[].'}]", "5: 'items[].' is not a JMESPath: "),
        ("discover: [{json: 'https://x.example/', links: a, title: b}]", "5: 'title' needs 'items': it is searched for inside each of them"),
        ("discover: [{listing: 'https://x.example/', pattern: '\\d+', view: '/{id}'}]", "5: '\\\\d+' has no group: "),
        ("discover: [{listing: 'https://x.example/', pattern: '(\\d+)'}]", "5: 'pattern' finds an id, and needs a 'view' to put it into"),
        ("discover: [{listing: 'https://x.example/', view: 'https://x.example/'}]", "5: 'https://x.example/' must have an id to be filled in"),
        ("discover: [{listing: 'https://x.example/', script: a}]", "5: 'script' has no meaning for a listing"),
        ("discover: [{ids: 'https://x.example/{id}', misses: 0}]", "5: misses must be a whole number from 1"),
        ("discover: [{ids: 'https://x.example/{id}', start: 1.5}]", "5: start must be a whole number from 0"),
        ("discover: [{wayback: 'https://x.example/', match: prefx}]", "5: unknown match 'prefx' (did you mean 'prefix'?)"),
        ("discover: [{wayback: 'https://x.example/', cdx: 'https://y.example/cdx'}]", "5: an archive of one's own needs both 'cdx' and 'replay'"),
        ("discover: [{listing: 'https://x.example/', next: {}}]", "5: next needs a 'css', a 'cursor', or {page} in 'url' or 'form'"),
        ("discover: [{listing: 'https://x.example/', next: {page: 2}}]", "5: unknown key 'page' in next"),
        ("discover: [{listing: 'https://x.example/', next: {url: '?p=1'}}]", "5: next needs a 'css', a 'cursor', or {page}"),
        ("discover: [{listing: 'https://x.example/', next: {url: '?p={offset}'}}]", "5: '?p={offset}' may have {page} or {cursor} to be filled in"),
        ("discover: [{listing: 'https://x.example/', next: {url: 'javascript:{page}'}}]", "5: 'javascript:2' is not an http(s) address"),
        ("discover: [{listing: 'https://x.example/', next: {url: '?p={page.__class__}'}}]", "5: '?p={page.__class__}' may have {page} or {cursor}"),
        ("discover: [{listing: 'https://x.example/', next: {url: '?p={page', css: a}}]", "5: '?p={page' may have {page} or {cursor}"),
        ("discover: [{listing: 'https://x.example/', next: {css: a, url: '?p={page}'}}]", "5: 'css' alone leads to the next page; for {page} it needs a 'pattern'"),
        ("discover: [{listing: 'https://x.example/', next: {pattern: '(a)', url: '?p={page}'}}]", "5: 'pattern' needs a 'css' of the element"),
        ("discover: [{listing: 'https://x.example/', next: {css: a, pattern: '(a)', url: '?p={page}', from: 3}}]", "5: the 'pattern' finds the number"),
        ("discover: [{listing: 'https://x.example/', next: {url: '?p={cursor}'}}]", "5: {cursor} needs a 'cursor' that finds it"),
        ("discover: [{listing: 'https://x.example/', next: {cursor: a, url: '?p={page}'}}]", "5: next goes by 'cursor', or by 'css' and {page}, not by both"),
        ("discover: [{listing: 'https://x.example/', next: {cursor: a, url: '?p=1'}}]", "5: 'cursor' is not used: put {cursor} into 'url' or 'form'"),
        ("discover: [{listing: 'https://x.example/', next: {form: [a]}}]", "5: form must be a mapping, not a list"),
        ("discover: [{listing: 'https://x.example/', next: {form: {p: 2}}}]", "5: the form's p must be text, not a whole number (2)"),
        ("discover: [{listing: 'https://x.example/', next: {form: {p: '{page}'}, step: 0}}]", "5: step must be a whole number from 1"),
        ("discover: [{listing: 'https://x.example/', next: [a]}]", "5: next must be a mapping of css"),
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


@pytest.mark.parametrize(
    ("render", "expected"),
    [
        ("{scroll: 5}", ListActions(scroll=5)),
        ("{click: 'button.more', wait: 'li:nth-child(20)'}", ListActions(click="button.more", wait="li:nth-child(20)")),
        ("{wait: '#list > li', scroll: 1, click: a}", ListActions("a", 1, "#list > li")),
        ("true", ListActions()),
    ],
)
def test_what_a_browser_does_with_lists(tmp_path: Path, render: str, expected: ListActions) -> None:
    text = f"sources:\n  - {{id: x, name: X, homepage: 'https://x.example/', render: {render}}}\n"
    source = load([write(tmp_path, text)]).sources["x"]
    assert (source.render, source.list_actions) == (True, expected)


def test_a_browser_does_nothing_with_lists_that_it_does_not_show(tmp_path: Path) -> None:
    feed = "{feed: 'https://one.example/feed'}"
    assert entry_problems(tmp_path, f"discover: [{feed}]", "render: {scroll: 3}") == [
        "6: scroll, click, wait are for lists that a browser shows, and this source has no listing or archive"
    ]
    wrong = "{listing: 'https://one.example/', links: 'a['}"
    (found,) = entry_problems(tmp_path, f"discover: [{feed}, {wrong}]", "render: {scroll: 3}")
    assert found.startswith("5: 'a[' is not a CSS selector")


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
    keys = re.findall(r"^\| (`[a-z_`, ]+`) \|", text, re.MULTILINE)
    described = set(re.findall(r"`([a-z_]+)`", " ".join(keys)))
    assert described >= {*KEYS, *OPTIONS, *ALL_OPTIONS, *NEXT_KEYS, *RENDER_KEYS}
