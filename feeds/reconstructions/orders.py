"""Liquidations: the dollars of each venue, side and asset as single orders, at times that come in waves."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from deskmon.clock import MINUTE, SECOND
from deskmon.events import Liquidation, PositionSide
from deskmon.feeds.reconstructions.prices import Path
from deskmon.feeds.reconstructions.totals import split
from deskmon.feeds.reconstructions.world import Asset

Cells = Mapping[tuple[str, PositionSide, str], int]
"""(venue, side, asset) → cents."""
Moment = Callable[[Random], float]
"""Draws the time of an order (ms)."""

_SHAPE = 2.4
_SPREAD = 1.2
_SHOULDER = 25 * MINUTE


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
class Course:
    """When a side's orders come: mixture of waves, of their surroundings, of rebounds and of a quiet flow all day.

    The shares of `in_waves` and `around` are of all orders; the rest flows evenly from `since` to `until` (ms).
    bursts: (time, spread, weight) of what comes without a wave, as when a rebound closes shorts; of them `in_bursts`.
    """

    since: int
    until: int
    waves: Sequence[Wave]
    in_waves: float
    around: float
    bursts: Sequence[tuple[int, int, float]] = ()
    in_bursts: float = 0.0

    def __call__(self, rng: Random) -> float:
        """The time of one order of BTC (ms), within the course."""
        kind = rng.random() - self.in_waves
        if kind < self.around:
            (wave,) = rng.choices(self.waves, weights=[wave.weight for wave in self.waves])
            if kind < 0:
                return wave.onset + rng.gammavariate(_SHAPE, wave.pace * MINUTE)
            return wave.onset + 5 * MINUTE + rng.gauss(0, _SHOULDER)
        if kind < self.around + self.in_bursts:
            ((at, spread, _),) = rng.choices(self.bursts, weights=[weight for _, _, weight in self.bursts])
            return rng.gauss(at, spread)
        return rng.uniform(self.since, self.until)


def liquidations(
    cells: Cells,
    courses: Mapping[PositionSide, Course],
    assets: Mapping[str, Asset],
    paths: Mapping[str, Path],
    rng: Random,
    ids: Iterator[int],
    grain: float = 1.0,
) -> list[Liquidation]:
    """Orders that sum to every cell to the cent, each at the price of its moment.

    grain: multiplies the mean size of an order. All fall after `since` and not after `until` of their side's course.
    """
    found: list[Liquidation] = []
    for (venue, side, name), cents in cells.items():
        asset, course, path = assets[name], courses[side], paths[name]
        sizes = [math.exp(_SPREAD * rng.gauss(0, 1)) for _ in range(max(1, round(cents / 100 / asset.order / grain)))]
        for part in split(cents, sizes):
            if not part:
                continue
            moment = course(rng) + asset.lag * SECOND * rng.uniform(0.5, 1.5)
            ts = min(course.until, max(course.since + 1, int(moment)))
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
