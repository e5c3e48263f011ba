"""How values are written in comparisons: `20M`, `30s`, `0.01%`, a word."""

from __future__ import annotations

import re
from math import isfinite

from deskmon.errors import UsageError
from deskmon.timeline import parse_duration

_NUMBER = r"(?i)(?P<number>[+-]?(?:\d[\d_]*)?(?:\.\d+)?(?:e[+-]?\d+)?)(?P<unit>[A-Za-z%]*)"
_SCALES = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_OF_PERCENT = frozenset({"%", "vol points", "0 to 100"})
_TIMES = frozenset({"ms", "s", "m", "h", "d"})


def number(text: str, unit: str) -> float:
    """A number as it stands behind a comparison, in the unit of its figure: `20M` is 20,000,000, `0.01%` of a fraction
    0.0001 and of a percentage 0.01, `30s` of a figure in ms 30,000. Raises UsageError for what is none."""
    if unit == "ms" and re.fullmatch(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+", text):
        return float(parse_duration(text))
    match = re.fullmatch(_NUMBER, text.removeprefix("$"))
    if match is None or not any(char.isdigit() for char in match["number"]):
        raise UsageError(f"{text!r} is no number", "write it like 85000, 20M, 30s or 0.01%")
    value, scale = float(match["number"].replace("_", "")), match["unit"]
    if not isfinite(value * _SCALES.get(scale, 1.0)):
        raise UsageError(f"{text[:40]!r} is more than any figure", "write it like 85000, 20M, 30s or 0.01%")
    if not scale:
        return value
    if scale in _SCALES:
        return value * _SCALES[scale]
    if scale == "%" and unit in _OF_PERCENT:
        return value
    if scale == "%" and unit == "fraction":
        return value / 100
    if scale == "%" or scale in _TIMES:
        raise UsageError(f"{text!r} doesn't fit a figure in {unit or 'no unit'}", "`deskmon list figures` has its unit")
    raise UsageError(f"{text!r} is no number", "k, M, B and T stand for thousands, millions, billions, trillions")
