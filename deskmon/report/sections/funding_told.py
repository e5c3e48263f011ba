"""Funding of an asset in sentences, by venue and over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from deskmon import format as fmt
from deskmon.assets import symbols_of
from deskmon.components.carry import is_neutral
from deskmon.model.figures import FundingFigure, VenueFunding
from deskmon.report.content import Block, Cell, Chart, ChartLine, Inline, Paragraph, Table
from deskmon.report.phrases import path_of
from deskmon.report.reading import Reading, says, together
from deskmon.report.sections.market_phrases import also, cell, standing, when

HEAD = ("venue", "predicted", "interval", "per 8 hours", "a year", "settled", "in a row", "7 days", "lowest", "highest")
NEUTRAL = "±0.005%"
"""Within it a rate per 8 hours is neutral."""


class Extremes(NamedTuple):
    """The lowest and the highest rate per 8 hours on the way, with their times (ms); how often it was looked at, and
    how often it was below zero."""

    lowest: tuple[float, int]
    highest: tuple[float, int]
    looks: int
    below: int


def written(reading: Reading, asset: str, *, is_detailed: bool) -> list[Block | None]:
    """The mean; is_detailed: what it was on the way, a table by venue and a chart as well."""
    symbol = next(iter(symbols_of(asset, reading.model.funding.symbols)), "")
    figure = reading.model.funding.figure(symbol, reading.end)
    if figure is None:
        reading.lacks(path_of("funding", asset, "mean_8h"), f"no funding of {asset} was told")
        return []
    passed = _passed(reading, asset)
    if not is_detailed:
        return [_mean(reading, asset, figure)]
    told = together(_mean(reading, asset, figure), _mean_passed(reading, asset), _negative(reading, asset, passed))
    return [told, _table(reading, asset, figure, passed), _chart(reading, asset, figure)]


def rate(fraction: float) -> str:
    """A rate per interval: +0.0018%."""
    return fmt.fraction(fraction, 4, plus=True)


def _passed(reading: Reading, asset: str) -> dict[str, Extremes]:
    """By venue what its rate was on the way."""
    held: dict[str, list[tuple[float, int]]] = {}
    for ts, venues in reading.points(path_of("funding", asset, "venues")):
        for venue, funding in (venues or {}).items():
            if (value := rate_now(funding)) is not None:
                held.setdefault(venue, []).append((value, ts))
    return {
        venue: Extremes(min(rates), max(rates), len(rates), sum(value < 0 for value, _ in rates))
        for venue, rates in held.items()
    }


def rate_now(funding: VenueFunding) -> float | None:
    """The predicted rate per 8 hours, else the one settled last."""
    if funding.rate_8h is not None or funding.settled is None or not funding.settled_hours:
        return funding.rate_8h
    return funding.settled * 8 / funding.settled_hours


def _mean(reading: Reading, asset: str, figure: FundingFigure) -> Paragraph | None:
    path = path_of("funding", asset)
    mean = reading.figure(f"{path}.mean_8h", rate)
    year = reading.figure(f"{path}.mean_apr", lambda value: fmt.fraction(value, 1, plus=True))
    since = also(": the ", standing(reading, f"{path}.since", figure.since, ("highest", "lowest")))
    kind = _kind(figure.mean_8h or 0.0)
    return says(f"The mean funding of {asset} is ", mean, " per 8 hours, ", year, f" a year, {kind}", *since, ".")


def _kind(mean: float) -> str:
    side = "longs pay" if mean > 0 else "shorts pay"
    return f"neutral (within {NEUTRAL})" if is_neutral(mean) else f"not neutral ({side})"


def _mean_passed(reading: Reading, asset: str) -> Paragraph | None:
    path = path_of("funding", asset, "mean_8h")
    known = [(value, ts) for ts, value in reading.points(path) if value is not None]
    if len(known) < 2:
        return None
    (low, low_ts), (high, high_ts) = min(known), max(known)
    lowest, highest = reading.derived(path, rate(low), low_ts), reading.derived(path, rate(high), high_ts)
    first = known[0][1]
    begun = "On the way" if first == reading.start else f"From {when(first)} on, as far as it is known,"
    return says(
        f"{begun} the mean funding of {asset} was between ", lowest, f" ({when(low_ts)}) and ", highest,
        f" ({when(high_ts)}).",
    )  # fmt: skip


def _negative(reading: Reading, asset: str, passed: Mapping[str, Extremes]) -> Paragraph | None:
    """Which venues had a rate below zero on the way."""
    if not passed:
        return None
    below = sorted((venue for venue, each in passed.items() if each.below), key=lambda venue: passed[venue].lowest)
    if not below:
        return says(f"Funding of {asset} was not below zero on any of {len(passed)} venues when it was looked at.")
    parts: list[Inline] = [f"Funding of {asset} was negative on "]
    for place, venue in enumerate(below):
        each = passed[venue]
        path = path_of("funding", asset, "venues", venue, "rate_8h")
        parts += [", " if place else "", f"{venue} (", reading.derived(path, rate(each.lowest[0]), each.lowest[1])]
        parts.append(f" at {when(each.lowest[1])}, below zero at {each.below} of {each.looks} looks)")
    others = [venue for venue in passed if venue not in below]
    parts.append(f"; on {', '.join(others)} it was not at any look." if others else ".")
    return says(*parts)


def _table(reading: Reading, asset: str, figure: FundingFigure, passed: Mapping[str, Extremes]) -> Table:
    rows = [_row(reading, asset, venue, figure.venues[venue], passed.get(venue)) for venue in sorted(figure.venues)]
    return Table(f"Funding of {asset}, by venue", HEAD, rows)


def _row(reading: Reading, asset: str, venue: str, funding: VenueFunding, passed: Extremes | None) -> list[Cell]:
    path = path_of("funding", asset, "venues", venue)

    def told(field: str, digits: int = 4) -> Cell:
        return cell(reading, f"{path}.{field}", lambda value: fmt.fraction(value, digits, plus=True))

    hours = funding.interval_hours or funding.settled_hours
    extremes: list[Cell] = [[fmt.UNKNOWN], [fmt.UNKNOWN]]
    if passed is not None:
        extremes = [
            [reading.derived(f"{path}.rate_8h", rate(value), ts)] for value, ts in (passed.lowest, passed.highest)
        ]
    return [
        [venue], told("rate"), [fmt.UNKNOWN if hours is None else f"{hours:g} h"], told("rate_8h"), told("apr", 1),
        told("settled"), cell(reading, f"{path}.streak", lambda streak: str(streak).replace("-", fmt.MINUS)),
        told("realised_7d", 3), *extremes,
    ]  # fmt: skip


def _chart(reading: Reading, asset: str, figure: FundingFigure) -> Chart:
    """Rates per 8 hours, of each venue and their mean."""
    points = reading.points(path_of("funding", asset, "venues"))
    lines = [
        ChartLine("mean", path_of("funding", asset, "mean_8h"), reading.points(path_of("funding", asset, "mean_8h")))
    ]
    for venue in sorted(figure.venues):
        path = path_of("funding", asset, "venues", venue, "rate_8h")
        lines.append(ChartLine(venue, path, _rates(points, venue)))
    return Chart(f"Funding of {asset} per 8 hours", "fraction", lines)


def _rates(
    points: Sequence[tuple[int, Mapping[str, VenueFunding] | None]], venue: str
) -> list[tuple[int, float | None]]:
    return [(ts, rate_now(venues[venue]) if venues and venue in venues else None) for ts, venues in points]
