"""Candles made of trades and tickers, against a slow and obvious version."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.archive.bars import LATE, Bars
from deskmon.clock import MINUTE, SECOND
from deskmon.events import Ticker, Trade
from tests.timelines.builders import T0

VENUES = st.sampled_from(["okx", "bybit"])
PRICES = st.integers(1, 9).map(float)


@st.composite
def _event(draw, kind):
    ts = T0 + draw(st.integers(0, 5 * 60)) * SECOND
    where = {
        "ts": ts,
        "recv": ts + draw(st.integers(0, 3 * 60)) * SECOND,
        "venue": draw(VENUES),
        "symbol": "BTC/USDT:USDT",
    }
    if kind is Ticker:
        return Ticker(**where, last=draw(PRICES))
    return Trade(
        **where, price=draw(PRICES), amount=draw(PRICES), side="buy", id=draw(st.none() | st.sampled_from("abc"))
    )


markets = st.lists(_event(Trade) | _event(Ticker), max_size=40).map(
    lambda some: sorted(some, key=lambda each: each.arrival)
)


def slowly(events, length, timeframe):
    bars = []
    for start in sorted({each.ts - each.ts % length for each in events}):
        for venue in ("bybit", "okx"):
            within = [each for each in events if start <= each.ts < start + length and each.venue == venue]
            trades = [each for each in within if isinstance(each, Trade)]
            trades = [
                each
                for place, each in enumerate(trades)
                if each.id is None or each.id not in [other.id for other in trades[:place]]
            ]
            prices = [(each.ts, each.price) for each in trades] or [(each.ts, each.last) for each in within]
            if not prices:
                continue
            by_time = [price for _, price in sorted(prices, key=lambda each: each[0])]
            volume = sum(each.amount for each in trades) if trades else None
            bars.append(
                (
                    start,
                    venue,
                    "BTC/USDT:USDT",
                    timeframe,
                    by_time[0],
                    max(by_time),
                    min(by_time),
                    by_time[-1],
                    volume,
                    len(trades),
                    "trades" if trades else "tickers",
                )
            )
    return bars


@given(market=markets)
def test_bars_are_those_of_a_slow_and_obvious_version(market):
    bars = Bars(MINUTE, "1m")
    assert list(bars.fold(market)) == slowly(market, MINUTE, "1m")
    assert bars.late == 0


def test_what_comes_too_late_is_in_no_bar_and_is_counted():
    market = [
        Ticker(ts=T0 + at, recv=T0 + at, venue="okx", symbol="BTC/USDT:USDT", last=1.0)
        for at in (0, LATE, LATE + 2 * MINUTE)
    ]
    late = Ticker(ts=T0 + 1, recv=T0 + LATE + 2 * MINUTE, venue="okx", symbol="BTC/USDT:USDT", last=9.0)
    bars = Bars(MINUTE, "1m")
    found = list(bars.fold([*market, late]))
    assert [bar[0] - T0 for bar in found] == [0, LATE, LATE + 2 * MINUTE]
    assert {bar[5] for bar in found} == {1.0} and bars.late == 1
