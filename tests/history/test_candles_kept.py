"""Candles of years: one venue of a desk is asked for a symbol's, once, page by page; what it told is remembered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, ManualClock
from deskmon.config.schema import HistoryConfig
from deskmon.events import Candle
from deskmon.feeds.ccxt.history import CANDLES, next_missing
from deskmon.hub.history import History
from deskmon.hub.kept import KEPT
from deskmon.hub.store import Store
from deskmon.model import Model
from tests.ccxt import venues
from tests.ccxt.replay_server import Binance, ReplayServer
from tests.history.test_store import slots
from tests.history.test_venue_history import NOW, Past, asked, fetched

BTC = "BTC/USDT:USDT"
KLINES = "/fapi/v1/klines"


def candle(at, timeframe="1h", venue="binance", length=HOUR, **more):
    return Candle(
        ts=at + length, venue=venue, symbol=BTC, timeframe=timeframe, open_time=at, open=1.0, high=3.0, low=0.5,
        close=2.0, volume=4.0, **more,
    )  # fmt: skip


@given(st.sets(st.integers(0, 30)), st.integers(-3, 33), st.integers(0, 30))
def test_the_next_that_is_missing_is_the_first_closed_one_that_is_not_held(held, since, end):
    found = next_missing({at * HOUR for at in held}, since * HOUR - 5, end * HOUR + 7, HOUR)
    wanted = [at for at in range(since, end) if at not in held]
    assert found == (wanted[0] * HOUR if wanted else None)


class Klines:
    """A market that was listed that many days ago; an answer has at most `most` candles."""

    def __init__(self, most=1_500, listed=300):
        self.most, self.listed = most, NOW - listed * DAY

    def __call__(self, request):
        length = {"1h": HOUR, "1d": DAY, "1m": 60_000}[request.query["interval"]]
        since, limit = int(request.query.get("startTime", NOW)), min(self.most, int(request.query.get("limit", 500)))
        first = max(-(-since // length), -(-self.listed // length)) * length
        times = list(range(first, NOW, length))[:limit]
        return [[at, "1", "3", "0.5", "2", "4", at + length - 1, "0", 0, "0", "0", "0"] for at in times]


def wanted(timeframe, listed=300):
    length, span = CANDLES[timeframe]
    oldest = max(NOW - span, NOW - listed * DAY)
    return set(range(-(-oldest // length) * length, NOW - length + 1, length))


async def brought(met, *, held=(), adopt=None, **market):
    """Candles that a Binance feed brought, and how often it was asked for candles of years."""
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        server.json[KLINES] = Klines(**market)
        desk = Past()
        desk.context.stored_times = lambda kind, venue, symbol, timeframe="": [
            at for name, at in held if name == timeframe
        ]
        if adopt is not None:
            desk.context.claim_candles = adopt
        await fetched(
            desk, venues.binanceusdm(server, symbols=("BTC",), channels=("candles",)), lambda: met(desk, server)
        )
        queries = asked(server, KLINES)
    assert not [why for _, why in desk.rejected if "candles of" in why]
    found = {name: {event.open_time for event in desk.of(Candle, timeframe=name)} for name in CANDLES}
    old = [query for query in queries if int(query.get("startTime", NOW)) < NOW - 8 * DAY]
    return found, queries, old


def complete(desk, server):
    return all(wanted(name) <= {event.open_time for event in desk.of(Candle, timeframe=name)} for name in CANDLES)


@pytest.mark.parametrize("most", [1_500, 90])
async def test_a_venue_is_asked_for_all_that_closed_page_by_page_however_short_its_answers(most):
    found, _queries, old = await brought(complete, most=most)
    assert found["1d"] >= wanted("1d") and found["1h"] >= wanted("1h")
    assert len({(query["interval"], query["startTime"]) for query in old}) == len(old), "no page twice"
    assert len(old) < 20


async def test_what_is_remembered_is_not_asked_for_again():
    held = [(name, at) for name in CANDLES for at in wanted(name, 2_000)]
    lacking = {name: sorted(wanted(name, 2_000))[-3:] for name in CANDLES}
    rest = [(name, at) for name, at in held if at not in lacking[name]]

    def days(desk, server):
        return len(desk.of(Candle, timeframe="1d")) >= 3

    found, queries, old = await brought(days, held=rest, listed=2_000)
    [page] = [query for query in queries if query["interval"] == "1d" and int(query["startTime"]) > NOW - 9 * DAY]
    assert (int(page["startTime"]), int(page["limit"])) == (lacking["1d"][0], 3)
    assert found["1d"] == {*lacking["1d"]}
    assert not old


async def test_another_venue_s_symbol_is_left_to_it():
    refused = []

    def adopt(venue, symbol, wanted=True):
        refused.append((venue, symbol))
        return False

    found, _queries, old = await brought(lambda desk, server: len(refused) > 1, adopt=adopt)
    assert not old and not found["1d"] and {*refused} == {("binance", BTC)}


def history(path, now=NOW, **more):
    return History(HistoryConfig(path=str(path), **more), ManualClock(now))


async def recalled(path, now=NOW):
    desk = history(path, now)
    return desk, [event async for events in desk.read() for event in events]


async def test_closed_candles_of_the_venue_that_was_chosen_are_remembered_longer_than_all_else(tmp_path):
    path = tmp_path / "history.db"
    days = [candle(NOW // DAY * DAY - n * DAY, "1d", length=DAY) for n in range(1, 400)]
    hours = [candle(NOW // HOUR * HOUR - n * HOUR) for n in range(1, 50)]
    unfinished = Candle(
        ts=NOW, venue="binance", symbol=BTC, timeframe="1h", open_time=NOW // HOUR * HOUR, open=1.0, high=1.0, low=1.0,
        close=1.0, volume=0.0,
    )  # fmt: skip
    first = history(path, days=120)
    assert first.claim_candles("binance", BTC) and not first.claim_candles("okx", BTC)
    first.write([*days, *hours, unfinished, candle(NOW - 5 * HOUR, "1m"), candle(NOW - 300 * DAY, venue="okx")])
    await first.flush()
    again, events = await recalled(path)
    assert {(event.timeframe, event.open_time) for event in events} == {
        (event.timeframe, event.open_time) for event in (*days, *hours)
    }
    assert list(again.stored_times(Candle, "binance", BTC, "1d")) == sorted(event.open_time for event in days)
    model = Model()
    model.apply(events)
    assert model.candles.series(BTC, "1d").number >= 399 and not model.rejected
    await again.flush()
    # What is too old is told by what comes in, so that a clock that runs ahead costs nothing.
    then = NOW + KEPT["candle 1d"]
    later = history(path, then + 365 * DAY)
    later.claim_candles("binance", BTC)
    current = [candle(then - HOUR), candle(then)]
    later.write([candle(NOW, "1d", length=DAY), *current])
    await later.flush()
    assert [event.open_time for events, _ in Store(path).read(0) for event in events] == [
        *(event.open_time for event in days if event.ts >= current[0].ts - KEPT["candle 1d"]), NOW,
        *(event.open_time for event in current),
    ]  # fmt: skip


async def test_the_venue_of_the_last_start_stays_the_one_unless_it_does_not_ask(tmp_path):
    path = tmp_path / "history.db"
    Store(path).write(slots([candle(NOW - 9 * HOUR, venue="bybit")]), 0)
    desk, _ = await recalled(path)
    assert not desk.claim_candles("binance", BTC), "bybit may be slower to start"
    assert desk.claim_candles("bybit", BTC) and not desk.claim_candles("binance", BTC)
    desk, _ = await recalled(path)
    assert not desk.claim_candles("binance", BTC) and desk.claim_candles("binance", BTC), (
        "asked again an hour later: nobody else has"
    )
    assert not desk.claim_candles("bybit", BTC)
    assert not desk.claim_candles("binance", BTC, False) and desk.claim_candles("bybit", BTC), "given back"
