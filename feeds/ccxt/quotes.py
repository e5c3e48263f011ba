"""One full ticker per symbol, put together from whatever channels give parts of it."""

from __future__ import annotations

from collections.abc import Mapping

from deskmon.events import LIMIT, Ticker

FIELDS = (
    "last", "bid", "ask", "mark", "index", "open_24h", "high_24h", "low_24h", "volume_24h", "quote_volume_24h",
)  # fmt: skip

VOLUMES = frozenset({"volume_24h", "quote_volume_24h"})
"""Fields that may be 0."""

STOOD_IN = ("last", "bid", "ask")
"""Fields that other streams may stand in for."""

STAND_IN_MS = 10_000
"""Trades and books stand in for a ticker's last, bid and ask when the ticker gave none for this long (ms)."""


class _Known:
    """Values of one symbol by field, and when its own stream gave each that may be stood in for (ms): in frames of all
    fields, or in `partial` ones, whose fields are all as new as the last."""

    __slots__ = ("given", "partial", "partial_at", "values")

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.given: dict[str, int] = {}
        self.partial: set[str] = set()
        self.partial_at = 0

    def take(self, fields: Mapping[str, float | None]) -> bool:
        """Note values; whether there are any. Raises ValueError where one is no price, and notes none."""
        for value in fields.values():
            if value is not None and not 0 <= value < LIMIT:
                wrong = next(name for name, told in fields.items() if told is value)
                raise ValueError(f"{wrong}: {value!r} is not a positive number below 1e18")
        values, is_new = self.values, False
        for name, value in fields.items():
            if value or (value is not None and name in VOLUMES):
                values[name] = value
                is_new = True
        return is_new

    def lacks(self, name: str, recv: int) -> bool:
        """Whether its own stream gave no such field lately."""
        given = self.partial_at if name in self.partial else self.given.get(name, -STAND_IN_MS)
        return recv - given >= STAND_IN_MS


class Quotes:
    """The newest known value of each field of each symbol."""

    def __init__(self, venue: str) -> None:
        self.venue = venue
        self._known: dict[str, _Known] = {}

    def last(self, symbol: str) -> float | None:
        """Last price, or None."""
        known = self._known.get(symbol)
        return None if known is None else known.values.get("last")

    def mark(self, symbol: str) -> float | None:
        """Mark price, else last price, else None."""
        known = self._known.get(symbol)
        return None if known is None else known.values.get("mark", known.values.get("last"))

    def lacks(self, symbol: str, name: str, recv: int) -> bool:
        """Whether a field may be stood in for: its own stream gave none lately."""
        known = self._known.get(symbol)
        return known is None or known.lacks(name, recv)

    def take(self, symbol: str, fields: Mapping[str, float | None], recv: int, *, partial: bool = False) -> bool:
        """Note what the symbol's own stream gives: None, and a price of 0, are unchanged. Whether there is anything new
        to tell. `partial`: the frame tells what changed, so that all that such frames gave before is as new. Raises
        ValueError for a value that is no price; what was known before stays."""
        known = self._of(symbol)
        is_new = known.take(fields)
        for name in STOOD_IN:
            if fields.get(name):
                if partial:
                    known.partial.add(name)
                else:
                    known.given[name] = recv
        if partial:
            known.partial_at = recv
            return bool(known.values)
        return is_new

    def stand_in(self, symbol: str, fields: Mapping[str, float | None], recv: int) -> bool:
        """Note what another stream gives, where the symbol's own gives none. Returns and raises as `take` does."""
        known = self._of(symbol)
        return known.take({name: value for name, value in fields.items() if known.lacks(name, recv)})

    def ticker(self, symbol: str, ts: int, recv: int, contract: str = "") -> Ticker | None:
        """All that is known of a symbol, None while that is no last price. `contract` is the venue's own name of a
        contract that counts many coins as one. Raises ValueError for a time that is none."""
        known = self._known.get(symbol)
        if known is None or "last" not in known.values:
            return None
        return Ticker(ts=ts, recv=recv, venue=self.venue, symbol=symbol, contract=contract or None, **known.values)

    def _of(self, symbol: str) -> _Known:
        known = self._known.get(symbol)
        if known is None:
            known = self._known[symbol] = _Known()
        return known
