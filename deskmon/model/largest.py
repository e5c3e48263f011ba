"""The largest orders that were liquidated: of all, of each venue, of each asset, and at each of its prices.

They are held as long as a window shows them: a week, and at a price for a day. The tape holds the newest 2,000 orders,
24 seconds of a cascade; whoever asks who was behind an hour gets the largest of it from here.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any

from deskmon.analytics.price_grid import bucket_edge, bucket_of
from deskmon.analytics.skyband import Entry, Skyband
from deskmon.clock import DAY, HOUR
from deskmon.events import Liquidation
from deskmon.format import base
from deskmon.model.liquidation_figures import OrderFigure

WEEK = 7 * DAY
DEPTHS = (20, 10, 3)
"""How many are held of any window: of all, of a venue or an asset, of an asset on a venue."""
GROUPS = 5_000
"""Venues, assets, and assets on a venue that are told apart; beyond these only what is wider is held."""
STRETCH = 4 * HOUR
"""Of each bucket of an asset's price the largest order is held of each such stretch of a day (ms)."""
PLACES = 12_000
"""Buckets and stretches that are held, the newest."""
TIDY_EVERY = 4_096
"""Orders after which what is too old is let go."""
WAITING = 256
"""Orders that may wait until they are put where they belong: one after another they take half the time."""

Group = tuple[str, str]
"""Venue and asset, "" for any."""
Place = tuple[int, str, int]
"""Stretch of time, asset, bucket of its price."""


class LargestOrders:
    """Takes liquidations that the part of liquidations found to be new, and is in that part's checkpoint."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._waiting: list[Liquidation] = []
        self._groups: dict[Group, Skyband[Liquidation]] = {}
        self._places: OrderedDict[Place, Liquidation] = OrderedDict()
        self._untidy = 0
        self._newest = 0

    def fold(self, event: Liquidation) -> None:
        """Take one."""
        self._waiting.append(event)
        if len(self._waiting) >= WAITING:
            self._settle()

    def _settle(self) -> None:
        """Put what waits where it belongs."""
        waiting, self._waiting = self._waiting, []
        markets: dict[tuple[str, str], tuple[str, list[Entry[Liquidation]]]] = {}
        for event in waiting:
            ts, usd, market = event.ts, event.usd, (event.venue, event.symbol)
            held = markets.get(market)
            if held is None:
                held = markets[market] = base(event.symbol), []
            asset, entries = held
            entries.append((ts, usd, event))
            place = ts // STRETCH, asset, bucket_of(event.price)
            largest = self._places.get(place)
            if largest is None or usd > largest.usd:
                self._places[place] = event
                if len(self._places) > PLACES:
                    self._places.popitem(last=False)
            if ts > self._newest:
                self._newest = ts
        for (venue, _), (asset, entries) in markets.items():
            for group in self._groups_of(venue, asset):
                group.extend(entries)
        self._untidy += len(waiting)
        if self._untidy >= TIDY_EVERY:
            self._tidy()

    def _groups_of(self, venue: str, asset: str) -> Iterator[Skyband[Liquidation]]:
        """The groups that the orders of an asset on a venue belong to."""
        for group in (("", ""), (venue, ""), ("", asset), (venue, asset)):
            held = self._groups.get(group)
            if held is None:
                if len(self._groups) >= GROUPS:
                    continue
                held = self._groups[group] = Skyband(_depth(group))
            yield held

    def of(
        self, after: int, until: int, *, venue: str = "", asset: str = "", low: float = 0.0, high: float = math.inf
    ) -> list[Liquidation]:
        """Orders with after < ts ≤ until (ms) and low ≤ price < high, of a venue and an asset where they are named, the
        largest first. Of a window that ends now the first are the largest that came in it, as many as are held."""
        self._settle()
        held = self._groups.get((venue, asset))
        if held is not None and low <= 0 and high == math.inf:
            return held.within(after, until)
        orders = {} if held is None else dict.fromkeys(held.within(after, until))
        if asset:
            orders.update(dict.fromkeys(self._at_prices(after, until, asset, low, high)))
        wanted = (
            order for order in orders if low <= order.price < high and (not venue or order.venue == venue)
        )  # fmt: skip
        return sorted(wanted, key=lambda order: -order.usd)

    def behind(self, after: int, until: int, venues: Iterable[str], assets: Iterable[str]) -> list[Liquidation]:
        """The largest with after < ts ≤ until (ms) of all, of each venue and of each asset, the largest first."""
        groups = [("", ""), *((venue, "") for venue in venues), *(("", asset) for asset in assets)]
        orders = {
            order: None
            for venue, asset in groups
            for order in self.of(after, until, venue=venue, asset=asset)[: _depth((venue, asset))]
        }
        return sorted(orders, key=lambda order: -order.usd)

    def checkpoint(self) -> Any:
        """All that it knows, as a part's is: each order once, as a row."""
        self._settle()
        numbers: dict[Liquidation, int] = {}
        names: dict[str, int] = {}
        groups = [
            [*group, [numbers.setdefault(order, len(numbers)) for _, _, order in held.entries]]
            for group, held in self._groups.items()
        ]
        places = [[*place, numbers.setdefault(order, len(numbers))] for place, order in self._places.items()]
        orders = [
            (
                order.ts, order.recv, names.setdefault(order.venue, len(names)),
                names.setdefault(order.symbol, len(names)), order.side, order.price, order.amount, order.usd, order.id,
            )
            for order in numbers
        ]  # fmt: skip
        return {"names": list(names), "orders": orders, "groups": groups, "places": places}

    def restore(self, data: Any) -> None:
        """Know what `checkpoint` wrote and nothing else. Raises as a part's does."""
        self.clear()
        names = [str(name) for name in data["names"]]
        orders = [
            Liquidation(
                ts=ts, recv=recv, venue=names[venue], symbol=names[symbol], side=side, price=price, amount=amount,
                usd=usd, id=id,
            )
            for ts, recv, venue, symbol, side, price, amount, usd, id in data["orders"]
        ]  # fmt: skip
        for venue, asset, held in data["groups"]:
            entries = [(orders[at].ts, orders[at].usd, orders[at]) for at in held]
            self._groups[str(venue), str(asset)] = Skyband(_depth((venue, asset)), entries)
        self._places.update(
            ((int(stretch), str(asset), int(at)), orders[n]) for stretch, asset, at, n in data["places"]
        )
        self._newest = max((order.ts for order in orders), default=0)

    def _at_prices(self, after: int, until: int, asset: str, low: float, high: float) -> Iterator[Liquidation]:
        for (_, name, bucket), order in self._places.items():
            is_wanted = name == asset and after < order.ts <= until
            if is_wanted and bucket_edge(bucket) < high and bucket_edge(bucket + 1) > low:
                yield order

    def _tidy(self) -> None:
        self._untidy = 0
        for group, held in list(self._groups.items()):
            held.forget(self._newest - WEEK)
            if not held.entries:
                del self._groups[group]
        oldest = (self._newest - DAY) // STRETCH
        self._places = OrderedDict((place, order) for place, order in self._places.items() if place[0] >= oldest)


def order_figures(orders: Iterable[Liquidation]) -> list[OrderFigure]:
    """Orders as the state has them."""
    return [
        OrderFigure(
            ts=order.ts, venue=order.venue, symbol=order.symbol, side=order.side, price=float(order.price),
            usd=float(order.usd),
        )
        for order in orders
    ]  # fmt: skip


def _depth(group: Group) -> int:
    venue, asset = group
    return DEPTHS[bool(venue) + bool(asset)]
