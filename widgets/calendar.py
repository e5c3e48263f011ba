"""Calendar: what is due, the earliest first, and what was in the last two days."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon.api import DAY, Cell, Column, Frame, Row, TablePanel, figures, fmt
from deskmon.components.awaited import awaited_date
from deskmon.components.text import one_line

FAR = 14 * DAY


class Calendar(TablePanel):
    """When could the market move, and by what?"""

    name = "calendar"
    title = "Calendar"
    topics = frozenset({"calendar", "options", "clock"})
    stay_on_first = True
    has_live_figures = False
    most_rows = 500
    columns = (
        Column("in", "in", 6, "right", 0),
        Column("date", "date", 11, least=10, priority=2),
        Column("time", "UTC", 5, priority=1),
        Column("text", "what", 24, least=24, most=80),
        Column("source", "source", 14, priority=4, least=9, most=20),
    )
    definitions = (
        ("in", "time until it is due; a minus: so long ago"),
        ("what", "as the calendar's sender says, and the expiries of all option chains that the desk has"),
        ("UTC", "a whole day is due when it begins"),
    )

    def empty(self, frame: Frame) -> str:
        return awaited_date(frame.model, frame.now)

    def rows(self, frame: Frame) -> Iterable[Row]:
        for each in sorted(frame.model.calendar.figures(frame.now), key=lambda each: (each.in_ms < 0, each.time)):
            yield _row(each)


def _row(each: figures.CalendarFigure) -> Row:
    past = each.in_ms < 0
    style = "warn" if each.soon else "faint" if past else "text" if each.in_ms < FAR else "muted"
    away = (fmt.MINUS if past else "") + fmt.age(abs(each.in_ms))
    cells: dict[str, Cell] = {
        "in": (away, style),
        "date": (fmt.date(each.time), "muted"),
        "time": (fmt.clock(each.time)[:5], "muted"),
        "text": (one_line(each.text), style),
        "source": (one_line(each.source or ""), "faint"),
    }
    return Row(f"{each.time} {each.text}", cells, {"in": each.in_ms}, text=f"{each.text} {each.source or ''}")
