"""Where a figure comes from: how old it is, which venues are in it, and how much of them the desk hears.

Read with a figure by programs, which see no panel that says so beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deskmon.assets import symbols_of
from deskmon.events import Source
from deskmon.model import Model
from deskmon.model.coverage import coverage
from deskmon.model.figure import Figure
from deskmon.model.figure_path import FigurePath
from deskmon.model.figures import Coverage, FlowFigure, WaveFigure, WindowFigure

_VOLATILITY_INDEX = "dvol"
_HEARD = (WindowFigure, WaveFigure)


class Provenance(Figure):
    """`age_ms`: of the oldest quote that is in the figure; of sums of liquidations, of the feed that was silent for
    longest; None where nothing tells. `venues`: those that are in it. `coverage`: by venue, how much of its
    liquidations the desk hears, None of all other figures. `lower_bound`: whether it may be more; None where that is no
    question. `missing`: how many expected funds have not reported the day, of flows alone. `source`: the market's."""

    source: Source
    age_ms: int | None
    venues: list[str]
    coverage: dict[str, Coverage] | None
    lower_bound: bool | None
    missing: int | None


class FigureReading(Provenance):
    """What a figure reads at desk time `at` (ms): a number, a text, a truth value or a part of the state; None where it
    is unknown. `unit` as `deskmon list figures` has it."""

    figure: str
    at: int
    unit: str
    value: Any


def read_figure(path: FigurePath, model: Model, now: int) -> FigureReading:
    """The figure at desk time `now` (ms), and where it comes from."""
    trail = path.trail(model, now)
    heard = _heard(path, trail, model, now)
    venues = _venues(trail) if heard is None else sorted(heard.by_venue)
    flow = next((each for each in trail if isinstance(each, FlowFigure)), None)
    return FigureReading(
        figure=path.text, at=now, unit=path.unit, value=trail[-1],
        source=model.figures("source", now), age_ms=_age(path, trail, venues, model, now), venues=venues,
        coverage=None if heard is None else {venue: coverage(venue) for venue in venues},
        lower_bound=_lower_bound(trail), missing=None if flow is None else max(0, flow.expected - flow.reported),
    )  # fmt: skip


def _heard(path: FigurePath, trail: Sequence[Any], model: Model, now: int) -> WindowFigure | WaveFigure | None:
    """The sums of liquidations that a figure is one of. On the way to a total its venues are not computed."""
    found = next((each for each in trail if isinstance(each, _HEARD)), None)
    return model.liquidations.window(path.steps[2].text, now) if isinstance(found, WindowFigure) else found


def _venues(trail: Sequence[Any]) -> list[str]:
    """Venues of the innermost part that names any."""
    for each in reversed(trail):
        if isinstance(named := getattr(each, "venue", None), str):
            return [named]
        if isinstance(several := getattr(each, "venues", None), dict):
            return sorted(several)
    return []


def _age(path: FigurePath, trail: Sequence[Any], venues: Sequence[str], model: Model, now: int) -> int | None:
    key, last = path.steps[0].text, path.steps[-1].text
    if last.startswith(_VOLATILITY_INDEX):
        last = _VOLATILITY_INDEX
    for each in reversed(trail):
        own = getattr(each, f"{last}_age_ms", None)
        if own is None:
            own = getattr(each, "age_ms", None)
        if own is not None:
            return int(own)
        if isinstance(of := getattr(each, "venues", None), dict):
            return _oldest(getattr(venue, "age_ms", None) for venue in of.values())
    if key in ("liquidations", "waves"):
        feeds = model.feeds.figures(now).items()
        return _oldest(feed.age_ms for label, feed in feeds if (feed.venue or label) in venues)
    if key == "levels" and len(path.steps) > 1:
        return _price_age(path.steps[1].text, model, now)
    return None


def _price_age(asset: str, model: Model, now: int) -> int | None:
    """Of the price that distances from levels are measured from."""
    name = asset if asset in model.prices.symbols else next(iter(symbols_of(asset, model.prices.symbols)), None)
    price = None if name is None else model.prices.figure(name, now)
    return None if price is None else price.age_ms


def _oldest(ages: Iterable[int | None]) -> int | None:
    known = [age for age in ages if age is not None]
    return max(known, default=None)


def _lower_bound(trail: Sequence[Any]) -> bool | None:
    for each in reversed(trail):
        for name in ("lower_bound", "truncated"):
            if isinstance(bound := getattr(each, name, None), bool):
                return bound
    return None
