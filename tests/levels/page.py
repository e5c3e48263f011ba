"""The charts of docs/metrics/levels-recorded.md: `python -m tests.levels.page` prints them anew."""

from __future__ import annotations

from datetime import UTC, datetime

from deskmon.analytics.bars import DAY, coarser
from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.levels import level_map
from deskmon.clock import HOUR
from tests.levels.builders import EMPTY, august_2024, october_2025

NOON_10_OCTOBER = 1_760_097_600_000
END_OF_5_AUGUST = 1_722_902_400_000


def october(until=NOON_10_OCTOBER):
    return chart(october_2025(until), EMPTY, 56 * DAY, DAY, (102_000, 127_000, 34))


def august():
    return chart(*august_2024(END_OF_5_AUGUST), 11 * DAY, 6 * HOUR, (48_000, 70_500, 24))


def chart(hours, days, span, length, scale):
    """Lines: candles of `length` over the last `span` (ms), one a column, on a scale of (low, high, rows), and beside
    them the levels."""
    low, high, rows = scale
    until, last = int(hours.time[-1]) + HOUR, float(hours.close[-1])
    shown = coarser(hours.cut(int(hours.time.searchsorted(until - span))), length)
    step = (high - low) / rows
    labels = {int((high - last) / step): [f"{last:>8,.0f} ◂── price"]}
    for level in level_map(hours, days, hours, HOUR, LevelSettings()).levels:
        row = int((high - level.zone.price) // step)
        if 0 <= row < rows:
            labels.setdefault(row, []).append(words(level, until))
    lines = []
    for row in range(rows):
        top, bottom = high - row * step, high - (row + 1) * step
        cells = "".join(cell(*prices, top, bottom) for prices in zip(*shown[1:5], strict=True))
        for number, label in enumerate(labels.get(row, [""])):
            lines.append(f"{' ' * len(cells) if number else cells} {label}".rstrip())
    return "\n".join(lines)


def cell(opened, highest, lowest, close, top, bottom):
    if max(opened, close) >= bottom and min(opened, close) < top:
        return "█"
    return "│" if highest >= bottom and lowest < top else " "


def words(level, until):
    """Price, kind, score, status and since when, zone, strongest sources."""
    zone, held = level
    way = {("broken", True): " up", ("reclaimed", False): " (from above)"}.get((held.status, held.above), "")
    at = datetime.fromtimestamp(held.since / 1000, UTC)
    since = f"{at:%H:%M}" if until - held.since < DAY else f"{at.day} {at:%b}"
    edges = f"{zone.low:,.0f}" if zone.low == zone.high else f"{zone.low:,.0f}–{zone.high:,.0f}"
    status = f"{held.status}{way} {since}"
    kind = "sup" if held.above else "res"
    return f"{zone.price:>8,.0f} {kind} {zone.score:4.1f} {status:<29} {edges:<16} {', '.join(zone.sources[:4])}"


if __name__ == "__main__":
    print(october(), august(), sep="\n\n")
