"""Holders: what treasuries and funds hold of an asset and paid for it, and what they bought and sold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from deskmon.assets import main_symbols
from deskmon.clock import HOUR
from deskmon.events import Holding, HoldingTrade
from deskmon.model.context_figures import HolderFigure
from deskmon.model.metrics import Metrics
from deskmon.model.part import Part, is_older, percent_change, real, stamp
from deskmon.model.prices import Prices
from deskmon.model.recent import Recent

HELD = 2_000
"""Holdings, each of one entity and asset, that are known at most; further ones are refused."""
TRADES = 500
"""Purchases and sales that are held."""
TOGETHER = HOUR
"""A price that is at most so much older (ms) than a market capitalisation was known together with it."""
BASES = 6
"""The largest holders of an asset whose cost is a level."""

Key = tuple[str, str]
"""(asset, entity)"""


class Change(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """How many coins the later of two reports of one source has more than the earlier one; their times (ms)."""

    amount: float
    earlier: int
    later: int


class Holders(Part[dict[str, dict[str, HolderFigure]]]):
    """Folds holdings and their trades; its figures are by asset and entity, the largest holder first."""

    def __init__(self, prices: Prices, metrics: Metrics) -> None:
        self._prices, self._metrics = prices, metrics
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._held: dict[Key, Holding] = {}
        self._trades: Recent[HoldingTrade] = Recent(TRADES)
        self._traded: dict[Key, HoldingTrade] = {}
        self._kinds: dict[tuple[str, str, bool], tuple[int, int | None]] = {}
        self._changes: dict[Key, Change] = {}

    @property
    def trades(self) -> Sequence[HoldingTrade]:
        """The newest purchases and sales, oldest first."""
        return self._trades.events

    def fold(self, event: Holding) -> None:
        """Take a holding, where it isn't older than the one held. A report without a cost leaves the cost as known.
        Two reports of one source (`note`) that differ tell of a purchase or a sale. Raises
        ValueError for a holder too many."""
        key = event.asset, event.entity
        held = self._held.get(key)
        if held is None and len(self._held) >= HELD:
            raise ValueError(f"{event.entity!r}: {HELD} holders are known already")
        if held is None or not is_older(event, stamp(held)):
            if held is not None and held.note == event.note and held.amount != event.amount:
                self._changes[key] = Change(float(event.amount - held.amount), stamp(held), stamp(event))
            if event.average_cost is None and held is not None:
                event = replace(event, average_cost=held.average_cost)
            self._held[key] = event
            self.revision += 1

    def fold_trade(self, event: HoldingTrade) -> None:
        """Take a purchase or sale; one that was taken already counts once."""
        trade = replace(event, ts=stamp(event), recv=None)
        if trade in self._trades.events:
            return
        self._trades.add(trade)
        key = trade.asset, trade.entity
        if (key in self._traded or len(self._traded) < HELD) and (
            key not in self._traded or trade.ts >= self._traded[key].ts
        ):
            self._traded[key] = trade
        kind = *key, trade.amount < 0
        if key in self._traded:
            newest, before = self._kinds.get(kind, (trade.ts, None))
            known = sorted({newest, trade.ts, *(() if before is None else (before,))})
            self._kinds[kind] = known[-1], known[-2] if len(known) > 1 else None
        self.revision += 1

    def cost_bases(self, asset: str, now: int) -> list[tuple[str, float]]:
        """(entity, average cost in dollars) of the asset's largest holders with a known cost."""
        largest = sorted(self._of(asset), key=lambda held: (-held.amount, held.entity))
        return [(held.entity, held.average_cost) for held in largest if held.amount and held.average_cost][:BASES]

    def checkpoint(self) -> Any:
        return [
            msgspec.to_builtins(list(self._held.values())),
            self._trades.checkpoint(),
            msgspec.to_builtins(list(self._traded.values())),
            [[*key, msgspec.to_builtins(change)] for key, change in self._changes.items()],
            [[*kind, *times] for kind, times in self._kinds.items()],
        ]

    def restore(self, data: Any) -> None:
        self.clear()
        held, trades, traded, changes, kinds = data
        self._kinds = {
            (str(asset), str(entity), bool(sold)): (int(newest), None if before is None else int(before))
            for asset, entity, sold, newest, before in kinds
        }
        self._held = {(each.asset, each.entity): each for each in msgspec.convert(held, list[Holding])}
        self._trades.restore(trades, HoldingTrade)
        self._traded = {(each.asset, each.entity): each for each in msgspec.convert(traded, list[HoldingTrade])}
        self._changes = {(asset, entity): msgspec.convert(each, Change) for asset, entity, each in changes}

    def _of(self, asset: str) -> list[Holding]:
        return [held for (of, _), held in self._held.items() if of == asset]

    def _version(self) -> int:
        return self.revision + self._prices.revision + self._metrics.revision

    def _compute(self, now: int) -> dict[str, dict[str, HolderFigure]]:
        mains = main_symbols(self._prices.symbols)
        found: dict[str, dict[str, HolderFigure]] = {}
        for asset in sorted({asset for asset, _ in self._held}):
            price = self._prices.price(mains[asset]) if asset in mains else None
            supply = self._supply(asset, mains.get(asset), now)
            holders = sorted(self._of(asset), key=lambda held: (-held.amount, held.entity))
            found[asset] = {held.entity: self._figure(held, price, supply, now) for held in holders}
        return found

    def _supply(self, asset: str, symbol: str | None, now: int) -> float | None:
        """Coins there are: as a series says, else the market capitalisation over the price of its own time. An old one
        over the price of now would be off by all that the price moved since."""
        metrics = self._metrics.figures(now)
        supply, cap = (metrics.get(f"{name}_{asset.lower()}") for name in ("supply", "market_cap"))
        coins = None if supply is None else supply.value
        if coins is None and cap is not None and symbol is not None:
            price = self._prices.price_then(symbol, cap.ts, TOGETHER)
            if price is None and abs(now - cap.ts) <= TOGETHER:
                price = self._prices.price(symbol)
            coins = cap.value / price if price else None
        return coins if coins is not None and coins > 0 else None

    def _figure(self, held: Holding, price: float | None, supply: float | None, now: int) -> HolderFigure:
        amount, cost, ts = float(held.amount), real(held.average_cost) or None, stamp(held)
        trade = self._traded.get((held.asset, held.entity))
        traded = (None, None, None) if trade is None else (float(trade.amount), abs(float(trade.usd)), trade.ts)
        last = None if trade is None else self._kinds[held.asset, held.entity, trade.amount < 0][1]
        change = self._changes.get((held.asset, held.entity))
        value, paid = (None if each is None else amount * each for each in (price, cost))
        return HolderFigure(
            amount=amount, average_cost=cost, cost_usd=paid, price=price, value_usd=value,
            unrealised_usd=None if value is None or paid is None else value - paid,
            unrealised_pct=None if value is None or not paid else percent_change(value, paid),
            share=amount / supply if supply else None, note=held.note, ts=ts, age_ms=max(0, now - ts),
            trade_amount=traded[0], trade_usd=traded[1], trade_ts=traded[2], trade_last=last,
            change_amount=change.amount if change else None, change_from=change.earlier if change else None,
            change_ts=change.later if change else None,
        )  # fmt: skip
