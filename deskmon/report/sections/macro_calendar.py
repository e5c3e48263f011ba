"""The calendar: what came within the stretch, and what is due after it."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon import format as fmt
from deskmon.clock import DAY
from deskmon.model.figures import CalendarFigure
from deskmon.report.content import Block, Cell, Link, Paragraph, Table
from deskmon.report.reading import Reading
from deskmon.report.sections.market_phrases import when

MOST = 8
"""Events of a table."""
AHEAD = 45 * DAY


def write(reading: Reading) -> Iterator[Block]:
    """A table of each, or words that there is none."""
    known = _known(reading)
    if not known:
        reading.lacks("calendar", "unknown: no feed told an event")
        return
    came = [each for each in known if reading.start <= each.time <= reading.end]
    due = [each for each in known if reading.end < each.time <= reading.end + AHEAD]
    yield _table("Events of this time", came[-MOST:]) if came else Paragraph(["No event of the calendar was due."])
    if due:
        yield _table("Events that are due", due[:MOST], reading.end)


def _known(reading: Reading) -> list[CalendarFigure]:
    """What the calendar held at any step, each event once, the earliest first."""
    held = [each for _, events in reading.points("calendar") for each in events or ()]
    return sorted({(each.time, each.text): each for each in held}.values(), key=lambda each: each.time)


def _table(caption: str, events: list[CalendarFigure], now: int | None = None) -> Table:
    rows: list[list[Cell]] = []
    for each in events:
        away = [] if now is None else [[fmt.age(each.time - now)]]
        rows.append([[Link(each.text)], [when(each.time)], *away, [Link(each.source or "")]])
    head = ["event", "when", *([] if now is None else ["in"]), "source"]
    return Table(caption, head, rows)
