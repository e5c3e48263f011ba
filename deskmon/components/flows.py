"""Flows of funds: one asset or fund a row, one in words, and the days as bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from deskmon import format as fmt
from deskmon.clock import DAY
from deskmon.components.bars import dated_bars
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.panel import Span
from deskmon.components.since import SINCE_DEFINITION, flow_words, since_note
from deskmon.model.figures import FlowDay, FlowFigure, FlowSums, FundFlow

__all__ = [
    "FLOW_DEFINITIONS",
    "asset_row",
    "assets_headline",
    "day_name",
    "flow_bars",
    "flow_columns",
    "flow_extreme",
    "flow_headline",
    "flow_row",
    "fund_row",
    "signed_amount",
    "streak_cell",
]

FLOW_DEFINITIONS = (
    ("flow", "US dollars that came into a fund (+) or left it (−) on a day, as reported on the next"),
    ("as of", "the newest day that a fund reported; n/m: n funds reported it, of m that are expected"),
    ("expected", "a fund that reported on more than half of the asset's last ten business days"),
    ("5d, week, month", "sums of the day and four business days before it, since that day's Monday, since its 1st"),
    ("streak", "business days of one sign in a row, − outflows; dated where an expected fund lacks a newer day"),
    ("weeks", "weeks from Monday of one sign in a row, − outflows"),
    SINCE_DEFINITION,
    ("AUM", "assets under management; — where a fund's aren't known: no public source tells them, a file of yours can"),
    ("of cap", "assets under management of all funds over the asset's market capitalisation"),
    ("share", "of the coins that all funds hold, where they are known; else of their assets under management"),
    ("cost", "average price that all spot funds of the asset paid, and what they gained or lost at the market's price"),
)
"""What tables of flows show, for the help page."""


def flow_columns(label: str, since: str = "", *, share: str = "share") -> tuple[Column, ...]:
    """Columns of flows by `label`, `asset` or `fund`: the same widths for both. since: a day (YYYY-MM-DD) whose sum up
    to now has a column. share: what the column of shares is called."""
    summed = (Column("since", f"since {since[2:]}", 14, "right", 2, order="down"),) if since else ()
    return (
        Column("name", label, 8, most=24, order="up"),
        Column("date", "as of", 6, "right", 3, order="down"),
        Column("day", "day", 6, "right", 0, order="down"),
        Column("5d", "5d", 6, "right", 2, order="down"),
        Column("week", "week", 6, "right", 1, order="down"),
        Column("month", "month", 6, "right", 1, order="down"),
        *summed,
        Column("streak", "streak", 6, "right", 4, order="down"),
        Column("weeks", "weeks", 5, "right", 8, order="down"),
        Column("reported", "reported", 8, "right", 5),
        Column("aum", "AUM", 6, "right", 6, order="down"),
        Column("share", share, 6, "right", 7, order="down"),
        Column("age", "age", 4, "right", 9),
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
    key: str, name: str, sums: FlowSums, now: int, streak: Cell, reported: Cell, share: float | None,
    weeks: int | None = None, since_usd: float | None = None,
) -> Row:  # fmt: skip
    """Sums of an asset or a fund. share: of its part of something. weeks: of one sign in a row. since_usd: the sum
    since the day that the columns name."""
    cells: dict[str, Cell] = {
        "name": (name, "text"),
        "date": (day_name(sums.date, now), "muted"),
        "day": _live(sums.day_usd),
        "5d": _live(sums.five_days_usd),
        "week": _live(sums.week_usd),
        "month": _live(sums.month_usd),
        "streak": streak,
        "weeks": streak_cell(weeks, "w") if isinstance(sums, FlowFigure) else ("", ""),
        "since": _live(since_usd),
        "reported": reported,
        "aum": (fmt.amount(sums.aum_usd), "muted"),
        "share": (fmt.fraction(share, 1), "muted"),
        "age": (fmt.age(sums.age_ms), "faint"),
    }  # fmt: skip
    sort = {
        "name": name, "date": sums.date, "day": sums.day_usd, "5d": sums.five_days_usd, "week": sums.week_usd,
        "month": sums.month_usd, "streak": sums.streak, "aum": sums.aum_usd, "share": share, "weeks": weeks,
        "since": since_usd,
    }  # fmt: skip
    return Row(key, cells, sort, sums.age_ms, text=name)


def streak_cell(count: int | None, unit: str, of: str = "") -> Cell:
    """A streak of days (`unit` d), weeks or months: −3d, and the day `of` that it is of, where that isn't the row's:
    −3d 28 Jan."""
    if count is None:
        return fmt.UNKNOWN, "text"
    sign, style = {-1: (fmt.MINUS, "down"), 0: ("", "text"), 1: ("+", "up")}[(count > 0) - (count < 0)]
    return f"{sign}{abs(count)}{unit} {of}".rstrip(), style


def _live(value: float | None) -> Cell:
    text, style = signed_amount(value)
    return text, f"{style} flash"


def asset_row(asset: str, figure: FlowFigure, now: int, since_usd: float | None = None) -> Row:
    """All funds of an asset."""
    whole = figure.reported == figure.expected
    reported = f"{figure.reported}/{figure.expected}" + (" prelim" if figure.preliminary else "")
    told: Cell = (reported, "muted" if whole and not figure.preliminary else "warn")
    streak = streak_cell(figure.streak, "d", _other_day(figure, now))
    return flow_row(asset, asset, figure, now, streak, told, figure.aum_share, figure.week_streak, since_usd)


def fund_row(fund: str, flow: FundFlow, now: int, since_usd: float | None = None) -> Row:
    """One fund."""
    if not flow.reported:
        reported: Cell = ("not yet", "warn") if flow.expected else (fmt.UNKNOWN, "faint")
    else:
        reported = ("prelim", "warn") if flow.status == "preliminary" else (flow.status or "yes", "muted")
    streak = streak_cell(flow.streak, "d")
    return flow_row(f"fund/{fund}", fund, flow, now, streak, reported, flow.share, since_usd=since_usd)


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


def assets_headline(asset: str, figure: FlowFigure, etps: tuple[float | None, float | None]) -> list[list[Span]]:
    """What an asset's funds hold, in words, part by part. etps: assets of all exchange-traded products in dollars, and
    the whole market's capitalisation."""
    parts: list[list[Span]] = []
    if figure.aum_usd is not None:
        of = "" if figure.aum_share is None else f", {fmt.fraction(figure.aum_share, 1)} of {asset}'s cap"
        parts.append([(f"AUM ${fmt.amount(figure.aum_usd)}{of}", "text")])
    if figure.average_cost is not None:
        gain, style = signed_amount(figure.unrealised_usd)
        pct = fmt.percent(figure.unrealised_pct, 1)
        parts.append([(f"cost {fmt.price(figure.average_cost, 0)}: ", "text"), (f"{_dollars(gain)} {pct}", style)])
    aum, cap = etps
    if aum is not None:
        of = f", {fmt.fraction(aum / cap, 1)} of the market" if cap else ""
        parts.append([(f"all ETPs ${fmt.amount(aum)}{of}", "muted")])
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
    """Net flow by day as bars, inflows above a line and outflows below, oldest first: `dated_bars`."""
    pairs = [(max(0.0, day.usd), max(0.0, -day.usd)) for day in days]
    return dated_bars(pairs, [day.date for day in days], (width, height), ("up", "down"), ("+", fmt.MINUS))
