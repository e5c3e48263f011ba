"""One full ticker per symbol, put together from whatever channels give parts of it."""

from __future__ import annotations

from collections.abc import Mapping

from deskmon.events import Ticker

FIELDS = (
    "last", "bid", "ask", "mark", "index", "open_24h", "high_24h", "low_24h", "volume_24h", "quote_volume_24h",
)  # fmt: skip

VOLUMES = frozenset({"volume_24h", "quote_volume_24h"})
"""Fields that may be 0."""

STAND_IN_MS = 10_000
"""Trades and books stand in for a ticker's last, bid and ask when the ticker gave none for this long (ms)."""


class _Known:
    """Values of one symbol by field, and when its own stream gave each (ms): in frames of all fields, or in `partial`
    ones, whose fields are all as new as the last."""

    __slots__ = ("given", "partial", "partial_at", "values")

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.given: dict[str, int] = {}
        self.partial: set[str] = set()
        self.partial_at = 0


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
        if known is None:
            return True
        given = known.partial_at if name in known.partial else known.given.get(name, -STAND_IN_MS)
        return recv - given >= STAND_IN_MS

    def update(
        self, symbol: str, fields: Mapping[str, float | None], *, ts: int, recv: int, stand_in: bool = False,
        partial: bool = False, contract: str = "",
    ) -> Ticker | None:  # fmt: skip
        """Merge `fields` (None, and a price of 0: unchanged) and return the full ticker, or None while no last price is
        known.

        `stand_in` marks a source that only fills what the ticker stream doesn't give; `partial` a frame of that stream
        which tells what changed, so that all it gave before is as new; `contract` is the venue's own name of a contract
        that counts many coins as one. Raises ValueError for a value that is no price; what was known before stays.
        """
        known = self._known.get(symbol)
        if known is None:
            known = self._known[symbol] = _Known()
        if stand_in:
            fresh = {name: value for name, value in fields.items()
                     if value is not None and self.lacks(symbol, name, recv)}  # fmt: skip
        else:
            fresh = {name: value for name, value in fields.items() if value or (value == 0 and name in VOLUMES)}
            if partial:
                known.partial |= fresh.keys()
                known.partial_at = recv
            else:
                known.given.update(dict.fromkeys(fresh, recv))
        if not fresh and not (partial and known.values):
            return None
        merged = known.values | fresh
        has_last = "last" in merged
        checked = Ticker(
            ts=ts, recv=recv, venue=self.venue, symbol=symbol, contract=contract or None,
            **(merged if has_last else {"last": 1.0, **merged}),
        )  # fmt: skip
        known.values = merged
        return checked if has_last else None
