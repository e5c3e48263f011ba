"""What a trader hands on of a panel: its tables as text or CSV, the row under the cursor in one line."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from deskmon import format as fmt
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.panel import Frame, Panel
from deskmon.components.sections import Section, in_order, sorting
from deskmon.components.table import TablePanel
from deskmon.components.text import JOINT, one_line

__all__ = ["SharedTable", "csv_of", "row_words", "shared_row", "shared_tables"]

AT_LEAST = "at least"
"""In the column behind a figure that is a lower bound."""
NEAR = 0.02
"""How far (share) a value may be from what its cell says and still be the same figure, written in full."""

_NUMBER = r"[+−-]?(\d[\d,]*\.?\d*|\.\d+)(e[+-]?\d+)?(?P<unit>[KMBT%]?)"
_SCALES = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_PICTURE = r"[\s▀-▟⠀-⣿─-╿]*"


class SharedTable(msgspec.Struct, frozen=True):
    """One table of a panel: labels of its columns, and its rows as they are written, one text a column."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def shared_tables(panel: Panel, frame: Frame) -> list[SharedTable]:
    """The tables of a panel as it filters and sorts them, without the columns that are hidden; none of a panel that has
    no tables."""
    if not isinstance(panel, TablePanel):
        return []
    options = panel.options_now()
    kept = options if isinstance(options, TablePanel.Options) else TablePanel.Options()
    tables = (_table(section, kept) for section in panel.sections(frame))
    return [table for table in tables if table.rows]


def shared_row(panel: Panel, frame: Frame) -> SharedTable | None:
    """The row under the cursor as a table of one row; None where there is none."""
    row = panel.selected(frame) if isinstance(panel, TablePanel) else None
    if row is None:
        return None
    for table in shared_tables(panel, frame):
        for each in table.rows:
            if each.key == row.key and each.cells.keys() == row.cells.keys():
                return SharedTable(table.columns, (each,))
    return None


def row_words(table: SharedTable) -> str:
    """A table's first row on one line: `symbol BTC · last 64,812.50 · 24h −8.41%`; unknown figures are left out."""
    written = [(column, _text(column, table.rows[0])) for column in table.columns]
    known = [(column, text) for column, text in written if text not in ("", fmt.UNKNOWN)]
    return JOINT.join(one_line(f"{column.label} {text}") for column, text in known)


def csv_of(tables: Sequence[SharedTable], at: int, source: str) -> str:
    """Tables as CSV, a blank line between two. Numbers are written out (214.0M is 214000000), an unknown one is empty,
    a lower bound has `at least` in a column of its own, and each row tells the desk time `at` (ms) and the market's
    `source` as `market_source`. A text that a spreadsheet would take for a formula has ' before it."""
    import csv  # asked for by a key, seldom

    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    for n, table in enumerate(tables):
        if n:
            file.write("\n")
        writer.writerows(_lines(table, at, source))
    return file.getvalue()


def _lines(table: SharedTable, at: int, source: str) -> Iterator[list[str]]:
    texts = {column.id: [_text(column, row) for row in table.rows] for column in table.columns}
    shown = [column for column in table.columns if any(texts[column.id])]
    bounded = {c.id for c in shown if any(text.startswith(fmt.AT_LEAST) for text in texts[c.id])}
    names = _names(shown)
    heads = (head for c in shown for head in (names[c.id], *([f"{names[c.id]} bound"] * (c.id in bounded))))
    yield [*map(fmt.for_spreadsheet, heads), "at", "market_source"]
    for n, row in enumerate(table.rows):
        cells: list[str] = []
        for column in shown:
            text = texts[column.id][n]
            cells.append(_value(column, row, text))
            if column.id in bounded:
                cells.append(AT_LEAST if text.startswith(fmt.AT_LEAST) else "")
        yield [*cells, f"{fmt.date(at)}T{fmt.clock(at)}Z", source]


def _names(columns: Sequence[Column]) -> dict[str, str]:
    """By id how each column is called: by its label, where it alone has that."""
    labels = Counter(column.label for column in columns)
    return {each.id: each.label if each.label and labels[each.label] == 1 else each.id for each in columns}


def _table(section: Section, kept: TablePanel.Options) -> SharedTable:
    columns = tuple(
        column
        for n, column in enumerate(section.columns)
        if n == 0 or (column.name or column.id) not in kept.hide
    )  # fmt: skip
    words = kept.filter.casefold().split() if section.selectable else []
    rows = _whole([row for row in section.rows if row.pinned or row.matches(words)], section.columns)
    by, other_way = sorting(kept.sort.get(section.id, ""))
    column = next((column for column in columns if column.id == by), None)
    return SharedTable(columns, tuple(rows if column is None else in_order(rows, column, other_way)))


def _whole(rows: Iterable[Row], columns: Sequence[Column]) -> list[Row]:
    """The rows, each with the words that go on below it: in a line that continues a row and has words alone."""
    words = {column.id for column in columns if column.align == "left"}
    found: list[Row] = []
    for row in rows:
        if found and row.continues and row.cells.keys() <= words:
            before = found[-1]
            found[-1] = replace(before, cells={**before.cells, **dict(_joined(before, row))})
        else:
            found.append(row)
    return found


def _joined(before: Row, row: Row) -> Iterator[tuple[str, Cell]]:
    for id, (more, style) in row.cells.items():
        text, _ = before.cells.get(id, ("", style))
        if isinstance(text, str) and isinstance(more, str):
            yield id, (f"{text} {more}".strip(), style)


def _text(column: Column, row: Row) -> str:
    """What a cell says, in one line of clean text; "" of a bar or another picture."""
    cell: Cell = row.cells.get(column.id, ("", ""))
    text = cell[0] if isinstance(cell[0], str) else cell[0](max(column.width, column.most))
    return "" if re.fullmatch(_PICTURE, text) else one_line(text)


def _value(column: Column, row: Row, text: str) -> str:
    """What stands in a spreadsheet's cell."""
    text = text.removeprefix(fmt.AT_LEAST)
    if text == fmt.UNKNOWN:
        return ""
    found = re.fullmatch(_NUMBER, text) if column.align != "left" else None
    if found is None:
        return fmt.for_spreadsheet(text)
    if found["unit"] == "%":
        return text.replace(fmt.MINUS, "-").replace(",", "").removeprefix("+")
    plain = text.removesuffix(found["unit"]).replace(fmt.MINUS, "-").replace(",", "")
    value = float(plain) * _SCALES.get(found["unit"], 1.0)
    exact = row.sort.get(column.id)
    if isinstance(exact, int | float) and not isinstance(exact, bool) and math.isclose(exact, value, rel_tol=NEAR):
        value = exact
    return f"{value:.12g}"
