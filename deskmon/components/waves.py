"""Liquidation waves: one in words, one a row, one against those before it, and their timeline."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.clock import MINUTE
from deskmon.components.bars import mirrored_bars, split_height
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.panel import Span
from deskmon.components.since import since_cell, since_column
from deskmon.components.values import change
from deskmon.model.figures import SideSums, WaveFigure
from deskmon.model.view import ModelView

__all__ = [
    "TIMELINE_LEAST",
    "WAVE_COLUMNS",
    "WAVE_DEFINITIONS",
    "WAVE_WORDS",
    "baseline_words",
    "compared",
    "leaders",
    "wave_headline",
    "wave_length",
    "wave_row",
    "wave_timeline",
    "waves_axis",
]

WAVE_STATES: dict[str, Span] = {
    "building": ("▲ building", "warn bold"),
    "cresting": ("◆ cresting", "warn"),
    "fading": ("▽ fading", "text"),
    "over": ("· over", "faint"),
}

WAVE_WORDS = ("largest", "smallest")
"""What a wave is called by its dollars among the others."""

WAVE_COLUMNS = (
    Column("wave", "wave", 4, "right", 0, order="down"),
    Column("state", "state", 10, priority=1),
    Column("start", "start", 6, "right", 3),
    Column("lasted", "lasted", 6, "right", 7, order="down"),
    Column("usd", "usd", 6, "right", 0, order="down"),
    Column("long %", "long %", 6, "right", 2, order="down"),
    Column("peak", "peak/min", 8, "right", 6, order="down"),
    Column("asset", "asset", 5, priority=5, most=8, order="up"),
    Column("move", "price", 7, "right", 4, order="down"),
    Column("oi", "oi", 6, "right", 8, order="down"),
    Column("lead", "venue", 11, priority=9, most=16, order="up"),
    Column("count", "orders", 6, "right", 10, order="down"),
    Column("doubt", "baseline", 11, priority=11),
    since_column(24),
)
"""Columns of `wave_row`."""

WAVE_DEFINITIONS = (
    ("wave", "bursts of liquidations far above what is usual, close to each other; numbered from the journal's start"),
    ("state", "▲ building: its busiest minute is now; ◆ cresting: past it; ▽ fading: below half of it; · over"),
    ("start, lasted", "its first bucket of 10 s, and how long it goes on or went on"),
    ("usd", "all that was liquidated in it; ≥ a lower bound: a venue in it publishes only part, or some were missed"),
    ("long %", "long / (long + short), in USD"),
    ("peak/min", "USD in its busiest minute, six buckets of 10 s in a row"),
    ("asset, venue", "those with the most USD in it; of the one that runs they may still change"),
    ("price", "of that asset: change to the worst price for those liquidated; — where no price came meanwhile"),
    ("orders", "liquidations in it"),
    ("since", "how it stands among the waves before it by its dollars, where that is notable"),
    ("baseline", "provisional: called by a baseline of less than an hour of calm: the desk had just been started"),
    ("oi", "of that asset: change of open interest in coins; — where no venue told it meanwhile"),
)
"""What figures of waves mean, for the help page."""

_MARGIN = 8
"""Cells of a timeline's axis labels and the blank behind them."""

TIMELINE_LEAST = (24, 4)
"""Cells, width and height, below which a timeline says nothing."""


def wave_length(wave: WaveFigure, now: int) -> int:
    """How long a wave has lasted, ms."""
    return max(0, (now if wave.end is None else wave.end) - wave.start)


def leaders(sums: dict[str, SideSums]) -> list[tuple[str, float | None]]:
    """Names with the most USD first, each with its share of all."""
    total = sum(each.usd for each in sums.values())
    ranked = sorted(sums.items(), key=lambda item: (-item[1].usd, item[0]))
    return [(name, each.usd / total if total > 0 else None) for name, each in ranked]


def baseline_words(model: ModelView, now: int) -> list[str]:
    """What a trader must know of the baseline by which waves are called now: in short, and in full; nothing once it has
    heard an hour of calm."""
    baseline = model.waves.baseline(now)
    if baseline is None or not baseline.provisional:
        return []
    if baseline.warming_up_until is not None:
        return ["warming up", f"until {fmt.clock(baseline.warming_up_until)}, the shipped prior decides"]
    if baseline.source == "prior":
        return ["provisional", f"the shipped prior decides, {baseline.quiet_minutes:.0f} of 4 calm minutes heard"]
    return ["provisional", f"{baseline.quiet_minutes:.0f} of 60 calm minutes heard"]


def wave_headline(wave: WaveFigure, now: int) -> list[list[Span]]:
    """A wave in words, part by part, what matters most first."""
    mark, _, state = WAVE_STATES[wave.state][0].partition(" ")
    style = "sum" if wave.state == "over" else "warn bold"
    bound = fmt.AT_LEAST if wave.lower_bound else ""
    shares = [f"{name} {fmt.fraction(share)}" for name, share in leaders(wave.by_venue)[:2]]
    move, interest = change(wave.price_move_pct, 1), change(wave.open_interest_change_pct, 1)
    lasted = fmt.duration_words(wave_length(wave, now))
    return [
        [(f"{mark} WAVE {wave.id} {state}", style)],
        *([[("provisional", "warn")]] if wave.provisional else []),
        [(f"{bound}${fmt.amount(wave.usd)}", "sum flash"), (f" in {lasted}", "sum flash")],
        [(f"{fmt.fraction(wave.long_share)} long", "long" if (wave.long_share or 0) >= 0.5 else "short")],
        [(" ".join(shares), "text")],
        [(f"{wave.lead} ", "text"), move],
        [("OI ", "text"), interest],
    ]


def wave_row(wave: WaveFigure, now: int, *, style: str = "") -> Row:
    """One wave; key of the row: its number."""
    lead = next((name for name, _ in leaders(wave.by_venue)), "")
    length = wave_length(wave, now)
    cells: dict[str, Cell] = {
        "wave": (str(wave.id), "text"),
        "state": WAVE_STATES[wave.state],
        "start": (fmt.since(wave.start, now), "muted"),
        "lasted": (fmt.duration_words(length), "text"),
        "usd": (fmt.amount(wave.usd, lower_bound=wave.lower_bound), "sum flash"),
        "long %": (fmt.fraction(wave.long_share, 1), "text flash"),
        "peak": (fmt.amount(wave.peak_usd_per_min, lower_bound=wave.lower_bound), "text flash"),
        "move": change(wave.price_move_pct),
        "oi": change(wave.open_interest_change_pct, 1),
        "asset": (wave.lead or "", "text"),
        "lead": (lead, "text"),
        "count": (fmt.amount(wave.count), "muted"),
        "doubt": ("provisional" if wave.provisional else "", "muted"),
        "since": since_cell(wave.start, (wave.since, WAVE_WORDS), unit="wave"),
    }
    sort = {
        "wave": wave.id, "lasted": length, "usd": wave.usd, "long %": wave.long_share, "peak": wave.peak_usd_per_min,
        "move": wave.price_move_pct, "oi": wave.open_interest_change_pct, "asset": wave.lead, "lead": lead,
        "count": wave.count,
    }  # fmt: skip
    return Row(str(wave.id), cells, sort, style=style, text=f"{wave.id} {wave.state} {lead} {wave.lead}")


def compared(wave: WaveFigure, earlier: Sequence[WaveFigure]) -> list[str]:
    """A wave against those before it, the newest of them first, in words, part by part: re-accelerating where its
    busiest minute and its sum are larger than the last one's, fading where both are smaller, by a tenth at least; a
    wave still building isn't called fading yet."""
    if not earlier or earlier[0].usd <= 0 or earlier[0].peak_usd_per_min <= 0:
        return ["no wave before it to compare with"]
    before = earlier[0]
    usd, peak = wave.usd / before.usd, wave.peak_usd_per_min / before.peak_usd_per_min
    if usd >= 1.1 and peak >= 1.1:
        verdict = "re-accelerating"
    elif usd <= 0.9 and peak <= 0.9:
        verdict = "smaller so far" if wave.state == "building" else "fading"
    else:
        verdict = "about as strong" if max(usd, peak) < 1.1 and min(usd, peak) > 0.9 else "mixed"
    larger = sum(other.usd > wave.usd for other in earlier)
    rank = f"no. {larger + 1} of {len(earlier) + 1} by USD" if larger else f"the largest of {len(earlier) + 1}"
    parts = [f"{verdict} against wave {before.id}", rank, f"{_times_as(usd)} its USD", f"{_times_as(peak)} its peak"]
    if wave.long_share is not None and before.long_share is not None:
        points = fmt.percent((wave.long_share - before.long_share) * 100, 1).removesuffix("%")
        parts.append(f"long share {points} points")
    return parts


def _times_as(ratio: float) -> str:
    return f"{ratio:,.2f}×" if ratio < 10 else f"{ratio:,.0f}×"


def wave_timeline(
    minutes: Sequence[tuple[int, float, float]], waves: Sequence[WaveFigure], now: int, width: int, height: int
) -> list[list[Span]]:
    """USD per minute as bars, longs above a line and shorts below, over the time of the waves shaded and numbered,
    and in colour: what is closed in the calm is quiet.

    minutes: (start in ms, USD of longs, USD of shorts) of the busiest minute that ended within each minute, oldest
    first. Where a cell is several minutes it shows the busiest of them. Exactly `height` lines of at most `width`
    cells; both at least `TIMELINE_LEAST`.
    """
    room = width - _MARGIN
    cells = _cells(minutes, room)
    marks = _marks(minutes, waves, now, len(cells))
    long, short = max((c[0] for c in cells), default=0.0), max((c[1] for c in cells), default=0.0)
    rows = split_height(long, short, height - 1)
    axis = waves_axis(marks)
    shaded = [mark > 0 for mark in marks]
    lines = mirrored_bars(cells, rows, ("long", "short"), shaded=shaded, quiet="faint", axis=axis)
    labels: dict[int, Span] = {rows[0]: ("$/min", "faint")}
    labels[0] = (fmt.amount(long), "long")
    labels[len(lines) - 1] = (fmt.amount(short), "short")
    chart = [
        [(labels[n][0].rjust(_MARGIN - 1) + " ", labels[n][1]) if n in labels else (" " * _MARGIN, ""), *line]
        for n, line in enumerate(lines)
    ]
    return [*chart, [(" " * _MARGIN + _times(minutes, len(cells)), "faint")]]


def _cells(minutes: Sequence[tuple[int, float, float]], room: int) -> list[tuple[float, float]]:
    """The bars, oldest first: several cells to a minute or several minutes to a cell."""
    count = len(minutes)
    if room >= count:
        return [(long, short) for _, long, short in minutes for _ in range(room // max(1, count))]
    cells = [(0.0, 0.0)] * room
    for n, (_, long, short) in enumerate(minutes):
        place = n * room // count
        cells[place] = max(cells[place], (long, short), key=sum)
    return cells


def _marks(minutes: Sequence[tuple[int, float, float]], waves: Sequence[WaveFigure], now: int, room: int) -> list[int]:
    """By cell the number of the wave that it is within, 0 for none."""
    marks = [0] * room
    if not minutes:
        return marks
    start, span = minutes[0][0], len(minutes) * MINUTE
    for wave in waves:
        end = now if wave.end is None else wave.end
        if end >= start:
            first = max(0, (wave.start - start) // MINUTE * MINUTE * room // span)
            minute = (end - start) // MINUTE
            # The last cell of its last minute, or the one that minute shares with others.
            last = max((minute + 1) * MINUTE * room // span - 1, minute * MINUTE * room // span)
            last = min(room - 1, max(first, last))
            marks[first : last + 1] = [wave.id] * (last + 1 - first)
    return marks


def waves_axis(marks: Sequence[int]) -> list[Span]:
    """A line of a cell for each mark, the number of the wave there or 0: heavy within waves, which begin with their
    number where that stands apart."""
    chars = ["━" if mark else "─" for mark in marks]
    start = 0
    while start < len(marks):
        end = start
        while end < len(marks) and marks[end] == marks[start]:
            end += 1
        text = str(marks[start])
        touches = end < len(marks) and marks[end] > 0
        if marks[start] and end - start >= len(text) + touches:
            chars[start : start + len(text)] = text
        start = end
    spans: list[Span] = []
    for char, mark in zip(chars, marks, strict=True):
        style = "accent" if mark else "faint"
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + char, style)
        else:
            spans.append((char, style))
    return spans


def _times(minutes: Sequence[tuple[int, float, float]], room: int) -> str:
    """The first time, the middle one and now, under their cells."""
    if not minutes:
        return ""
    first, middle = (fmt.clock(minutes[n][0])[:5] for n in (0, len(minutes) // 2))
    text = first.ljust(max(len(first) + 1, room // 2)) + middle
    return text.ljust(room - 3) + "now" if len(text) + 4 <= room else first.ljust(room - 3) + "now"
