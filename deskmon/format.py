"""How figures are written: fixed widths, three significant figures for sums, full digits for prices, — for unknown."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from functools import lru_cache

UNKNOWN = "—"
MINUS = "−"
AT_LEAST = "≥"
_UNITS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
MOST_DIGITS = 16
"""Digits after the point that a price has at most; a smaller one is written in powers of ten."""


def escaped(text: str) -> str:
    """`text` with each character that isn't printable, but for line ends, written by its number: \\u001b, \\u202e. So
    nothing in it steers a terminal, turns the direction of a line, or hides."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if char == "\n" or char.isprintable() else _number(char) for char in text)


FORMULA_SIGNS = tuple("=+-@＝＋－＠")
"""What a spreadsheet takes a text for a formula by."""


def for_spreadsheet(text: str) -> str:
    """`text` for a cell of a CSV file: `escaped`, and with ' before it where a spreadsheet would take it for a
    formula."""
    text = escaped(text)
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text


def number(text: str) -> float | None:
    """The number in a text that a trader typed, `85,000.5` or `85k`; None where it is none."""
    found = re.fullmatch(r"(-?[\d,]*\.?\d+)([kKmM]?)", text)
    if found is None:
        return None
    return float(found[1].replace(",", "")) * {"": 1.0, "k": 1e3, "m": 1e6}[found[2].lower()]


def _number(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def _signed(text: str, value: float, plus: bool) -> str:
    if value < 0:
        return MINUS + text
    return "+" + text if plus and value > 0 else text


def known(value: float | None) -> bool:
    """True where `value` is a finite number."""
    return value is not None and math.isfinite(value)


def amount(value: float | None, *, plus: bool = False, lower_bound: bool = False, digits: int | None = None) -> str:
    """A sum to three significant figures: 629, 12.3K, 1.42B. `lower_bound` puts ≥ before it; `digits` is how many
    stand after the point of one with a unit, whatever its size: 629.11M."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    size = abs(value)
    text = f"{size:.0f}" if size >= 100 or size == 0 else f"{size:.3g}"
    if size >= 999.5:
        for scale, unit in _UNITS:
            if size >= scale * 0.9995:
                mantissa = size / scale
                three = 2 if mantissa < 9.995 else 1 if mantissa < 99.95 else 0
                text = f"{mantissa:.{three if digits is None else digits}f}{unit}"
                break
    return (AT_LEAST if lower_bound else "") + _signed(text, value, plus)


def price(value: float | None, digits: int | None = None) -> str:
    """A price in full, thousands grouped: 64,812.50, 0.00000000059630; below 1e-12 in powers of ten: 5.96300e-13.
    `digits` after the point; chosen by size where absent."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    digits = price_digits(value) if digits is None else digits
    text = f"{abs(value):,.{digits}f}" if digits <= MOST_DIGITS else f"{abs(value):.5e}"
    return _signed(text, value, False)


def price_digits(value: float | None) -> int:
    """Digits after the point that show a price of this size to about six significant figures."""
    if value is None or not math.isfinite(value) or value == 0:
        return 2
    size = abs(value)
    if size >= 100:
        return 2
    return 4 - math.floor(math.log10(size)) if size < 1 else 4


def percent(value: float | None, digits: int = 2, *, plus: bool = True) -> str:
    """A percentage with its sign: +1.20%, −16.50%."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    text = f"{abs(value):,.{digits}f}%"
    return text if text[0] == "0" and not text.strip("0.%") else _signed(text, value, plus)


def fraction(value: float | None, digits: int = 0, *, plus: bool = False) -> str:
    """A fraction as a percentage: 0.91 → 91%."""
    return percent(None if value is None else value * 100, digits, plus=plus)


def age(ms: float | None) -> str:
    """How long ago, in at most four characters: 0s 59s 12m 23h 99d."""
    if ms is None or not math.isfinite(ms):
        return UNKNOWN
    seconds = max(0, int(ms // 1000))
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "m"), (86_400, 3600, "h")):
        if seconds < limit:
            return f"{seconds // size}{unit}"
    return f"{min(999, seconds // 86_400)}d"


def length(ms: float, parts: int = 4) -> str:
    """How long something lasts, as a duration is written: 45s 2m30s 1d4h; the largest units alone where there are more
    than so many `parts`."""
    seconds, words = max(0, int(ms // 1000)), list[str]()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if seconds >= size:
            words.append(f"{seconds // size}{unit}")
            seconds %= size
    return "".join(words[:parts]) or "0s"


def duration_words(ms: int) -> str:
    """A length of time in words: 45 s, 6 min, 2 h 5 min."""
    seconds = round(ms / 1000)
    if seconds < 100:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def clock(ts: int | None) -> str:
    """UTC time of day of `ts` (ms): 14:32:07."""
    if ts is None:
        return UNKNOWN
    seconds = ts // 1000 % 86_400
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(ts: int | None) -> str:
    """UTC day of `ts` (ms): 21 Nov."""
    if ts is None:
        return UNKNOWN
    at = datetime.fromtimestamp(ts / 1000, UTC)
    return f"{at.day} {_MONTHS[at.month - 1]}"


def since(ts: int | None, now: int) -> str:
    """When something began, both in ms UTC: the time of day within the last 24 hours (14:32), else the day (21 Nov)."""
    if ts is None or now - ts >= 86_400_000:
        return day(ts)
    return clock(ts)[:5]


def moment(ts: int | None, now: int) -> str:
    """When something happened: the time of day within the last 24 hours (14:32:07), else the day (21 Nov)."""
    return clock(ts) if ts is None or now - ts < 86_400_000 else day(ts)


def arrow(value: float | None) -> str:
    """▲ for a rise, ▼ for a fall, a blank for neither."""
    if value is None or not math.isfinite(value) or value == 0:
        return " "
    return "▲" if value > 0 else "▼"


_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(values: list[float], width: int) -> str:
    """`values`, oldest first, as `width` block characters between their own lowest and highest."""
    if not values or width <= 0:
        return ""
    step = max(1.0, len(values) / width)
    picked = [values[min(len(values) - 1, int((i + 1) * step) - 1)] for i in range(min(width, len(values)))]
    low, high = min(picked), max(picked)
    span = high - low
    if span <= 0:
        return _BLOCKS[3] * len(picked)
    return "".join(_BLOCKS[min(7, int((v - low) / span * 8))] for v in picked)


_EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float | None, width: int) -> str:
    """`share` of 0 to 1 as a bar, `width` cells, in eighths of a cell."""
    if share is None or not math.isfinite(share):
        return " " * width
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(width)


def base(symbol: str) -> str:
    """The asset of a unified symbol: BTC/USDT:USDT → BTC."""
    return symbol.partition("/")[0]


def date(ts: int | None) -> str:
    """UTC date of `ts` (ms): 2025-11-21."""
    return UNKNOWN if ts is None else _date(ts // 86_400_000)


@lru_cache(4096)
def _date(day: int) -> str:
    """That of the day of this number since 1970: written with each frame, and slow to make."""
    return datetime.fromtimestamp(day * 86_400, UTC).strftime("%Y-%m-%d")
