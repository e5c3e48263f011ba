"""Text that others wrote, such as headlines and notes, told apart from what the desk says of itself."""

from __future__ import annotations

from typing import Any

import msgspec

from deskmon.model.figures import LogFigure

FOREIGN = frozenset(
    {
        "HeadlineFigure.text", "HeadlineFigure.source", "HeadlineFigure.url", "CalendarFigure.text",
        "CalendarFigure.source", "LogFigure.text", "LogFigure.by", "LogFigure.subject", "HolderFigure.note",
        "MetricFigure.source", "MetricFigure.unit", "FundFlow.source", "FeedFigure.detail", "FeedFigure.channels",
        "LevelFigure.id", "LevelFigure.label", "LevelFigure.sources", "AlertFigure.text", "AlertFigure.by",
        "AlertFigure.value", "LegFigure.text", "LegFigure.value", "ScenarioFigure.target", "JournalFigure.path",
        "HubFigure.version", "HubFigure.loop_lag_by", "VenuePrice.contract",
    }
)  # fmt: skip
"""Fields of figures that hold words of venues, news, traders and operators."""
OWN_LINES = frozenset({"waves", "funding", "flows"})
"""Kinds of log lines that the desk words by itself, of numbers and names of assets."""
KEY = "untrusted"
MOST_TEXT = 500


def plain(value: Any, field: str = "") -> Any:
    """A figure as JSON knows it, with each foreign text as `{"untrusted": "…"}`. field: where it stands, such as
    `HeadlineFigure.text`."""
    if isinstance(value, msgspec.Struct):
        owner = type(value).__name__
        if isinstance(value, LogFigure) and value.kind in OWN_LINES:
            owner = ""
        return {name: plain(getattr(value, name), f"{owner}.{name}") for name in value.__struct_fields__}
    if isinstance(value, dict):
        return {_clean(str(key)): plain(each, field) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, field) for each in value]
    if isinstance(value, str):
        return marked(value) if field in FOREIGN else value
    return value


def marked(text: str) -> dict[str, str]:
    """A foreign text."""
    return {KEY: _clean(text)}


def _clean(text: str) -> str:
    """Characters that print, MOST_TEXT at most."""
    cut = text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
    return "".join(character if character.isprintable() else " " for character in cut)
