"""Fixtures for tests that talk to a server."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from support import hostile
from support.chromium import require_chromium
from support.town import Town, town

from archive.config import Settings
from crawler.browser import processes
from crawler.browser.lifecycle import Browser
from dateline.newsroom import START, Newsroom


@pytest.fixture
def httpserver(httpserver_ipv4: HTTPServer) -> HTTPServer:
    """A server on the loopback address that answers what the test tells it to. Everything else is answered with 404."""
    httpserver_ipv4.no_handler_status_code = 404
    return httpserver_ipv4


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port at which nobody listens, and which nobody else is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        yield port


@pytest.fixture
def server() -> Iterator[hostile.Server]:
    """A server that misbehaves as the test tells it to."""
    with hostile.serve() as running:
        yield running


@pytest.fixture
def publishers() -> Iterator[Town]:
    """Small publishers of today, a host each."""
    with town() as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser that has not started yet. In the end nothing is left of it."""
    require_chromium()
    started = Browser(Settings(render_time=timedelta(seconds=120)))
    yield started
    await started.close()
    assert processes.browsers_below(os.getpid()) == []


@pytest.fixture(scope="module")
def shared_room() -> Iterator[Newsroom]:
    with Newsroom.start() as room:
        yield room


@pytest.fixture
def room(shared_room: Newsroom) -> Iterator[Newsroom]:
    """The newsroom as it opens. The tests of a file share its process, which takes the longest to start."""
    shared_room.set_time(START)
    shared_room.heal()
    shared_room.clear_log()
    yield shared_room
    shared_room.heal()
