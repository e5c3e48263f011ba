"""What a figure reads now, and what that is worth: a value, a lower bound, or nothing that can be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from deskmon.alerts.legs import Value
from deskmon.clock import MINUTE
from deskmon.model import Model
from deskmon.model.figure_path import FigurePath
from deskmon.model.figures import WaveFigure, WindowFigure
from deskmon.model.path_steps import Name

STALE_AFTER = {"prices": MINUTE, "funding": 10 * MINUTE, "open_interest": 10 * MINUTE, "options": 2 * MINUTE}
"""By key of the state: the age (ms) from which nobody can tell what a figure there is now."""
INDEX_STALE = 10 * MINUTE
"""The same of the volatility index."""

_SUMS = frozenset({"usd", "long_usd", "short_usd", "count", "peak_usd_per_min"})
_OF_WHAT_WAS_HEARD = frozenset({"state", "lead"})
"""What a desk says of a wave though a gap is in it: rules judge what it says."""
_AGES = frozenset({"age_ms", "mark_age_ms", "index_age_ms", "dvol_age_ms", "stale", "ts"})
_CURRENT = (Name("waves"), Name("current"))


class Reading(NamedTuple):
    """`value`: None where nobody can tell. `at_least`: it may be more. `absent`: it is known that there is none, as of
    `waves.current` while no wave runs."""

    value: Value | None
    at_least: bool = False
    absent: bool = False


UNKNOWN = Reading(None)
ABSENT = Reading(None, absent=True)

Read = Callable[[FigurePath, int], Reading]
"""(path, desk time in ms) → what it reads."""


def reader(model: Model) -> Read:
    """Reads figures of `model`: only the parts that are named are computed."""

    def read(path: FigurePath, now: int) -> Reading:
        trail = path.trail(model, now)
        value = trail[-1]
        if value is None:
            return ABSENT if path.steps[:2] == _CURRENT and model.liquidations.since is not None else UNKNOWN
        if _is_stale(path, trail):
            return UNKNOWN
        if not isinstance(value, bool | int | float | str):
            return UNKNOWN
        if not _partial(trail) or (path.steps[:2] == _CURRENT and path.steps[-1].text in _OF_WHAT_WAS_HEARD):
            return Reading(value)
        return Reading(value, at_least=True) if path.steps[-1].text in _SUMS else UNKNOWN

    return read


def _partial(trail: list[Any]) -> bool:
    """Whether sums on the way are incomplete: the desk hasn't heard the whole window, or a gap is in it. Sampled sums
    aren't: they never are more."""
    for each in trail:
        if isinstance(each, WindowFigure):
            return each.warming_up or each.incomplete
        if isinstance(each, WaveFigure):
            return each.incomplete
    return False


def _is_stale(path: FigurePath, trail: list[Any]) -> bool:
    key, last = path.steps[0].text, path.steps[-1].text
    if last in _AGES:
        return False
    if key == "options" and last.startswith("dvol"):
        age = getattr(trail[0], "dvol_age_ms", None)
        return age is not None and age > INDEX_STALE
    for each in reversed(trail[:-1]):
        if isinstance(stale := getattr(each, "stale", None), bool):
            return stale
        age = getattr(each, "age_ms", None)
        if age is not None and key in STALE_AFTER:
            return bool(age > STALE_AFTER[key])
    return _all_stale(key, trail)


def _all_stale(key: str, trail: list[Any]) -> bool:
    """Whether every venue of a figure over venues is stale."""
    venues = getattr(trail[0], "venues", None)
    if key != "open_interest" or not venues:
        return False
    return all(venue.age_ms > STALE_AFTER[key] for venue in venues.values())
