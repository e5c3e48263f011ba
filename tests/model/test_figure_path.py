"""One path names a figure everywhere: read by it, a figure is what the state's JSON holds there."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.assets import main_symbols
from deskmon.errors import UsageError
from deskmon.model import Model
from deskmon.model.figure_list import Described, figures
from deskmon.model.figure_meanings import MEANINGS
from deskmon.model.figure_path import BY_SYMBOL, KEYS, continuations, meaning_of, parse
from deskmon.model.figures import LevelFigure, State, schema
from deskmon.model.path_steps import Name, Place, read_steps, split_paths, write_path
from deskmon.testing import NOW, Kind
from tests import markets


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """(path, value) of everything that is in a piece of the state's JSON, parts and their figures."""
    found = [(path, value)] if path else []
    if isinstance(value, dict):
        for key, each in value.items():
            found += leaves(each, write_path(path, Name(key)))
    elif isinstance(value, list):
        for at, each in enumerate(value):
            place = str(at)
            if path.startswith("levels.") and path.count("[") == 0:
                continue  # by price, below
            if path.endswith(".expiries"):
                place = datetime.fromtimestamp(each["expiry"] / 1000, UTC).date().isoformat()
            found += leaves(each, write_path(path, Place(place)))
    return found


KINDS = ("full", "odd", "empty")


@cache
def told(kind: Kind) -> tuple[Model, State, dict[str, Any]]:
    """A model, its state, and what stands at each path of the state's JSON: at two equal ones, the first."""
    model = markets.sample(kind)
    state = model.state(NOW)
    return model, state, dict(reversed(leaves(as_json(state))))


def as_json(value: Any) -> Any:
    return json.loads(msgspec.json.encode(value))


@given(st.data())
def test_what_a_path_reads_is_what_stands_there_in_the_json(data: st.DataObject) -> None:
    model, state, found = told(data.draw(st.sampled_from(KINDS)))
    path = data.draw(st.sampled_from(sorted(found)))
    assert as_json(parse(path).of(state)) == found[path]
    assert as_json(parse(path).read(model, NOW)) == found[path]


@given(st.data())
def test_an_asset_stands_for_its_main_symbol(data: st.DataObject) -> None:
    model, state, found = told("full")
    key = data.draw(st.sampled_from(sorted(BY_SYMBOL)))
    asset, symbol = data.draw(st.sampled_from(sorted(main_symbols(parse(key).read(model, NOW)).items())))
    for path in found:
        first, *rest = read_steps(path)
        if first == Name(key) and rest[:1] == [Name(symbol)]:
            short = write_path(key, Name(asset), *rest[1:])
            assert as_json(parse(short).read(model, NOW)) == as_json(parse(short).of(state)) == found[path]


@given(st.lists(st.text() | st.sampled_from(["0.1", "a b", 'a"b', "it's", "a\\", "[x]", "a,b"]), min_size=1))
def test_any_keys_can_be_written_as_a_path_and_read_again(keys: list[str]) -> None:
    steps = [Name(key) for key in keys]
    path = write_path("", *steps)
    assert read_steps(path) == steps
    assert split_paths(f"mode, {path},at") == ["mode", path, "at"]


@given(
    st.text()
    | st.lists(st.sampled_from([*State.__struct_fields__, ".", "BTC", "[0]", "usd", '"', "waves", "1h"])).map("".join)
)
def test_any_text_is_a_path_that_can_be_read_or_wrong_usage(text: str) -> None:
    try:
        path = parse(text)
    except UsageError as wrong:
        assert wrong.message
        return
    for kind in KINDS:
        model, state, _ = told(kind)
        assert as_json(path.read(model, NOW)) == as_json(path.of(state))


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("prices.BTC.lst", "did you mean prices.BTC.last?"),
        ("lvels.BTC[85000]", "did you mean levels?"),
        ("liquidations.windows.2h.usd", "valid: 1m, 5m, 15m, 1h, 4h, 12h, 24h, 7d"),
        ("options.BTC.constant_maturity.31d.rr25", "valid: 7d, 30d, 60d, 90d, 180d"),
        ("levels.BTC.status", "name a price in brackets: levels.BTC[85000]"),
        ("options.BTC.expiries[1].atm_iv", "name a date in brackets: options.BTC.expiries[2026-03-27]"),
        ("waves.newest", "name a position in brackets: waves[0], or waves.current"),
        ("prices.BTC.last.usd", "end the path there: prices.BTC.last"),
        ("prices[0].last", "valid: prices.ASSET"),
        ("nothing.like.it", "`deskmon list figures` prints them all"),
        ("depth.BTC.bands.0.1.bid_usd", 'valid: "0.1", "0.5", 1, 2'),
        ("prices..last", "write it like prices.BTC.last, keys with dots or blanks in quotes"),
        ("", "`deskmon list figures` prints them all"),
    ],
)
def test_a_path_that_no_market_can_have_is_wrong_usage_with_what_to_write(text: str, remedy: str) -> None:
    with pytest.raises(UsageError) as wrong:
        parse(text)
    assert wrong.value.remedy == remedy


def test_what_no_market_has_now_is_unknown() -> None:
    for path in ("prices.NONE.last", "metrics.nothing.value", "headlines[9999].text", "levels.BTC[0.5].status"):
        assert parse(path).read(told("full")[0], NOW) is None


def test_a_path_says_before_any_market_whether_a_number_is_there() -> None:
    numbers = {
        text: parse(text).is_number for text in ("prices.BTC.last", "prices.BTC", "mode", "feeds.a.service", "at")
    }
    assert numbers == {
        "prices.BTC.last": True, "prices.BTC": False, "mode": False, "feeds.a.service": False, "at": True,
    }  # fmt: skip


def _level(price: float, low: float, high: float, pinned: bool = False) -> LevelFigure:
    return LevelFigure(
        id=str(price), price=price, low=low, high=high, kind="support", score=1.0, status="holding", status_since=0,
        distance_pct=0.0, distance_atr=None, distance_sigma=None, tolerance_pct=1.0,
        sources=[], label=None, pinned=pinned,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "found"),
    [("100", 100.0), ("103.9", 103.0), ("110.5", 110.0), ("120.5", None), ("99.5", 100.0), ("130", None)],
)
def test_a_price_names_the_zone_that_holds_it_else_the_pin(asked: str, found: float | None) -> None:
    levels = [
        _level(103.0, 101.0, 104.0), _level(100.0, 99.0, 102.0), _level(110.0, 110.0, 110.0, pinned=True),
        _level(120.0, 120.0, 120.0),
    ]  # fmt: skip
    state = msgspec.structs.replace(told("empty")[1], levels={"BTC/USDT:USDT": levels})
    assert parse(f"levels.BTC[{asked}].price").of(state) == found


def test_the_current_wave_is_the_newest_that_is_not_over() -> None:
    market = markets.simulated()
    running = market.model.waves.current(market.now)
    assert running is not None
    for path in ("waves.current.id", "liquidations.waves.current.id"):
        assert parse(path).read(market.model, market.now) == parse(path).of(market.state) == running.id
    over = [msgspec.structs.replace(wave, state="over") for wave in market.state.liquidations.waves]
    calm = msgspec.structs.replace(market.state.liquidations, waves=over)
    assert parse("waves.current.id").of(msgspec.structs.replace(market.state, liquidations=calm)) is None


@pytest.mark.parametrize("path", ["prices.BTC.last", "funding.BTC.mean_8h", "waves.current.usd", "feeds"])
def test_only_the_part_that_is_named_is_computed(path: str) -> None:
    model = markets.own_sample("full")
    named = parse(path).steps[0].text

    def not_asked_for(now: int) -> None:
        raise AssertionError("computed")

    for name, part in model._parts.items():
        if name != named:
            part._compute = not_asked_for  # type: ignore[method-assign, assignment]
    with pytest.raises(AssertionError, match="computed"):
        model.state(NOW)
    assert as_json(parse(path).read(model, NOW)) == as_json(parse(path).of(told("full")[1]))


def _in_schema(node: dict[str, Any], path: str, structs: dict[str, Any]) -> set[str]:
    """Paths of the leaves under a node of the JSON Schema: `*` for any key, `[]` for any of a list."""
    if "$ref" in node:
        node = structs[node["$ref"].rpartition("/")[2]]
    if "anyOf" in node:
        inner = [(each, "") for each in node["anyOf"] if each.get("type") != "null"]
    elif "properties" in node:
        inner = [(each, f".{name}") for name, each in node["properties"].items()]
    elif isinstance(node.get("additionalProperties"), dict):
        inner = [(node["additionalProperties"], ".*")]
    elif "items" in node:
        inner = [(node["items"], "[]")]
    else:
        return {path.removeprefix(".")}
    return set().union(*(_in_schema(each, path + step, structs) for each, step in inner))


def test_every_leaf_of_the_schema_is_listed_once() -> None:
    listed = [re.sub(r"\[[^]]+\]|\.current", "[]", re.sub(r"\b[A-Z]{3,}\b", "*", each.figure)) for each in figures()]
    listed = [re.sub(r"^waves", "liquidations.waves", each).replace("[*]", "[]") for each in listed]
    whole = schema()
    assert sorted(listed) == sorted(_in_schema(whole, "", whole["$defs"]))


def test_every_listed_figure_can_be_written() -> None:
    for each in figures():
        path = each.figure.replace("[PRICE]", "[85000]").replace("[DATE]", "[2026-03-27]")
        for word, names in each.keys.items():
            path = path.replace(word, write_path("", Name(names[0])))
        assert parse(path).type in (int, float, str, bool) or not parse(path).is_number
        assert each.unit and each.meaning


@given(st.sampled_from(figures()))
def test_every_figure_is_reached_by_going_on_step_by_step(figure: Described) -> None:
    path = figure.figure.replace("ASSET", "BTC").replace("[PRICE]", "[85000]").replace("[DATE]", "[2026-03-27]")
    for word, names in figure.keys.items():
        path = path.replace(word, write_path("", Name(names[0])))
    steps = read_steps(path)
    for at, step in enumerate(steps):
        if isinstance(step, Name) and not step.text.isupper() and "." not in step.text:
            assert write_path("", *steps[: at + 1]) in continuations(write_path("", *steps[: at + 1]), "BTC")


def test_what_can_go_on_shows_how() -> None:
    assert {"prices", "prices.", "waves[", "mode"} <= set(continuations("pr", "BTC"))
    assert continuations("prices.B", "ETH") == ["prices.ETH", "prices.ETH."]
    assert continuations("levels.BTC.", "BTC") == continuations("nothing.at.all", "BTC") == []


def test_no_meaning_is_of_a_field_that_is_gone() -> None:
    structs = {each.__name__: each for each in _structs(State)}
    for owner, meanings in MEANINGS.items():
        heirs = [each for each in structs.values() if owner in {base.__name__ for base in each.__mro__}]
        assert heirs, owner
        for field, told in meanings.items():
            assert any(field in each.__struct_fields__ and meaning_of(each, field) == told for each in heirs), field
    for field in KEYS:
        owner, _, name = field.partition(".")
        assert name in structs[owner].__struct_fields__


def _structs(kind: Any) -> set[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return {kind}.union(*(_structs(each.type) for each in msgspec.structs.fields(kind)))
    return set().union(*map(_structs, get_args(kind)))


def test_keys_that_are_always_the_same_are_those_that_markets_have() -> None:
    _, _, found = told("full")
    for each in figures():
        shape = re.escape(each.figure)
        for word in each.keys:
            shape = shape.replace(word, f"(?P<{word}>" + r'"[^"]+"|[^."\[]+' + ")", 1)
        shape = re.sub(r"\b(?<!<)[A-Z]{3,}\b(?!>)", r'(?:"[^"]+"|[^."\\[]+)', shape)
        for path in found:
            if match := re.fullmatch(shape, path):
                assert all(read_steps(match[word])[0].text in names for word, names in each.keys.items()), path
