"""Events of every kind, with any values that an event can have."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from deskmon.archive import KINDS
from deskmon.events import Alert, Book, Event, Gap, LegReading, PinnedLevel

T0 = 1_767_614_400_000
DAY = 86_400_000
TIMES = frozenset({
    "ts", "recv", "open_time", "next_ts", "expiry", "time", "since", "until", "start", "peak", "end", "last_event",
})  # fmt: skip
POSITIVE = st.floats(1e-9, 1e15, allow_subnormal=False)
times = st.integers(T0, T0 + 3 * DAY)
names = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
texts = st.text(st.characters(codec="utf-8"), max_size=30).filter(lambda text: bool(text.strip()))
values = st.none() | st.booleans() | st.floats(-1e15, 1e15) | texts


def _values(name: str, declared: Any) -> st.SearchStrategy[Any]:
    if name in TIMES:
        return times
    if name == "date":
        return st.dates(date(2020, 1, 1), date(2030, 1, 1)).map(date.isoformat)
    if get_origin(declared) is Literal:
        return st.sampled_from(get_args(declared))
    plain: dict[Any, st.SearchStrategy[Any]] = {
        float: POSITIVE, int: st.integers(0, 2**59), bool: st.booleans(),
        str: texts if name in ("text", "detail", "label", "note", "url", "id", "uid") else names,
        dict[str, float]: st.dictionaries(names, POSITIVE, max_size=4), dict[str, str]: st.dictionaries(names, texts),
        tuple[str, ...]: st.lists(texts, max_size=3).map(tuple),
    }  # fmt: skip
    if declared in plain:
        return plain[declared]
    several = get_args(declared)
    assert type(None) in several and len(several) == 2, declared
    return st.none() | _values(name, next(each for each in several if each is not type(None)))


def _fields(kind: type[Event], without: tuple[str, ...] = ()) -> dict[str, st.SearchStrategy[Any]]:
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in without]
    found = {field.name: _values(field.name, field.type) for field in fields}
    optional = {field.name for field in fields if type(None) in get_args(field.type)}
    return {name: st.none() | each if name in optional else each for name, each in found.items()}


@st.composite
def _books(draw: st.DrawFn) -> Book:
    levels = st.lists(st.tuples(POSITIVE, POSITIVE), unique_by=lambda level: level[0], max_size=8).map(sorted)
    head = {name: draw(each) for name, each in _fields(Book, ("bids", "asks")).items()}
    return Book(**head, bids=tuple(draw(levels)[::-1]), asks=tuple(draw(levels)))


@st.composite
def _gaps(draw: st.DrawFn) -> Gap:
    since, until = sorted((draw(times), draw(times)))
    head = {name: draw(each) for name, each in _fields(Gap, ("since", "until")).items()}
    return Gap(**head, since=since, until=until)


@st.composite
def _pins(draw: st.DrawFn) -> PinnedLevel:
    head = {name: draw(each) for name, each in _fields(PinnedLevel, ("price", "low", "high")).items()}
    low, high = sorted((draw(POSITIVE), draw(POSITIVE)))
    return PinnedLevel(**head, **draw(st.sampled_from(({"price": low}, {"low": low, "high": high}))))


_LEGS = st.lists(
    st.builds(LegReading, text=texts, met=st.none() | st.booleans(), value=values), max_size=3
).map(tuple)  # fmt: skip
ALERTS = st.builds(Alert, **_fields(Alert, ("value", "legs")), value=values, legs=_LEGS)

_OWN = {Book: _books(), Gap: _gaps(), PinnedLevel: _pins(), Alert: ALERTS}
OF_KIND: dict[str, st.SearchStrategy[Event]] = {
    name: _OWN[kind] if kind in _OWN else st.builds(kind, **_fields(kind)) for name, kind in KINDS.items()
}
"""By the name of its table: any event of a kind."""
_some = st.lists(st.one_of(*OF_KIND.values()), max_size=40)
events = _some.map(lambda some: sorted(some, key=lambda each: each.arrival))
"""A market of all kinds, in order of arrival."""
