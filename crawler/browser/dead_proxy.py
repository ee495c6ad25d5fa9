"""A proxy that refuses every request and logs it. It is Chromium's only way to the network."""

from __future__ import annotations

import asyncio
from typing import Self

import structlog

log = structlog.get_logger()

ADDRESS = "127.0.0.1"
LINE_LIMIT = 8_192
PATIENCE = 5.0
"""The seconds within which a client has to send its request."""


class DeadProxy:
    """An HTTP proxy that answers every request with 403. `knocks` counts the requests."""

    def __init__(self) -> None:
        self.knocks = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> Self:
        self._server = await asyncio.start_server(self._refuse, ADDRESS, 0, limit=LINE_LIMIT)
        return self

    @property
    def port(self) -> int:
        assert self._server is not None, "the wall is open"
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _refuse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await asyncio.wait_for(reader.readline(), PATIENCE)
            if line:
                self.knocks += 1
                log.debug("browser_walled", request=line.decode("latin-1").strip()[:200])
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
        except (OSError, ValueError, TimeoutError):  # it hung up, or its line has no end
            return
        finally:
            writer.close()
