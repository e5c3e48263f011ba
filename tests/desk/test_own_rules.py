"""A trader's own rules on another's hub: judged by the screen, for itself alone."""

from __future__ import annotations

import msgspec
import pytest

from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.clock import SECOND
from deskmon.desk.own_rules import OwnRules
from deskmon.errors import DeskError
from deskmon.events import Alert, Ticker
from deskmon.samples import NOW
from deskmon.transport.requests import Acknowledge, Note, Snooze
from tests.markets import own_sample

START = NOW - NOW % SECOND
MINE = RuleSettings(when="prices.BTC.last < 80000", severity="page")
HUBS = RuleSettings(when="prices.BTC.last > 1")


def fall(model, own, at, last):
    """The price falls at second `at`; what the screen says then."""
    now = START + at * SECOND
    model.apply([Ticker(ts=now, recv=now, venue="bybit", symbol="BTC/USDT:USDT", last=last)])
    said = own.judge(model, now + 250)
    model.apply(said)
    return [(alert.rule, alert.state) for alert in said]


def attached():
    """A screen on a hub that has a rule of its own, of which the trader's file has another form."""
    model = own_sample("one")
    model.apply([Alert(ts=START, rule="hubs", state="ok", since=START)])
    own = OwnRules(AlertsConfig(rules={"mine": MINE, "hubs": HUBS}))
    assert own.begin(model) == []
    return model, own


def test_a_screen_judges_the_rules_that_the_hub_doesnt_have_once_a_second():
    model, own = attached()
    assert fall(model, own, 1, 84_000.0) == [("mine", "ok")]
    assert own.judge(model, START + 1_900) == ()
    assert fall(model, own, 2, 79_000.0) == [("mine", "firing")]
    assert model.alerts.told("mine").severity == "page"
    assert model.alerts.told("hubs").state == "ok"


def test_after_another_snapshot_what_was_said_is_there_again_and_the_rule_fires_no_second_time():
    model, own = attached()
    fall(model, own, 1, 84_000.0)
    fall(model, own, 2, 79_000.0)
    again, _ = attached()
    again.apply(own.begin(again))
    assert again.alerts.told("mine").since == START + 2 * SECOND
    assert fall(again, own, 9, 78_000.0) == []


def test_a_rule_of_the_screen_is_acknowledged_and_snoozed_by_it_and_all_else_is_the_hubs():
    model, own = attached()
    fall(model, own, 1, 84_000.0)
    with pytest.raises(DeskError, match="mine doesn't fire"):
        own.ask(Acknowledge(id=0, rule="mine", by="ann"), START)
    fall(model, own, 2, 79_000.0)
    [alert] = own.ask(Acknowledge(id=0, rule="mine", by="ann"), START + 3 * SECOND)
    assert (alert.mark, alert.by) == ("acknowledged", "ann")
    [alert] = own.ask(Snooze(id=0, rule="mine", by="ann"), START + 3 * SECOND)
    assert alert.mark == "snoozed"
    assert own.ask(Acknowledge(id=0, rule="hubs"), START) is None
    assert own.ask(Note(id=0, text="x"), START) is None


def test_another_configuration_changes_what_is_judged():
    model, own = attached()
    fall(model, own, 1, 84_000.0)
    model.apply(own.follow(AlertsConfig(rules={"hubs": HUBS}), model))
    assert model.alerts.rules == ["hubs"]
    assert fall(model, own, 2, 79_000.0) == []


def test_what_a_machine_slept_counts_for_no_rule_of_the_screen():
    slow = msgspec.convert({"when": "prices.BTC.last < 80000", "for": "1h"}, RuleSettings)
    model, own = own_sample("one"), OwnRules(AlertsConfig(rules={"slow": slow}))
    own.begin(model)
    fall(model, own, 1, 79_000.0)
    assert fall(model, own, 8 * 3600, 79_000.0) == []
    assert fall(model, own, 8 * 3600 + 40, 79_000.0) == []
