"""Funding and open interest of venues that tell only what changed: put together, and told again while they stay as they
are, so that their age is that of the frames. Imports no ccxt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace

from deskmon.feeds.native.readings import Interest, Rate


class Carried:
    """The newest of each market, and when it was told (ms)."""

    AGAIN_MS: ClassVar[int] = 10_000

    def __init__(self) -> None:
        self._rates: dict[str, Rate] = {}
        self._interests: dict[str, Interest] = {}
        self._told: dict[str, int] = {}

    def rate(self, rate: Rate, recv: int) -> Rate:
        """The rate with what frames before told of it."""
        before = self._rates.get(rate.market.listed)
        if before is not None:
            rate = Rate(
                rate.market,
                rate.ts,
                before.rate if rate.rate is None else rate.rate,
                before.due if rate.due is None else rate.due,
                before.after if rate.after is None else rate.after,
                before.hours if rate.hours is None else rate.hours,
            )
        self._rates[rate.market.listed] = rate
        self._told[rate.market.listed] = recv
        return rate

    def interest(self, told: Interest, recv: int) -> bool:
        """Whether an open interest counts: a stand-in only where no other figure was told."""
        before = self._interests.get(told.market.listed)
        if told.stand_in and before is not None and not before.stand_in:
            return False
        self._interests[told.market.listed] = told
        self._told[told.market.listed] = recv
        return True

    def again(self, symbol: str, ts: int, recv: int) -> Sequence[Rate | Interest]:
        """What of a market is to be told again with a frame that doesn't change it."""
        told = self._told.get(symbol)
        if told is None or recv - told < self.AGAIN_MS:
            return ()
        self._told[symbol] = recv
        known = (self._rates.get(symbol), self._interests.get(symbol))
        return [replace(found, ts=ts) for found in known if found is not None]

    def clear(self) -> None:
        """Nothing is known any more."""
        self._rates.clear()
        self._interests.clear()
        self._told.clear()
