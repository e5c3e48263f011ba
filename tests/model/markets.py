"""Random markets for the tests of the model."""

from datetime import date, timedelta

import msgspec
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR, MINUTE, WINDOWS
from deskmon.events import (
    Book,
    Candle,
    DayValue,
    EtfFlow,
    FeedStatus,
    Funding,
    Gap,
    Headline,
    Holding,
    HoldingTrade,
    Level,
    Liquidation,
    LiquidationDay,
    Metric,
    Note,
    OpenInterest,
    Ticker,
    Trade,
    decode_batch,
    encode_event,
)

T = 1_767_225_600_000
"""Noon of these markets."""
DATE = date(2026, 1, 1)
"""Its day."""

VENUES = ("binance", "bybit", "deribit", "htx", "elsewhere")
SYMBOLS = ("BTC/USDT:USDT", "BTC/USD:BTC", "ETH/USDT:USDT")

edges = st.builds(lambda length, off: T - length + off, st.sampled_from([0, *WINDOWS.values()]), st.integers(-2, 2))
times = edges | st.integers(T - 8 * DAY, T + MINUTE) | st.integers(T - 2 * MINUTE, T)
moments = edges | st.integers(T - DAY, T + 8 * DAY) | st.integers(T - MINUTE, T + MINUTE)
prices = st.floats(1e-3, 1e6)
names = st.sampled_from(VENUES)
symbols = st.sampled_from(SYMBOLS)
ids = st.none() | st.integers(0, 12).map(str)


def arrives(events):
    """The same events, some with a time of arrival a little before or after their own."""

    def with_arrival(event, delay):
        return event if delay is None else type(event)(**{**_fields(event), "recv": event.ts + delay})

    return st.builds(with_arrival, events, st.none() | st.integers(-HOUR, HOUR))


def _fields(event):
    return {name: getattr(event, name) for name in event.__struct_fields__}


liquidations = st.builds(
    Liquidation, ts=times, venue=names, symbol=symbols, side=st.sampled_from(["long", "short"]), price=prices,
    amount=prices, usd=st.floats(0.01, 1e9), id=ids,
)  # fmt: skip
tickers = st.builds(
    Ticker, ts=times, venue=names, symbol=symbols, last=prices, bid=st.none() | prices, mark=st.none() | prices,
    index=st.none() | prices, open_24h=st.none() | prices, high_24h=st.none() | prices, low_24h=st.none() | prices,
)  # fmt: skip
candles = st.builds(
    Candle, ts=times, venue=names, symbol=symbols, timeframe=st.sampled_from(["1m", "1h", "1d"]), open_time=times,
    open=prices, high=prices, low=prices, close=prices, volume=prices,
).map(lambda candle: msgspec.structs.replace(candle, ts=max(candle.ts, candle.open_time)))  # fmt: skip
trades = st.builds(
    Trade, ts=times, venue=names, symbol=symbols, price=prices, amount=prices, side=st.sampled_from(["buy", "sell"]),
    id=ids,
)  # fmt: skip
fundings = st.builds(
    Funding, ts=times, venue=names, symbol=symbols, rate=st.floats(-0.01, 0.01),
    interval_hours=st.sampled_from([1.0, 4.0, 8.0]), kind=st.sampled_from(["predicted", "settled"]),
)  # fmt: skip
interests = st.builds(OpenInterest, ts=times, venue=names, symbol=symbols, amount=prices, usd=st.just(0.0) | prices)


def _book(ts, venue, symbol, bid, ask, steps, amount):
    return Book(
        ts=ts, venue=venue, symbol=symbol, bids=tuple((bid * 0.998**step, amount) for step in range(steps)),
        asks=tuple((ask * 1.002**step, amount) for step in range(steps)),
    )  # fmt: skip


books = st.builds(
    _book, times, names, symbols, st.floats(99, 101), st.floats(99.5, 102), st.integers(0, 12), st.floats(0, 1e4)
)
gaps = st.builds(
    lambda since, length, channel, dropped, venue: Gap(
        ts=since + length, feed="a", venue=venue, channel=channel, since=since, until=since + length, dropped=dropped
    ),
    times, st.integers(0, HOUR), st.sampled_from(["liquidations", "trades", "all", "*"]), st.integers(0, 99), names,
)  # fmt: skip
statuses = st.builds(
    FeedStatus, ts=times, feed=st.sampled_from(["a", "b"]), state=st.sampled_from(["live", "stale"]),
    detail=st.just("fine"), last_event=st.none() | times, events=st.integers(0, 1000), dropped=st.integers(0, 9),
)  # fmt: skip
dates = st.integers(0, 40).map(lambda days: (DATE - timedelta(days=days)).isoformat())
dollars = st.floats(-1e9, 1e9)
flows = st.builds(
    EtfFlow, ts=st.integers(T, T + HOUR), asset=st.sampled_from(["BTC", "ETH"]), fund=names, date=dates, usd=dollars,
    aum_usd=st.none() | prices, status=st.sampled_from([None, "preliminary", "final"]),
)  # fmt: skip
holdings = st.builds(
    Holding, ts=times, entity=names, asset=st.sampled_from(["BTC", "ETH"]), amount=st.just(0.0) | prices,
    average_cost=st.just(0.0) | prices,
)  # fmt: skip
holding_trades = st.builds(
    HoldingTrade, ts=times, entity=names, asset=st.sampled_from(["BTC", "ETH"]), amount=dollars, usd=dollars
)
metrics = st.builds(
    Metric, ts=times, name=st.sampled_from(["fear_greed", "market_cap_btc", "supply_btc"]), value=dollars
)
headlines = st.builds(Headline, ts=times, text=st.sampled_from(["one", "another"]), source=st.none() | names)
notes = st.builds(
    Note, ts=times, text=st.sampled_from(["look here", "sold"]), by=names, symbol=st.none() | symbols,
    price=st.none() | prices,
)  # fmt: skip
levels = st.builds(
    Level, ts=times, symbol=symbols, id=st.just("z"), price=prices, low=prices, high=prices,
    kind=st.sampled_from(["support", "resistance"]), status=st.sampled_from(["broken", "testing", "reclaimed"]),
    before=st.just("holding"), close=prices, timeframe=st.just("1h"), score=st.just(1.0),
)  # fmt: skip
day_values = st.builds(
    DayValue, ts=times, value=dollars, figure=st.sampled_from(["depth 1 % of BTC/USDT:USDT from mid", "another"])
)
liquidation_days = st.builds(
    LiquidationDay, ts=times, date=dates, long_usd=prices, short_usd=prices, count=st.integers(0, 9),
    heard_ms=st.sampled_from([HOUR, DAY]), asset=st.sampled_from([None, "BTC"]),
)  # fmt: skip
context = st.one_of(flows, holdings, holding_trades, metrics, headlines, day_values, liquidation_days)
anything = arrives(
    st.one_of(
        liquidations,
        tickers,
        candles,
        trades,
        fundings,
        interests,
        books,
        gaps,
        statuses,
        context,
        notes,
        levels,
        liquidations,
    )
)


def split(events, cuts):
    """The same events in batches that end at `cuts`."""
    ends = sorted({min(cut, len(events)) for cut in cuts} | {len(events)})
    return [events[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def wired(events):
    """The events after a journey as JSON."""
    return decode_batch(b"[" + b",".join(encode_event(event) for event in events) + b"]")
