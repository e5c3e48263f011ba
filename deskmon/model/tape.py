"""The tape: the newest liquidations and big trades."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from operator import attrgetter
from typing import Any, Protocol

from deskmon.events import Liquidation, Trade
from deskmon.model.part import Part
from deskmon.model.recent import Ids, Recent

HELD = 2_000
"""Liquidations, and big trades, that are held."""

IDS = 4_096
"""Ids of big trades that are remembered per venue."""


class Follower(Protocol):
    """A part that takes each liquidation found to be new, and its notional in whole micro-dollars."""

    def fold_liquidation(self, event: Liquidation, amount: int) -> None: ...


class Tape(Part[Sequence[Trade | Liquidation]]):
    """Folds trades and, through the liquidations part, liquidations; its figures are its entries."""

    def __init__(self, big_trade_usd: float = 100_000.0) -> None:
        self.big_trade_usd = big_trade_usd
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self.liquidations: Recent[Liquidation] = Recent(HELD)
        self.trades: Recent[Trade] = Recent(HELD)
        self._ids = Ids(IDS)

    def newest(self) -> Iterator[Trade | Liquidation]:
        """The same from the newest on. A few cost less than all."""
        kinds = reversed(self.trades.events), reversed(self.liquidations.events)
        return merge(*kinds, key=attrgetter("ts"), reverse=True)

    @property
    def entries(self) -> Sequence[Trade | Liquidation]:
        """Liquidations and trades of at least `big_trade_usd`, newest last."""
        return self.figures(0)

    def fold(self, event: Trade) -> None:
        """Take a trade, kept where it is big and new."""
        if event.price * event.amount < self.big_trade_usd or not self._ids.new(event.venue, event.id):
            return
        self.trades.add(event)
        self.revision += 1

    def fold_liquidation(self, event: Liquidation) -> None:
        """Take a liquidation already known to be new."""
        self.liquidations.add(event)
        self.revision += 1

    def checkpoint(self) -> Any:
        return [self.liquidations.checkpoint(), self.trades.checkpoint(), self._ids.checkpoint()]

    def restore(self, data: Any) -> None:
        self.clear()
        liquidations, trades, ids = data
        self.liquidations.restore(liquidations, Liquidation)
        self.trades.restore(trades, Trade)
        self._ids.restore(ids)

    def _compute(self, now: int) -> Sequence[Trade | Liquidation]:
        return sorted([*self.liquidations.events, *self.trades.events], key=attrgetter("ts"))
