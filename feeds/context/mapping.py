"""Rows of a table or of JSON as events, by a mapping in the configuration: a series of one's own needs no code."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, get_args, get_type_hints

import msgspec

from deskmon.events import CalendarEntry, EtfFlow, Event, Headline, Holding, HoldingTrade, Metric
from deskmon.feeds.context.answers import Answer, Parse, Unreadable, decoded, member, number, rows
from deskmon.feeds.context.ics import entries
from deskmon.feeds.context.tables import lines

KINDS: Mapping[str, type[Event]] = MappingProxyType(
    {
        "metric": Metric, "etf_flow": EtfFlow, "holding": Holding, "holding_trade": HoldingTrade, "headline": Headline,
        "calendar": CalendarEntry,
    }
)  # fmt: skip
"""Events that a file may hold, by their name in the journal."""
TIMES = frozenset({"ts", "time"})
DATES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z", "%Y%m%d")


class Mapped(msgspec.Struct, frozen=True):
    """How rows become events of `kind`. columns: the column (or the path in JSON, with dots) of each field; values:
    fields that are the same in all rows; scale: factors of numbers; at: path of the list in JSON; time_format: as in
    strptime, where times are written otherwise. `ts` is the time of reading where nothing gives it."""

    kind: str
    columns: dict[str, str]
    values: dict[str, str | float]
    scale: dict[str, float]
    at: str = ""
    time_format: str = ""

    def faults(self) -> list[str]:
        """What can't work, in words."""
        kind = KINDS.get(self.kind)
        if kind is None:
            return [f"no event {self.kind!r}; a file holds one of {', '.join(KINDS)}"]
        known = {field.name: field for field in msgspec.structs.fields(kind) if field.name != "recv"}
        given = {*self.columns, *self.values}
        unknown = [
            f"{self.kind} has no field {name!r}; it has {', '.join(known)}" for name in sorted(given - known.keys())
        ]
        missing = [name for name, field in known.items() if field.required and name not in given | {"ts"}]
        if not self._tells_time():
            unknown.append(f"{self.time_format!r} is no way to write a time")
        return unknown + [f"{self.kind} needs {name!r}: name its column, or its value" for name in missing]

    def _tells_time(self) -> bool:
        try:
            datetime.strptime(datetime(2026, 1, 5, tzinfo=UTC).strftime(self.time_format), self.time_format)
        except (ValueError, re.error):
            return False
        return True


def parse(mapped: Mapped, form: str) -> Parse:
    """Reads CSV, JSON or ICS (`form`) by a mapping."""
    if form == "ics":
        return entries
    kind = KINDS[mapped.kind]
    numbers = {name for name, hint in get_type_hints(kind).items() if float in (hint, *get_args(hint))}
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}

    def read(answer: Answer) -> Iterator[Event]:
        found = lines(answer)[1] if form == "csv" else rows(decoded(answer), *filter(None, mapped.at.split(".")))
        told = []
        for row in found:
            fields = {"ts": answer.at, **mapped.values} | _fields(mapped, row, numbers)
            if all(fields[name] is not None for name in required & fields.keys()):  # else a number isn't known
                told.append(_event(kind, fields))
        yield from sorted(told, key=lambda event: event.ts)

    return read


def _fields(mapped: Mapped, row: Any, numbers: Collection[str]) -> dict[str, Any]:
    """What the columns of a row say; None for a number that it doesn't know."""
    found: dict[str, Any] = {}
    for name, column in mapped.columns.items():
        value = row[column] if isinstance(row, dict) and column in row else member(row, *column.split("."))
        if name in TIMES:
            found[name] = _time(value, mapped.time_format)
        elif name in numbers:
            known = number(value)
            found[name] = None if known is None else known * mapped.scale.get(name, 1.0)
        elif name == "date":
            found[name] = _moment(value, mapped.time_format).date().isoformat()
        else:
            found[name] = _words(value)
    return found


def _words(value: Any) -> str | None:
    """A text; None where there is none."""
    if isinstance(value, dict | list):
        raise Unreadable(f"{value!r:.40} is no text")
    return str(value).strip() or None if value is not None else None


def _event(kind: type[Event], fields: Mapping[str, Any]) -> Event:
    try:
        return kind(**fields)
    except (TypeError, ValueError) as fault:
        raise Unreadable(f"a row is no {kind.__name__}: {fault}") from fault


def _time(value: Any, form: str) -> int:
    """ms of a date, a time, epoch seconds or ms."""
    if isinstance(value, int | float) or (str(value).strip().isdigit() and len(str(value).strip()) >= 10):
        found = float(value)
        return round(found if found > 1e11 else found * 1000)
    return int(_moment(value, form).timestamp() * 1000)


def _moment(value: Any, form: str) -> datetime:
    if isinstance(value, date):
        value = value.isoformat()
    for each in (form,) if form else DATES:
        try:
            found = datetime.strptime(str(value).strip(), each)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    raise Unreadable(f"{value!r:.40} is no time" + (f" of the form {form}" if form else ""))
