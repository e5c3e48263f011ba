"""Options on the screen: what is known stands as the venue's smile says, what isn't as a dash, and stale chains dim."""

from __future__ import annotations

import msgspec
import pytest

from deskmon.api import DAY, Drill, Frame, events
from deskmon.components.curves import Axes, Curve, curve_chart
from deskmon.components.options import expiry_name, vol_change
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.samples import EXPIRIES
from deskmon.testing import NOW, model_of, render, sample_events
from tests.markets import sample

PANELS = ("options", "skew", "smile", "gamma", "dvol")
FULL, STALE = sample("full"), sample("stale")


def make(name, **options):
    panel = load_panel(name)
    return panel(msgspec.convert(options, panel.Options))


def frame(model=FULL, width=118, height=33, symbol="BTC"):
    return Frame(model, NOW, width, height, symbol, True)


def styles(panel, model):
    return {style for line in panel.draw(frame(model)) for text, style in line if text.strip()}


def figure(model=FULL, underlying="BTC"):
    return model.options.figures(NOW)[underlying]


def test_a_row_says_what_the_model_knows_of_an_expiry():
    expiry = figure().expiries[3]
    (row,) = [line for line in render(make("options"), FULL, width=118) if "26 Dec 25" in line]
    expected = (
        f"{expiry.forward:,.0f}", f"{expiry.atm_iv:.1f}", vol_change(expiry.rr25), vol_change(expiry.bf25),
        vol_change(expiry.put_skew), f"{expiry.put_call_oi:.2f}", f"{expiry.max_pain:,.0f}",
        f"{expiry.expected_low:,.0f}–{expiry.expected_high:,.0f}",
    )  # fmt: skip
    assert all(text in row.split() for text in expected), (row, expected)
    assert expiry.rr25 < 0 and vol_change(expiry.rr25).startswith("−"), "puts are dearer in this market"


@pytest.mark.parametrize("name", PANELS)
def test_it_follows_the_linked_asset_where_that_has_options_else_shows_the_first(name):
    panel = make(name)
    shown = [" ".join([panel.heading(frame(symbol=s)), panel.note(frame(symbol=s))]) for s in ("ETH", "SOL", "BTC")]
    assert "ETH" in shown[0] and "BTC" in shown[1] and "BTC" in shown[2]


@pytest.mark.parametrize("name", PANELS)
def test_u_goes_to_the_next_underlying_until_another_asset_is_linked(name):
    panel = make(name)
    panel.on_action(f"{name}.underlying", frame())
    assert "ETH" in panel.heading(frame()) + panel.note(frame())
    panel.on_action(f"{name}.underlying", frame())
    assert "BTC" in panel.heading(frame()) + panel.note(frame())
    panel.on_action(f"{name}.underlying", frame())
    assert "BTC" in panel.heading(frame(symbol="SOL")) + panel.note(frame(symbol="SOL"))


@pytest.mark.parametrize("name", ["options", "skew"])
def test_enter_opens_the_smile_of_the_expiry(name):
    panel = make(name)
    panel.draw(frame())
    panel.on_action("down", frame())
    panel.on_action("down", frame())
    intent = panel.on_action("enter", frame())
    assert intent == Drill("smile", {"underlying": "BTC", "expiry": EXPIRIES[2]}, "BTC smile")
    page = make(intent.panel, **intent.options)
    assert page.heading(frame()) == "BTC smile" and page.note(frame()).startswith("5 Dec 25 · ")


@pytest.mark.parametrize("name", PANELS)
def test_a_stale_chain_dims_and_says_how_old_it_is(name):
    lines = render(make(name), STALE, width=118, height=33)
    assert any("stale, " in line and "20m old" in line for line in lines)
    assert make(name).oldest(frame(STALE)) >= 20 * 60_000
    live = {"flash", "up", "down", "sum"}
    assert "stale" in styles(make(name), STALE)
    if name != "dvol":  # whose table marks its own rows
        assert not live & {word for style in styles(make(name), STALE) for word in style.split()}
    assert "stale" not in styles(make(name), FULL)


def test_changes_are_of_the_same_expiry_and_unknown_where_there_was_none():
    lines = render(make("skew"), FULL, width=118, height=33)
    (row,) = [line.split() for line in lines if "26 Dec 25" in line]
    expiry = figure().expiries[3]
    before = {
        ago: next(p for p in FULL.options.term_structure("BTC", NOW, ago).points if p.expiry == expiry.expiry)
        for ago in (DAY, 7 * DAY)
    }
    assert row[4:7] == [vol_change(x) for x in (expiry.rr25, *(expiry.rr25 - p.rr25 for p in before.values()))]
    young = model_of(e for e in sample_events("full") if not isinstance(e, events.Option) or e.ts >= NOW - DAY // 2)
    lines = render(make("skew"), young, width=118, height=33)
    (row,) = [line.split() for line in lines if "26 Dec 25" in line]
    assert row[5:7] == ["—", "—"]
    assert "24h —" in lines[1] and "7d —" in lines[1] and "○" not in "".join(lines)


def test_the_smile_marks_the_wings_and_the_forward_and_leaves_out_what_nobody_bids():
    expiry = figure().expiries[2]
    panel = make("smile", underlying="BTC", expiry=expiry.expiry)
    lines = render(panel, FULL, width=118, height=40)
    text = "\n".join(lines)
    chart = "".join(line for line in lines[2:20] if "puts" not in line)
    assert chart.count("◆") == 2 and "│" in chart
    assert f"25Δ put {expiry.put25_strike:,.0f} at {expiry.put25_iv:.1f}" in text
    assert f"{expiry.no_bid} of {expiry.quotes} without a bid" in text
    panel.on_action("right", frame())
    assert expiry_name(EXPIRIES[3]).strip() in panel.note(frame())
    panel.on_action("left", frame())
    panel.on_action("left", frame())
    assert expiry_name(EXPIRIES[1]).strip() in panel.note(frame())


def test_an_expiry_that_is_gone_says_so():
    gone = make("smile", underlying="BTC", expiry=NOW - DAY)
    assert "any more" in render(gone, FULL)[0]
    assert render(make("options", underlying="DOGE"), FULL)[0].strip() == "no DOGE options in this market so far"
    assert render(make("options", underlying="DOGE"), Model())[0].strip().startswith("no DOGE options yet; these lines")


def test_dvol_says_how_unusual_it_is_and_how_many_days_it_knows():
    known = figure()
    text = " ".join(render(make("dvol"), FULL, width=118, height=20))
    assert f"DVOL {known.dvol:.1f}" in text and f"over {known.since.n} days" in text
    assert "highest since 2025-" in text and f"±{known.expected_daily_move_pct:.1f}% a day" in text
    few = [events.VolatilityIndex(ts=NOW - d * DAY, venue="deribit", name="DVOL", underlying="BTC", value=50.0 + d)
           for d in range(12, -1, -1)]  # fmt: skip
    lines = render(make("dvol"), model_of(few), width=78, height=20)
    assert "13 daily values: too few for a percentile" in "\n".join(lines)
    assert "lowest in 13 days of history" in "\n".join(lines)


def test_gamma_names_its_assumption_and_adds_up():
    model = FULL
    lines = render(make("gamma"), model, width=118, height=60)
    known = figure()
    assert "dealers long gamma here" in lines[0] and known.gex_usd > 0
    assert "if dealers are long calls, short puts" in "".join(lines[:3])
    assert f"flip {known.gex_flip:,.0f}" in "".join(lines[:3])
    strikes = model.options.strikes("BTC", NOW)
    top = max(strikes, key=lambda strike: strike.call_oi + strike.put_oi)
    assert f"most OI {top.strike:,.0f}" in "".join(lines[:3])
    assert sum(strike.gex_usd for strike in strikes) == pytest.approx(known.gex_usd)
    negative, positive = ([line for line in lines if f" {sign}" in line and "K" in line] for sign in "−+")
    assert negative and positive


@pytest.mark.parametrize("height", [16, 24, 40, 60])
def test_rows_of_gamma_stand_at_the_strikes_that_are_listed(height):
    """Strikes each 2,500: no row stands between two of them, under the name of none."""
    first = NOW + 20 * DAY
    model = model_of([
        events.Option(ts=NOW, venue="deribit", underlying="BTC", expiry=first, strike=float(strike), kind=kind,
                      underlying_price=67_480.0, mark_iv=80.0, open_interest=10.0)
        for strike in range(40_000, 100_001, 2_500) for kind in ("call", "put")
    ])  # fmt: skip
    lines = render(make("gamma"), model, width=100, height=height)
    rows = [line.split() for line in lines if line.split() and line.split()[0].startswith(("20", "10", "40"))]
    shown = [float(word.replace(",", "")) for row in rows for word in row if word.endswith("00") and "," in word]
    assert len(shown) >= 4 and all(strike % 2_500 == 0 for strike in shown), lines


def test_the_line_beside_dvol_has_a_value_a_day():
    """A quarter of a year at 40, then a day at 80 that came by five minutes: the day is one of ninety."""
    days = [(NOW - day * DAY, 40.0) for day in range(90, 1, -1)]
    minutes = [(NOW - step * 300_000, 80.0) for step in range(200, -1, -1)]
    model = model_of([
        events.VolatilityIndex(ts=ts, venue="deribit", name="DVOL", underlying="BTC", value=value)
        for ts, value in (*days, *minutes)
    ])  # fmt: skip
    row = next(line for line in render(make("dvol"), model, width=118, height=3) if "80.0" in line)
    line = "".join(word for word in row if word in "▁▂▃▄▅▆▇█")
    assert len(line) > 30 and line.count("█") <= 2, row


def test_curves_stay_in_their_cells_and_differ_without_colour():
    first = Curve([(1.0, -2.0), (10.0, 0.0), (100.0, 3.0)], "●", "accent", joined=True)
    second = Curve([(1.0, 3.0), (100.0, -2.0)], "○", "text")
    axes = Axes("{:g}d".format, vol_change, (1, 10, 100, 1000), logarithmic=True)
    lines = curve_chart([first, second], axes, (40, 9))
    text = ["".join(words for words, _ in line) for line in lines]
    assert len(text) == 9 and all(len(line) <= 40 for line in text)
    assert sum(line.count("●") for line in text) == 3 and sum(line.count("○") for line in text) == 2
    assert text[0].startswith("+3.0 ○") and text[7].startswith("−2.0 ●"), "extremes stand in their corners"
    assert text[8].split() == ["1d", "10d", "100d"] and "─" in "".join(text), "and 0 has its line"
    assert curve_chart([Curve([], "●", "text")], axes, (20, 5)) == [[("", "")]] * 5
