"""How fast a venue is talked to: the rule against a slow version, and what a venue on loopback counts."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.feeds.ccxt.resubscribe import WATCHED, Subscription
from deskmon.feeds.native import venue_of
from deskmon.feeds.native.links import Links
from deskmon.feeds.native.pacing import Limit, Pacer
from tests.ccxt import venues
from tests.ccxt.replay_server import Binance, Okx, ReplayServer
from tests.native.paths import path


class Time:
    """Seconds that pass only while somebody sleeps."""

    def __init__(self, now=0.0):
        self.now = now

    async def sleep(self, seconds):
        self.now += seconds
        await asyncio.sleep(0)


LIMITS = st.lists(st.builds(Limit, st.integers(1, 5), st.integers(1, 20).map(float)), min_size=1, max_size=3)


def earliest(asked, limits):
    """When each would go, tried second by second."""
    gone = []
    for at in asked:
        now = max([at, *gone[-1:]])
        while any(sum(now - limit.within_s < before <= now for before in gone) >= limit.most for limit in limits):
            now += 1
        gone.append(now)
    return gone


@given(LIMITS, st.lists(st.integers(0, 30), min_size=1, max_size=30).map(sorted))
async def test_what_is_asked_for_goes_as_soon_as_every_limit_allows_it_and_no_sooner(limits, asked):
    time = Time()
    pacer = Pacer(limits, lambda: time.now, time.sleep)
    gone = []
    for at in asked:
        time.now = max(time.now, float(at))
        await pacer.turn()
        gone.append(time.now)
    assert gone == earliest(asked, limits)


async def test_who_comes_first_goes_first_and_who_gives_up_costs_nothing():
    time = Time()
    pacer, gone = Pacer((Limit(1, 10.0),), lambda: time.now, time.sleep), []

    async def send(name):
        await pacer.turn()
        gone.append((name, time.now))

    tasks = [asyncio.create_task(send(name)) for name in "abcd"]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.wait(tasks)
    assert gone == [("a", 0.0), ("b", 10.0), ("d", 20.0)]


async def test_without_limits_nothing_waits():
    time = Time()
    for _ in range(1_000):
        await Pacer((), lambda: time.now, time.sleep).turn()
    assert time.now == 0.0


# What a venue counts

COINS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "ADA", "LINK", "AVAX", "LTC", "DOT", "UNI")


class Counting(ReplayServer):
    """Notes when connections are opened and when messages come, by the time of who sends them."""

    def __init__(self, dialect, time):
        super().__init__(dialect)
        self.time, self.opened, self.came, self.changed = time, [], [], asyncio.Event()
        self.refuse, self.quirk = self._opened, self._came

    def _opened(self, request):
        if "Upgrade" in request.headers:
            self.opened.append(self.time.now)

    async def _came(self, socket, message):
        self.came.append((id(socket), self.time.now))
        self.changed.set()
        await self.answer(socket, message)


class Tape:
    """Counts what was sent."""

    def __init__(self):
        self.count = 0

    def connected(self, url):
        return 0

    def sent(self, connection, text):
        self.count += 1

    def received(self, *what):
        """Not looked at."""


@asynccontextmanager
async def counted(server, options, **changed):
    """The websockets of a feed and its symbols; time stands while a message is on its way, and nobody pings."""
    async with path(options, native=True) as one:
        session, tape, time = one.session, Tape(), server.time
        venue = replace(venue_of(options["exchange"]), **changed)

        async def sleep(seconds):
            if seconds >= venue.ping_s:
                await asyncio.Event().wait()
            while len(server.came) < tape.count:
                server.changed.clear()
                await server.changed.wait()
            time.now += seconds

        session.elapsed, session.context.sleep, session.context.tape = lambda: time.now, sleep, tape
        session.links = Links(venue, session)
        yield one.desk, session


async def ask_for_all(server, desk, session, *, asked=1, times=1):
    """Watch the trades of all symbols, in `asked` messages; then ask for each of them again, so many times."""
    subscription = Subscription(("trades",), "trades")
    WATCHED.set(subscription)
    stream = session.links.venue.streams["watchTradesForSymbols"]
    watching = asyncio.create_task(session.links.watch(stream, session.symbols))
    await desk.until(lambda: len(server.came) == asked)
    watched = session.links._watched[subscription]
    for _ in range(times):
        await asyncio.gather(
            *(session.links._renewed(watched.links[topic], topic, symbol, False)
              for symbol, topic in watched.topics.items())
        )  # fmt: skip
    assert not watching.done()
    watching.cancel()


def most_within(times, seconds):
    """The most that came within any so many seconds."""
    return max(sum(start <= at < start + seconds for at in times) for start in times)


async def test_a_venue_that_is_asked_for_much_at_once_counts_no_more_than_it_allows():
    async with Counting(Binance(), Time()) as server:
        venues.serve_markets(server, "binance", *COINS)
        async with counted(server, venues.binanceusdm(server, symbols=COINS)) as (desk, session):
            await ask_for_all(server, desk, session, times=2)
        times = [at for _, at in server.came]
    (limit,) = venue_of("binanceusdm").asks
    assert limit == (8, 1.0) and most_within(times, 1.0) == 8
    assert len(times) == 1 + 2 * 2 * len(COINS) and times[-1] == 6.0


async def test_a_limit_of_each_connection_is_not_one_of_all_and_the_other_way_round():
    found = {}
    for name in ("asks", "asks_in_all"):
        async with Counting(Okx(), Time()) as server:
            venues.serve_markets(server, "okx", *COINS[:4])
            limits = {"asks": (), "asks_in_all": (), "openings": (), name: (Limit(3, 1.0),)}
            options = venues.okx(server, symbols=COINS[:4])
            async with counted(server, options, per_connection=2, **limits) as (desk, session):
                await ask_for_all(server, desk, session, asked=2)
        of_each = [[at for who, at in server.came if who == socket] for socket in {who for who, _ in server.came}]
        assert len(of_each) == 2
        found[name] = [most_within(times, 1.0) for times in (*of_each, [at for _, at in server.came])]
    assert found["asks"] == [3, 3, 6]
    assert found["asks_in_all"][-1] == 3


async def test_connections_are_opened_no_faster_than_the_venue_allows():
    async with Counting(Okx(), Time()) as server:
        venues.serve_markets(server, "okx", *COINS[:7])
        async with counted(server, venues.okx(server, symbols=COINS[:7]), per_connection=1) as (desk, session):
            await ask_for_all(server, desk, session, asked=7, times=0)
    assert server.opened == [0.0] * 3 + [1.0] * 3 + [2.0]


async def test_what_waited_for_a_lost_connection_is_not_sent_on_the_next_one():
    async with Counting(Okx(), Time()) as server:
        venues.serve_markets(server, "okx", "BTC", "ETH")
        async with counted(server, venues.okx(server, symbols=("BTC", "ETH")), asks=(Limit(1, 1.0),)) as (
            desk,
            session,
        ):
            await ask_for_all(server, desk, session, times=0)
            (link,) = session.links._links
            inner, lost = session.context.sleep, []

            async def lose(seconds):
                if not lost:
                    lost.append(seconds)
                    link.fail(ConnectionResetError())
                    await link.open()
                await inner(seconds)

            link._pacers[0]._sleep = lose
            await link.ask(["trades:SOL-USDT-SWAP"])
    assert lost and len(server.opened) == 2 and "SOL-USDT-SWAP" not in str(server.messages)


@pytest.mark.parametrize(
    ("exchange", "asks", "in_all", "openings"),
    [
        ("binanceusdm", ((8, 1.0),), (), ((300, 300.0),)),
        ("bybit", (), (), ((500, 300.0),)),
        ("okx", ((480, 3600.0),), (), ((3, 1.0),)),
        ("deribit", (), ((10, 3.0),), ()),
        ("coinbase", (), ((7, 1.0),), ((8, 1.0),)),
        ("hyperliquid", (), ((1_900, 60.0),), ((30, 60.0),)),
    ],
)
def test_what_the_venues_allow(exchange, asks, in_all, openings):
    venue = venue_of(exchange)
    assert (venue.asks, venue.asks_in_all, venue.openings) == (asks, in_all, openings)
