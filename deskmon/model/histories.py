"""Histories that the model holds, by figure: what `P` draws, and by what a change is judged as usual or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from deskmon.analytics.changes import Floats, Times, Usual, grid, levels, usual, window_sums
from deskmon.assets import symbols_of
from deskmon.clock import DAY, HOUR, MINUTE, WINDOWS
from deskmon.model.figure_path import FigurePath
from deskmon.model.market_candles import LENGTHS
from deskmon.model.metrics import PATIENCE

if TYPE_CHECKING:
    from deskmon.model import Model

FINE = 4
"""A history is fine enough for a change if it has so many values in the time of the change."""
PERCENT_UNITS = ("percent", "%", "pct")


class History(NamedTuple):
    """What is held of a figure: from `first` (ms) on a value each `step` (ms). read: its values at some times (ms,
    ascending), NaN where unknown. relative: whether its changes are told in percent."""

    first: int
    step: int
    read: Callable[[Times], Floats]
    relative: bool = False

    def usual(self, length: int, until: int) -> Usual | None:
        """How it changed over `length` (ms) up to `until`; None where it is too coarse or too short to tell."""
        points = grid(length, self.step, self.first, until)
        return None if points is None else usual(self.read(points.points), points.steps, relative=self.relative)

    def points(self, since: int, until: int, count: int) -> list[tuple[int, float]]:
        """(time in ms, value) at `count` even steps up to `until`, those that are known from `since` (ms) on."""
        times = np.linspace(max(since, self.first), until, max(2, count)).astype(np.int64)
        values = self.read(times)
        return [(int(ts), float(value)) for ts, value in zip(times, values, strict=True) if not np.isnan(value)]


def history(model: Model, figure: FigurePath, now: int, length: int) -> History | None:
    """What a model holds at desk time `now` (ms) of a figure, as fine as changes over `length` (ms) want; None of a
    figure without a history."""
    part, *rest = (step.text for step in figure.steps)
    find = _BY_PART.get(part)
    return None if find is None else find(model, rest, now, length)


def _series(
    pairs: Sequence[tuple[int, float]], step: int, *, hold: int, relative: bool = False
) -> History | None:  # fmt: skip
    """The history of a series of (time in ms, value)."""
    if not pairs:
        return None
    times, values = [ts for ts, _ in pairs], [value for _, value in pairs]
    return History(times[0], step, lambda points: levels(times, values, points, hold=hold), relative)


def _prices(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    if len(rest) != 2 or rest[1] != "last":
        return None
    symbol = _symbol(rest[0], model.prices.symbols)
    fitting = [name for name, step in LENGTHS.items() if step * FINE <= length]
    for name in reversed(fitting or ["1m"]):
        step = LENGTHS[name]
        closes = model.candles.closes(symbol, name)
        if closes:
            ended = [(min(opened + step - 1, now), close) for opened, close in closes if opened <= now]
            return _series(ended, step, hold=3 * step, relative=True)
    return None


def _open_interest(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    symbol = _symbol(rest[0], model.open_interest.symbols)
    if rest[1:] == ["usd"]:
        return _series(model.open_interest.history([symbol]), HOUR, hold=2 * HOUR, relative=True)
    if len(rest) == 4 and rest[1] == "venues" and rest[3] == "usd":
        held = model.open_interest.history([symbol], rest[2])
        return _hours_and(held, MINUTE, now, length, relative=True)
    return None


def _funding(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    figures = model.funding.figures(now)
    symbol = _symbol(rest[0], figures)
    if symbol not in figures:
        return None
    if rest[1:] == ["mean_8h"]:
        return _mean_funding(model, symbol, list(figures[symbol].venues), length)
    if len(rest) == 4 and rest[1] == "venues" and rest[3] == "rate_8h":
        return _hours_and(model.funding.predicted(symbol, rest[2]), 10 * MINUTE, now, length)
    return None


def _mean_funding(model: Model, symbol: str, venues: Sequence[str], length: int) -> History | None:
    """The predictions of the venues, weighted by the open interest of now."""
    weights = model.open_interest.weights(symbol)
    held = {venue: model.funding.predicted(symbol, venue) for venue in venues if weights.get(venue)}
    held = {venue: pairs for venue, pairs in held.items() if pairs}
    if not held:
        return None
    step = 10 * MINUTE if length < HOUR else HOUR

    def read(points: Times) -> Floats:
        total, whole = np.zeros(len(points)), np.zeros(len(points))
        for venue, pairs in held.items():
            values = levels([ts for ts, _ in pairs], [value for _, value in pairs], points, hold=2 * HOUR)
            known = ~np.isnan(values)
            total[known] += weights[venue] * values[known]
            whole[known] += weights[venue]
        with np.errstate(invalid="ignore"):
            mean: Floats = total / np.where(whole == 0, np.nan, whole)
        return mean

    return History(min(pairs[0][0] for pairs in held.values()), step, read)


def _options(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    if rest[1:] == ["dvol"]:
        index = model.options.index_history(rest[0], 0)
        recent = [pair for pair in index if pair[0] > now - 8 * DAY]
        if length >= DAY or len(recent) < 2:
            return _series(index, DAY, hold=2 * DAY)
        return _series(recent, 5 * MINUTE, hold=2 * HOUR)
    if len(rest) == 4 and rest[1] == "constant_maturity" and (name := _TERM.get((rest[2], rest[3]))):
        held = ((past.ts, getattr(past, name)) for past in model.options.skew_history(rest[0], now))
        return _series([(ts, value) for ts, value in held if value is not None], HOUR, hold=2 * HOUR)
    return None


_TERM = {("30d", "rr25"): "rr25_30d", ("30d", "atm_iv"): "atm_30d", ("7d", "rr25"): "rr25_7d"}
"""By maturity and figure the field of a term structure."""


def _depth(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    symbol = _symbol(rest[0], model.depth.symbols)
    figure = model.depth.figure(symbol, now) if len(rest) == 3 and rest[1] == "baseline_ratio" else None
    baseline = None if figure is None else figure.baseline.get(rest[2])
    if not baseline:
        return None
    held = [(ts, usd / baseline) for ts, usd in model.depth.history(symbol, rest[2])]
    return _series(held, 10 * MINUTE, hold=HOUR, relative=True)


def _liquidations(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    if len(rest) not in (3, 5) or rest[0] != "windows" or rest[-1] != "usd" or rest[1] not in WINDOWS:
        return None
    by = {rest[2]: rest[3]} if len(rest) == 5 else {}
    if not by.keys() <= {"by_venue", "by_symbol"}:
        return None
    window = WINDOWS[rest[1]]
    first, times, amounts = model.liquidations.amounts(now, by.get("by_venue", ""), by.get("by_symbol", ""))
    return History(first + window, MINUTE, lambda points: window_sums(times, amounts, points, window=window))


def _metrics(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    figure = model.metrics.figures(now).get(rest[0]) if rest[1:] == ["value"] else None
    if figure is None:
        return None
    held = model.metrics.history(rest[0])
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(held)]
    step = max(HOUR, int(median(gaps))) if gaps else DAY
    relative = (figure.unit or "") not in PERCENT_UNITS and rest[0] != "fear_greed" and min(v for _, v in held) > 0
    hold = max(model.metrics.patience(rest[0]), 0 if step == HOUR else PATIENCE * step)  # most of it may be by the day
    return _series(held, step, hold=hold, relative=relative)


def _flows(model: Model, rest: Sequence[str], now: int, length: int) -> History | None:
    if rest[1:] != ["day_usd"]:
        return None
    days = [(_midnight(day.date) + DAY - 1, day.usd) for day in model.flows.history(rest[0])]
    return _series(days, DAY, hold=5 * DAY)


def _midnight(day: str) -> int:
    from datetime import UTC, datetime

    return round(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


def _hours_and(
    pairs: Sequence[tuple[int, float]], fine: int, now: int, length: int, *, relative: bool = False
) -> History | None:  # fmt: skip
    """A series by the hour whose last day is finer: that day alone for changes over less than an hour."""
    if length >= HOUR:
        return _series(pairs, HOUR, hold=2 * HOUR, relative=relative)
    return _series([pair for pair in pairs if pair[0] > now - DAY], fine, hold=HOUR, relative=relative)


def _symbol(name: str, symbols: Sequence[str] | Mapping[str, object]) -> str:
    """The unified symbol that a name stands for."""
    return name if name in symbols else next(iter(symbols_of(name, symbols)), name)


_BY_PART: Mapping[str, Callable[[Model, Sequence[str], int, int], History | None]] = {
    "prices": _prices, "open_interest": _open_interest, "funding": _funding, "options": _options, "depth": _depth,
    "liquidations": _liquidations, "metrics": _metrics, "flows": _flows,
}  # fmt: skip
