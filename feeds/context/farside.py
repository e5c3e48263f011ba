"""Farside's tables of flows into US spot ETFs: a day a row, a fund a column, millions of dollars."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from deskmon.events import EtfFlow
from deskmon.feeds.context.answers import (
    CLOSED,
    MILLION,
    Answer,
    Parse,
    Unreadable,
    at_hour,
    day,
    number,
    refuse_challenge,
)
from deskmon.feeds.context.pages import page, text

PROVIDER = "Farside"
_FORM = "%d %b %Y"
_NO_DAYS = frozenset({"total", "average", "maximum", "minimum", "", "fee", "seed", "date"})


class Row(NamedTuple):
    """A row of a table: whether it belongs to the header, and the text of its cells."""

    is_head: bool
    cells: list[str]


def flows(asset: str) -> Parse:
    """What the funds of `asset` took in, each day; a dash gives nothing, `0.0` is a zero.

    A row on which some fund hasn't reported yet while others have is preliminary.
    """

    def parse(answer: Answer) -> Iterator[EtfFlow]:
        table = _table(answer.content)
        funds = _funds(table)
        for when, cells in _days(table):
            if len(cells) != len(funds) + 1:
                raise Unreadable(f"the row of {when} has {len(cells)} cells, the header {len(funds) + 1}")
            values = [number(cell) for cell in cells[:-1]]
            reported = {fund: value for fund, value in zip(funds, values, strict=True) if value is not None}
            for fund, value in reported.items():
                yield EtfFlow(
                    ts=at_hour(when, CLOSED), asset=asset, fund=fund, date=when.isoformat(),
                    usd=round(value * MILLION), source=PROVIDER,
                    status="preliminary" if len(reported) < len(funds) else "final",
                )  # fmt: skip

    return parse


def _table(content: bytes) -> list[Row]:
    """The rows of the table of flows."""
    root = page(content)
    for table in root.iter("table"):
        if "etf" in (table.get("class") or "").split():
            rows = [[cell for cell in row if cell.tag in ("th", "td")] for row in table.iter("tr")]
            return [Row(bool(row) and row[0].tag == "th", [text(cell) for cell in row]) for row in rows if row]
    refuse_challenge(content)
    raise Unreadable("the page has no table of flows")


def _funds(table: list[Row]) -> list[str]:
    """The tickers in the header, without the total: of two layouts, one with a row of logos above them."""
    heads = [row.cells for row in table if row.is_head]
    wide = [head for head in heads if any(cell.lower() == "total" for cell in head)]
    if not wide:
        raise Unreadable("the header has no column Total")
    place = [cell.lower() for cell in wide[0]].index("total")
    for head in heads:
        if len(head) > place and head[0].lower() in ("", "date") and place > 1 and all(map(_is_ticker, head[1:place])):
            return head[1:place]
    raise Unreadable("the header names no funds")


def _is_ticker(text: str) -> bool:
    return 2 <= len(text) <= 6 and text.isalnum() and text.isupper()


def _days(table: list[Row]) -> Iterator[tuple[date, list[str]]]:
    """(day, its cells, the total last) of the rows that are of a day."""
    found = False
    for row in table:
        if not row.is_head and row.cells[0].lower() not in _NO_DAYS:
            found = True
            yield day(row.cells[0], _FORM), row.cells[1:]
    if not found:
        raise Unreadable("the table has no row of a day")
