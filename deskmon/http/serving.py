"""The server as a process: what the hub tells it, and its life beside the hub's."""

from __future__ import annotations

import asyncio
import os
import socket

import msgspec
from aiohttp import web

from deskmon.background import start
from deskmon.clock import WallClock
from deskmon.config.schema import Config
from deskmon.http.app import Server
from deskmon.http.connections import Connections
from deskmon.http.event_log import EventLog
from deskmon.http.following import FollowedDesk
from deskmon.http.past import Past
from deskmon.transport.link import UnixLink

NUMBERS_A_MS = 1_000
"""How many numbers of events lie between two milliseconds: a later run begins with a higher number than an earlier one
ended with."""
KEEPALIVE_S = 15.0
FAREWELL_S = 1.0
SEND_BYTES = 128 * 1024
"""Bytes that the system keeps for one client that doesn't read."""


class Setup(msgspec.Struct, frozen=True):
    """What the hub tells the server: a listening socket, the hub's own, the names that it is asked for by, a token."""

    config: Config
    descriptor: int
    hub: str
    hosts: tuple[str, ...] = ()
    token: str | None = None


async def serve(setup: Setup) -> None:
    """Serve until standard input ends."""
    desk = FollowedDesk(UnixLink(setup.hub), setup.config, EventLog(WallClock().now() * NUMBERS_A_MS))
    connections = Connections()
    app = Server(desk, Past(setup.hub)).app(setup.hosts, setup.token)
    app.middlewares.insert(0, connections.heard)
    runner = web.AppRunner(
        app, access_log=None, handler_cancellation=True,
        keepalive_timeout=KEEPALIVE_S, shutdown_timeout=FAREWELL_S,
    )  # fmt: skip
    await runner.setup()
    listening = socket.socket(fileno=setup.descriptor)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
    listening.setblocking(False)
    following = start(desk.run(), "the hub's stream")
    answered = runner.server
    assert answered is not None
    loop = asyncio.get_running_loop()
    try:
        await loop.create_server(lambda: connections.answer(answered), sock=listening)
        os.write(1, b"\n")  # the hub knows by it that this process listens
        await _end_of_input()
    finally:
        following.cancel()
        listening.close()
        await runner.cleanup()


async def _end_of_input() -> None:
    """Return when the hub is gone, or wants this process to go."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(0, "rb", 0)
    )
    try:
        while await reader.read(1024):
            pass
    finally:
        transport.close()
