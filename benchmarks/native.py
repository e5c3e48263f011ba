"""The desk's own parsers: µs a frame from bytes to events, beside typed msgspec decoding alone and json alone.

    python -m benchmarks.native [--rounds 9]

One process, alternating rounds, medians of processor time. The frames are made up by the recorded shapes
(`deskmon.bench.frames`, `benchmarks.venue_frames`). "parse" is the venue's pure function alone, and the events of its
trades, which check themselves. "events" is the whole way of a frame in a feed's session: parsed, made whole, checked,
deduplicated, noted by the channel's health and emitted, with `SLICE` frames read at once, as on a busy connection: of
these the newest ticker, funding rate and open interest of each market are told. "alone" is the same with one frame at a
time, each of which is told.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import process_time
from types import SimpleNamespace
from typing import Any

import msgspec

from benchmarks.venue_frames import FRAMES, frames
from deskmon.bench.frames import ASSETS, START
from deskmon.clock import ManualClock
from deskmon.events import Event
from deskmon.feedkit import FeedContext
from deskmon.feeds.ccxt.channels import CcxtOptions
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.ccxt.resubscribe import Subscription
from deskmon.feeds.ccxt.session import Session
from deskmon.feeds.native import binance, bybit, coinbase, deribit, hyperliquid, okx, venue_of
from deskmon.feeds.native.intake import PlaceMarkets, trade_of
from deskmon.feeds.native.links import Links
from deskmon.feeds.native.readings import Change
from deskmon.feeds.native.venue import Venue

COUNT = 5_000
SLICE = 100
"""Frames that are read at once: in 10 ms the hub reads some hundreds."""
TIMES = {"trades": 3.0, "ticker": 5.0, "book": 5.0}
"""Limit of parsing as a multiple of typed decoding."""
MOST_US = {"trades": 6.0, "ticker": 9.0, "book": 16.0}
"""Limit of events, many at once as alone, on a quiet core."""
EXCHANGES = {"binance": "binanceusdm", "bybit": "bybit", "okx": "okx", "deribit": "deribit",
             "hyperliquid": "hyperliquid", "coinbase": "coinbase"}  # fmt: skip
PLACES = {"binance": "linear/public", "bybit": "linear", "okx": "public", "deribit": "", "hyperliquid": "",
          "coinbase": ""}  # fmt: skip


TYPED: dict[tuple[str, str], Any] = {
    ("binance", "trades"): binance._Trade, ("binance", "ticker"): binance._BookTicker,
    ("binance", "book"): binance._Depth,
    ("bybit", "trades"): bybit._Trades, ("bybit", "ticker"): bybit._Tickers, ("bybit", "book"): bybit._Books,
    ("okx", "trades"): okx._Trades, ("okx", "ticker"): okx._Tickers, ("okx", "book"): okx._Books,
    ("deribit", "trades"): deribit._Trades, ("deribit", "ticker"): deribit._Tickers,
    ("deribit", "book"): deribit._Books,
    ("hyperliquid", "trades"): hyperliquid._Trades, ("hyperliquid", "ticker"): hyperliquid._Contexts,
    ("hyperliquid", "book"): hyperliquid._Books,
    ("coinbase", "trades"): coinbase._Trades, ("coinbase", "ticker"): coinbase._Tickers,
    ("coinbase", "book"): coinbase._Books,
}  # fmt: skip


def market(venue: str, asset: str) -> dict[str, Any]:
    """A perpetual as ccxt lists it, of Coinbase a spot market."""
    names = {"okx": f"{asset}-USDT-SWAP", "deribit": f"{asset}_USDC-PERPETUAL", "coinbase": f"{asset}-USD"}
    name = names.get(venue, f"{asset}USDT")
    if venue == "coinbase":
        return {"id": name, "symbol": f"{asset}/USD", "base": asset, "quote": "USD", "settle": None, "type": "spot",
                "spot": True, "contract": False, "active": True, "info": {}}  # fmt: skip
    return {
        "id": name, "lowercaseId": name.lower(), "symbol": f"{asset}/USDT:USDT", "base": asset, "baseName": asset,
        "quote": "USDT", "settle": "USDT", "type": "swap", "swap": True, "contract": True, "linear": True,
        "inverse": False, "spot": False, "option": False, "active": True, "info": {},
        "contractSize": 0.01 if venue == "okx" else 1.0,
    }  # fmt: skip


class _Exchange:
    """What a session asks its exchange of while frames come."""

    def __init__(self, markets: Mapping[str, Any]) -> None:
        self.markets = markets
        self.markets_by_id = {each["id"]: [each] for each in markets.values()}
        self.orderbooks: dict[str, Any] = {}
        self.source, self.current = 0, ""


def session_of(venue: str, emit: Callable[[Any], None]) -> Session:
    """A session that hears of frames without a socket, subscribed to all its symbols."""
    context = FeedContext(emit=emit, status=lambda *said: None, reject=_refuse, reconnected=lambda: None,
                          clock=ManualClock(START))  # fmt: skip
    session = Session("bench", venue, CcxtOptions(exchange=EXCHANGES[venue]), context)
    markets = {each["symbol"]: each for each in (market(venue, asset) for asset in ASSETS)}
    session.exchange = _Exchange(markets)
    own = venue_of(EXCHANGES[venue])
    assert own is not None
    session.links = Links(own, session)
    session.watch_only(list(markets))
    for channel in ("ticker", "trades", "book"):
        session.asked_on(Subscription((channel,), channel), PLACES[venue], set(markets))
    for symbol in markets:
        session.noted(session.by_symbol[symbol], Prices(last=100.0, high_24h=103.0, low_24h=97.0), START, START)
    return session


def _take(event: Event) -> None:
    """A callback that does nothing."""


def _refuse(raw: Any, reason: str) -> None:
    raise SystemExit(f"rejected: {reason}: {raw!r}")


class Case:
    """One venue's channel: its frames and what is measured with them."""

    def __init__(self, venue: str, channel: str) -> None:
        self.venue, self.channel = venue, channel
        self.raw: Sequence[bytes] = list(frames(venue, channel, COUNT))
        self.typed = msgspec.json.Decoder(TYPED[venue, channel], strict=False).decode

    def measured(self) -> dict[str, Callable[[], None]]:
        """Each to be timed once a round."""
        venue, session = venue_of(EXCHANGES[self.venue]), session_of(self.venue, print)
        assert venue is not None
        markets = PlaceMarkets(session, session.links.venue, PLACES[self.venue])  # type: ignore[union-attr]
        return {
            "json": lambda: _each(json.loads, self.raw),
            "typed": lambda: _each(self.typed, self.raw),
            "parse": lambda: (_trades if self.channel == "trades" else _parse)(venue, self.raw, markets),
            "events": self._events(SLICE),
            "alone": self._events(1),
        }

    def _events(self, at_once: int) -> Callable[[], None]:
        """Tells all frames to a new session, so many read at once."""
        session, place = session_of(self.venue, _take), PLACES[self.venue]
        assert session.links is not None
        intake = session.links.intake
        if self.venue == "binance" and self.channel == "book":
            self._begin_books(session)

        def events() -> None:
            for number, raw in enumerate(self.raw, 1):
                intake.frame(raw, place, 1, place, START)
                if not number % at_once:
                    intake.slice_over()
            session.books.flush(SimpleNamespace(over=False))  # type: ignore[arg-type]

        return events

    def _begin_books(self, session: Session) -> None:
        books = session.links.books if session.links is not None else None
        assert books is not None
        for symbol, listed in session.by_symbol.items():
            change = Change(listed, START, [(90.0, 1.0)], [(110.0, 1.0)], after=0, whole=True)
            books._new(symbol, "linear/public").begin(change)


def _each(call: Callable[[bytes], Any], raws: Sequence[bytes]) -> None:
    for raw in raws:
        call(raw)


def _parse(venue: Venue, raws: Sequence[bytes], markets: PlaceMarkets) -> None:
    parse = venue.parse
    for raw in raws:
        parse(raw, markets, START)


def _trades(venue: Venue, raws: Sequence[bytes], markets: PlaceMarkets) -> None:
    """The same and the events of the trades."""
    parse, takers = venue.parse, venue.takers
    kind = type(parse(raws[0], markets, START)[-1])
    for raw in raws:
        for reading in parse(raw, markets, START):
            if type(reading) is kind:
                trade_of(reading, markets[reading.name], "bench", takers, START)


def timed(cases: Sequence[Case], rounds: int) -> list[dict[str, float]]:
    """Medians of µs a frame for each case."""
    found: list[dict[str, list[float]]] = [{} for _ in cases]
    for _ in range(rounds):
        for case, took in zip(cases, found, strict=True):
            for name, call in case.measured().items():
                begun = process_time()
                call()
                took.setdefault(name, []).append((process_time() - begun) / COUNT * 1e6)
    return [{name: median(times) for name, times in took.items()} for took in found]


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    cases = [Case(venue, channel) for venue, each in FRAMES.items() for channel in each if (venue, channel) in TYPED]
    kept = True
    print(f"{'':18} {'json':>6} {'typed':>6} {'parse':>6} {'events':>6} {'alone':>6} {'x typed':>7} {'limits':>12}")
    for case, us in zip(cases, timed(cases, rounds), strict=True):
        ratio = us["parse"] / us["typed"]
        within = ratio <= TIMES[case.channel] and max(us["events"], us["alone"]) <= MOST_US[case.channel]
        kept = kept and within
        figures = " ".join(f"{us[name]:6.2f}" for name in ("json", "typed", "parse", "events", "alone"))
        limits = f"{MOST_US[case.channel]:g} us, {TIMES[case.channel]:g} x"
        print(f"{case.venue + ' ' + case.channel:18} {figures} {ratio:7.2f} {limits:>12}{'' if within else '  over'}")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
