"""Correlations: how a coefficient is written, what a coin is compared with, and how many pairs are missing."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon import format as fmt
from deskmon.analytics.correlation import LEAST
from deskmon.components.panel import Span
from deskmon.components.series import SERIES_NAMES, series_name
from deskmon.model.figures import CorrelationFigure

__all__ = [
    "CORRELATION_DEFINITIONS",
    "coefficient",
    "coefficient_change",
    "compared_name",
    "pairs_so_far",
]

STRONG, WEAK = 0.7, 0.3
DIGITS = 2
"""Decimals of a coefficient."""

CORRELATION_DEFINITIONS = (
    ("r", f"Pearson, of log returns between daily closes that both have, −1 to 1; — under {LEAST} pairs"),
    ("n", "pairs of returns: with markets that rest at weekends there are fewer"),
    ("close", "at 00:00 UTC for coins, the day's newest value for the rest; the day that runs doesn't count"),
)
"""What tables of correlations show, for the help page."""


def coefficient(r: float | None) -> Span:
    """A coefficient with its sign, quiet where it says little, bright where two move as one: +0.81."""
    if r is None:
        return fmt.UNKNOWN, "faint"
    text = f"{round(r, DIGITS) + 0.0:+.{DIGITS}f}".replace("-", fmt.MINUS)
    return text, "muted" if abs(r) < WEAK else "text" if abs(r) < STRONG else "accent" if r > 0 else "down"


def coefficient_change(r: float | None, before: float | None) -> float | None:
    """From `before` to `r` as both are shown, so that what stands side by side adds up; None where one isn't known."""
    return None if r is None or before is None else round(r, DIGITS) - round(before, DIGITS)


def compared_name(name: str) -> str:
    """How the other side of a correlation is called: a coin by its ticker, a series by its words."""
    return series_name(name.lower()) if name.lower() in SERIES_NAMES else name


def pairs_so_far(known: Iterable[CorrelationFigure]) -> str:
    """How many pairs of returns there are where they are too few for any coefficient; "" where there is one."""
    listed = list(known)
    if not listed or any(each.r is not None for each in listed):
        return ""
    return f"{max(each.n for each in listed)} of {LEAST} pairs so far"
