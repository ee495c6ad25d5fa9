from __future__ import annotations

import asyncio

import pytest

from crawler.browser.dead_proxy import ADDRESS, DeadProxy


@pytest.mark.parametrize(
    "request_line", [b"CONNECT 10.0.0.1:443 HTTP/1.1", b"GET http://10.0.0.1/ HTTP/1.1", b"nonsense"]
)
async def test_nothing_gets_through(request_line: bytes) -> None:
    wall = await DeadProxy().open()
    reader, writer = await asyncio.open_connection(ADDRESS, wall.port)
    writer.write(request_line + b"\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 403 ")
    assert wall.knocks == 1
    writer.close()
    await wall.close()
