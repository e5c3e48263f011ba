"""What a plot shows: figures over time, each on the axis of its unit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, pairwise
from math import ceil, floor, log10
from typing import Literal, NamedTuple, TypeAlias

from deskmon import format as fmt
from deskmon.clock import DAY, HOUR
from deskmon.components.figure_words import figure_words, unit_words
from deskmon.errors import UsageError

MOST = 8
"""Figures that one plot tells apart."""
TICKS = 5
"""Labels of times where there is room."""
MOST_TICKS = 7
"""Labels of values on an axis at most, give or take one."""
SIDES = ("left", "right")


Point: TypeAlias = tuple[int, float]
"""A time (ms) and what was known then."""
Look: TypeAlias = Literal["line", "area", "bars"]


class Line(NamedTuple):
    """One figure: its path, its axis (0 left, 1 right), how it is drawn, and (time in ms, value), oldest first; None is
    unknown. A bar stands around its time, for a sum of it."""

    name: str
    axis: int
    look: Look
    points: Sequence[tuple[int, float | None]]

    @property
    def known(self) -> list[Point]:
        """The points whose value is known."""
        return [(ts, value) for ts, value in self.points if value is not None]

    @property
    def newest(self) -> float | None:
        """The last known value."""
        return next((value for _, value in reversed(self.points) if value is not None), None)

    @property
    def stretches(self) -> list[list[Point]]:
        """The known points, parted where one between them is unknown."""
        found: list[list[Point]] = [[]]
        for ts, value in self.points:
            if value is not None:
                found[-1].append((ts, value))
            elif found[-1]:
                found.append([])
        return [points for points in found if points]


class Series(NamedTuple):
    """Lines over one stretch of time, the units of the axes, and what the market is."""

    lines: Sequence[Line]
    units: tuple[str, ...]
    note: str

    @property
    def times(self) -> list[int]:
        """Each time (ms) of a line, oldest first."""
        return sorted({ts for line in self.lines for ts, _ in line.points})

    @property
    def bar_ms(self) -> int:
        """The time that a bar has for itself (ms): the least between two; 0 without bars."""
        times = sorted({ts for line in self.lines if line.look == "bars" for ts, _ in line.points})
        return min((after - before for before, after in pairwise(times)), default=DAY if times else 0)

    @property
    def stretch(self) -> tuple[int, int]:
        """From when to when is drawn (ms): the first and last bar whole."""
        times, around = self.times, self.bar_ms // 2
        return times[0] - around, times[-1] + around

    def backmost_first(self) -> list[int]:
        """The numbers of the lines in the order in which they are drawn: lines over areas and bars."""
        return sorted(range(len(self.lines)), key=lambda number: self.lines[number].look == "line")

    def reading(self, number: int) -> str:
        """The newest value of a line, its unit where the value doesn't tell it, its axis where there are two."""
        line = self.lines[number]
        unit = self.units[line.axis]
        words = ", ".join(filter(None, [unit_words(unit), SIDES[line.axis] if len(self.units) > 1 else ""]))
        return f"  {figure_words(unit, line.newest)}" + (f" ({words})" if words else "")

    def extent(self, axis: int) -> tuple[float, float]:
        """The lowest and highest value on an axis, 0 among them where an area or a bar stands on it; a little apart
        where all are equal."""
        lines = [line for line in self.lines if line.axis == axis]
        values = [value for line in lines for _, value in line.known]
        values += [0.0] * any(line.look != "line" for line in lines)
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
