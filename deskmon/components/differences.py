"""Figures then and now: how each is written, and the page behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from deskmon import format as fmt
from deskmon.components.columns import Cell
from deskmon.components.figure_words import figure_change, figure_words
from deskmon.components.panel import Drill
from deskmon.components.series import series_name
from deskmon.components.text import one_line
from deskmon.model.differences import Difference, Topic, Tracked, Usuals
from deskmon.model.figure_path import parse

__all__ = [
    "Difference",
    "Usuals",
    "called",
    "change_cell",
    "change_words",
    "difference_page",
    "path_of",
    "sigma_words",
    "sigmas_words",
    "tracked_paths",
    "value_words",
]


def called(of: Difference) -> str:
    """How the figure is called."""
    return one_line(series_name(of.name)) if of.topic == "metrics" else one_line(of.name)


def value_words(of: Difference, value: float | None) -> str:
    """A value of the figure."""
    return figure_words(of.unit, value)


def change_words(of: Difference) -> str:
    """How it changed: in percent where its changes are told so, else in its own unit, with the sign."""
    return figure_change(of.unit, of.change) if of.change_pct is None else fmt.percent(of.change_pct)


def sigma_words(of: Difference) -> str:
    """Its usual change: one standard deviation, in percent or its own unit."""
    if of.sigma is None:
        return fmt.UNKNOWN
    words = figure_words(of.unit, of.sigma) if of.change_pct is None else fmt.percent(of.sigma, plus=False)
    return f"±{words}"


def sigmas_words(of: Difference) -> str:
    """The change by its usual: +2.1σ."""
    return fmt.UNKNOWN if of.sigmas is None else f"{fmt.percent(of.sigmas, 1).removesuffix('%')}σ"


def change_cell(of: Difference) -> Cell:
    """The change, in the colour of its sign."""
    text = change_words(of)
    return text, "up" if text[0] == "+" else "down" if text[0] == fmt.MINUS else "muted"


def tracked_paths(paths: Sequence[str]) -> list[Tracked]:
    """The figures at these paths, to be compared."""
    known = set(get_args(Topic))
    figures = [parse(path) for path in paths]
    return [Tracked(each, each.steps[0].text, each.text) for each in figures if each.steps[0].text in known]  # type: ignore[arg-type]


def path_of(of: Difference) -> str:
    """The asset, underlying or series that a figure is about; "" for none."""
    steps = [] if of.figure is None else parse(of.figure).steps
    if of.topic == "liquidations":
        return steps[4].text if len(steps) > 4 and steps[3].text == "by_symbol" else ""
    return steps[1].text if len(steps) > 1 else ""


def difference_page(of: Difference, subject: str) -> Drill:
    """The panel that tells more of a figure about `subject`."""
    match of.topic:
        case "prices" | "levels" if subject:
            return Drill("symbol", {"symbol": subject}, fmt.base(subject))
        case "funding" | "open_interest":
            what = of.topic.replace("_", " ")
            return Drill("history", {"series": of.topic, "symbol": subject}, f"{fmt.base(subject)} {what}")
        case "depth":
            return Drill("depth", {"symbol": subject}, f"{fmt.base(subject)} depth")
        case "options":
            panel = "dvol" if of.figure is not None and ".dvol" in of.figure else "skew"
            return Drill(panel, {"underlying": subject}, f"{subject} {panel}")
        case "flows":
            return Drill("flow", {"asset": subject}, f"{subject} flows")
        case "metrics":
            return Drill("metric", {"series": subject}, one_line(series_name(subject)))
        case "levels" | "headlines":
            return Drill("events", {"kind": of.topic}, of.topic)
    return Drill("liquidations", {}, "liquidations")
