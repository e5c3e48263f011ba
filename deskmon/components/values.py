"""Cells of one figure."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.components.columns import Cell, is_stale
from deskmon.components.panel import Span

__all__ = [
    "aged",
    "change",
    "rate",
]


def change(value: float | None, digits: int = 2) -> Span:
    """A change in percent with its sign and colour; no colour where it rounds to nothing."""
    text = fmt.percent(value, digits)
    return text, "up" if text[0] == "+" else "down" if text[0] == fmt.MINUS else "text"


def rate(fraction: float | None, digits: int = 4) -> Span:
    """A funding rate, given as a fraction, in percent with its sign and colour."""
    return change(None if fraction is None else fraction * 100, digits)


def aged(topic: str, age_ms: float | None, cell: Cell) -> Cell:
    """`cell`, dimmed where its figure of `topic` is stale: for rows whose figures age apart."""
    return (cell[0], "stale") if is_stale(topic, age_ms) else cell
