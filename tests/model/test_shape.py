"""The key of a checkpoint's shape: another wherever something that is written or read became another."""

from __future__ import annotations

import os
import subprocess
import sys
from types import FunctionType, ModuleType

import msgspec
import pytest

from deskmon.events import Event
from deskmon.model import Model
from deskmon.model.part import Part
from deskmon.model.shape import shape, shape_of

PARTS = {type(part) for part in Model()._parts.values()}

SOURCE = '''
from array import array
from typing import Annotated, NamedTuple
import msgspec

TYPES = ("q", "d")


class Line(msgspec.Struct):
    """A line."""

    price: float
    ts: int = 0


Held = dict[str, Line]


class Place(NamedTuple):
    number: int
    offset: int


def packed(value):
    return [value, value]


class Column:
    __slots__ = ("ts",)

    def checkpoint(self):
        return [self.ts, packed(self.ts)]


class Root:
    held: Held
    place: Place

    def __init__(self):
        self.column = Column()
        self.lines = [array(code) for code in TYPES]

    def checkpoint(self):
        return {"column": self.column.checkpoint(), "lines": self._lines()}

    def restore(self, data):
        self.column = data["column"]

    def _lines(self):
        return [line[:] for line in self.lines]

    def figure(self, now):
        return now + 1
'''


def key(source: str) -> str:
    """The key of `Root` in a module of this source."""
    module = ModuleType("deskmon.model.made_for_a_test")
    sys.modules[module.__name__] = module
    try:
        exec(compile(source, module.__name__, "exec"), module.__dict__)
        return shape_of(module.Root)
    finally:
        del sys.modules[module.__name__]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    ts: int = 0", "    ts: int = 0\n    usd: float = 0.0"),
        ("    price: float", "    last: float"),
        ("    price: float", "    price: float | None"),
        ("class Line(msgspec.Struct)", 'class Line(msgspec.Struct, rename={"price": "p"})'),
        ("class Line(msgspec.Struct)", "class Line(msgspec.Struct, array_like=True)"),
        ("    offset: int", "    offset: float"),
        ("dict[str, Line]", "list[Line]"),
        ('("q", "d")', '("q", "f")'),
        ("[self.ts, packed(self.ts)]", "[packed(self.ts), self.ts]"),
        ("[value, value]", "[value]"),
        ("line[:]", "line"),
        ('"lines": self', '"rows": self'),
        ('data["column"]', 'data["columns"]'),
        ('("ts",)', '("ts", "more")'),
    ],
)
def test_another_field_type_place_name_or_constant_gives_another_key(before: str, after: str) -> None:
    assert SOURCE.count(before) == 1
    assert key(SOURCE.replace(before, after)) != key(SOURCE)


@pytest.mark.parametrize(
    ("before", "after"),
    [("now + 1", "now + 2"), ('"""A line."""', '"""Another."""'), ("class Place", "OTHER = 3\n\n\nclass Place")],
)  # fmt: skip
def test_what_no_checkpoint_holds_gives_the_same(before: str, after: str) -> None:
    assert SOURCE.count(before) == 1
    assert key(SOURCE.replace(before, after)) == key(SOURCE)


@pytest.mark.parametrize("part", sorted(PARTS, key=lambda part: part.__name__))
@pytest.mark.parametrize("method", ["checkpoint", "restore"])
def test_every_part_of_the_model_is_in_its_key(part: type[Part[object]], method: str, monkeypatch) -> None:
    known = shape()  # first: it is kept
    monkeypatch.setattr(
        part, method, FunctionType((lambda self, data=None: [17]).__code__, vars(sys.modules[part.__module__]))
    )
    assert shape_of(Model) != known


def written() -> list[tuple[str, type[Event]]]:
    """Where the model's modules name a kind of event that stands whole in a checkpoint."""
    return [
        ("deskmon.model.feeds", "FeedStatus"), ("deskmon.model.feeds", "Gap"), ("deskmon.model.levels", "PinnedLevel"),
        ("deskmon.model.depth", "Book"), ("deskmon.model.metrics", "Metric"), ("deskmon.model.alerts", "Alert"),
        ("deskmon.model.calendar", "CalendarEntry"), ("deskmon.model.session_log", "LogFigure"),
    ]  # fmt: skip


@pytest.mark.parametrize(("module", "name"), written(), ids=lambda value: value)
def test_a_field_more_in_what_a_part_keeps_gives_another_key(module: str, name: str, monkeypatch) -> None:
    known = shape()
    kind = getattr(sys.modules[module], name)
    more = msgspec.defstruct(
        name, [("one_more", int, 0)], bases=(kind,), frozen=True, kw_only=True, module=kind.__module__,
        tag=kind.__struct_config__.tag,
    )  # fmt: skip
    monkeypatch.setattr(sys.modules[module], name, more)
    assert shape_of(Model) != known


def test_the_key_is_the_same_in_every_process() -> None:
    def elsewhere(seed: str) -> str:
        command = "from deskmon.model.shape import shape; print(shape())"
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", command], check=True, capture_output=True, text=True, env=environ
        ).stdout

    assert {elsewhere("1").strip(), elsewhere("2").strip()} == {shape()}
