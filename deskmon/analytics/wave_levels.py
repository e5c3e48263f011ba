"""From when on liquidations are far above what is usual: the thresholds of the wave detector."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from deskmon.analytics.baseline import OWN, QuietSample, QuietStatistics
from deskmon.analytics.wave_settings import Parameters

SURPLUS = 0.0045
"""While the prior decides: share of its daily level by which one side must exceed the other in half a minute. A calm
market closes longs and shorts alike, a cascade one of them."""

SURPLUS_SHARE = 0.7
"""And of what both sides have in that half minute: 85 % must be of one side."""

FLOOD = 0.02
"""While the prior decides: share of its daily level that is a wave whatever the sides."""

EBB = 0.125
"""While the prior decides: share of its own busiest half minute below which a wave is over, as the calm after it may be
louder than the prior says."""

WINDOW = 3
"""Buckets that are judged together: half a minute."""

_MICRO = 1_000_000


class Tally(NamedTuple):
    """What was liquidated in a bucket, and what of it counts: no order more than its level's `cap`. surplus: what
    counts of longs less what counts of shorts. Micro-dollars."""

    total: int = 0
    counted: int = 0
    surplus: int = 0


NOTHING = Tally()


class BurstThreshold(NamedTuple):
    """In micro-dollars: what `WINDOW` buckets must have for a burst to begin, what one must have for it to go on, and
    what an order counts at most.

    surplus, flood: only where the prior decides; a burst also needs this surplus of one side, or this much of both.
    provisional: whether the baseline is younger than an hour.
    """

    enter: int
    leave: int
    cap: int
    surplus: int = 0
    flood: int = 0
    provisional: bool = True

    def begins(self, counted: int, surplus: int) -> bool:
        """Whether `WINDOW` buckets in which so much counts are a burst."""
        if counted < self.enter:
            return False
        return counted >= self.flood or abs(surplus) >= max(self.surplus, SURPLUS_SHARE * counted)

    def lasts(self, counted: int, crest: int) -> bool:
        """Whether a burst, in the busiest `WINDOW` buckets of which `crest` counts, goes on in a bucket."""
        return counted >= self.leave and (not self.flood or WINDOW * counted >= EBB * crest)


class Least(NamedTuple):
    """In micro-dollars: below `leave` no threshold lets a burst go on, and no order of up to `cap` counts for less than
    it is."""

    leave: int
    cap: int

    @classmethod
    def of(cls, parameters: Parameters) -> Least:
        """What holds for the thresholds of any baseline: none asks for less than `least_usd` in `WINDOW` buckets."""
        least = parameters.least_usd * _MICRO
        return cls(math.ceil(_share(parameters) * least), math.ceil(least / parameters.fewest_orders))

    def beside(self, thresholds: Iterable[BurstThreshold]) -> Least:
        """What holds for these thresholds too."""
        held = [*thresholds]
        return Least(
            min([self.leave, *(each.leave for each in held)]), min([self.cap, *(each.cap for each in held)])
        )  # fmt: skip


class Level:
    """The thresholds of a bucket, computed when they are asked for: most buckets have so little that they ask for none.

    quiet: what the baseline has that has taken all up to the bucket. provisional: whether it is younger than an hour.
    """

    __slots__ = ("_parameters", "_provisional", "_quiet", "_threshold")

    def __init__(self, quiet: QuietSample, provisional: bool, parameters: Parameters) -> None:
        self._quiet = quiet
        self._provisional = provisional
        self._parameters = parameters
        self._threshold: BurstThreshold | None = None

    @classmethod
    def of(cls, threshold: BurstThreshold) -> Level:
        """A level whose thresholds are known."""
        level = object.__new__(cls)
        level._threshold = threshold
        return level

    @property
    def threshold(self) -> BurstThreshold:
        """What the level asks for."""
        if self._threshold is None:
            self._threshold = burst_threshold(self._quiet.statistics(), self._provisional, self._parameters)
        return self._threshold


def burst_threshold(usual: QuietStatistics | None, provisional: bool, parameters: Parameters) -> BurstThreshold:
    """The thresholds that usual quiet buckets ask for; None: fewer are known than say anything.

    z of a bucket is (counted − median) / σ, of n buckets together (counted − n · median) / (√n · σ), and must be at
    least `enter`, as the excess must be at least the floor: the baseline's own, or the prior's while it is too young.
    """
    median, spread = (0, 0.0) if usual is None else (usual.median, parameters.enter * math.sqrt(WINDOW) * usual.sigma)
    prior = parameters.prior_usd * _MICRO
    least = parameters.least_usd * _MICRO
    surplus = flood = 0.0
    if usual is None or usual.known < OWN:
        surplus = cap = max(SURPLUS * prior, least)
        flood = max(FLOOD * prior, least)
        excess = max(surplus, spread)
    else:
        floor = max(least, parameters.floor_share * usual.daily, parameters.floor_rare * usual.rare)
        excess = cap = max(spread, usual.doubt * floor)
    share = _share(parameters)
    return BurstThreshold(
        math.ceil(WINDOW * median + excess), math.ceil(median + share * excess),
        math.ceil(cap / parameters.fewest_orders), math.ceil(surplus), math.ceil(flood), provisional,
    )  # fmt: skip


def _share(parameters: Parameters) -> float:
    """Share of what a burst must exceed that one of its buckets must."""
    return min(1.0, parameters.leave / parameters.enter) / WINDOW
