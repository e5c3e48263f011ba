"""A little HTTP proxy on loopback: passes requests on, tunnels TLS, and remembers what it was asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class LittleProxy:
    """`places`: by host and port that are asked for, the port of loopback where that is. `wants`: what a request has to
    say to be let through."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.places: dict[str, int] = {}
        self.wants = ""
        self.url = ""
        self.visits: set[asyncio.Task[None]] = set()

    async def visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.visits.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await self._pass_on(reader, writer)
        writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        method, target, _ = head.split(" ", 2)
        if self.wants and self.wants not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            await writer.drain()
            return
        place = target if method == "CONNECT" else urlsplit(target).netloc
        there, out = await asyncio.open_connection("127.0.0.1", self.places[place])
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            kept = [line for line in head.split("\r\n") if not line.lower().startswith("proxy-")]
            out.write("\r\n".join(kept).replace(f"http://{place}", "", 1).encode())
        await asyncio.gather(_pour(reader, out), _pour(there, writer))


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await source.read(65_536):
            sink.write(some)
            await sink.drain()
    sink.close()


@asynccontextmanager
async def little_proxy() -> AsyncIterator[LittleProxy]:
    """A proxy that listens while the block runs."""
    proxy = LittleProxy()
    server = await asyncio.start_server(proxy.visit, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.close()
        await asyncio.gather(*proxy.visits)
