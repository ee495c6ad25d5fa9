"""Which Chromium is used, and how it is started so that it reaches nobody by itself."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

from archive.config import Settings
from crawler.browser.failures import BrowserMissing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""Debian's name first."""


def find_chromium(settings: Settings) -> Path | None:
    """The Chromium of the settings, else the one on the PATH; None: Playwright's own, if it was installed. Raises
    BrowserMissing where the settings name one that is not there, or Playwright is not installed."""
    if find_spec("playwright") is None:
        raise BrowserMissing("the Python package playwright is not installed")
    if settings.chromium is not None:
        if not os.access(settings.chromium, os.X_OK) or settings.chromium.is_dir():
            raise BrowserMissing(f"DATELINE_CHROMIUM: {settings.chromium} is no program")
        return settings.chromium
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def arguments(wall: int, heap: int) -> list[str]:
    """Chromium's command line. `wall`: the local port of a proxy that lets nothing through; `heap`: bytes that the scripts
    of one page may hold; one that takes twice as much before anybody looks is ended by Chromium itself.

    Every request of a page is taken over before it leaves Chromium. What gets round that (WebSockets, redirects, WebRTC,
    the browser's own services) has no names, no addresses and no way but the wall.
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
