"""News: what just became known besides the market itself, as one line for the header."""

from __future__ import annotations

from deskmon.clock import MINUTE
from deskmon.components.flows import flow_extreme, flow_headline
from deskmon.components.text import one_line
from deskmon.model.view import ModelView

__all__ = [
    "news",
]

FRESH = 5 * MINUTE
"""So long (ms) something is news."""
BIG_USD = 250e6
"""A day's flow of an asset's funds that is news; a smaller one is where none was as large for long."""


def news(model: ModelView, now: int) -> str:
    """The newest headline or big flow of the last minutes, at desk time `now` (ms); "" where there is none."""
    found = [
        (each.age_ms, f"{one_line(each.source)}: {one_line(each.text)}" if each.source else one_line(each.text))
        for each in model.headlines.figures(now)[:1]
    ]
    found += [
        (figure.age_ms, " · ".join("".join(text for text, _ in part) for part in flow_headline(asset, figure, now)))
        for asset, figure in model.flows.figures(now).items()
        if abs(figure.day_usd) >= BIG_USD or flow_extreme(figure)
    ]
    return min(((age, text) for age, text in found if age < FRESH), default=(0, ""))[1]
