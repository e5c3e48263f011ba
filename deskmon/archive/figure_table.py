"""Figures over time as a table: a column for each, or a row for each where they are parts of the state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from operator import itemgetter
from typing import Any, Literal, get_args, get_origin

import msgspec

from deskmon.archive.tables import UTC_TIME, Column, Form, Table, cell, source_column
from deskmon.events import Source
from deskmon.model.figure_path import FigurePath, parse
from deskmon.model.figures import ExpiryFigure
from deskmon.model.path_steps import Name, Place, write_path
from deskmon.past import Sample

NAME = "figures"
_FORMS: dict[Any, Form] = {float: "number", int: "integer", bool: "boolean", str: "word"}


def form_of(figure: FigurePath) -> Form | None:
    """What a column of the figure holds; None where a part of the state is there."""
    if get_origin(figure.type) is Literal:
        return "word"
    if figure.type in _FORMS:
        return "time" if figure.unit.startswith("ms since") else _FORMS[figure.type]
    inner = get_args(figure.type)[-1] if get_origin(figure.type) in (dict, list) else figure.type
    return None if _is_struct(inner) or get_origin(inner) is dict or get_origin(figure.type) is dict else "json"


def figure_table(figures: Sequence[FigurePath], source: Source) -> Table:
    """`ts` and a column for each figure, where each is one; else `ts`, `figure`, `value`, `text` and `unit`."""
    if is_wide(figures):
        named: list[tuple[str, Form | None, str, bool]] = [
            (figure.text, form_of(figure), figure.unit, False) for figure in figures
        ]
    else:
        named = [
            ("figure", "word", "", True), ("value", "number", "", False), ("text", "word", "", False),
            ("unit", "word", "", True),
        ]  # fmt: skip
    columns = [
        Column(name, form or "json", unit, required, cell(place))
        for place, (name, form, unit, required) in enumerate([("ts", "time", UTC_TIME, True), *named])
    ]
    columns.insert(1, source_column(source))
    return Table(NAME, tuple(columns), itemgetter(0), lambda row: 1)


def is_wide(figures: Sequence[FigurePath]) -> bool:
    """Whether each is a single value."""
    return all(form_of(figure) is not None for figure in figures)


def figure_rows(figures: Sequence[FigurePath], sample: Sample) -> Iterator[tuple[Any, ...]]:
    """The rows of a moment."""
    if is_wide(figures):
        pairs = zip(figures, sample.values, strict=True)
        yield (sample.ts, *(_json(value) if form_of(figure) == "json" else value for figure, value in pairs))
        return
    for figure, value in zip(figures, sample.values, strict=True):
        for path, leaf in leaves(figure.text, value):
            is_number = leaf is None or isinstance(leaf, int | float)
            number = float(leaf) if is_number and leaf is not None else None
            yield sample.ts, path, number, None if is_number else str(leaf), _known(path).unit


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Every single value in what is at a path, with its own path; None where it is unknown. Of lists those of option
    expiries, by their date: others have no place that stays."""
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from leaves(write_path(path, Name(name)), getattr(value, name))
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(write_path(path, Name(key)), each)
    elif isinstance(value, list):
        for each in value if value and isinstance(value[0], ExpiryFigure) else ():
            day = f"{datetime.fromtimestamp(each.expiry / 1000, UTC):%Y-%m-%d}"
            yield from leaves(write_path(path, Place(day)), each)
    elif value is not None or form_of(_known(path)) is not None:
        yield path, value


@cache
def _known(path: str) -> FigurePath:
    return parse(path)


def _json(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
