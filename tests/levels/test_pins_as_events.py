"""Pins are events: a model folds them, a snapshot and a journal hold them, an operator's are told to whoever folds."""

import msgspec
import pytest

from deskmon.analytics.level_settings import Pinned
from deskmon.clock import MINUTE
from deskmon.events import Journal, PinnedLevel, Reset, decode_event, encode_event
from deskmon.hub.running import emitter
from deskmon.journal import JournalWriter, ReadReport, read_events
from deskmon.model import Model
from deskmon.model.levels import PINS
from deskmon.pins import OperatorPins
from tests.levels.builders import T
from tests.model.markets import wired

ZONE = Pinned(symbol="ETH", low=1_500.0, high=1_600.0)


def pin(price, label="", symbol="BTC", **more):
    return PinnedLevel(ts=T, symbol=symbol, price=price, label=label, **more)


def pins(model):
    return [(each.symbol, each.edges, each.label) for each in model.levels.pins]


def test_a_pin_stands_until_it_is_removed_and_one_at_its_price_gives_it_another_label():
    model = Model()
    model.apply([pin(1.0), pin(2.0, "two"), pin(1.0, "one"), pin(1.0, symbol="ETH"), pin(3.0, removed=True)])
    assert pins(model) == [("BTC", (1.0, 1.0), "one"), ("BTC", (2.0, 2.0), "two"), ("ETH", (1.0, 1.0), "")]
    model.apply([pin(1.0, removed=True)])
    assert [each[:2] for each in pins(model)] == [("BTC", (2.0, 2.0)), ("ETH", (1.0, 1.0))]
    model.apply([Reset(ts=T)])
    assert not model.levels.pins and not model.rejected


def test_a_snapshot_holds_them_as_json_and_a_pin_begins_no_market():
    model, late = Model(), Model()
    model.apply([*OperatorPins([ZONE]).events(T), pin(1.0, "one")])
    late.apply(wired(model.snapshot()))
    assert pins(late) == pins(model) == [("ETH", (1_500.0, 1_600.0), ""), ("BTC", (1.0, 1.0), "one")]
    assert model.liquidations.since is None and not late.rejected


def test_their_number_is_bounded():
    model = Model()
    model.apply(pin(float(price)) for price in range(1, PINS + 3))
    assert len(model.levels.pins) == PINS and model.rejected == 2
    model.apply([pin(1.0, removed=True), pin(0.5)])
    assert len(model.levels.pins) == PINS and model.rejected == 2


def test_a_journal_holds_them(tmp_path):
    path = tmp_path / "pins.jsonl"
    held = [pin(85_000.0, "must hold"), *OperatorPins([ZONE]).events(T), pin(85_000.0, removed=True)]
    with JournalWriter(path, Journal(version=1, source="recorded", started=T)) as journal:
        journal.write(held)
    assert list(read_events(path, ReadReport())) == held
    assert b'"type":"pin"' in path.read_bytes() and encode_event(held[2]).endswith(b'"price":85000.0,"removed":true}')


@pytest.mark.parametrize(
    "fields",
    ['"price":0', '"price":1,"low":1,"high":2', '"low":1', '"low":2,"high":1', '"label":"x"', '"price":1e18'],
)
def test_what_is_no_pin_is_refused(fields):
    with pytest.raises(msgspec.ValidationError):
        decode_event(f'{{"type":"pin","ts":{T},"symbol":"BTC",{fields}}}')


def test_pins_of_the_config_come_and_go_those_by_key_stay_until_the_config_has_them():
    one, two = Pinned(symbol="BTC", price=1.0), Pinned(symbol="BTC", price=2.0)
    labelled = Pinned(symbol="BTC", price=2.0, label="x")
    model, operator = Model(), OperatorPins([one])
    model.apply(operator.events(T))
    assert operator.add(one, T) == []
    model.apply(operator.add(two, T) + operator.add(labelled, T))
    assert pins(model) == [("BTC", (1.0, 1.0), ""), ("BTC", (2.0, 2.0), "x")]
    model.apply(operator.follow([ZONE], T))
    assert [each.symbol for each in model.levels.pins] == ["BTC", "ETH"] and operator.added == (labelled,)
    model.apply(operator.follow([labelled], T))
    assert pins(model) == [("BTC", (2.0, 2.0), "x")] and operator.added == ()
    model.apply(operator.follow([], T + MINUTE))
    assert not model.levels.pins
    fresh = Model()
    fresh.apply(operator.events(T))
    assert not fresh.levels.pins


def test_a_feed_pins_nothing():
    taken, refused = [], []
    emit = emitter(taken.append, lambda event, reason: refused.append(reason))
    emit(pin(1.0))
    assert not taken and refused == ["a feed can't emit a PinnedLevel"]
