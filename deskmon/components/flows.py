"""Flows of funds: one asset or fund a row, one in words, and the days as bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from deskmon import format as fmt
from deskmon.clock import DAY
from deskmon.components.bars import mirrored_bars, split_height
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.panel import Span
from deskmon.components.since import SINCE_DEFINITION, flow_words, since_note
from deskmon.model.figures import FlowDay, FlowFigure, FlowSums, FundFlow

__all__ = [
    "BARS_LEAST",
    "FLOW_DEFINITIONS",
    "asset_row",
    "day_name",
    "flow_bars",
    "flow_columns",
    "flow_extreme",
    "flow_headline",
    "flow_row",
    "fund_row",
    "signed_amount",
]

MARGIN = 8
"""Cells of a chart's axis labels and the blank behind them."""
BARS_LEAST = (24, 4)
"""Cells, width and height, below which bars say nothing."""
WIDEST = 6
"""Cells of a bar at most."""

FLOW_DEFINITIONS = (
    ("flow", "US dollars that came into a fund (+) or left it (−) on a day, as reported on the next"),
    ("as of", "the newest day that a fund reported; n/m: n funds reported it, of m that are expected"),
    ("expected", "a fund that reported on more than half of the asset's last ten business days"),
    ("5d, week, month", "sums of the day and four business days before it, since that day's Monday, since its 1st"),
    ("streak", "business days of one sign in a row, − outflows; dated where an expected fund lacks a newer day"),
    SINCE_DEFINITION,
    ("AUM", "assets under management; — where a fund's aren't known"),
)
"""What tables of flows show, for the help page."""


def flow_columns(label: str) -> tuple[Column, ...]:
    """Columns of flows by `label`, `asset` or `fund`: the same widths for both."""
    return (
        Column("name", label, 8, most=24, order="up"),
        Column("date", "as of", 6, "right", 3, order="down"),
        Column("day", "day", 6, "right", 0, order="down"),
        Column("5d", "5d", 6, "right", 2, order="down"),
        Column("week", "week", 6, "right", 1, order="down"),
        Column("month", "month", 6, "right", 1, order="down"),
        Column("streak", "streak", 6, "right", 4, order="down"),
        Column("reported", "reported", 8, "right", 5),
        Column("aum", "AUM", 6, "right", 6, order="down"),
        Column("share", "share", 6, "right", 7, order="down"),
        Column("age", "age", 4, "right", 8),
    )


def signed_amount(value: float | None) -> Span:
    """A flow in dollars, or coins bought and sold, with sign and colour."""
    text = fmt.amount(value, plus=True)
    return text, "up" if text[0] == "+" else "down" if text[0] == fmt.MINUS else "text"


def day_name(day: str, now: int) -> str:
    """A day (YYYY-MM-DD): 5 Feb, and in full where it is long ago."""
    ts = day_ms(day)
    return fmt.day(ts) if abs(now - ts) < 300 * DAY else day


def day_ms(day: str) -> int:
    """When a day (YYYY-MM-DD) begins (ms UTC)."""
    return (date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal()) * DAY


def flow_row(
    key: str, name: str, sums: FlowSums, now: int, streak: Cell, reported: Cell, total_aum: float | None = None
) -> Row:
    """Sums of an asset or a fund; `total_aum` (USD) is what its share is of."""
    share = sums.aum_usd / total_aum if sums.aum_usd is not None and total_aum else None
    cells: dict[str, Cell] = {
        "name": (name, "text"),
        "date": (day_name(sums.date, now), "muted"),
        "day": _live(sums.day_usd),
        "5d": _live(sums.five_days_usd),
        "week": _live(sums.week_usd),
        "month": _live(sums.month_usd),
        "streak": streak,
        "reported": reported,
        "aum": (fmt.amount(sums.aum_usd), "muted"),
        "share": (fmt.fraction(share, 1), "muted"),
        "age": (fmt.age(sums.age_ms), "faint"),
    }  # fmt: skip
    sort = {
        "name": name, "date": sums.date, "day": sums.day_usd, "5d": sums.five_days_usd, "week": sums.week_usd,
        "month": sums.month_usd, "streak": sums.streak, "aum": sums.aum_usd, "share": share,
    }  # fmt: skip
    return Row(key, cells, sort, sums.age_ms, text=name)


def _streak(sums: FlowSums, of: str = "") -> Cell:
    """A streak: −3d, and the day `of` that it is of, where that isn't the row's: −3d 28 Jan."""
    if sums.streak is None:
        return fmt.UNKNOWN, "text"
    sign, style = {-1: (fmt.MINUS, "down"), 0: ("", "text"), 1: ("+", "up")}[(sums.streak > 0) - (sums.streak < 0)]
    return f"{sign}{abs(sums.streak)}d {of}".rstrip(), style


def _live(value: float | None) -> Cell:
    text, style = signed_amount(value)
    return text, f"{style} flash"


def asset_row(asset: str, figure: FlowFigure, now: int) -> Row:
    """All funds of an asset."""
    whole = figure.reported == figure.expected
    reported = f"{figure.reported}/{figure.expected}" + (" prelim" if figure.preliminary else "")
    told: Cell = (reported, "muted" if whole and not figure.preliminary else "warn")
    return flow_row(asset, asset, figure, now, _streak(figure, _other_day(figure, now)), told)


def fund_row(fund: str, flow: FundFlow, figure: FlowFigure, now: int) -> Row:
    """One fund of the asset of `figure`."""
    if not flow.reported:
        reported: Cell = ("not yet", "warn") if flow.expected else (fmt.UNKNOWN, "faint")
    else:
        reported = ("prelim", "warn") if flow.status == "preliminary" else (flow.status or "yes", "muted")
    return flow_row(f"fund/{fund}", fund, flow, now, _streak(flow), reported, figure.aum_usd)


def flow_headline(asset: str, figure: FlowFigure, now: int) -> list[list[Span]]:
    """An asset's flows in words, part by part, what matters most first."""
    text, style = signed_amount(figure.day_usd)
    parts: list[list[Span]] = [[(f"{asset} funds ", "sum"), (_dollars(text), f"{style} bold flash"),
                                (f" on {day_name(figure.date, now)}", "text")]]  # fmt: skip
    if figure.reported < figure.expected:
        parts.append([(f"{figure.reported} of {figure.expected} funds reported", "warn")])
    elif figure.preliminary:
        parts.append([("preliminary", "warn")])
    if figure.streak is not None and abs(figure.streak) > 1:
        sums, colour = signed_amount(figure.streak_usd)
        kind = "inflows" if figure.streak > 0 else "outflows"
        until = f" to {other}" if (other := _other_day(figure, now)) else ""
        parts.append([(f"{abs(figure.streak)} days of {kind}{until}, ", "text"), (_dollars(sums), colour)])
    if figure.week_streak is not None and abs(figure.week_streak) > 2:
        sums, colour = signed_amount(figure.week_streak_usd)
        kind = "inflows" if figure.week_streak > 0 else "outflows"
        parts.append([(f"{abs(figure.week_streak)} weeks of {kind}, ", "text"), (_dollars(sums), colour)])
    if extreme := flow_extreme(figure):
        parts.append([(extreme, "accent")])
    return parts


def _other_day(figure: FlowFigure, now: int) -> str:
    """The day that streak and rank are of, where it isn't the day shown; else ""."""
    day = figure.whole_date
    return "" if day is None or day == figure.date else day_name(day, now)


def flow_extreme(figure: FlowFigure) -> str:
    """Since when the newest whole day's flow is so large or small, where that is worth a word."""
    if figure.whole_date is None or figure.whole_usd is None:
        return ""
    said = since_note(figure.since, day_ms(figure.whole_date), flow_words(figure.whole_usd, "daily"))
    return said if not said or figure.whole_date == figure.date else f"{said} ({figure.whole_date})"


def _dollars(amount: str) -> str:
    """A signed amount with its dollar sign: −$817.9M."""
    return f"{amount[0]}${amount[1:]}" if amount[0] in f"+{fmt.MINUS}" else f"${amount}"


def flow_bars(days: Sequence[FlowDay], width: int, height: int) -> list[list[Span]]:
    """Net flow by day as bars, inflows above a line and outflows below, oldest first; where there are more days than
    cells, a cell shows the largest of each of its days. Exactly `height` lines of at most `width` cells; both at least
    `BARS_LEAST`."""
    pairs = _cells([day.usd for day in days], width - MARGIN)
    above, below = max((pair[0] for pair in pairs), default=0.0), max((pair[1] for pair in pairs), default=0.0)
    rows = split_height(above, below, height - 1)
    axis: list[Span] = [("─" * len(pairs), "faint")]
    lines = mirrored_bars(pairs, rows, ("up", "down"), axis=axis)
    labels: dict[int, Span] = {len(lines) - 1: (fmt.amount(-below, plus=True), "down")} if below else {}
    labels |= {0: (fmt.amount(above, plus=True), "up")} if above else {}
    chart = [
        [(labels[n][0].rjust(MARGIN - 1) + " ", labels[n][1]) if n in labels else (" " * MARGIN, ""), *line]
        for n, line in enumerate(lines)
    ]
    return [*chart, [(" " * MARGIN + _ends(days, len(pairs)), "faint")]]


def _cells(values: Sequence[float], room: int) -> list[tuple[float, float]]:
    """(inflow, outflow) by cell: several cells to a day or several days to a cell."""
    pairs = [(max(0.0, usd), max(0.0, -usd)) for usd in values]
    if room >= len(pairs):
        wide = min(WIDEST, room // max(1, len(pairs)))
        gap = [(0.0, 0.0)] if wide > 2 else []
        return [cell for pair in pairs for cell in [*[pair] * (wide - len(gap)), *gap]]
    cells = [(0.0, 0.0)] * room
    for n, (above, below) in enumerate(pairs):
        place = n * room // len(pairs)
        cells[place] = max(cells[place][0], above), max(cells[place][1], below)
    return cells


def _ends(days: Sequence[FlowDay], room: int) -> str:
    """The first and the last day, each whole or not at all."""
    if not days or room < 10:
        return ""
    first, last = days[0].date, days[-1].date
    return first + last.rjust(room - 10) if room >= 21 else last.rjust(room)
