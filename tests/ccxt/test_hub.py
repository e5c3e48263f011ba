"""The whole way: a venue on loopback, ccxt, the feed, the hub, its model and its journal on disk."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from deskmon.config.schema import Config, FeedConfig
from deskmon.events import Liquidation
from deskmon.hub.hub import Hub
from deskmon.journal import ReadReport, read_events
from tests.ccxt import venues
from tests.ccxt.replay_server import Bybit, ReplayServer
from tests.ccxt.test_bursts import CASES, COUNT, RESENT, price


@asynccontextmanager
async def hub_of(path=None, process="auto", **feeds):
    """A running hub whose feeds are these options by label."""
    tables = {label: FeedConfig(type="ccxt", process=process, options=options) for label, options in feeds.items()}
    hub = Hub(Config(feeds=tables), record_to=path)
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        await asyncio.wait([task])


class Watcher:
    """A subscriber of the hub's stream that only wakes who waits for the next batch."""

    def __init__(self):
        self.moved = asyncio.Event()

    def offer(self, batch):
        self.moved.set()

    def restart(self):
        self.moved.set()


async def until(hub, met, seconds=30.0):
    """Ask `met` of the hub's figures at every batch until it holds."""
    watcher = Watcher()
    hub.stream.add(watcher)
    async with asyncio.timeout(seconds):
        while not ((at := hub.stream.model.state(hub.now)).feeds and met(at)):
            watcher.moved.clear()
            await watcher.moved.wait()
    hub.stream.remove(watcher)


def on_disk(path):
    """Liquidations that the journal holds by now."""
    return [event for event in read_events(path, ReadReport()) if type(event) is Liquidation]


@pytest.mark.parametrize(("venue", "process"), [("bybit", "own"), ("binance", "shared"), ("okx", "shared")])
async def test_every_liquidation_of_a_burst_is_in_the_journal_once(venue, process, tmp_path):
    dialect, options, topic, frame, unit = CASES[venue]
    path = tmp_path / "burst.jsonl"
    async with ReplayServer(dialect) as server:
        venues.serve_markets(server, venue, "BTC")
        frames = [frame(n) for n in range(COUNT)]
        server.frames[topic] = frames
        feed = options(server, symbols=("BTC",), channels=("liquidations",))
        async with hub_of(path, process, burst=feed) as hub:
            await until(hub, lambda at: at.feeds["burst"].events >= COUNT)
            server.frames[topic] = [*frames[-RESENT:], frame(COUNT)]
            await server.drop()
            await until(hub, lambda at: at.feeds["burst"].events == COUNT + 1 and at.feeds["burst"].state == "live")
    written = [event for event in read_events(path, ReadReport()) if type(event) is Liquidation]
    assert len(written) == len({event.id for event in written}) == COUNT + 1
    worth = sum((n % 7 + 1) * unit * price(n) for n in range(COUNT + 1))
    assert sum(event.usd for event in written) == pytest.approx(worth, rel=1e-9)


async def test_one_dead_venue_leaves_the_others_alone():
    async with ReplayServer(Bybit()) as alive, ReplayServer(Bybit()) as dead:
        for server in (alive, dead):
            venues.serve_markets(server, "bybit", "BTC")
        data = {"symbol": "BTCUSDT", "lastPrice": "100", "openInterestValue": "5"}
        alive.frames["linear/tickers.BTCUSDT"] = [
            {"topic": "tickers.BTCUSDT", "type": "snapshot", "data": data, "ts": 1_790_000_000_000}
        ]
        await dead.deafen()
        feeds = {
            "alive": venues.bybit(alive, symbols=("BTC",), channels=("ticker",)),
            "dead": venues.bybit(dead, symbols=("BTC",), channels=("ticker",), venue="other"),
            "unknown": {"exchange": "byb1t"},
        }
        async with hub_of(**feeds) as hub:
            await until(
                hub,
                lambda at: (
                    at.feeds.keys() >= feeds.keys()
                    and at.feeds["alive"].state == "live"
                    and "connection refused" in at.feeds["dead"].detail
                    and at.feeds["unknown"].state == "down"
                ),
            )
            at = hub.stream.model.state(hub.now)
    assert at.prices["BTC/USDT:USDT"].venues["bybit"].last == 100.0
    assert "bybit" in at.feeds["unknown"].detail
