"""How extreme the newest value of a series is: rank, percentile, and since when it wasn't so extreme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

LEAST = 30
"""Observations below which a rank says nothing."""


class Standing(NamedTuple):
    """rank, percentile: 0–100, None of fewer than `LEAST` observations. extreme: which end the newest value is nearer
    to. since: time of the last earlier value at least as extreme, None where the history holds none. first: time of the
    oldest observation. n: how many, with the newest."""

    rank: float | None
    percentile: float | None
    n: int
    extreme: Literal["high", "low"]
    since: int | None
    first: int


def rank(values: Sequence[float]) -> float | None:
    """(newest − min) / (max − min) in percent; None where all are equal."""
    low, high = min(values), max(values)
    return 100 * (values[-1] - low) / (high - low) if high > low else None


def percentile(values: Sequence[float]) -> float:
    """Share of all observations that are below the newest, in percent."""
    return 100 * sum(value < values[-1] for value in values) / len(values)


def last_as_high(times: Sequence[int], values: Sequence[float]) -> int | None:
    """Time of the last earlier value at or above the newest."""
    newest = values[-1]
    return next((times[at] for at in range(len(values) - 2, -1, -1) if values[at] >= newest), None)


def last_as_low(times: Sequence[int], values: Sequence[float]) -> int | None:
    """Time of the last earlier value at or below the newest."""
    return last_as_high(times, [-value for value in values])


def standing(times: Sequence[int], values: Sequence[float]) -> Standing | None:
    """Of a series in order of time, the newest last; None of an empty one. Values are finite numbers."""
    if not values:
        return None
    enough = len(values) >= LEAST
    below, above = sum(value < values[-1] for value in values), sum(value > values[-1] for value in values)
    high = below >= above
    return Standing(
        rank=rank(values) if enough else None, percentile=percentile(values) if enough else None, n=len(values),
        extreme="high" if high else "low", since=(last_as_high if high else last_as_low)(times, values),
        first=times[0],
    )  # fmt: skip
