"""An order book kept by prices, and whether a change follows what it holds. Imports no ccxt."""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar, Literal

from msgspec.structs import replace

from deskmon.feeds.native.readings import Change, Levels

Outcome = Literal["taken", "old", "waits", "missed"]


class Side:
    """Amounts by price, and the prices in order, which are sorted only when they are asked for."""

    __slots__ = ("_is_bids", "_prices", "amounts")

    def __init__(self, *, is_bids: bool) -> None:
        self._is_bids = is_bids
        self._prices: list[float] | None = None
        self.amounts: dict[float, float] = {}

    def replace(self, levels: Levels) -> None:
        """Hold these levels, and no others."""
        self.amounts = {level[0]: level[1] for level in levels if level[1]}
        self._prices = None

    def change(self, levels: Levels) -> None:
        """Set the amounts of these prices; 0 takes a price away."""
        amounts = self.amounts
        for level in levels:
            price, amount = level[0], level[1]
            if not amount:
                if amounts.pop(price, None) is not None:
                    self._prices = None
            else:
                if price not in amounts:
                    self._prices = None
                amounts[price] = amount

    def levels(self) -> list[tuple[float, float]]:
        """(price, amount) best first."""
        if self._prices is None:
            self._prices = sorted(self.amounts, reverse=self._is_bids)
        amounts = self.amounts
        return [(price, amounts[price]) for price in self._prices]


class OrderBook:
    """One book by its venue's changes. It reads as ccxt's does: `bids` and `asks` best first, `timestamp`, `nonce`.

    A change follows by its `before`. A book without a whole one takes nothing: its changes wait where the venue sends
    only changes (`snapshots`), until `begin` gives what they follow.
    """

    WAITING: ClassVar[int] = 2_000
    """Changes kept while the snapshot is asked for; the oldest are dropped, and found missing."""

    def __init__(self) -> None:
        self._bids, self._asks = Side(is_bids=True), Side(is_bids=False)
        self._last: int | None = None
        self._joins: int | None = None
        self._ts = 0
        self.is_whole = False
        self.waiting: deque[Change] = deque(maxlen=self.WAITING)

    def __getitem__(self, side: str) -> list[tuple[float, float]]:
        return (self._bids if side == "bids" else self._asks).levels()

    def get(self, name: str) -> Any:
        """`timestamp` (ms) or `nonce`, the number of the last change."""
        return self._ts if name == "timestamp" else self._last

    def take(self, change: Change) -> Outcome:
        """Apply a change; "old" where the snapshot holds it already, "waits" where nothing whole is there yet, "missed"
        where one before it is missing."""
        if change.whole:
            self._bids.replace(change.bids)
            self._asks.replace(change.asks)
            self.is_whole, self._joins = True, None
        elif not self.is_whole:
            self.waiting.append(change)
            return "waits"
        elif self._joins is not None:
            return self._join(change)
        elif change.before is not None and change.before != self._last:
            return "missed"
        else:
            self._bids.change(change.bids)
            self._asks.change(change.asks)
        self._last, self._ts = change.after, change.ts
        return "taken"

    def begin(self, snapshot: Change) -> bool:
        """Begin with the answer to a request, and apply the changes that waited for it. False where it is older than
        the first of them follows: it is asked for again."""
        number = snapshot.after or 0
        left = [change for change in self.waiting if (change.after or 0) >= number]
        if left and (left[0].first or 0) > number and left[0].before != number:
            return False
        self.take(replace(snapshot, whole=True))
        self._joins = number
        self.waiting.clear()
        return all(self.take(change) != "missed" for change in left)

    def _join(self, change: Change) -> Outcome:
        """The first change after a snapshot holds its number, or follows it directly."""
        number = self._joins or 0
        if (change.after or 0) < number:
            return "old"
        if (change.first or 0) > number and change.before != number:
            return "missed"
        self._joins, self._last = None, change.before
        return self.take(change)
