"""Frames of a venue's websocket → readings → what the session knows and tells. Imports ccxt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from deskmon.events import Side, Trade
from deskmon.feeds.ccxt.faults import BAD
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.native.books import NativeBooks
from deskmon.feeds.native.decoding import without_blanks
from deskmon.feeds.native.newest import Newest
from deskmon.feeds.native.readings import (
    Change,
    Count,
    Forced,
    Interest,
    Print,
    Quote,
    Rate,
    Reading,
    Refusal,
    Stranger,
    kinds,
)
from deskmon.feeds.native.venue import Venue

if TYPE_CHECKING:
    from deskmon.feeds.ccxt.session import Session

CONTROL_WORDS = 32
"""A frame that isn't JSON is a ping or a pong up to this length; beyond it is garbage."""

_CALLED: dict[type[Any], str] = {
    Quote: "ticker", Rate: "funding", Interest: "open interest", Forced: "liquidation", Change: "book",
    Refusal: "subscription", Stranger: "market",
}  # fmt: skip


class PlaceMarkets(dict[str, Instrument | None]):
    """Instruments by the venue's ids, of the markets of one place, watched or not; found when first asked for."""

    def __init__(self, session: Session, venue: Venue, place: str) -> None:
        super().__init__()
        self._session, self._venue, self._place = session, venue, place

    def __missing__(self, identity: str) -> Instrument | None:
        found = None
        for market in self._called(identity):
            if self._venue.serves(market) and self._is_here(market):
                found = self._session.instrument(market["symbol"])
                break
        self[identity] = found
        return found

    def _called(self, identity: str) -> Iterable[Mapping[str, Any]]:
        exchange, name = self._session.exchange, self._venue.identity
        if name is None:
            found: Iterable[Mapping[str, Any]] = exchange.markets_by_id.get(identity, ())
            return found
        return [market for market in exchange.markets.values() if name(market) == identity]

    def _is_here(self, market: Mapping[str, Any]) -> bool:
        return any(stream.place(market) == self._place for stream in self._venue.streams.values())


def trade_of(told: Print, market: Instrument, venue: str, takers: Mapping[Any, Side], recv: int) -> Trade:
    """The event of a trade on a market of `venue`, heard at `recv` (ms); `takers`: those of the venue's parser. Raises
    ValueError for an impossible figure."""
    symbol, price, amount = market.symbol, told.price, told.amount
    if not market.trades_in_coins:
        price, each = price / market.multiple, market.trade_coins
        amount = amount * each if each else market.coins(amount, market.units.trades, price)
    return Trade(
        ts=told.ts, recv=recv, venue=venue, symbol=symbol, price=price, amount=amount,
        side=takers[told.side], id=f"{symbol}#{told.id}",
    )  # fmt: skip


class Intake:
    """Hands the readings of frames to a session."""

    def __init__(
        self, venue: Venue, session: Session, books: NativeBooks, refused: Callable[[str, Refusal], None]
    ) -> None:
        self._venue, self._session, self._books, self._refused = venue, session, books, refused
        self._parse = venue.parse
        self._link = ""
        self._counts: dict[str, tuple[int, int, int]] = {}
        self._newest = newest = Newest(session)
        self._places: dict[str, PlaceMarkets] = {}
        self._markets: PlaceMarkets
        self._take: dict[type[Any], Callable[[Any, int], None]] = {
            Quote: newest.quote, Rate: newest.rate, Interest: newest.interest, Forced: self._forced,
            Change: self._change, Refusal: self._refusal, Stranger: self._stranger,
            **dict.fromkeys(kinds(Print), self._print), **dict.fromkeys(kinds(Count), self._count),
        }  # fmt: skip

    def relisted(self) -> None:
        """The venue's list was read again: instruments are looked up anew."""
        self._places.clear()
        self._newest.clear()

    def frame(self, data: bytes, link: str, number: int, place: str, recv: int) -> None:
        """Take one frame of the connection `link`, which has this number, that came at `recv` ms. What can't be read is
        rejected."""
        exchange = self._session.exchange
        markets = self._places.get(place)
        if markets is None:
            markets = self._places[place] = PlaceMarkets(self._session, self._venue, place)
        exchange.source, exchange.current = number, link
        self._link, self._markets = link, markets
        readings: Iterable[Reading]
        try:
            try:
                readings = self._parse(data, markets, recv)
            except BAD as error:
                readings = self._salvaged(data, markets, recv, error)
            for reading in readings:
                try:
                    self._take[type(reading)](reading, recv)
                except BAD as error:
                    self._session.context.reject(data, f"{_named(reading)}: {error}")
        finally:
            exchange.current = ""

    def slice_over(self) -> None:
        """What was read at once is read: tell what is left of what it says of the present."""
        self._newest.tell(self._link)

    def _salvaged(self, data: bytes, markets: PlaceMarkets, recv: int, error: Exception) -> Iterator[Reading]:
        """What of a frame can be read: all of it where only its empty texts are in the way, else each item of its list
        alone."""
        session = self._session
        try:
            frame = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            if len(data) > CONTROL_WORDS or data[:1] in b"{[":
                is_page = data.lstrip()[:1] == b"<"
                what = "a web page (HTML)" if is_page else "text"
                session.unreadable(data, f"the websocket sends {what} instead of JSON")
            return
        frame = without_blanks(frame)
        try:
            yield from self._parse(msgspec.json.encode(frame), markets, recv)
            return
        except BAD as fault:
            error = fault
        items = list(_alone(frame, self._venue.items))
        if len(items) < 2:
            session.unreadable(frame, f"{type(error).__name__}: {error}")
            return
        for item in items:
            try:
                yield from self._venue.parse(msgspec.json.encode(item), markets, recv)
            except BAD as fault:
                session.unreadable(item, f"{type(fault).__name__}: {fault}")

    def _print(self, told: Print, recv: int) -> None:
        """A trade in the venue's words. Raises ValueError for an impossible figure."""
        session, market = self._session, self._markets[told.name]
        if market is None:
            session.stranger(told.name)
            return
        session.traded(trade_of(told, market, session.venue, self._venue.takers, recv), recv)

    def _forced(self, forced: Forced, recv: int) -> None:
        self._session.liquidated(forced.order, forced.market, recv)

    def _change(self, change: Change, recv: int) -> None:
        self._books.take(change, self._link)

    def _refusal(self, refusal: Refusal, recv: int) -> None:
        self._refused(self._link, refusal)

    def _count(self, count: Count, recv: int) -> None:
        """By connection its number, which differs after it was opened again, that of its last frame, and when that
        came."""
        opened, number = self._session.exchange.source, count.number
        last = self._counts.get(self._link)
        self._counts[self._link] = opened, number, recv
        # A frame whose items are read one by one tells its number with each of them.
        if last is not None and last[0] == opened and number - last[1] not in (0, 1):
            self._books.missed(self._link)
            self._session.monitor.missed(self._link, last[2], recv)

    def _stranger(self, stranger: Stranger, recv: int) -> None:
        self._session.stranger(stranger.identity)


def _named(reading: Reading) -> str:
    """What a reading is, and of which market."""
    if isinstance(reading, Print):
        return f"trade {reading.name}"
    if isinstance(reading, Count):
        return "number"
    market = getattr(reading, "market", None)
    called = _CALLED[type(reading)]
    return called if market is None else f"{called} {market.listed}"


def _alone(frame: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """The frame once for each item of the list at `path`, with that item alone; of another shape nothing. Lists on
    the way are gone through."""
    if not path:
        yield from ([item] for item in frame) if isinstance(frame, list) else ()
    elif isinstance(frame, list):
        yield from ([part] for item in frame for part in _alone(item, path))
    elif isinstance(frame, dict) and path[0] in frame:
        for part in _alone(frame[path[0]], path[1:]):
            yield {**frame, path[0]: part}
