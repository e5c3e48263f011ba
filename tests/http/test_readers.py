"""Readers of events that don't read, and more of them than may be."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from deskmon.config.schema import Config
from deskmon.events import Headline, Pulse, Reset
from deskmon.http import app
from deskmon.http.connections import Connections
from deskmon.http.event_log import EventLog
from deskmon.http.following import FollowedDesk
from deskmon.http.past import Past
from tests.hub.market import T0
from tests.hub.waiting import until


class Still:
    """A link to a hub that said one thing."""

    state, detail = "live", ""

    def __init__(self):
        self.closed = False

    async def events(self):
        yield [Reset(ts=T0), Pulse(ts=T0, seq=1, mode="live")]
        await asyncio.Event().wait()

    async def close(self):
        self.closed = True


@pytest.fixture
async def desk():
    made = FollowedDesk(Still(), Config(), EventLog(1))
    running = asyncio.create_task(made.run())
    await until(lambda: made.now)
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert made._link.closed


def connected(port):
    """A connection for which the system keeps little."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    client.connect(("127.0.0.1", port))
    client.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


async def test_who_takes_nothing_is_cut_off_and_the_others_get_all(desk, monkeypatch):
    monkeypatch.setattr(app, "PATIENCE_S", 0.3)
    server = app.Server(desk, Past("/nowhere"))
    async with TestServer(server.app((), None)) as site, ClientSession() as session, AsyncExitStack() as stack:
        for _ in range(5):
            stack.enter_context(connected(site.port))
        async with session.get(site.make_url("/events?from=1")) as healthy:
            await until(lambda: server._readers == 6)
            number, left = 0, b""
            while server._readers > 1:
                desk.log.add([Headline(ts=T0, text="x" * 2_000)] * 10)
                number += 10
                while b"id: %d\n" % number not in left:  # it takes each piece before the next one is made
                    left = left[-4_096:] + await healthy.content.readany()
            assert number < 100_000
        await until(lambda: server._readers == 0)


async def test_one_reader_too_many_is_told_so(desk, monkeypatch):
    monkeypatch.setattr(app, "READERS", 1)
    server = app.Server(desk, Past("/nowhere"))
    async with TestServer(server.app((), None)) as site, ClientSession() as session:
        async with session.get(site.make_url("/events")) as first, session.get(site.make_url("/events")) as second:
            assert (first.status, second.status, second.headers["Retry-After"]) == (200, 429, "5")
            assert (await second.json())["error"] == "1 readers take events already"
        await until(lambda: server._readers == 0)


async def test_who_connects_and_asks_for_nothing_is_cut_off_and_there_are_only_so_many(monkeypatch):
    monkeypatch.setattr("deskmon.http.connections.SILENT_S", 0.2)
    monkeypatch.setattr("deskmon.http.connections.MOST", 3)

    async def slow(request):
        await asyncio.Event().wait()

    connections = Connections()
    app = web.Application(middlewares=[connections.heard])
    app.router.add_get("/", slow)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    server = await asyncio.get_running_loop().create_server(lambda: connections.answer(runner.server), "127.0.0.1", 0)
    pairs = [await asyncio.open_connection(*server.sockets[0].getsockname()) for _ in range(3)]
    (asking, asks), *silent = pairs
    asks.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await until(lambda: len(runner.server.connections) == 3)
    pairs.append(await asyncio.open_connection(*server.sockets[0].getsockname()))
    assert await pairs[-1][0].read() == b"", "one too many"
    for reader, _ in silent:
        assert await reader.read() == b""
    assert not asking.at_eof() and len(runner.server.connections) == 1
    for _, writer in pairs:
        writer.close()
    server.close()
    await runner.cleanup()


async def test_that_a_demo_has_no_past_to_tell_is_said_without_a_process(desk):
    desk.model.apply([Pulse(ts=T0, seq=2, mode="demo")])
    server = app.Server(desk, None)
    async with TestServer(server.app((), None)) as site, ClientSession() as session:
        for path in (
            "/state?at=2h+ago",
            "/figures/mode?at=2h+ago",
            "/snapshot.svg?at=2h+ago",
            "/figures/prices.BTC.last?from=2h+ago",
            "/report.html",
        ):
            async with session.get(site.make_url(path)) as answer:
                said = answer.status, (await answer.json())["error"]
                assert said == (503, "this hub plays a market, of which it keeps no journal"), path


async def test_pictures_have_a_limit_and_a_hub_that_is_lost_is_said(desk):
    server = app.Server(desk, Past("/nowhere"))
    async with TestServer(server.app((), None)) as site, ClientSession() as session:
        statuses = set()
        for _ in range(int(app.PICTURES_AT_ONCE) + 5):
            async with session.get(site.make_url("/snapshot.svg?panel=feeds&size=20x3")) as answer:
                statuses.add(answer.status)
        assert statuses == {200, 429}
        desk._link.state, desk._link.detail = "lost", "hub silent for 2 s"
        for path in ("/state", "/events", "/figures/mode"):
            async with session.get(site.make_url(path)) as answer:
                assert (answer.status, (await answer.json())["error"]) == (503, "the hub is lost: hub silent for 2 s")
