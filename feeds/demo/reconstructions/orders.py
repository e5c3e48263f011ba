"""Liquidations: the dollars of each venue, side and asset as single orders, at times that come in waves."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from deskmon.events import Liquidation, PositionSide
from deskmon.feedkit import MINUTE, SECOND
from deskmon.feeds.demo.reconstructions.prices import Path
from deskmon.feeds.demo.reconstructions.totals import split
from deskmon.feeds.demo.reconstructions.world import Asset

Cells = Mapping[tuple[str, PositionSide, str], int]
"""(venue, side, asset) → cents."""
Moment = Callable[[Random], float]
"""Draws the time of an order (ms)."""

_SHAPE = 1.4
_SPREAD = 1.0


@dataclass(frozen=True, slots=True)
class Wave:
    """A cascade from `onset` (ms) on; `weight` is its share of all waves.

    pace: scale (minutes) of the gamma distribution by which its orders follow the onset.
    """

    onset: int
    pace: float
    weight: float = 1.0

    def unrest(self, ts: int) -> float:
        """0 before the wave, 1 at its height (ms), then fading."""
        x = (ts - self.onset) / (self.pace * MINUTE * (_SHAPE - 1))
        return (x * math.exp(1 - x)) ** (_SHAPE - 1) if x > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Stream:
    """A part of a side's dollars: its share, when its orders come, and their size as a multiple of the usual."""

    share: float
    moment: Moment
    grain: float


def in_waves(waves: Sequence[Wave]) -> Moment:
    """Within the waves, soon after their onsets."""
    weights = [wave.weight for wave in waves]

    def moment(rng: Random) -> float:
        (wave,) = rng.choices(waves, weights)
        return wave.onset + rng.gammavariate(_SHAPE, wave.pace * MINUTE)

    return moment


def around(times: Sequence[tuple[int, int, float]]) -> Moment:
    """Around (time, spread, weight), the first two in ms, as a bell."""
    weights = [weight for _, _, weight in times]

    def moment(rng: Random) -> float:
        ((at, spread, _),) = rng.choices(times, weights)
        return rng.gauss(at, spread)

    return moment


def evenly(since: int, until: int) -> Moment:
    """At any time between the two (ms)."""
    return lambda rng: rng.uniform(since, until)


def liquidations(
    cells: Cells,
    streams: Mapping[PositionSide, Sequence[Stream]],
    span: tuple[int, int],
    assets: Mapping[str, Asset],
    paths: Mapping[str, Path],
    rng: Random,
    ids: Iterator[int],
) -> list[Liquidation]:
    """Orders that sum to every cell to the cent, each at the price of its moment.

    All fall after the first and not after the second time of `span` (ms); what was drawn outside is drawn again,
    evenly.
    """
    since, until = span
    found: list[Liquidation] = []
    for (venue, side, name), total in cells.items():
        asset, path = assets[name], paths[name]
        shares = split(total, [stream.share for stream in streams[side]])
        for stream, cents in zip(streams[side], shares, strict=True):
            orders = max(1, round(cents / 100 / asset.order / stream.grain))
            for part in split(cents, [math.exp(_SPREAD * rng.gauss(0, 1)) for _ in range(orders)]):
                if not part:
                    continue
                ts = int(stream.moment(rng) + asset.lag * SECOND * rng.uniform(0.5, 1.5))
                if not since < ts <= until:
                    ts = rng.randint(since + 1, until)
                price, usd = round(path.at(ts), asset.digits), part / 100
                found.append(
                    Liquidation(
                        ts=ts, venue=venue, symbol=asset.symbol, side=side, price=price, amount=round(usd / price, 8),
                        usd=usd, id=f"r{next(ids)}",
                    )
                )  # fmt: skip
    return found


def scaled(cells: Cells, long_usd: float, short_usd: float) -> dict[tuple[str, PositionSide, str], int]:
    """`cells` with about these sums by side, for days that no table was published of."""
    wanted: dict[PositionSide, float] = {"long": long_usd * 100, "short": short_usd * 100}
    held = {side: sum(cents for (_, of, _), cents in cells.items() if of == side) for side in wanted}
    return {key: int(cents * wanted[key[1]] / held[key[1]]) for key, cents in cells.items()}


def progress(orders: Iterable[Liquidation]) -> Callable[[int], float]:
    """The share of the orders' dollars that was closed by a time (ms)."""
    ranked = sorted((order.ts, order.usd) for order in orders)
    times = [ts for ts, _ in ranked]
    sums = [0.0, *accumulate(usd for _, usd in ranked)]
    return lambda ts: sums[bisect_right(times, ts)] / sums[-1]
