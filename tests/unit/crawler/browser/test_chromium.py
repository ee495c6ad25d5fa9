from __future__ import annotations

from pathlib import Path

import pytest

from archive.config import Settings
from crawler.browser import chromium
from crawler.browser.chromium import arguments, find_chromium
from crawler.browser.failures import BrowserMissing


def a_program(folder: Path, name: str) -> Path:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)
    return folder / name


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(chromium, "find_spec", lambda _name: object())
    return tmp_path


def test_the_one_that_is_named_goes_first(path: Path) -> None:
    a_program(path, "chromium")
    other = a_program(path, "other")
    assert find_chromium(Settings(chromium=other)) == other
    with pytest.raises(BrowserMissing, match=r"DATELINE_CHROMIUM: .*nowhere is no program"):
        find_chromium(Settings(chromium=path / "nowhere"))


def test_then_those_on_the_path_in_order(path: Path) -> None:
    assert find_chromium(Settings()) is None  # Playwright's own, if there is one
    chrome = a_program(path, "google-chrome")
    assert find_chromium(Settings()) == chrome
    debian = a_program(path, "chromium")
    assert find_chromium(Settings()) == debian


def test_without_playwright_none_is_of_use(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(path, "chromium")
    monkeypatch.setattr(chromium, "find_spec", lambda _name: None)
    with pytest.raises(BrowserMissing, match=r"playwright is not installed.*make browser"):
        find_chromium(Settings())


def test_there_is_no_way_but_the_wall() -> None:
    given = arguments(4711, 256 << 20)
    assert "--proxy-server=http://127.0.0.1:4711" in given
    assert "--proxy-bypass-list=<-loopback>" in given
    assert "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1" in given
    assert "--webrtc-ip-handling-policy=disable_non_proxied_udp" in given
    assert "--js-flags=--max-old-space-size=512" in given
