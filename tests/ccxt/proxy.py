"""A proxy on loopback: HTTP's CONNECT and SOCKS5, by names or addresses, with a password or none."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from contextlib import suppress


class Proxy:
    """Whatever host is asked for, `port` of loopback is behind it. `tunnels`: the hosts that were asked for."""

    def __init__(self, port: int, login: str = "") -> None:
        self._behind, self._login = port, login
        self.tunnels: list[str] = []
        self.refused = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exc) -> None:
        self._server.close()
        for writer in self._writers:
            writer.close()

    async def _serve(self, reader, writer) -> None:
        self._writers.append(writer)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            first = await reader.readexactly(1)
            host = await (self._socks(reader, writer) if first == b"\x05" else self._connect(first, reader, writer))
            if host is None:
                self.refused += 1
                writer.close()
                return
            self.tunnels.append(host)
            there_reader, there = await asyncio.open_connection("127.0.0.1", self._behind)
            self._writers.append(there)
            await asyncio.gather(_pipe(reader, there), _pipe(there_reader, writer))

    async def _connect(self, first: bytes, reader, writer) -> str | None:
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split(None, 2)
        wanted = f"Proxy-Authorization: Basic {b64encode(self._login.encode()).decode()}" if self._login else ""
        if method != "CONNECT" or wanted not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return None
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        return target.rpartition(":")[0]

    async def _socks(self, reader, writer) -> str | None:
        offered = await reader.readexactly((await reader.readexactly(1))[0])
        method = 2 if self._login else 0
        writer.write(bytes((5, method if method in offered else 0xFF)))
        if method not in offered:
            return None
        if self._login:
            await reader.readexactly(1)
            user, password = [(await reader.readexactly((await reader.readexactly(1))[0])).decode() for _ in range(2)]
            right = f"{user}:{password}" == self._login
            writer.write(bytes((1, 0 if right else 1)))
            if not right:
                return None
        _, _, _, kind = await reader.readexactly(4)
        if kind == 3:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        else:
            host = ".".join(map(str, await reader.readexactly(4)))
        await reader.readexactly(2)
        writer.write(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        return host


async def _pipe(reader, writer) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
