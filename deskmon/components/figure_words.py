"""How any figure is written, by the unit that `deskmon list figures` gives it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from deskmon import format as fmt
from deskmon.components.series import series_value
from deskmon.model.figure_path import FigurePath, parse
from deskmon.model.path_steps import Name, write_path

__all__ = ["figure_at", "figure_change", "figure_paths", "figure_words", "unit_words"]

Write = Callable[[float | None], str]


def _plain(digits: int, sign: str = "") -> Write:
    """Digits after the point, and what stands behind the number."""

    def write(value: float | None) -> str:
        return fmt.UNKNOWN if value is None else f"{fmt.percent(value, digits, plus=False)[:-1]}{sign}"

    return write


def _moment(value: float | None) -> str:
    return fmt.UNKNOWN if value is None else f"{fmt.date(int(value))} {fmt.clock(int(value))}Z"


_AMOUNTS = ("USD", "coins", "count", "lines", "bytes", "USD per 1 %", "USD/min")
_WRITERS: Mapping[str, Write] = {
    **dict.fromkeys(_AMOUNTS, fmt.amount),
    "quote currency": fmt.price,
    "%": lambda value: fmt.percent(value, plus=False),
    "fraction": lambda value: fmt.fraction(value, 4),
    "vol points": _plain(1), "0 to 100": _plain(0), "bps": _plain(2), "σ": _plain(1),
    "× baseline": _plain(2, "×"), "× then": _plain(2, "×"),
    "ms": fmt.age, "ms since 1970": _moment,
}  # fmt: skip

_TOLD = ("%", "fraction", "ms", "ms since 1970")
"""Units that stand in the written value itself: 0.0069%, 14m, 20 Nov 11:00Z."""


def figure_words(unit: str, value: float | None) -> str:
    """A value of a figure of this unit: 84,795.50, 1.42B, 0.0069%, −5.2; a unit that isn't known to about six
    significant figures."""
    return _WRITERS.get(unit, series_value)(value)


def unit_words(unit: str) -> str:
    """What has to be said of the unit beside a value that `figure_words` wrote; nothing where its sign tells."""
    return "" if unit in _TOLD else unit


def figure_change(unit: str, value: float | None) -> str:
    """A difference of two such values, with its sign."""
    words = figure_words(unit, value)
    return f"+{words}" if value is not None and value > 0 and words[0] not in "+-" else words


def figure_at(path: str) -> FigurePath:
    """The figure at a path. Raises UsageError where there can be none."""
    return parse(path)


def figure_paths(part: str, names: Iterable[str], rest: str) -> list[str]:
    """`prices`, BTC and ETH, `last` → `prices.BTC.last`, `prices.ETH.last`."""
    return [f"{write_path(part, Name(name))}.{rest}" for name in names]
