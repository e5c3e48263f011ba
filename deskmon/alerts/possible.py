"""Which comparisons could never hold: beyond what a figure can be, or against another of the same condition."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import inf

from deskmon.alerts.legs import Leg

_NEVER_NEGATIVE = frozenset({"ms", "count", "bytes", "MB", "quote currency", "0 to 100", "coins"})
_AT_MOST = {"0 to 100": 100.0}

Interval = tuple[float, bool, float, bool]
"""Lowest value, whether it is in, highest, whether it is in."""


def never(leg: Leg) -> str:
    """Why a comparison never holds, "" where it can."""
    interval = _interval(leg)
    if interval is None or leg.change:
        return ""
    low = 0.0 if leg.path.unit in _NEVER_NEGATIVE and leg.part not in ("flows", "holdings") else -inf
    high = _AT_MOST.get(leg.path.unit, inf)
    if _is_empty(_both(interval, (low, True, high, True))):
        return (
            f"{leg.path.text} lies between {low:g} and {high:g}" if high < inf else f"{leg.path.text} is never below 0"
        )
    return ""


def contradiction(legs: Sequence[Leg]) -> str:
    """Two of the comparisons that must all hold and can't together, in words; "" where there are none."""
    held: defaultdict[tuple[str, str, int], list[tuple[Leg, Interval]]] = defaultdict(list)
    for leg in legs:
        interval = _interval(leg)
        if interval is None:
            continue
        others = held[leg.path.text, leg.change, leg.span]
        for other, its in others:
            if _is_empty(_both(interval, its)):
                return f"{other.text} and {leg.text} exclude each other"
        others.append((leg, interval))
    words: dict[str, Leg] = {}
    for leg in legs:
        if leg.op in ("=", "in") and isinstance(leg.operands[0], str):
            before = words.setdefault(leg.path.text, leg)
            if not set(before.operands) & set(leg.operands):
                return f"{before.text} and {leg.text} exclude each other"
    return ""


def _interval(leg: Leg) -> Interval | None:
    """The numbers for which a comparison holds, None where they are no interval."""
    value = leg.operands[0] if leg.operands else None
    if leg.kind in ("known", "unknown") or isinstance(value, bool | str) or value is None:
        return None
    match leg.op:
        case ">":
            return value, False, inf, True
        case ">=":
            return value, True, inf, True
        case "<":
            return -inf, True, value, False
        case "<=":
            return -inf, True, value, True
        case "=":
            return value, True, value, True
    return None


def _both(one: Interval, other: Interval) -> Interval:
    low, without_low = max((one[0], not one[1]), (other[0], not other[1]))
    high, with_high = min((one[2], one[3]), (other[2], other[3]))
    return low, not without_low, high, with_high


def _is_empty(interval: Interval) -> bool:
    low, with_low, high, with_high = interval
    return low > high or (low == high and not (with_low and with_high))
