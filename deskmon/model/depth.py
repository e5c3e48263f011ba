"""Depth: the newest book by symbol and venue, the dollars within bands of its middle, and what is usual of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import fsum
from statistics import median
from typing import Any, Literal

import msgspec

from deskmon.analytics.depth import Side, imbalance, side_depth, slippage, together
from deskmon.clock import DAY, MINUTE, SECOND
from deskmon.events import Book, DepthSample
from deskmon.events.unread import UnreadBook
from deskmon.model.day_values import DayValues
from deskmon.model.figures import Band, DepthFigure, Slippage, VenueDepth
from deskmon.model.part import Part, is_late, stamp
from deskmon.model.series import Series

BANDS = ("0.1", "0.5", "1", "2")
"""Percent of the reference."""
_PERCENTS = tuple(float(name) for name in BANDS)

ORDERS = {"1M": 1e6, "5M": 5e6, "25M": 25e6}
"""Orders whose slippage is shown, US dollars."""

STALE = 30 * SECOND
"""A book older than this (ms) isn't live: it stays out of every sum."""

LOOK_BACK = 30 * DAY
"""Over which the baseline is taken (ms)."""

EVERY = 10 * MINUTE
"""How often the sums over venues are sampled for it (ms)."""

REMEMBERED = ("1", "2")
"""The bands of which years are remembered by the day."""
SINCE = REMEMBERED[0]
"""The band whose `since` is told."""
THEN = 7 * DAY
"""From a date on, over which it is compared with what was then (ms)."""

LEAST = 6
"""Samples below which there is no baseline."""


class MarketDepth:
    """The books of one symbol by venue, the time of the newest (ms), and samples of their sums, a column for each band.

    A sample is taken when the first book of the next ten minutes comes: of what stood in the books until then. Books
    may be unread until somebody asks for them, `read`.
    """

    __slots__ = ("baseline", "books", "newest", "samples")

    def __init__(self) -> None:
        self.books: dict[str, Book | UnreadBook] = {}
        self.newest = 0
        self.samples = Series(EVERY, LOOK_BACK // EVERY, len(BANDS))
        self.baseline: tuple[tuple[int, int], dict[str, float | None]] | None = None

    def read(self) -> dict[str, Book]:
        """The books, with their levels."""
        books = {venue: _read(book) for venue, book in self.books.items()}
        self.books.update(books)
        return books

    def note(self, index: int, ts: int, values: list[float]) -> None:
        """Put a sample into its place."""
        self.samples.ts[index] = ts
        for column, value in zip(self.samples.columns, values, strict=True):
            column[index] = value
        self.baseline = None


class Depth(Part[dict[str, DepthFigure]]):
    """Folds books. `reference`: `mid`, or `best` for bands from the best bid and from the best ask. `days`: where its
    daily values are remembered. `then`: the day (YYYY-MM-DD) that depth is compared with, "" for the oldest known."""

    def __init__(self, days: DayValues, reference: str = "mid", then: str = "") -> None:
        self.reference, self._days = reference, days
        self._then_ms = round(datetime.fromisoformat(then).replace(tzinfo=UTC).timestamp() * 1000) if then else None
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._markets: dict[str, MarketDepth] = {}
        self._measured: dict[tuple[str, str], tuple[Book, VenueDepth]] = {}

    def fold(self, event: Book | UnreadBook) -> None:
        """Take a book, where it isn't older than the one held."""
        market = self._markets.get(event.symbol)
        if market is None:
            market = self._markets[event.symbol] = MarketDepth()
        ts = stamp(event)
        if ts > market.newest:
            if market.newest and ts // EVERY > market.newest // EVERY:
                self._sample(event.symbol, market)
            market.newest = ts
        elif (held := market.books.get(event.venue)) is not None and ts < stamp(held) and is_late(event, held):
            return
        market.books[event.venue] = event
        self.revision += 1

    def fold_sample(self, sample: DepthSample) -> None:
        """Take what a desk remembers of depth, where it was measured as here. Raises KeyError for a missing band."""
        if sample.reference != self.reference:
            return
        values = [sample.bands[name] for name in BANDS]
        market = self._markets.get(sample.symbol)
        if market is None:
            market = self._markets[sample.symbol] = MarketDepth()
        index, new = market.samples.place(sample.ts)
        if index >= 0 and (new or sample.ts >= market.samples.ts[index]):
            self._note(sample.symbol, market, index, sample.ts, values)
            self.revision += 1

    def samples(self, since: int) -> list[DepthSample]:
        """The samples taken from `since` (ms) on, by symbol, oldest first."""
        reference: Literal["mid", "best"] = "best" if self.reference == "best" else "mid"
        found: list[DepthSample] = []
        for symbol, market in sorted(self._markets.items()):
            held = market.samples
            for index in range(held.before(since - 1) + 1, len(held)):
                bands = {name: column[index] for name, column in zip(BANDS, held.columns, strict=True)}
                found.append(DepthSample(ts=held.ts[index], symbol=symbol, reference=reference, bands=bands))
        return found

    def book(self, symbol: str, venue: str) -> Book | None:
        """The newest book of a unified symbol on a venue."""
        market = self._markets.get(symbol)
        return None if market is None else market.read().get(venue)

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a book, by name."""
        return sorted(symbol for symbol, market in self._markets.items() if market.books)

    def figure(self, symbol: str, now: int) -> DepthFigure | None:
        """One symbol's figure at desk time `now` (ms); None where it has no book."""
        market = self._markets.get(symbol)
        if market is None or not market.books:
            return None
        return self.kept(symbol, now, lambda: self._figure(symbol, market, now))

    def history(self, symbol: str, band: str) -> list[tuple[int, float]]:
        """(time in ms, USD of both sides of all books) of a band of `BANDS`, each ten minutes, oldest first."""
        market = self._markets.get(symbol)
        held = None if market is None else market.samples
        return [] if held is None else list(zip(held.ts, held.columns[BANDS.index(band)], strict=True))

    def slippage(self, symbols: list[str], now: int) -> dict[str, Slippage]:
        """By name of `ORDERS`, what an order costs that takes from all live books of `symbols` together."""
        books = [
            (book, figure.mid)
            for symbol in symbols
            for venue, book in self._markets[symbol].read().items()
            if (figure := self._venue(symbol, venue, book, now)).bands and not figure.stale and figure.mid
        ]
        bids, asks = (together((side(book), mid) for book, mid in books) for side in (_bids, _asks))
        return _slippages(bids, asks, 1.0)

    def checkpoint(self) -> Any:
        return [
            [symbol, market.newest, msgspec.to_builtins(list(market.read().values())), market.samples.checkpoint()]
            for symbol, market in self._markets.items()
        ]

    def restore(self, data: Any) -> None:
        self.clear()
        for symbol, newest, raw, samples in data:
            market = MarketDepth()
            market.newest = int(newest)
            market.books.update({book.venue: book for book in msgspec.convert(raw, list[Book])})
            market.samples.restore(samples)
            self._markets[str(symbol)] = market

    def _version(self) -> int:
        return self.revision + self._days.revision

    def _compute(self, now: int) -> dict[str, DepthFigure]:
        return {symbol: self._figure(symbol, self._markets[symbol], now) for symbol in self.symbols}

    def _figure(self, symbol: str, market: MarketDepth, now: int) -> DepthFigure:
        venues = {venue: self._venue(symbol, venue, book, now) for venue, book in sorted(market.read().items())}
        bands = summed([figure.bands for figure in venues.values() if figure.bands and not figure.stale])
        usual = _baseline(market, now)
        first = market.samples.before(now - LOOK_BACK) + 1
        band = bands.get(SINCE)
        both = None if band is None else band.bid_usd + band.ask_usd
        then = self._then(symbol, now)
        return DepthFigure(
            venues=venues, bands=bands, baseline=usual,
            baseline_since=market.samples.ts[first] if first < len(market.samples) else None,
            baseline_ratio={name: _ratio(bands.get(name), usual[name]) for name in BANDS},
            slippage=self.slippage([symbol], now), since=self._days.since(self._remembered(symbol, SINCE), now, both),
            then_from=then[0], then_ratio={name: _ratio(bands.get(name), then[1].get(name)) for name in BANDS},
        )  # fmt: skip

    def _then(self, symbol: str, now: int) -> tuple[int | None, dict[str, float]]:
        """From when (ms) the days are that depth is compared with, and their medians by band; (None, {}) where none is
        known, or these days aren't over."""
        oldest = self._days.oldest(self._remembered(symbol, SINCE))
        first = oldest // DAY * DAY if oldest is not None and self._then_ms is None else self._then_ms
        if oldest is None or first is None or first + THEN > now:
            return None, {}
        held = {name: self._days.within(self._remembered(symbol, name), first, first + THEN) for name in REMEMBERED}
        medians = {name: median(values) for name, values in held.items() if values}
        return (first, medians) if medians else (None, {})

    def _venue(self, symbol: str, venue: str, book: Book, now: int) -> VenueDepth:
        """What `venue_depth` says of the book, measured once, with the age of now."""
        known = self._measured.get((symbol, venue))
        if known is None or known[0] is not book:
            known = self._measured[symbol, venue] = book, venue_depth(book, self.reference, 0)
        age = self.age(now, stamp(book))
        return msgspec.structs.replace(known[1], age_ms=age, stale=age > STALE)

    def _note(self, symbol: str, market: MarketDepth, index: int, ts: int, values: list[float]) -> None:
        market.note(index, ts, values)
        for band in REMEMBERED:
            self._days.note(self._remembered(symbol, band), ts, values[BANDS.index(band)])

    def _remembered(self, symbol: str, band: str) -> str:
        return f"depth {band} % of {symbol} from {self.reference}"

    def _sample(self, symbol: str, market: MarketDepth) -> None:
        """Note what stood in the live books at the time of the newest."""
        now = market.newest
        live = [book for book in market.books.values() if self.age(now, stamp(book)) <= STALE]
        measured = (venue_bands(_read(book), self.reference) for book in live)
        bands = summed([bands for bands in measured if bands])
        if bands:
            index, _ = market.samples.place(now)
            self._note(symbol, market, index, now, [bands[name].bid_usd + bands[name].ask_usd for name in BANDS])


def _read(book: Book | UnreadBook) -> Book:
    return book.read() if isinstance(book, UnreadBook) else book


def venue_bands(book: Book, reference: str) -> dict[str, Band]:
    """The bands of one book. A crossed book, or one with an empty side, has none."""
    if not book.bids or not book.asks or book.bids[0][0] >= book.asks[0][0]:
        return {}
    bid, ask = book.bids[0][0], book.asks[0][0]
    below, above = (bid, ask) if reference == "best" else ((bid + ask) / 2,) * 2
    sides = zip(BANDS, side_depth(book.bids, below, _PERCENTS), side_depth(book.asks, above, _PERCENTS), strict=True)
    return {name: _band(bids.usd, asks.usd, bids.truncated or asks.truncated) for name, bids, asks in sides}


def venue_depth(book: Book, reference: str, age: int) -> VenueDepth:
    """Depth of one book that is `age` ms old."""
    bands = venue_bands(book, reference)
    if not bands:
        return VenueDepth(
            reference=reference, mid=None, spread_bps=None, bands={}, slippage={},
            crossed=bool(book.bids and book.asks), stale=age > STALE, age_ms=age,
        )  # fmt: skip
    bid, ask = book.bids[0][0], book.asks[0][0]
    mid = (bid + ask) / 2
    return VenueDepth(
        reference=reference, mid=mid, spread_bps=(ask - bid) / mid * 1e4, bands=bands,
        slippage=_slippages(book.bids, book.asks, mid), crossed=False, stale=age > STALE, age_ms=age,
    )  # fmt: skip


def summed(shown: Sequence[dict[str, Band]]) -> dict[str, Band]:
    """The bands of several books together; empty where there is none."""
    if not shown:
        return {}
    return {
        name: _band(
            fsum(bands[name].bid_usd for bands in shown),
            fsum(bands[name].ask_usd for bands in shown),
            any(bands[name].truncated for bands in shown),
        )
        for name in BANDS
    }


def _band(bid_usd: float, ask_usd: float, truncated: bool) -> Band:
    balance = None if truncated else imbalance(bid_usd, ask_usd)
    return Band(bid_usd=bid_usd, ask_usd=ask_usd, truncated=truncated, imbalance=balance)


def _slippages(bids: Side, asks: Side, mid: float) -> dict[str, Slippage]:
    return {
        name: Slippage(buy_bps=slippage(asks, mid, usd), sell_bps=slippage(bids, mid, usd))
        for name, usd in ORDERS.items()
    }


def _bids(book: Book) -> Side:
    return book.bids


def _asks(book: Book) -> Side:
    return book.asks


def _baseline(market: MarketDepth, now: int) -> dict[str, float | None]:
    """By band the median of the samples within the look-back, None where there are too few."""
    samples = market.samples
    start, end = samples.before(now - LOOK_BACK) + 1, samples.before(now) + 1
    if market.baseline is None or market.baseline[0] != (start, end):
        enough = end - start >= LEAST
        values = [median(column[start:end]) if enough else None for column in samples.columns]
        market.baseline = (start, end), dict(zip(BANDS, values, strict=True))
    return market.baseline[1]


def _ratio(band: Band | None, usual: float | None) -> float | None:
    return (band.bid_usd + band.ask_usd) / usual if band is not None and usual else None
