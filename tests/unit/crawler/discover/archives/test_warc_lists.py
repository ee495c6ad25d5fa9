"""Which files a list of WARC files may name."""

from __future__ import annotations

import gzip

import pytest

from crawler.discover.archives import warc_lists
from crawler.discover.archives.warc_lists import NOT_WEB, UNKNOWN, read_names

WEB = "https://archive.example/2026/warc.paths"
LOCAL = "/data/lists/warc.paths"


def test_a_list_on_the_web_names_files_beside_it_and_on_other_hosts() -> None:
    names = b"a.warc.gz\n../b.warc.gz\r\n/c.warc.gz\nhttp://other.example/d.warc.gz\n"
    assert read_names(names, WEB).places == (
        "https://archive.example/2026/a.warc.gz",
        "https://archive.example/b.warc.gz",
        "https://archive.example/c.warc.gz",
        "http://other.example/d.warc.gz",
    )
    assert read_names(gzip.compress(names), WEB) == read_names(names, WEB)
    assert read_names(b"x/a.warc.gz", WEB, "https://data.example/").places == ("https://data.example/x/a.warc.gz",)


@pytest.mark.parametrize(
    "name",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file:/etc/passwd",
        "local:///data/a.warc.gz",
        "s3://bucket/a.warc.gz",
        "ftp://archive.example/a.warc.gz",
        "github://a:b@main/x",
        "simplecache::https://archive.example/a.warc.gz",
        "simplecache::file:///etc/passwd",
        "reference://archive.example/x",
        "data:,x",
        "javascript:1",
    ],
)
def test_a_list_on_the_web_names_nothing_else(name: str) -> None:
    for base in (None, "https://data.example/"):
        files = read_names(f"good.warc.gz {name}".encode(), WEB, base)
        assert all(place.startswith("https://") for place in files.places)
        if base is None or "://" in name:
            assert files.refused == ((name, NOT_WEB),)


@pytest.mark.parametrize("name", ["http://[::1", "http://", "https://a.example/x\x00y", "http://x/" + "a" * 3000])
def test_what_cannot_be_a_name_is_refused(name: str) -> None:
    for place in (WEB, LOCAL):
        files = read_names(name.encode(), place)
        assert files.places == ()
        assert files.refused[0][1].startswith("not-allowed: ")
        assert "\x00" not in files.refused[0][0]


def test_a_list_of_ones_own_names_what_the_registry_may_name() -> None:
    names = b"a.warc.gz /data/b.warc.gz file:///data/c.warc.gz s3://bucket/d.warc.gz https://archive.example/e.warc.gz github://a:b@main/x simplecache::file:///x"
    files = read_names(names, LOCAL)
    assert files.places == (
        "/data/lists/a.warc.gz",
        "/data/b.warc.gz",
        "file:///data/c.warc.gz",
        "s3://bucket/d.warc.gz",
        "https://archive.example/e.warc.gz",
    )
    assert files.refused == (("github://a:b@main/x", UNKNOWN), ("simplecache::file:///x", UNKNOWN))


def test_a_list_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warc_lists, "NAME_LIMIT", 100)
    monkeypatch.setattr(warc_lists, "LIST_LIMIT", 10_000)
    assert read_names(b"a\n" * 100, WEB).problem is None
    assert read_names(b"a\n" * 101, WEB).problem == "the list names more than 100 files"
    assert read_names(gzip.compress(bytes(20_000)), WEB).problem == "the list is too long"
    assert read_names(b"\x1f\x8bno gzip", WEB).problem == "broken-gzip"


def test_names_are_whole_where_the_pieces_of_a_list_meet() -> None:
    names = [f"crawl/segments/{n:08}.warc.gz" for n in range(6_000)]
    files = read_names("\n".join(names).encode(), WEB)
    assert files.places == tuple(f"https://archive.example/2026/{name}" for name in names)
