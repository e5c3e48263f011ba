"""One full ticker per symbol, put together from whatever channels give parts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deskmon.events import Ticker

FIELDS = (
    "last", "bid", "ask", "mark", "index", "open_24h", "high_24h", "low_24h", "volume_24h", "quote_volume_24h",
)  # fmt: skip

STAND_IN_MS = 10_000
"""Trades and books stand in for a ticker's last, bid and ask when the ticker gave none for this long (ms)."""


class Quotes:
    """The newest known value of each field of each symbol."""

    def __init__(self, venue: str) -> None:
        self.venue = venue
        self._values: dict[str, dict[str, float]] = {}
        self._given: dict[tuple[str, str], int] = {}

    def last(self, symbol: str) -> float | None:
        """Last price, or None."""
        return self._values.get(symbol, {}).get("last")

    def mark(self, symbol: str) -> float | None:
        """Mark price, else last price, else None."""
        values = self._values.get(symbol, {})
        return values.get("mark", values.get("last"))

    def update(
        self, symbol: str, fields: Mapping[str, Any], *, ts: int, recv: int, stand_in: bool = False, contract: str = ""
    ) -> Ticker | None:
        """Merge `fields` (None: unchanged) and return the full ticker, or None while no last price is known.

        `stand_in` marks a source that only fills what the ticker stream doesn't give; `contract` is the venue's own
        name of a contract that counts many coins as one. Raises ValueError for a value that is no price; what was known
        before stays.
        """
        known = self._values.get(symbol, {})
        fresh: dict[str, float] = {}
        for name, value in fields.items():
            if value is None:
                continue
            if not stand_in:
                self._given[symbol, name] = recv
            elif recv - self._given.get((symbol, name), -STAND_IN_MS) < STAND_IN_MS:
                continue
            fresh[name] = float(value)
        if not fresh:
            return None
        merged = {**known, **fresh}
        checked = Ticker(
            ts=ts, recv=recv, venue=self.venue, symbol=symbol, contract=contract or None, **{"last": 1.0, **merged}
        )  # fmt: skip
        self._values[symbol] = merged
        return checked if "last" in merged else None
