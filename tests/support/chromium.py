"""The Chromium that tests with a browser use."""

from __future__ import annotations

import os

import pytest

from archive.config import Settings
from crawler.browser.chromium import find_chromium
from crawler.browser.failures import BrowserMissing


def require_chromium() -> None:
    """Skip, with the reason, where there is no Chromium; in CI fail: there it must be."""
    try:
        found = find_chromium(Settings())
        missing = None if found else "no Chromium on the PATH"
    except BrowserMissing as error:
        missing = str(error)
    if missing is None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"CI must test with a browser: {missing}")
    pytest.skip(f"no browser: {missing}")
