"""What ends a rule that a key proposed: its figure well back beyond the threshold, so that the rule doesn't flap."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # panels write proposals without reading any
    from deskmon.alerts.legs import Leg

MARGIN = 0.001
"""Share of a threshold by which a figure has to be back."""
_BACK = {"<": ">", "<=": ">", ">": "<", ">=": "<"}


def cleared_by(leg: Leg) -> str:
    """`prices.BTC.last > 85085` for `prices.BTC.last < 85000`; "" for what isn't compared with a number, or with 0, of
    which no share is any margin, and for a crossing, which ends by itself."""
    back = _BACK.get(leg.op)
    if back is None or leg.kind != "compare" or not isinstance(leg.operands[0], float) or not leg.operands[0]:
        return ""
    figure = leg.text.rpartition(leg.op)[0].rstrip()
    return f"{figure} {back} {plain(beside(leg.operands[0], above=back == '>'))}"


def beside(value: float, *, above: bool) -> float:
    """A tenth of a percent above a value, or below it."""
    return value + abs(value) * (MARGIN if above else -MARGIN)


def plain(value: float) -> str:
    """In six figures, without an exponent: 85085, 0.0000679."""
    text = f"{Decimal(f'{value:.6g}'):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
