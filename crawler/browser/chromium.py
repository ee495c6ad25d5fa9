"""Find Chromium, and choose the arguments with which it cannot reach the network by itself."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from archive.config import Settings
from crawler.browser.failures import BrowserMissing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The names of the program, Debian's first."""


def find_chromium(settings: Settings) -> Path | None:
    """Find the Chromium of the settings, or else the one on the PATH.

    None means that neither exists. Playwright then uses its own Chromium, if that was installed.

    Raises:
        BrowserMissing: A Python package is not installed, or the settings name a file that is no program.
    """
    for package in ("playwright", "scrapy_playwright"):
        if find_spec(package) is None:
            raise BrowserMissing(f"the Python package {package.replace('_', '-')} is not installed")
    if settings.chromium is not None:
        if not os.access(settings.chromium, os.X_OK) or settings.chromium.is_dir():
            raise BrowserMissing(f"DATELINE_CHROMIUM: {settings.chromium} is no program")
        return settings.chromium
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def arguments(wall: int, heap: int) -> list[str]:
    """The arguments of Chromium's command line.

    `wall` is the local port of the proxy that refuses everything. `heap` is the number of bytes that the scripts of one page may
    hold. Chromium itself ends a page that holds twice as much before the next check.

    Every request of a page is taken over before it leaves Chromium. What gets round that (WebSockets, redirects, WebRTC,
    the browser's own services) finds no name resolution, and no way out but that proxy.
    """
    return [
        f"--proxy-server=http://127.0.0.1:{wall}",
        "--proxy-bypass-list=<-loopback>",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        # Chromium's own switch. The one with "force-" before it, which is often named, has no effect in headless mode.
        "--webrtc-ip-handling-policy=disable_non_proxied_udp",
        "--disable-quic",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--dns-prefetch-disable",
        "--no-pings",
        f"--js-flags=--max-old-space-size={max(64, heap >> 19)}",
    ]
