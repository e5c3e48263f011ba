"""How two series moved together: Pearson's correlation of the log returns of their daily closes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import fsum, log, sqrt

LEAST = 20
"""Pairs of returns below which a correlation says nothing."""
APART = 4
"""Days between two closes at most, so that a return over a long weekend counts and one over a hole doesn't."""

Closes = Mapping[int, float]
"""Positive closes by number of the UTC day."""


def paired_returns(one: Closes, other: Closes, last: int, days: int) -> tuple[list[float], list[float]]:
    """Log returns of both between days that both have a close of, of the `days` up to day `last`."""
    common = sorted(day for day in one.keys() & other.keys() if last - days <= day <= last)
    steps = [(before, day) for before, day in pairwise(common) if day - before <= APART]
    first, second = ([log(closes[day] / closes[before]) for before, day in steps] for closes in (one, other))
    return first, second


def pearson(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Of two samples of one length, −1 to 1; None of fewer than two, or where one of them doesn't vary."""
    if len(one) < 2:
        return None
    means = fsum(one) / len(one), fsum(other) / len(other)
    here, there = ([value - mean for value in values] for values, mean in zip((one, other), means, strict=True))
    size = sqrt(fsum(value * value for value in here)) * sqrt(fsum(value * value for value in there))
    if size == 0.0:
        return None
    return max(-1.0, min(1.0, fsum(a * b for a, b in zip(here, there, strict=True)) / size))


def correlation(one: Closes, other: Closes, last: int, days: int) -> tuple[float | None, int]:
    """(r, how many pairs of returns) of the `days` up to day `last`; r is None of fewer than `LEAST` pairs."""
    first, second = paired_returns(one, other, last, days)
    return (pearson(first, second) if len(first) >= LEAST else None), len(first)
