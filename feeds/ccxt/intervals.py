"""How often funding is due on each symbol: from what the venue states, from its past, and from one funding to the next.

Imports no ccxt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from deskmon.feedkit import HOUR, MINUTE
from deskmon.feeds.ccxt import parse


class Intervals:
    """Hours between two fundings, by symbol.

    A venue changes an interval from one settlement to the next, and its past then still tells the old one. So the
    distance from the last settlement to the next counts where it is shorter, or where the last is so young that there
    can't have been another since.

    `waiting`: what tells a rate that came before its interval was known, `wanted` is set when one comes; `asked`:
    symbols whose history was asked for, so that nothing more will be known.
    """

    def __init__(self) -> None:
        self._stated: dict[str, float] = {}
        self._past: dict[str, float] = {}
        self._settled: dict[str, int] = {}
        self._due: dict[str, int] = {}
        self.waiting: dict[str, Callable[[], None]] = {}
        self.wanted = asyncio.Event()
        self.asked: set[str] = set()

    def get(self, symbol: str) -> float | None:
        """Hours as last stated, else as between the last two settlements, or None."""
        return self._stated.get(symbol) or self._past.get(symbol)

    def wait(self, symbol: str, tell: Callable[[], None]) -> bool:
        """Keep what tells a rate until its interval is known; False where it never will be."""
        if symbol in self.asked:
            return False
        self.waiting[symbol] = tell
        self.wanted.set()
        return True

    def state(self, symbol: str, hours: float) -> None:
        """Take what a list of the venue's states."""
        self._stated[symbol] = hours

    def settle(self, symbol: str, times: Sequence[int]) -> None:
        """Take the times (ms) of settlements, in order; those that are older than what is known say nothing."""
        if not times or times[-1] < self._settled.get(symbol, 0):
            return
        self._settled[symbol] = times[-1]
        hours = parse.hours_between(*times[-2:]) if len(times) > 1 else None
        if hours is not None:
            self._past[symbol] = hours

    def until(self, symbol: str, due: int | None, now: int, stated: float | None) -> float | None:
        """Hours of the interval that ends at `due` (ms), told at `now` by the venue's clock; `stated` by the venue
        together with `due`."""
        hours = stated or self.get(symbol)
        if due is None or due <= now:
            return hours
        before = self._due.get(symbol)
        if before is not None and before < due and before <= now + MINUTE:
            self._settled[symbol] = max(before, self._settled.get(symbol, 0))
        self._due[symbol] = due
        last = self._settled.get(symbol)
        gap = None if last is None else parse.hours_between(last, due)
        # Fundings are due on the hour. Any other distance is to a time that means something else.
        if last is None or gap is None or gap % 1:
            return hours
        if (hours is not None and gap < hours) or (stated is None and now - last < HOUR):
            return gap
        return hours
