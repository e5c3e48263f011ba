"""A local webhook that answers as it is told, and remembers what it was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import msgspec


class Receiver:
    """`answers` are used one after the other, the last one for ever: an HTTP head, or `hang`, `close`, `drip`."""

    def __init__(self) -> None:
        self.answers: list[str] = ["200 OK"]
        self.bodies: list[Any] = []
        self.heads: list[str] = []
        self.url = ""
        self.delay_s = 0.0
        self.visits: set[asyncio.Task[None]] = set()

    @property
    def ids(self) -> list[str]:
        return [body["id"] for body in self.bodies]

    async def visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.visits.add(task)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0] or 0)
            body = await reader.readexactly(length)
            self.heads.append(head)
            self.bodies.append(msgspec.json.decode(body) if body else None)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == "hang":
                await reader.read()
            elif answer == "drip":
                while not reader.at_eof():
                    writer.write(b"X")
                    await writer.drain()
                    await asyncio.sleep(0.01)
            elif answer != "close":
                await asyncio.sleep(self.delay_s)
                writer.write(f"HTTP/1.1 {answer}\r\n\r\n".encode())
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    """A webhook that listens while the block runs."""
    hook = Receiver()
    server = await asyncio.start_server(hook.visit, "127.0.0.1", 0)
    hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook/secret-path"
    try:
        yield hook
    finally:
        server.close()
        await asyncio.gather(*hook.visits)
