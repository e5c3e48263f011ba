"""Liquidations day by day, the days of a stretch against each other and against what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from statistics import median

from deskmon import format as fmt
from deskmon.clock import DAY
from deskmon.components.liquidations import long_share
from deskmon.model.figures import DayFigure
from deskmon.report.content import Block, Cell, Inline, Paragraph, Table
from deskmon.report.phrases import share
from deskmon.report.reading import Reading, says
from deskmon.report.sections.market_phrases import bounded, day, listed_blocks, made

HEAD = ("day", "total", "longs", "shorts", "long %", "orders", "heard")
LEAST = 7
"""Days that have a row at least, where as many are held."""
ENOUGH = 10
"""Earlier whole days from which on their median is worth a word."""


def write(reading: Reading) -> list[Block]:
    """The days of the stretch, of the last week where it is shorter."""
    days = reading.model.liquidations.days(reading.end)
    since = min(reading.start, reading.end - (LEAST - 1) * DAY)
    shown = [each for each in days if _midnight(each) + DAY > since]
    if not shown:
        return []
    windows = reading.model.liquidations.figures(reading.end).windows
    is_bound = any(sums.lower_bound for sums in windows.values())
    blocks = [_compared(reading, days, shown, is_bound), _table(reading, days, shown, is_bound)]
    return listed_blocks(*blocks)


def _midnight(each: DayFigure) -> int:
    return int(datetime.fromisoformat(each.date).replace(tzinfo=UTC).timestamp()) * 1000


def _path(days: Sequence[DayFigure], each: DayFigure, field: str) -> str:
    """By its place from the newest on: liquidations.days[-1].usd."""
    return f"liquidations.days[{days.index(each) - len(days)}].{field}"


def _compared(
    reading: Reading, days: Sequence[DayFigure], shown: Sequence[DayFigure], is_bound: bool
) -> Paragraph | None:
    """The largest day beside the next one, and beside the median of the whole days before those that are shown."""
    if len(shown) < 2:
        return None
    most, second = sorted(shown, key=lambda each: (-each.usd, each.date))[:2]
    path, when, usd = _path(days, most, "usd"), day(_midnight(most)), bounded(most.usd, is_bound)
    longs = reading.derived(_path(days, most, "long_usd"), share(long_share(most) or 0.0))
    parts: list[Inline] = [f"Of these days most was liquidated on {when}: ", reading.derived(path, usd)]
    parts += [", of which longs are ", longs]
    if second.usd:
        other = reading.derived(_path(days, second, "usd"), bounded(second.usd, is_bound))
        parts += ["; that is ", reading.derived(path, f"{most.usd / second.usd:.2f}×"), " what it was on "]
        parts += [f"{day(_midnight(second))}, ", other]
    before = [each.usd for each in days if each.whole and each.date < shown[0].date]
    if len(before) >= ENOUGH and (usual := median(before)):
        parts += [", and ", reading.derived(path, f"{most.usd / usual:.2f}×")]
        parts.append(f" the median of the {len(before)} whole days before")
    return says(*parts, ".")


def _table(reading: Reading, days: Sequence[DayFigure], shown: Sequence[DayFigure], is_bound: bool) -> Table:
    return Table("Liquidated by day (UTC)", HEAD, [_row(reading, days, each, is_bound) for each in shown])


def _row(reading: Reading, days: Sequence[DayFigure], each: DayFigure, is_bound: bool) -> list[Cell]:
    runs = _midnight(each) + DAY > reading.end
    cells: list[Cell] = [[day(_midnight(each))]]
    for field in ("usd", "long_usd", "short_usd"):
        words = fmt.amount(getattr(each, field), lower_bound=is_bound, digits=2)
        cells.append([reading.derived(_path(days, each, field), words)])
    cells.append(made(reading, _path(days, each, "long_usd"), fmt.fraction(long_share(each), 1)))
    cells.append([reading.derived(_path(days, each, "count"), fmt.amount(each.count))])
    return [*cells, ["so far" if runs else "whole" if each.whole else "part"]]
