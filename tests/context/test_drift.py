"""A source that drops, renames or moves a column says so or tells less; it never tells another value than before."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import asdict

from deskmon.feeds.context import catalogue, tables
from deskmon.feeds.context.answers import Answer, Unreadable
from deskmon.feeds.context.catalogue import SOURCES
from tests.context.samples import NOW
from tests.context.server import as_of

ANSWERS = as_of(NOW)
PARSERS = {
    path: SOURCES[path.partition("/")[0]].addresses[0].parse for path in ANSWERS if path[:4] not in ("macr", "fred")
}
PARSERS |= {path: catalogue.YAHOO.parse for path in ANSWERS if path.startswith("macro/")}
JSON = [path for path, body in ANSWERS.items() if body[:1] in (b"{", b"[")]
CSV = {
    "fred/ndx": (tables.fred, ANSWERS["fred/ndx"]), "us10y": (tables.fred, ANSWERS["us10y"]),
    "stooq": (tables.stooq, b"Symbol,Date,Time,Open,High,Low,Close,Volume\r\n^SPX,2026-11-27,22:00:00,1,3,1,2,9\r\n"),
}  # fmt: skip

ADDED = {"peggedEUR"}
"""One addend of several in a sum: nobody can know how many there are to be."""


def told(parse, path, content):
    """What is known of each report; None where the answer is refused."""
    try:
        found = list(parse(Answer(f"http://a/{path}", content, "", NOW)))
    except Unreadable as fault:
        assert str(fault)
        return None
    return {
        (type(event).__name__, *sorted((k, str(v)) for k, v in asdict(event).items() if v is not None))
        for event in found
    }


def assert_less_or_nothing(before, after):
    """Each report of `after` is one of `before`, perhaps with fewer fields."""
    for report in after or ():
        assert any(report[0] == known[0] and set(report[1:]) <= set(known[1:]) for known in before), report


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of every key in JSON."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        if isinstance(value, dict):
            yield (*path, key)
        yield from places(inner, (*path, key))


def without(value: Any, place: tuple[Any, ...], renamed: str) -> Any:
    """JSON without the key at `place`, or with it under another name."""
    if len(place) > 1:
        copy = dict(value) if isinstance(value, dict) else list(value)
        copy[place[0]] = without(value[place[0]], place[1:], renamed)
        return copy
    kept = {key: inner for key, inner in value.items() if key != place[0]}
    return kept | ({renamed: value[place[0]]} if renamed else {})


def moved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: moved(value[key]) for key in reversed(value)}
    return [moved(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", JSON)
def test_a_field_that_goes_or_is_renamed_is_missed_and_one_that_moves_is_found(path):
    data, parse = json.loads(ANSWERS[path]), PARSERS[path]
    before = told(parse, path, ANSWERS[path])
    assert before, "the sample itself is read"
    assert told(parse, path, json.dumps(moved(data)).encode()) == before
    refused = 0
    for place in (place for place in places(data) if place[-1] not in ADDED):
        for renamed in ("", f"{place[-1]}_new"):
            after = told(parse, path, json.dumps(without(data, place, renamed)).encode())
            refused += after is None
            assert_less_or_nothing(before, after)
    assert refused, "what it can't do without is refused in words"


@pytest.mark.parametrize("name", CSV)
def test_a_column_that_goes_or_is_renamed_is_missed_and_one_that_moves_is_found(name):
    parse, content = CSV[name]
    rows = list(csv.reader(io.StringIO(content.decode())))
    before = told(parse, name, content)
    assert before

    def after(columns, names):
        lines = [[row[column] for column in columns] for row in [names, *rows[1:]]]
        return told(parse, name, "\r\n".join(map(",".join, lines)).encode())

    every = range(len(rows[0]))
    assert after(every[::-1], rows[0]) == before
    for gone in every:
        assert_less_or_nothing(before, after([column for column in every if column != gone], rows[0]))
        renamed = [f"{name}_new" if column == gone else name for column, name in enumerate(rows[0])]
        assert_less_or_nothing(before, after(every, renamed))
