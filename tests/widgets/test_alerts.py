"""Alerts on the screen: what a comparison says, what the header names, which panels and rows have a mark."""

from __future__ import annotations

import pytest

from deskmon.api import AcknowledgeAlert, Drill, Frame, Notify, SnoozeAlert
from deskmon.clock import DAY, MINUTE
from deskmon.components.alerts import alert_headline, alert_marks, called_about, seen_count, undelivered
from deskmon.components.legs import leg_words
from deskmon.events import Alert, FeedStatus, LegReading
from deskmon.plugins import load_panel
from deskmon.samples import NOW
from deskmon.testing import render
from tests.markets import own_sample, sample


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("prices.BTC.last < 85000", 84_120.0, ("prices", "BTC", "84,120.00", "85000", "+1.0%")),
        ("prices.BTC.last crosses below 85000", 85_900.0, ("prices", "BTC", "85,900.00", "85000", "−1.0%")),
        ("liquidations.windows.5m.long_usd > 20M", 10e6, ("liquidations", "", "10.0M", "20M", "+100.0%")),
        ("levels.BTC[85000].status in broken reclaimed", "broken", ("levels", "BTC", "broken", "broken reclaimed", "")),
        ("options.BTC.dvol_rank >= 100", 99.997, ("options", "BTC", "99.997", "100", "+0.00")),
        ("options.BTC.dvol_rank >= 100", 100.0, ("options", "BTC", "100", "100", "+0.00")),
        ("liquidations.windows.5m.usd > 20M", 19_999_999.0, ("liquidations", "", "19,999,999", "20M", "0.0%")),
        ("options.BTC.dvol_percentile > 95", 91.0, ("options", "BTC", "91", "95", "+4.00")),
        ("options.BTC.constant_maturity.30d.rr25 change 4h < -2", -2.4, ("options", "BTC", "−2.4", "-2", "+0.40")),
        ("prices.BTC.last change_pct 1h < -3", -1.25, ("prices", "BTC", "−1.25%", "-3", "−1.75")),
        ("funding.BTC.mean_8h < 0.01%", 0.0002, ("funding", "BTC", "+0.0200%", "0.01%", "−50.0%")),
        ("feeds.bybit.age_ms > 30s", 15_000.0, ("feeds", "bybit", "15s", "30s", "+100.0%")),
        ("feeds.bybit.age_ms unknown", None, ("feeds", "bybit", "—", "", "")),
        ('prices."BTC/USDT:USDT".last > 1', None, ("prices", "BTC/USDT:USDT", "—", "1", "")),
        ("waves.current.state = building", "building", ("waves", "", "building", "building", "")),
    ],
)
def test_a_comparison_says_what_it_reads_and_how_far_that_is(text, value, shown):
    words = leg_words(LegReading(text=text, met=None, value=value))
    assert (words.part, words.subject, words.value, words.threshold, words.away) == shown


def test_the_header_names_the_gravest_rule_that_calls_and_how_many_more():
    full = alert_headline(sample("full"), NOW)
    assert (full.call, full.rule, full.text) == ("! PAGE", "cascade", "liquidations.windows.5m.long_usd > 20M (23.4M)")
    assert (full.more, full.style, full.since) == (1, "error bold", "since 14:27")
    assert seen_count(sample("full")) == 1
    model = own_sample("one")
    default = "dvol_btc: options.BTC.dvol_percentile > 99 (now 99.4)"
    leg = LegReading(text="options.BTC.dvol_percentile > 99", met=True, value=99.4)
    for text, rule, words in (
        ("implied volatility of BTC is extreme: DVOL 78", "", "implied volatility of BTC is extreme: DVOL 78"),
        (default, "dvol_btc", "options.BTC.dvol_percentile > 99 (99.4)"),
    ):
        alert = Alert(ts=NOW, rule="dvol_btc", state="firing", since=NOW, severity="warn", text=text, legs=(leg,))
        model.apply([alert])
        shown = alert_headline(model, NOW)
        assert (shown.call, shown.rule, shown.text, shown.style) == ("! warn", rule, words, "warn bold")
    model.apply([Alert(ts=NOW, rule="dvol_btc", state="clearing", since=NOW - MINUTE, severity="warn", legs=(leg,))])
    assert alert_headline(model, NOW).since == "clearing since 14:31"
    assert alert_headline(sample("one"), NOW) is None


def test_the_header_says_since_when_an_alert_fires_however_often_its_words_are_told_anew():
    model = own_sample("one")
    for ts, now, text, since in (
        (NOW, NOW, "$85,000 broken, BTC at 84,231", "since 14:32"),
        (NOW + 5 * MINUTE, NOW + 6 * MINUTE, "$85,000 broken, BTC at 83,990", "since 14:32"),
        (NOW + 2 * DAY, NOW + 2 * DAY, "$85,000 broken, BTC at 82,105", "since 21 Nov"),
    ):
        model.apply([Alert(ts=ts, rule="break", state="firing", since=NOW, severity="page", text=text)])
        shown = alert_headline(model, now)
        assert (shown.text, shown.since) == (text, since)


@pytest.mark.parametrize(
    ("figure", "is_of_wave"),
    [("waves.current.state in building cresting", True), ("waves.count > 5", False), ("prices.BTC.last < 9", False)],
)
def test_an_alert_is_of_the_wave_that_runs_where_it_reads_nothing_else(figure, is_of_wave):
    model, leg = own_sample("one"), LegReading(text=figure, met=True, value=1.0)
    model.apply([Alert(ts=NOW, rule="r", state="firing", since=NOW, severity="warn", text="words", legs=(leg,))])
    assert alert_headline(model, NOW).is_of_wave is is_of_wave


def test_a_rule_of_severity_info_leaves_the_header_to_a_wave():
    model = own_sample("one")
    model.apply([Alert(ts=NOW, rule="mild", state="firing", since=NOW, severity="info", text="a mild thing")])
    shown = alert_headline(model, NOW)
    assert (shown.call, shown.text, shown.style) == ("! info", "a mild thing", "accent")
    assert alert_headline(model, NOW, with_info=False) is None


def test_the_header_says_that_alerts_reach_nobody_while_they_dont():
    model = own_sample("one")
    assert undelivered(model, NOW) == ""
    for state, words in (("down", "ALERTS NOT DELIVERED · route phone: HTTP 500, 3 wait"), ("live", "")):
        detail = "route phone: HTTP 500, 3 wait"
        model.apply([FeedStatus(ts=NOW, feed="alerts", state=state, detail=detail, service=True)])
        assert undelivered(model, NOW) == words


def test_panels_and_rows_that_a_calling_rule_is_about_have_a_mark_of_its_severity():
    marks = alert_marks(sample("full"))
    assert (marks["liquidations"], marks["prices"]) == ("error bold", "warn bold")
    assert "levels" not in marks  # its rule is muted
    assert called_about(sample("full"), "prices") == {"BTC": "warn bold"}
    panel = load_panel("prices")()
    panel.on_action("down", Frame(sample("full"), NOW, 78, 10))
    lines = render(panel, sample("full"), width=78, height=10)
    assert [line[0] for line in lines[1:3]] == ["!", "▸"]


def test_keys_of_the_panel_acknowledge_what_fires_and_snooze_anything():
    frame = Frame(sample("full"), NOW, 100, 40, focused=True)
    panel = load_panel("alerts")()
    assert panel.on_action("alerts.ack", frame) == AcknowledgeAlert("cascade")
    assert panel.on_action("alerts.snooze", frame) == SnoozeAlert("cascade")
    assert panel.on_action("enter", frame) == Drill("liquidations", {}, "liquidations")
    panel.on_action("bottom", frame)
    assert isinstance(panel.on_action("alerts.ack", frame), Notify)
    assert panel.on_action("alerts.snooze", frame) == SnoozeAlert("funding_flips")


def test_a_path_of_a_scenario_leads_to_the_figure_under_the_cursor():
    frame = Frame(sample("full"), NOW, 120, 40, focused=True)
    panel = load_panel("scenarios")()
    assert panel.on_action("enter", frame) == Drill("symbol", {"symbol": "BTC/USDT:USDT"}, "BTC")
    for _ in range(2):
        panel.on_action("right", frame)
    assert panel.on_action("enter", frame) == Drill(
        "level", {"symbol": "BTC/USDT:USDT", "price": 85_000.0}, "85,000.00"
    )


def test_a_quiet_rule_that_waits_for_a_crossing_says_so_beside_a_value_that_is_beyond_it_already():
    model = own_sample("one")
    leg = LegReading(text="funding.BTC.mean_8h crosses  above 0.002%", met=False, value=0.000052)
    model.apply([Alert(ts=NOW, rule="funding_positive", state="ok", since=NOW, legs=(leg,))])
    [line] = [
        each for each in render(load_panel("alerts")(), model, width=120, height=20) if "funding_positive" in each
    ]
    assert "funding_positive · crosses above" in line and "+0.0052%" in line and "0.002%" in line
