"""Prices: the newest quote by symbol and venue, its track, changes, and each symbol's reference venue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from deskmon.analytics.carry import premium
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import Candle, Ticker
from deskmon.model.day_values import DayValues
from deskmon.model.figures import PriceFigure, VenuePrice
from deskmon.model.part import SETTLED, WENT_BACK, Part, percent_change, real
from deskmon.model.series import Bars
from deskmon.model.track import Track

if TYPE_CHECKING:
    from deskmon.model.returns import Returns

PRIORITY = ("binance", "bybit", "okx", "coinbase", "kraken", "hyperliquid", "deribit")
"""Venues by rank for a symbol's reference price; the others follow by name."""
_PLACES = {venue: place for place, venue in enumerate(PRIORITY)}

FRESH = MINUTE
"""A quote younger than this (ms) may be the reference."""

STATISTICS_FRESH = HOUR
"""A venue's own 24 h statistics count for this long (ms)."""

CHANGES = {"1h": (HOUR, 5 * MINUTE), "24h": (DAY, HOUR), "7d": (7 * DAY, 2 * HOUR)}
"""Window → (its length, how much older than its start the earlier price may be), ms."""

SELDOM = 4
"""A last price is of a market that quotes seldom if it is no older than this part of the window."""

PREMIUM_EVERY = 10 * MINUTE
"""How often the premium of a mark price is noted among the days' (ms)."""

AHEAD = HOUR
"""A candle that opens this long (ms) after it arrived is not of a venue's clock."""

_FRAME_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY, "M": 30 * DAY}


@dataclass(slots=True)
class Quote:
    """What one venue last said of a symbol; each value has the time it was given (ms), 0 where it never was. `heard`:
    when the newest arrived; `behind`: how far (ms) the venue's clock went back before it.

    No msgspec struct: its fields are set with every ticker, which takes five times as long in one."""

    ts: int = 0
    heard: int = 0
    behind: int = 0
    last: float = 0.0
    bid: float | None = None
    bid_ts: int = 0
    ask: float | None = None
    ask_ts: int = 0
    mark: float | None = None
    mark_ts: int = 0
    index: float | None = None
    index_ts: int = 0
    open_24h: float | None = None
    open_24h_ts: int = 0
    high_24h: float | None = None
    high_24h_ts: int = 0
    low_24h: float | None = None
    low_24h_ts: int = 0
    contract: str | None = None
    premium_noted: int = 0


def timeframe_ms(name: str) -> int:
    """Length of a candle's timeframe such as `1m`, `4h`, `1d` (ms). Raises ValueError for an unknown one."""
    unit = _FRAME_UNITS.get(name[-1:])
    if unit is None or not name[:-1].isdecimal() or int(name[:-1]) == 0:
        raise ValueError(f"timeframe: {name!r} is not a number and one of m, h, d, w, M")
    return int(name[:-1]) * unit


class Prices(Part[dict[str, PriceFigure]]):
    """Folds tickers and candles. `returns`: what daily candles make of them; `days`: where premiums are remembered."""

    def __init__(self, returns: Returns, days: DayValues) -> None:
        self._returns, self._days = returns, days
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._returns.clear()
        self._quotes: dict[str, dict[str, tuple[Quote, Track]]] = {}

    def fold(self, event: Ticker | Candle) -> None:
        if type(event) is Ticker:
            self.fold_ticker(event)
        elif type(event) is Candle:
            self.fold_candle(event)

    def fold_ticker(self, event: Ticker) -> None:
        """Take a quote. An older one never replaces a newer one, field by field, but still fills the series."""
        ts = event.ts
        recv = event.recv
        if recv is not None and recv < ts:
            ts = recv
        try:
            quote, track = self._quotes[event.symbol][event.venue]
        except KeyError:
            quote, track = self._new(event.symbol, event.venue)
        self.revision += 1
        last = event.last
        late = ts < quote.ts
        if late and recv is not None:
            ts, late = _judge_late(quote, ts, recv)
        elif quote.behind:
            quote.behind = 0
        track.add_tick(ts, last)
        if late:
            _fold_late(quote, event, ts)
            return
        quote.ts = ts
        quote.heard = ts if recv is None else recv
        quote.last = last
        quote.contract = event.contract
        _fold_given(quote, event, ts)
        if quote.index is not None and quote.mark is not None and ts // PREMIUM_EVERY != quote.premium_noted:
            self._note_premium(quote, event, ts)

    def fold_candle(self, event: Candle) -> None:
        """Take a candle's close, at its end or, while it is unfinished, at the candle's own time.

        The range counts for candles of up to an hour: a longer one reaches too far back for a 24 h high. Raises
        ValueError for a candle of the future: it would push the past out.
        """
        if event.open_time > event.arrival + AHEAD:
            raise ValueError(f"open_time: {event.open_time} lies after the candle's arrival")
        length = timeframe_ms(event.timeframe)
        known_at = event.open_time + length - 1
        for ts in (event.ts, event.recv):
            if ts is not None and event.open_time < ts < known_at:
                known_at = ts
        try:
            _, track = self._quotes[event.symbol][event.venue]
        except KeyError:
            _, track = self._new(event.symbol, event.venue)
        self.revision += 1
        if length <= HOUR:
            track.add(known_at, event.close, event.high, event.low, False)
        else:
            track.add(known_at, event.close, event.close, event.close, False)

    def price(self, symbol: str) -> float | None:
        """The newest price of a unified symbol on its reference venue, None where there is none."""
        venues = self._quotes.get(symbol)
        if not venues:
            return None
        return _last(venues[self._reference(venues, max(_time(*held) for held in venues.values()))])[0]

    def price_then(self, symbol: str, ts: int, tolerance: int) -> float | None:
        """The price of a symbol on its reference venue that was the newest at `ts` (ms), at most `tolerance` (ms) old
        then; None where none is held."""
        venues = self._quotes.get(symbol)
        if not venues:
            return None
        known = venues[self._reference(venues, max(_time(*held) for held in venues.values()))][1].at(ts)
        return None if known is None or ts - known[0] > tolerance else known[1]

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a price, by name."""
        return sorted(self._quotes)

    def sparkline_values(self, symbol: str, now: int, window_ms: int, points: int) -> list[float]:
        """Prices of the reference venue at `points` even steps over the window that ends now, oldest first; steps
        before the first known price are left out."""
        venues = self._quotes.get(symbol)
        if not venues or points <= 0:
            return []
        _, track = venues[self._reference(venues, now)]
        found = (track.at(now - window_ms + window_ms * (step + 1) // points) for step in range(points))
        return [known[1] for known in found if known is not None]

    def ranges(self, symbol: str, now: int, step_ms: int, steps: int) -> list[tuple[float, float, float] | None]:
        """(last, lowest, highest) price of the reference venue in each of `steps` stretches of `step_ms` up to `now`,
        oldest first; where no price came the last one known, None before the first. Of the last day, to the minute."""
        venues = self._quotes.get(symbol)
        if not venues:
            return [None] * steps
        bars = venues[self._reference(venues, now)][1].minutes
        closes, highs, lows, _ = bars.columns
        found: list[tuple[float, float, float] | None] = []
        start = bars.before(now - steps * step_ms) + 1
        for step in range(steps):
            end = bars.before(now - (steps - 1 - step) * step_ms) + 1
            if start < end:
                found.append((closes[end - 1], min(lows[start:end]), max(highs[start:end])))
            else:
                found.append((closes[end - 1],) * 3 if end else None)
            start = end
        return found

    def told(self, symbol: str, since: int, until: int) -> bool:
        """Whether the reference venue told a price after `since` and by `until` (ms), of the last day."""
        venues = self._quotes.get(symbol)
        if not venues:
            return False
        bars = venues[self._reference(venues, until)][1].minutes
        return bars.before(since) < bars.before(until)

    def checkpoint(self) -> Any:
        return [
            [symbol, venue, msgspec.to_builtins(quote), track.checkpoint()]
            for symbol, venues in self._quotes.items()
            for venue, (quote, track) in venues.items()
        ]

    def restore(self, data: Any) -> None:
        self.clear()
        for symbol, venue, fields, packed in data:
            quote = msgspec.convert(fields, Quote)
            track = Track()
            track.restore(packed)
            self._quotes.setdefault(symbol, {})[venue] = (quote, track)

    def _note_premium(self, quote: Quote, event: Ticker, ts: int) -> None:
        quote.premium_noted = ts // PREMIUM_EVERY
        value = _premium(quote)
        if value is not None:
            self._days.note(_remembered(event.symbol, event.venue), ts, value)

    def _new(self, symbol: str, venue: str) -> tuple[Quote, Track]:
        return self._quotes.setdefault(symbol, {}).setdefault(venue, (Quote(), Track()))

    def _version(self) -> int:
        return self.revision + self._days.revision

    def figure(self, symbol: str, now: int) -> PriceFigure | None:
        """One symbol's figure at desk time `now` (ms); None where it has no price."""
        venues = self._quotes.get(symbol)
        return None if not venues else self.kept(symbol, now, lambda: self._figure(symbol, venues, now))

    def _compute(self, now: int) -> dict[str, PriceFigure]:
        return {symbol: self._figure(symbol, self._quotes[symbol], now) for symbol in sorted(self._quotes)}

    def _reference(self, venues: dict[str, tuple[Quote, Track]], now: int) -> str:
        fresh = [venue for venue, held in venues.items() if self.age(now, _time(*held)) <= FRESH]
        if fresh:
            return min(fresh, key=rank)
        return min(venues, key=lambda venue: (-_time(*venues[venue]), rank(venue)))

    def _figure(self, symbol: str, venues: dict[str, tuple[Quote, Track]], now: int) -> PriceFigure:
        reference = self._reference(venues, now)
        quote, track = venues[reference]
        last, ts = _last((quote, track))
        high, low = _range(quote, track.minutes, last, now)
        change = {name: _change(track, last, ts, name, now) for name in CHANGES}
        if change["24h"] is None and quote.open_24h is not None and now - quote.open_24h_ts <= STATISTICS_FRESH:
            change["24h"] = percent_change(last, quote.open_24h)
        known = {"1d": change["24h"], "7d": change["7d"]}
        returns, peak = self._returns.figures(symbol, last, last if high is None else high, known, now)
        return PriceFigure(
            last=last, venue=reference, age_ms=self.age(now, ts), change_pct=change, high_24h=high, low_24h=low,
            drawdown_pct=None if high is None else percent_change(last, high), returns=returns, peak=peak,
            venues={venue: self._venue_price(symbol, venue, venues[venue], now) for venue in sorted(venues)},
        )  # fmt: skip

    def _venue_price(self, symbol: str, venue: str, held: tuple[Quote, Track], now: int) -> VenuePrice:
        quote, _ = held
        excess = _premium(quote)
        last, ts = _last(held)
        return VenuePrice(
            last=last, bid=real(quote.bid), ask=real(quote.ask), mark=real(quote.mark), index=real(quote.index),
            age_ms=self.age(now, ts), contract=quote.contract,
            mark_age_ms=None if quote.mark is None else self.age(now, quote.mark_ts),
            index_age_ms=None if quote.index is None else self.age(now, quote.index_ts), premium=excess,
            premium_since=self._days.since(_remembered(symbol, venue), now, excess),
        )  # fmt: skip


def _remembered(symbol: str, venue: str) -> str:
    return f"premium of {symbol} on {venue}"


def _premium(quote: Quote) -> float | None:
    return None if quote.mark is None or quote.index is None else premium(quote.mark, quote.index)


def _judge_late(quote: Quote, ts: int, recv: int) -> tuple[int, bool]:
    """Time (ms) of a ticker whose time is before that of the newest, and whether it is late.

    It isn't where a clock went back: the desk's, where the newest lies after this one's arrival; the venue's, where
    nothing newer came for a while. From then on the venue's times are put forward by as much.
    """
    if quote.ts > recv + WENT_BACK:
        return ts, False
    if quote.behind and min(ts + quote.behind, recv) >= quote.ts:
        return min(ts + quote.behind, recv), False
    if recv - quote.heard > SETTLED:
        quote.behind = recv - ts
        return recv, False
    return ts, True


def _fold_given(quote: Quote, event: Ticker, ts: int) -> None:
    """Take what a newest ticker gives beside its last price: written out, since it is the commonest event of all."""
    if (value := event.bid) is not None:
        quote.bid, quote.bid_ts = value, ts
    if (value := event.ask) is not None:
        quote.ask, quote.ask_ts = value, ts
    if (value := event.mark) is not None:
        quote.mark, quote.mark_ts = value, ts
    if (value := event.index) is not None:
        quote.index, quote.index_ts = value, ts
    if (value := event.open_24h) is not None:
        quote.open_24h, quote.open_24h_ts = value, ts
    if (value := event.high_24h) is not None:
        quote.high_24h, quote.high_24h_ts = value, ts
    if (value := event.low_24h) is not None:
        quote.low_24h, quote.low_24h_ts = value, ts


def _fold_late(quote: Quote, event: Ticker, ts: int) -> None:
    """The same of a late one, where nothing newer was given."""
    if (value := event.bid) is not None and ts >= quote.bid_ts:
        quote.bid, quote.bid_ts = value, ts
    if (value := event.ask) is not None and ts >= quote.ask_ts:
        quote.ask, quote.ask_ts = value, ts
    if (value := event.mark) is not None and ts >= quote.mark_ts:
        quote.mark, quote.mark_ts = value, ts
    if (value := event.index) is not None and ts >= quote.index_ts:
        quote.index, quote.index_ts = value, ts
    if (value := event.open_24h) is not None and ts >= quote.open_24h_ts:
        quote.open_24h, quote.open_24h_ts = value, ts
    if (value := event.high_24h) is not None and ts >= quote.high_24h_ts:
        quote.high_24h, quote.high_24h_ts = value, ts
    if (value := event.low_24h) is not None and ts >= quote.low_24h_ts:
        quote.low_24h, quote.low_24h_ts = value, ts


def _time(quote: Quote, track: Track) -> int:
    return quote.ts or track.newest[0]


def _last(held: tuple[Quote, Track]) -> tuple[float, int]:
    """Newest price and its time: the quote's, or the track's where only candles came."""
    quote, track = held
    if quote.ts:
        return float(quote.last), quote.ts
    ts, last = track.newest
    return last, ts


def rank(venue: str) -> tuple[int, str]:
    """The venue's place by `PRIORITY`, then by name: the least comes first."""
    return (_PLACES.get(venue, len(PRIORITY)), venue)


def _change(track: Track, last: float, ts: int, window: str, now: int) -> float | None:
    """Percent from the price at or before the beginning of a window that ends `now` to the last one, of `ts` (ms); None
    where none is close enough. Where the last one is itself some time old, of a market that quotes seldom, the earlier
    one may be as much older: they are a window apart all the same."""
    length, tolerance = CHANGES[window]
    known = track.at(now - length)
    age = now - ts
    if known is None or now - length - known[0] > tolerance + (age if 0 < age <= length // SELDOM else 0):
        return None
    return percent_change(last, known[1])


def _range(quote: Quote, bars: Bars, last: float, now: int) -> tuple[float | None, float | None]:
    """High and low of 24 h: the venue's own where fresh, else those of the minutes where they reach back that far."""
    high = quote.high_24h if now - quote.high_24h_ts <= STATISTICS_FRESH else None
    low = quote.low_24h if now - quote.low_24h_ts <= STATISTICS_FRESH else None
    if high is None or low is None:
        start = bars.before(now - DAY) + 1
        end = bars.before(now) + 1
        if start < end and bars.ts[start] <= now - DAY + HOUR:
            _, highs, lows, _ = bars.columns
            high = max(highs[start:end]) if high is None else high
            low = min(lows[start:end]) if low is None else low
    return (None if high is None else float(max(high, last)), None if low is None else float(min(low, last)))
