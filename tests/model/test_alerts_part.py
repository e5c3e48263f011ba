"""The model knows of rules what the hub said last, and its snapshot carries it."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon.events import Alert, Event, LegReading, decode_event, encode_event
from deskmon.model import Model
from deskmon.model.figure_path import parse
from tests.model.markets import T, wired

FIRING = Alert(
    ts=T, rule="lost85", state="firing", since=T - 5_000, value=84_000, severity="page", text="lost",
    legs=(LegReading(text="prices.BTC.last < 85000", met=True, value=84_000.0),),
)  # fmt: skip
PATH = Alert(ts=T, rule="scenarios.break85.bull", state="pending", since=T, target="90000-94000")


def _of(events: Iterable[Event]) -> Model:
    model = Model()
    model.apply(events)
    return model


def test_what_was_said_last_of_a_rule_is_a_figure() -> None:
    model = _of([FIRING, PATH])
    assert parse("alerts.lost85.state").read(model, T) == "firing"
    assert parse("alerts.lost85.legs[0].met").read(model, T) is True
    assert parse("scenarios.break85.bull.target").read(model, T) == "90000-94000"
    assert list(model.alerts.figures(T)) == ["lost85"]
    model.apply([Alert(ts=T + 1, rule="lost85", state="ok", since=T + 1, removed=True)])
    assert model.alerts.rules == ["scenarios.break85.bull"]


def test_alerts_travel_and_are_in_a_snapshot() -> None:
    assert decode_event(encode_event(FIRING)) == FIRING
    model = _of([FIRING, PATH])
    late = _of(wired(model.snapshot()))
    for key in ("alerts", "scenarios"):
        assert late.figures(key, T) == model.figures(key, T) != {}
    assert Model().figures("scenarios", T) == {}
