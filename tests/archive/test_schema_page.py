"""docs/archive-schema.md has every column of every table, as the code has them: a change of it is seen."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from deskmon.archive import KINDS, SCHEMA, Table, event_table
from deskmon.archive.bars import bar_table
from deskmon.archive.figure_table import figure_table
from deskmon.events import Event, Journal, VenueEvent, units
from deskmon.model.figure_path import parse
from tests.rules.test_figures import counts, units_of_events
from tests.written import same_as_written

PAGE = Path(__file__).parents[2] / "docs/archive-schema.md"
COMMON = ("arrival", "seq", "market_source", "ts", "recv")
HEAD = f"""\
# Tables of an export

For programs that read what `deskmon export` writes. This page is made from the code. [Export](export.md) shows how the
tables are written and read.

The version of the schema is **{SCHEMA}**. It changes when a column gets another name, form, unit or place. New columns
come last and change nothing. A Parquet file says its version in its metadata, under `deskmon`: `schema`, `table`,
`deskmon` (the version that wrote it) and `journal` (the header of the journal). The unit of a column stands in the
metadata of its field, under `unit`.

| form | Parquet | CSV |
|---|---|---|
| time | `timestamp[ms, UTC]` | `2026-01-05 12:00:00.250`, UTC |
| date | `date32` | `2026-01-05` |
| number | `double` | as it is |
| integer | `int64`; what needs more bits is null | as it is |
| boolean | `bool` | `true`, `false` |
| word | `dictionary<int32, string>` | as it is; `'` before what a spreadsheet would run |
| text | `string` | the same |
| numbers | `list<double>` | JSON |
| words | `list<string>` | JSON |
| number by name | `map<string, double>` | JSON |
| text by name | `map<string, string>` | JSON |
| json | `string`, of JSON: what may be of several types | JSON |

A column in *italics* may be null: unknown, never 0. In CSV it is empty then.

## Columns of every kind of event

| column | form | |
|---|---|---|
| `arrival` | time | when the desk knew of it: `recv`, else `ts`. Days of a folder and `--from`, `--to` count by it |
| `seq` | integer | place among all events of the span that was exported, from 0: it orders the rows of all kinds |
| `market_source` | word | what the market is: `recorded`, `live`, `reconstructed`, `simulated` or `imported` |
| `ts` | time | the venue's clock |
| *`recv`* | time | the desk's clock, where the journal has it |

## The kinds

Beside those columns:

| table | columns |
|---|---|
"""
BETWEEN = """
A venue, a symbol or a field means what it means in [the journal](journal.md#the-events). `bids` and `asks` of a book
are two lists each, best first.

## Tables that are no events

| table | columns |
|---|---|
"""
TAIL = """
`ts` of a bar is the time at which it begins; `made_of` is `trades` or `tickers`.

Figures have a column each where each that is named is one value: the first form, here of
`--figures prices.BTC.last,waves.current.state`. Else they have a row each, the second form: `value` of numbers and of
truth values (1 and 0), `text` of words.
"""


def row(table: Table, without: tuple[str, ...] = ()) -> str:
    """A line of the page."""
    columns = []
    for column in table.columns:
        if column.name in without:
            continue
        name = f"`{column.name}`" if column.is_required else f"*`{column.name}`*"
        unit = f" ({column.unit})" if column.unit not in ("", "UTC") else ""
        columns.append(f"{name} {column.form}{unit}")
    return f"| `{table.name}` | {', '.join(columns)} |\n"


def test_the_page_has_every_column_of_every_table():
    wide = figure_table([parse("prices.BTC.last"), parse("waves.current.state")], "recorded")
    text = HEAD + "".join(row(event_table(name, "recorded"), COMMON) for name in KINDS)
    text += BETWEEN
    text += row(bar_table("recorded")) + row(wide) + row(figure_table([parse("prices")], "recorded"))
    text += TAIL
    same_as_written(PAGE, text)


def test_units_of_the_code_are_those_of_the_page_of_the_journal():
    kinds = [kind for kind in KINDS.values() if issubclass(kind, Event) and kind not in (Event, VenueEvent, Journal)]
    page = units_of_events()
    for kind in kinds:
        tag = str(kind.__struct_config__.tag)
        for field in msgspec.structs.fields(kind):
            if not counts(field.type):
                continue
            unit, said = units.unit_of(kind, field.name), page.get(f"{tag}.{field.name}") or page[field.name]
            assert unit == said or (unit, said[:4]) == (units.NUMBER, "none") or unit in said, f"{tag}.{field.name}"


@pytest.mark.parametrize("name", KINDS)
def test_every_number_of_a_table_has_a_unit(name):
    for column in event_table(name, "recorded").columns:
        has_number = column.form in ("number", "integer", "numbers", "number by name")
        assert bool(column.unit) or not has_number, column.name
