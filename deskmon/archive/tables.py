"""What a table holds: its columns, each with a form and a unit, and how they are read from its rows.

docs/archive-schema.md has them all. A change of a column's name, form or unit, or of their order, is another SCHEMA;
new columns come last.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Sequence
from functools import cache
from operator import attrgetter
from typing import Any, Literal, NamedTuple

import msgspec

from deskmon.archive.kinds import KINDS
from deskmon.events import Book, Event, Source
from deskmon.events.units import COINS, NUMBER, QUOTE, unit_of

SCHEMA = 1
"""Version of names, forms, units and order of columns."""

UTC_TIME = "UTC"
"""The unit of a column of times."""

Form = Literal[
    "time", "date", "number", "integer", "boolean", "word", "text", "numbers", "words", "number by name",
    "text by name", "json",
]  # fmt: skip
"""What a column holds. word: text of few values. by name: a mapping. json: what may be of several types, as JSON."""


class Row(NamedTuple):
    """One event of a table: the number of its arrival among all events that were read, from 0 on."""

    seq: int
    event: Event


class Column(NamedTuple):
    """values: rows → what stands in the column, None where unknown."""

    name: str
    form: Form
    unit: str
    is_required: bool
    values: Callable[[Sequence[Any]], list[Any]]


def cell(place: int) -> Callable[[Sequence[Any]], list[Any]]:
    """How the column of rows that are tuples is read."""
    return lambda rows: [row[place] for row in rows]


class Table(NamedTuple):
    """Columns under a name. time: when a row counts (ms), by which days are told apart. weight: of a row in memory, of
    one with a few numbers 1."""

    name: str
    columns: tuple[Column, ...]
    time: Callable[[Any], int]
    weight: Callable[[Any], int]


_TIMES = frozenset({
    "ts", "recv", "open_time", "next_ts", "expiry", "time", "since", "until", "start", "peak", "end", "last_event",
})  # fmt: skip
_FREE = frozenset({"text", "detail", "url", "id", "uid", "note", "label"})
BOOK_SIDES = {"bids": ("bid_prices", "bid_amounts"), "asks": ("ask_prices", "ask_amounts")}
_LEVELS = 8
"""Levels of a book that weigh as much as a row."""


@cache
def event_table(name: str, source: Source) -> Table:
    """The table of a kind of event of a market of that source: `arrival`, `seq`, `market_source`, then the event's own
    fields. Raises KeyError for an unknown one."""
    kind = KINDS[name]
    arrival = Column("arrival", "time", UTC_TIME, True, lambda rows: [row.event.arrival for row in rows])
    seq = Column("seq", "integer", NUMBER, True, lambda rows: [row.seq for row in rows])
    own = [column for field in msgspec.structs.fields(kind) for column in _columns(kind, field)]
    weight = _book_weight if kind is Book else _light
    return Table(name, (arrival, seq, source_column(source), *own), lambda row: row.event.arrival, weight)


def source_column(source: Source) -> Column:
    """What market the rows are of: so those of a simulated one stay apart wherever they get."""
    return Column("market_source", "word", "", True, lambda rows: [source] * len(rows))


def _light(row: Any) -> int:
    return 1


def _book_weight(row: Row) -> int:
    book = typing.cast(Book, row.event)
    return 1 + (len(book.bids) + len(book.asks)) // _LEVELS


def _columns(kind: type[Event], field: Any) -> list[Column]:
    name, is_optional = field.name, _is_optional(field.type)
    if name in BOOK_SIDES:
        return [
            Column(of, "numbers", (QUOTE, COINS)[place], True, _side(name, place))
            for place, of in enumerate(BOOK_SIDES[name])
        ]
    form = _form(name, field.type)
    read = _as_json(name) if form == "json" else _plain(name)
    unit = UTC_TIME if form == "time" else "" if form in ("word", "text") else unit_of(kind, name)
    return [Column(name, form, unit, not is_optional, read)]


def _form(name: str, declared: Any) -> Form:
    if name in _TIMES:
        return "time"
    if name == "date":
        return "date"
    several = [each for each in typing.get_args(declared) if each is not types.NoneType]
    plain = several[0] if _is_optional(declared) and len(several) == 1 else declared
    if plain in _PLAIN:
        return "text" if plain is str and name in _FREE else _PLAIN[plain]
    if typing.get_origin(plain) is Literal:
        return "word"
    return _MANY.get(plain, "json")


_PLAIN: dict[Any, Form] = {float: "number", int: "integer", bool: "boolean", str: "word"}
_MANY: dict[Any, Form] = {
    dict[str, float]: "number by name", dict[str, str]: "text by name", tuple[str, ...]: "words",
}  # fmt: skip


def _is_optional(declared: Any) -> bool:
    return types.NoneType in typing.get_args(declared)


def _plain(name: str) -> Callable[[Sequence[Row]], list[Any]]:
    read = attrgetter(f"event.{name}")
    return lambda rows: list(map(read, rows))


def _as_json(name: str) -> Callable[[Sequence[Row]], list[Any]]:
    read, encode = attrgetter(f"event.{name}"), msgspec.json.encode
    return lambda rows: [None if (value := read(row)) is None else encode(value).decode() for row in rows]


def _side(name: str, place: int) -> Callable[[Sequence[Row]], list[Any]]:
    read = attrgetter(f"event.{name}")
    return lambda rows: [[level[place] for level in read(row)] for row in rows]
