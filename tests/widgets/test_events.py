"""Panel `events`: every line says what it is about, leads to its page, and can be kept by kind."""

import re
from typing import get_args

import msgspec
import pytest

from deskmon.api import Drill, Frame, LookAt, Notify
from deskmon.components.log import log_page
from deskmon.events import Alert
from deskmon.model.figures import LogFigure, LogKind
from deskmon.plugins import load_panel
from deskmon.testing import NOW, render
from tests import markets

LINES = [
    LogFigure(ts=NOW, kind="waves", text="w", subject="1", state="over", symbol="BTC"),
    LogFigure(ts=NOW, kind="levels", text="l", subject="85000", symbol="BTC/USDT:USDT", price=85_000.0, state="broken"),
    LogFigure(ts=NOW, kind="funding", text="f", subject="BTC/USDT:USDT", symbol="BTC/USDT:USDT", state="negative"),
    LogFigure(ts=NOW, kind="flows", text="b", subject="BTC 2025-11-20", symbol="BTC", usd=-9e8),
    LogFigure(ts=NOW, kind="feeds", text="d", subject="okx", state="stale"),
    LogFigure(ts=NOW, kind="gaps", text="g", subject="binance"),
    LogFigure(ts=NOW, kind="notes", text="n", by="anna", symbol="ETH/USDT:USDT", price=2_771.0),
]


def made(**options):
    panel = load_panel("events")
    return panel(msgspec.convert(options, panel.Options))


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.kind)
def test_every_kind_of_event_leads_to_a_page_that_knows_it(line):
    model = markets.sample("full")
    intent = log_page(line, model, NOW)
    assert isinstance(intent, Drill) and intent.label
    panel = load_panel(intent.panel)
    assert render(panel(msgspec.convert(intent.options, panel.Options)), model)


def test_a_headline_leads_to_its_page_while_the_desk_holds_it():
    model = markets.sample("full")
    line = next(line for line in model.log.figures(NOW) if line.kind == "headlines")
    assert isinstance(log_page(line, model, NOW), Drill)
    assert isinstance(log_page(msgspec.structs.replace(line, text="of last year"), model, NOW), Notify)


def test_lines_are_newest_first_with_time_kind_and_who_said_it():
    screen = render(made(), markets.sample("full"), width=100, height=30)
    noted = next(line for line in screen if "anna: sold half of it · BTC 85,290.00" in line)
    assert noted.split()[:2] == ["14:23:07", "notes"]
    words = (line.strip("▸ ").split()[:1] for line in screen[1:])
    times = [word for word in (each[0] for each in words if each) if re.fullmatch(r"\d\d:\d\d:\d\d", word)]
    assert times == sorted(times, reverse=True) and len(times) > 4


def test_a_kind_that_is_chosen_is_the_only_one_shown_and_the_filter_knows_kinds_too():
    model = markets.sample("full")
    levels = render(made(kind="levels"), model, width=100, height=30)
    assert [line for line in levels if "BTC 84,900.00–85,120.00 (lost on Friday)" in line] == [
        line for line in levels[1:] if line.strip()
    ]
    filtered = render(made(filter="notes"), model, width=100, height=30)
    assert any("Hyperliquid slow" in line for line in filtered) and not any("broken" in line for line in filtered)


@pytest.mark.parametrize("kind", get_args(LogKind))
def test_a_desk_on_which_nothing_of_a_kind_happened_says_so(kind):
    assert any(f"no {kind} yet" in line for line in render(made(kind=kind), markets.sample("empty")))


def test_an_alert_that_fires_is_said_in_its_own_words_and_leads_to_its_rule_and_to_its_moment():
    model = markets.own_sample("one")
    fired = NOW - 60_000
    model.apply([Alert(ts=fired, rule="cascade", state="firing", since=NOW, severity="page", text="20M in 5m")])
    panel, seen = made(), Frame(model, NOW, 80, 10, "BTC", True)
    assert any("cascade firing: 20M in 5m" in line for line in render(panel, model, width=80, height=10))
    assert panel.on_action("enter", seen) == Drill("alerts", {"filter": "cascade"}, "alerts")
    assert panel.on_action("events.moment", seen) == LookAt(fired)
    assert isinstance(made().on_action("events.moment", Frame(markets.sample("empty"), NOW, 80, 10)), Notify)
