"""Candles made of trades, or of tickers where nobody traded: `deskmon export --bars`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from deskmon.archive.tables import UTC_TIME, Column, Form, Table, cell, source_column
from deskmon.clock import MINUTE
from deskmon.events import Event, Source, Ticker, Trade
from deskmon.events.units import COINS, NUMBER, QUOTE

LATE = 5 * MINUTE
"""So long after its end (ms) a bar waits for what comes late."""

Bar = tuple[int, str, str, str, float, float, float, float, float | None, int, str]


def bar_table(source: Source) -> Table:
    """`ts` is the time at which a bar begins."""
    forms: tuple[tuple[str, Form, str], ...] = (
        ("ts", "time", UTC_TIME), ("venue", "word", ""), ("symbol", "word", ""), ("timeframe", "word", ""),
        ("open", "number", QUOTE), ("high", "number", QUOTE), ("low", "number", QUOTE), ("close", "number", QUOTE),
        ("volume", "number", COINS), ("trades", "integer", NUMBER), ("made_of", "word", ""),
    )  # fmt: skip
    columns = [
        Column(name, form, unit, name != "volume", cell(place)) for place, (name, form, unit) in enumerate(forms)
    ]
    columns.insert(1, source_column(source))
    return Table("bars", tuple(columns), itemgetter(0), lambda row: 1)


@dataclass(slots=True)
class _Prices:
    """Open, high, low and close by event time; what is of one time in order of arrival."""

    first: int
    last: int
    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0
    number: int = 1
    ids: set[str] = field(default_factory=set)

    def add(self, ts: int, price: float) -> None:
        if ts < self.first:
            self.first, self.open = ts, price
        if ts >= self.last:
            self.last, self.close = ts, price
        self.high, self.low = max(self.high, price), min(self.low, price)
        self.number += 1


class Bars:
    """Makes bars of `length` ms, called `timeframe`, by UTC and the venue's clock, one each venue and symbol that has
    a price in it. `late`: trades and tickers that came more than LATE after the end of their bar; they are in none."""

    def __init__(self, length: int, timeframe: str) -> None:
        self.late = 0
        self._length = length
        self._timeframe = timeframe
        self._trades: dict[int, dict[tuple[str, str], _Prices]] = {}
        self._tickers: dict[int, dict[tuple[str, str], _Prices]] = {}
        self._closed = 0
        self._newest = 0

    def fold(self, events: Iterable[Event]) -> Iterator[Bar]:
        """The bars of events in order of arrival, in order of their begin, then of venue and symbol."""
        for event in events:
            kind = type(event)
            if kind is not Trade and kind is not Ticker:
                continue
            if event.arrival > self._newest:
                self._newest = event.arrival
                yield from self._close(event.arrival - LATE - self._length)
            start = event.ts - event.ts % self._length
            if start < self._closed:
                self.late += 1
            elif isinstance(event, Trade):
                self._trade(start, event)
            elif isinstance(event, Ticker):
                _add(self._tickers.setdefault(start, {}), (event.venue, event.symbol), event.ts, event.last)
        yield from self._close(max([*self._trades, *self._tickers], default=0))

    def _trade(self, start: int, trade: Trade) -> None:
        bars, market = self._trades.setdefault(start, {}), (trade.venue, trade.symbol)
        before = bars.get(market)
        if trade.id is not None and before is not None and trade.id in before.ids:
            return
        bar = _add(bars, market, trade.ts, trade.price)
        bar.volume += trade.amount
        if trade.id is not None:
            bar.ids.add(trade.id)

    def _close(self, until: int) -> Iterator[Bar]:
        """The bars that begin up to `until` (ms)."""
        for start in sorted({each for each in (*self._trades, *self._tickers) if each <= until}):
            traded, told = self._trades.pop(start, {}), self._tickers.pop(start, {})
            for market in sorted({*traded, *told}):
                yield self._bar(start, market, traded.get(market), told.get(market))
            self._closed = start + self._length

    def _bar(self, start: int, market: tuple[str, str], traded: _Prices | None, told: _Prices | None) -> Bar:
        prices = traded or told
        assert prices is not None
        return (
            start, *market, self._timeframe, prices.open, prices.high, prices.low, prices.close,
            None if traded is None else prices.volume, 0 if traded is None else prices.number,
            "tickers" if traded is None else "trades",
        )  # fmt: skip


def _add(bars: dict[tuple[str, str], _Prices], market: tuple[str, str], ts: int, price: float) -> _Prices:
    bar = bars.get(market)
    if bar is None:
        bar = bars[market] = _Prices(ts, ts, price, price, price, price)
    else:
        bar.add(ts, price)
    return bar
