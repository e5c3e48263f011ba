"""Prices over time: a path through prices that are given, with what lies between them drawn."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from random import Random

from deskmon.feedkit import HOUR
from deskmon.feeds.demo.reconstructions.world import Asset

Knot = tuple[int, int | float]
"""(ms UTC, value)"""
_MARGIN = 5e-4
_MEMORY = 6 * HOUR
"""How fast an asset's own deviation fades (ms)."""


def at(knots: Sequence[Knot], ts: int) -> float:
    """The value at `ts` (ms) on the straight lines between the knots, level before the first and after the last."""
    index = bisect_right(knots, (ts, math.inf))
    if index == 0:
        return knots[0][1]
    if index == len(knots):
        return knots[-1][1]
    (since, before), (until, after) = knots[index - 1], knots[index]
    return before + (after - before) * (ts - since) / (until - since)


class Path:
    """A price on a grid of times (ms, ascending), straight between them."""

    def __init__(self, ts: list[int], values: list[float]) -> None:
        self.ts = ts
        self.values = values

    def at(self, ts: int) -> float:
        """The price at `ts` (ms), which lies within the path."""
        index = bisect_right(self.ts, ts)
        if index == len(self.ts):
            return self.values[-1]
        since, before = self.ts[index - 1], self.values[index - 1]
        return before + (self.values[index] - before) * (ts - since) / (self.ts[index] - since)

    def held(self, ts: int) -> float:
        """The same at any time, before the path its first price and after it its last."""
        return self.at(max(self.ts[0], min(self.ts[-1], ts)))

    def bar(self, since: int, until: int) -> tuple[float, float, float, float]:
        """Open, high, low and close from `since` to `until` (ms), both included."""
        first, last = self.at(since), self.at(until)
        inner = self.values[bisect_left(self.ts, since) : bisect_right(self.ts, until)]
        return first, max(first, last, *inner), min(first, last, *inner), last


def through(
    knots: Sequence[Knot], steps: Sequence[tuple[int, int]], noise: Callable[[int], float], rng: Random,
    capped: bool = False,
) -> Path:  # fmt: skip
    """A path that has exactly the price of each knot and, between two knots, is a Brownian bridge in the logarithm.

    steps: (from when, length of a step), both ms, ascending. noise: volatility per √hour at a time (ms).
    The lowest knot stays the lowest point, and the highest the highest where it is `capped`.
    """
    ceiling = max(price for _, price in knots) * (1 - _MARGIN) if capped else math.inf
    floor = min(price for _, price in knots) * (1 + _MARGIN)
    begun = [since for since, _ in steps]
    ts: list[int] = []
    values: list[float] = []
    for (since, before), (until, after) in pairwise(knots):
        step = steps[max(0, bisect_right(begun, since) - 1)][1]
        grid = range(since, until, step)
        walk = [0.0]
        for moment in grid:
            walk.append(walk[-1] + noise(moment) * math.sqrt(step / HOUR) * rng.gauss(0, 1))
        slope = math.log(after / before) - walk[len(grid)]
        ts += grid
        values.append(before)
        for number in range(1, len(grid)):
            drawn = before * math.exp(walk[number] + slope * number / len(grid))
            values.append(min(ceiling, max(floor, drawn)))
    ts.append(knots[-1][0])
    values.append(knots[-1][1])
    return Path(ts, values)


def follow(leader: Path, asset: Asset, rng: Random) -> Path:
    """The path of an asset that moves with BTC by its beta, and a little by itself, up to its own price at the end."""
    end = leader.values[-1]
    own, before = 0.0, leader.ts[0]
    values = []
    for ts, price in zip(leader.ts, leader.values, strict=True):
        elapsed = ts - before
        own = own * math.exp(-elapsed / _MEMORY) + asset.noise * math.sqrt(elapsed / HOUR) * rng.gauss(0, 1)
        values.append(asset.price * (price / end) ** asset.beta * math.exp(own))
        before = ts
    scale = asset.price / values[-1]
    return Path(leader.ts, [value * scale for value in values])
