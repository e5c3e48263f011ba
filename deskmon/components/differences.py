"""Figures then and now: how each is written, and the page behind it."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.components.columns import Cell, never_cut
from deskmon.components.figure_words import figure_change, figure_words
from deskmon.components.panel import Drill
from deskmon.components.series import series_name
from deskmon.components.text import one_line
from deskmon.model.differences import Difference

__all__ = ["called", "change_cell", "change_words", "difference_page", "sigma_words", "sigmas_words", "value_words"]


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
    return never_cut(text), "up" if text[0] == "+" else "down" if text[0] == fmt.MINUS else "muted"


def difference_page(of: Difference, asset: str) -> Drill:
    """The panel that tells more of a figure; `asset`: the one it is about, "" for none."""
    label = asset or of.topic
    match of.topic:
        case "prices":
            return Drill("symbol", {"symbol": asset}, label)
        case "funding" | "open_interest":
            return Drill("history", {"series": of.topic, "symbol": asset}, f"{label} {of.topic.replace('_', ' ')}")
        case "depth":
            return Drill("depth", {"symbol": asset}, f"{label} depth")
        case "options" if "DVOL" in of.name:
            return Drill("dvol", {"underlying": asset}, f"{label} DVOL")
        case "options":
            return Drill("skew", {"underlying": asset}, f"{label} skew")
        case "flows":
            return Drill("flow", {"asset": asset}, f"{label} flows")
        case "metrics":
            return Drill("metric", {"series": of.name}, called(of))
        case "levels" | "headlines":
            return Drill("events", {"kind": of.topic}, of.topic)
    return Drill("liquidations", {}, "liquidations")
