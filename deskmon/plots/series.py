"""What a plot shows: figures over time, each on the axis of its unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from math import ceil, floor, log10
from typing import NamedTuple

from deskmon import format as fmt
from deskmon.clock import DAY, HOUR
from deskmon.components.figure_words import figure_words
from deskmon.errors import UsageError

MOST = 8
"""Figures that one plot tells apart."""
TICKS = 5
"""Labels of times where there is room."""
MOST_TICKS = 7
"""Labels of values on an axis at most, give or take one."""


class Line(NamedTuple):
    """One figure: its path, its axis (0 left, 1 right), whether it is drawn as an area, its values; None is
    unknown."""

    name: str
    axis: int
    is_area: bool
    values: list[float | None]


class Series(NamedTuple):
    """Lines over common times (ms), the units of the axes, and what the market is."""

    times: list[int]
    lines: list[Line]
    units: tuple[str, ...]
    note: str

    def extent(self, axis: int) -> tuple[float, float]:
        """The lowest and highest value on an axis, 0 among them where an area stands on it; a little apart where all
        are equal."""
        lines = [line for line in self.lines if line.axis == axis]
        values = [value for line in lines for value in line.values if value is not None]
        values += [0.0] * any(line.is_area for line in lines)
        low, high = min(values, default=0.0), max(values, default=1.0)
        apart = (abs(high) or 1.0) * 0.01
        return (low, high) if high > low else (low - apart, high + apart)

    def value_ticks(self, axis: int) -> list[tuple[float, str]]:
        """(value, label) of round values from the bottom to the top of an axis, no two labels the same."""
        low, high = self.extent(axis)
        for step in _round_steps((high - low) / MOST_TICKS):
            found = [n * step for n in range(ceil(low / step), floor(high / step) + 1)]
            words = [figure_words(self.units[axis], value) for value in found]
            if len({*words}) == len(words):
                break
        if len(found) < 2:  # so little apart that no round values lie between
            found = [low, high]
        return [(value, figure_words(self.units[axis], value)) for value in found]

    def time_ticks(self, number: int = TICKS) -> list[tuple[int, str]]:
        """(time in ms, label) from the first to the last time."""
        first, last = self.times[0], self.times[-1]
        times = [first + (last - first) * i // (number - 1) for i in range(number)]
        if last - first >= 3 * DAY:
            return [(ts, fmt.date(ts)) for ts in times]
        is_short = last - first < HOUR
        return [(ts, fmt.clock(ts) if is_short else f"{fmt.day(ts)} {fmt.clock(ts)[:5]}") for ts in times]


def _round_steps(least: float) -> Iterator[float]:
    """1, 2, 5 times a power of ten, from the first that isn't below `least` upwards."""
    power = floor(log10(least))
    for exponent in count(power):
        yield from (step for digit in (1, 2, 5) if (step := digit * 10.0**exponent) >= least)


def axes_of(units: Sequence[tuple[str, str]]) -> list[int]:
    """The axis of each of the figures (path, unit): those of the first's unit on the left, others on the right. Raises
    UsageError for a third unit, and for too many figures."""
    if len(units) > MOST:
        raise UsageError(f"{len(units)} figures are too many for one plot", f"name {MOST} at most")
    kinds = list(dict.fromkeys(unit for _, unit in units))
    if len(kinds) > 2:
        path = next(path for path, unit in units if unit == kinds[2])
        raise UsageError(f"{path} is in {kinds[2]}, a third unit beside {kinds[0]} and {kinds[1]}", "plot it apart")
    return [kinds.index(unit) for _, unit in units]
