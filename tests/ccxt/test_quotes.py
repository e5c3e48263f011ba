"""What frames tell of a market becomes one ticker; other streams fill only what its own doesn't give."""

import math
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.events import LIMIT, Ticker
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.quotes import STAND_IN_MS, Prices, Quotes

NOW = 1_790_000_000_000
MARKET = Instrument("1000XUSDT", "X/USDT:USDT", "X", "USDT", "USDT", "linear", multiple=1000.0, own="1000XUSDT")
FIELDS = Prices.__struct_fields__
FIGURES = st.sampled_from((None, None, 0.0, 1.5, 2, 99.0, 1e17, LIMIT, -1.0, math.nan, math.inf))


def test_quotes_merge_and_stand_ins_fill_only_what_is_missing():
    quotes = Quotes("v")
    known = quotes.of(MARKET)
    assert known.take(Prices(mark=5.0), NOW, NOW) is None
    assert quotes.mark(MARKET.symbol) == 5.0 and quotes.last(MARKET.symbol) is None
    filled = known.stand_in(NOW, NOW, last=4.0)
    assert (filled.last, filled.mark, filled.contract, filled.venue) == (4.0, 5.0, "1000XUSDT", "v")
    assert known.take(Prices(last=6.0, bid=None), NOW, NOW) and quotes.last(MARKET.symbol) == 6.0
    assert known.take(Prices(bid=None, ask=0.0), NOW, NOW) is None
    assert known.stand_in(NOW, NOW + STAND_IN_MS - 1, last=7.0) is None
    assert known.stand_in(NOW, NOW + STAND_IN_MS, last=7.0).last == quotes.last(MARKET.symbol) == 7.0
    with pytest.raises(ValueError, match="bid"):
        known.take(Prices(ask=9.0, bid=math.nan), NOW, NOW)
    with pytest.raises(ValueError, match="ts"):
        known.take(Prices(ask=9.0), 5, NOW)
    told = known.take(Prices(mark=8.0), NOW, NOW)
    assert (told.bid, told.ask) == (None, None)


class Plain:
    """The same by the plain rule: a dict of what is known, and of when each field was given."""

    def __init__(self):
        self.values, self.given, self.partial, self.partial_at = {}, {}, set(), -STAND_IN_MS

    def merge(self, told, ts, recv):
        for name, value in told.items():
            if value is not None and not 0 <= value < LIMIT:
                raise ValueError(name)
        some = {name: value for name, value in told.items() if value or (value == 0 and "volume" in name)}
        values = self.values | some
        if "last" in values:
            Ticker(ts=ts, venue="v", symbol="X", last=values["last"])
        self.values = values
        return bool(some)

    def take(self, told, ts, recv, *, partial):
        is_new = self.merge(told, ts, recv) or partial
        for name in ("last", "bid", "ask"):
            if told.get(name):
                self.given[name] = None if partial else recv
        self.partial_at = recv if partial else self.partial_at
        return self.ticker(ts, recv) if is_new else None

    def lacks(self, name, recv):
        given = self.given.get(name, -STAND_IN_MS)
        return recv - (self.partial_at if given is None else given) >= STAND_IN_MS

    def stand_in(self, told, ts, recv):
        is_new = self.merge({name: value for name, value in told.items() if self.lacks(name, recv)}, ts, recv)
        return self.ticker(ts, recv) if is_new else None

    def ticker(self, ts, recv):
        if "last" not in self.values:
            return None
        return Ticker(ts=ts, recv=recv, venue="v", symbol=MARKET.symbol, contract=MARKET.own, **self.values)


TOLD = st.one_of(
    st.tuples(st.just("own"), st.dictionaries(st.sampled_from(FIELDS), FIGURES, max_size=4), st.booleans()),
    st.tuples(st.just("stand in"), st.dictionaries(st.sampled_from(("last", "bid", "ask")), FIGURES), st.just(False)),
)


@settings(max_examples=400)
@given(st.lists(st.tuples(TOLD, st.integers(0, 2 * STAND_IN_MS)), max_size=12))
def test_every_frame_gives_the_ticker_of_the_plain_rule(frames):
    quotes, plain, now = Quotes("v"), Plain(), NOW
    known = quotes.of(MARKET)
    for (kind, fields, partial), later in frames:
        now += later
        expected = made = None
        if kind == "own":
            with suppress(ValueError):
                expected = plain.take(fields, now, now, partial=partial)
            with suppress(ValueError):
                made = known.take(Prices(**fields), now, now, partial=partial)
        else:
            with suppress(ValueError):
                expected = plain.stand_in(fields, now, now)
            with suppress(ValueError):
                made = known.stand_in(now, now, **fields)
        assert made == expected
        values = plain.values
        assert (quotes.last("X/USDT:USDT"), quotes.mark("X/USDT:USDT")) == (
            values.get("last"), values.get("mark", values.get("last")),
        )  # fmt: skip
