"""The candle chart: candles where their prices are, told apart without colour, and a cursor that reads them."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.api import DAY, HOUR, Drill, Frame, Notify, Pin, events
from deskmon.components.candles import Band, Candlestick, candle_chart
from deskmon.plugins import load_panel
from deskmon.testing import NOW, model_of, render
from tests.markets import sample

BTC = "BTC/USDT:USDT"
FULL = sample("full")
HOUR_NOW = NOW // HOUR * HOUR


def make(name="chart", **options):
    panel = load_panel(name)
    return panel(msgspec.convert(options, panel.Options))


def frame(model, width=80, height=24, symbol="BTC"):
    return Frame(model, NOW, width, height, symbol, True)


def candle(ago, open, close, *, high=None, low=None, volume=10.0, timeframe="1h", length=HOUR):
    start = NOW // length * length - ago * length
    return events.Candle(
        ts=start + length, venue="binance", symbol=BTC, timeframe=timeframe, open_time=start, open=open, close=close,
        high=high or max(open, close), low=low or min(open, close), volume=volume,
    )  # fmt: skip


def ticker(last):
    return events.Ticker(ts=NOW, venue="binance", symbol=BTC, last=last)


WALK = [candle(ago, 100.0 + ago, 99.0 + ago) for ago in range(40, 0, -1)]


def chart_text(sticks, bands=(), size=(40, 10), **more):
    lines = candle_chart(sticks, bands, size, margin=12, write=lambda value: f"{value:.1f}", **more)
    return ["".join(text for text, _ in line) for line in lines]


def test_rising_is_thin_and_falling_is_filled_between_wicks():
    lines = chart_text({0: Candlestick(2.1, 10, 0, 7.9), 2: Candlestick(7.9, 10, 0, 2.1)}, size=(16, 5))
    columns = ["".join(line[at] for line in lines) for at in (0, 1, 2)]
    assert columns == ["│┃┃┃│", "     ", "│███│"]


prices = st.floats(1.0, 1e6)


@given(st.dictionaries(st.integers(0, 27), st.tuples(prices, prices, prices, prices), min_size=1), st.integers(2, 30))
def test_candles_reach_from_their_lowest_to_their_highest_price(drawn, height):
    sticks = {at: Candlestick(four[0], max(four), min(four), four[3]) for at, four in drawn.items()}
    lines = chart_text(sticks, size=(40, height))
    low, high = min(s.low for s in sticks.values()), max(s.high for s in sticks.values())
    assert len(lines) == height and all(len(line) <= 40 for line in lines)
    for at in range(28):
        rows = [row for row in range(height) if lines[row][at] != " "]
        if at not in sticks:
            assert not rows
        elif high > low:
            assert rows == list(range(rows[0], rows[-1] + 1))
            for row, price in ((rows[0], sticks[at].high), (rows[-1], sticks[at].low)):
                assert abs((high - price) / (high - low) * height - row - 0.5) <= 0.500001


def test_levels_stand_behind_the_candles_with_their_labels_and_the_price_before_all():
    sticks = {at: Candlestick(50, 100, 0, 50) for at in range(3)}
    bands = [Band(70, 89, "first", "warn"), Band(75, 76, "same", "muted"), Band(44, 44, "thin", "muted")]
    lines = chart_text(sticks, [*bands, Band(500, 510, "far", "text")], size=(40, 10), price=25.0)
    assert "first" in lines[2] and [line[3] for line in lines[:6]] == [" ", "░", "░", "░", " ", "╌"]
    assert "thin" in lines[5] and not any("same" in line or "far" in line for line in lines)
    assert "◂25.0" in lines[7] and lines[7][3] == "─" and lines[7][0] == "│"


def test_the_line_above_reads_the_newest_candle_up_to_the_price_and_the_cursor_any_other():
    model = model_of([*WALK, candle(0, 100.0, 100.0), ticker(104.0)])
    panel = make()
    assert render(panel, model, width=100)[0].startswith(
        "1h 21 Nov 14:00  C 104.00  +4.00%  • VWAP 119.35  O 100.00  H 104.00"
    )
    panel.on_action("left", frame(model))
    panel.on_action("left", frame(model))
    lines = render(panel, model, width=100)
    assert lines[0].startswith("1h 21 Nov 12:00  C 101.00  −0.98%  • VWAP 120.33")
    assert "  O 102.00  H 102.00  L 101.00  V 10" in lines[0]
    assert any("┆" in line for line in lines)
    for _ in range(3):
        panel.on_action("right", frame(model))
    assert "C 104.00" in render(panel, model)[0]


def test_the_cursor_goes_back_as_far_as_candles_are_held():
    model, panel = model_of(WALK), make()
    for _ in range(60):
        panel.on_action("left", frame(model, 40))
        assert any("┆" in line for line in render(panel, model, width=40))
    assert "O 140.00" in render(panel, model, width=80)[0]


def test_the_timeframe_goes_round_those_that_are_held():
    model = model_of([*WALK, *(candle(ago, 90.0, 95.0, timeframe="1d", length=DAY) for ago in range(9, 0, -1))])
    panel, seen = make(), []
    for _ in range(4):
        seen.append(panel.note(frame(model)).split(" · ")[-1])
        panel.on_action("chart.timeframe", frame(model))
    assert seen == ["1h", "4h", "1d", "1h"]


def test_the_average_price_is_by_volume_since_monday_on_hours():
    monday = NOW // DAY * DAY - 4 * DAY
    assert (monday // DAY) % 7 == 4
    hours = (HOUR_NOW - monday) // HOUR
    before = [candle(hours + ago, 900.0, 900.0, volume=1e6) for ago in range(5, 0, -1)]
    model = model_of([*before, candle(hours, 100.0, 100.0, volume=30.0), candle(0, 200.0, 200.0, volume=10.0)])
    assert "VWAP 125.00" in render(make(), model, width=120)[0]
    assert "VWAP —" in render(make(), model_of([candle(0, 1.0, 1.0, volume=0.0)]), width=120)[0]


def test_what_is_read_can_be_pinned_and_opened():
    model = model_of([*WALK, ticker(104.0)])
    panel = make()
    assert panel.on_action("chart.pin", frame(model)) == Pin("BTC", 104.0)
    panel.on_action("left", frame(model))
    assert panel.on_action("chart.pin", frame(model)) == Pin("BTC", 100.0)
    assert panel.on_action("enter", frame(model)) == Drill("symbol", {"symbol": BTC}, "BTC")
    assert isinstance(make().on_action("chart.pin", frame(model_of([]))), Notify)


def test_a_price_that_no_longer_comes_is_dimmed():
    for kind, expected in (("full", "sum flash"), ("stale", "stale")):
        lines = make().draw(frame(sample(kind)))
        styles = {style for line in lines for text, style in line if text.strip().startswith(("◂", "C "))}
        assert styles == {expected}


def test_nothing_is_said_in_words():
    assert render(make(), model_of([])) == ["no candles of BTC yet"]
    assert render(make(timeframe="5m"), model_of(WALK)) == ["no 5m candles yet"]


def test_a_wave_lies_under_its_candles():
    assert FULL.waves.figures(NOW)
    axis = render(make(), FULL, width=100, height=30)[-2]
    assert {*axis} >= {"─", "1"} and len(axis.strip("─")) <= 3


@given(st.integers(1, 220), st.integers(1, 60))
def test_every_price_on_the_axis_is_whole_at_any_size(width, height):
    for line in render(make(), FULL, width=width, height=height)[1:-2]:
        label = re.search(r" ◂?(\d[^ ]*)( .*)?$", line)
        assert label is None or re.fullmatch(r"\d{1,3}(,\d{3})*\.\d\d", label[1]), line


@pytest.mark.parametrize(("width", "height", "charted"), [(118, 33, True), (78, 20, False), (200, 50, True)])
def test_the_page_of_an_asset_has_the_chart_where_there_is_room(width, height, charted):
    model, page = FULL, make("symbol")
    lines = render(page, model, width=width, height=height)
    assert any("• VWAP" in line for line in lines) == charted
    assert lines[0].startswith(" expected 1σ of a day") and "RR25 30d −" in lines[0]
    before = page.selected(frame(model, width, height)).key
    page.on_action("left", frame(model, width, height))
    assert any("┆" in line for line in render(page, model, width=width, height=height)) == charted
    assert page.selected(frame(model, width, height)).key == before
    page.on_action("symbol.timeframe", frame(model, width, height))
    assert any(line.startswith("4h ") for line in render(page, model, width=width, height=height)) == charted


def test_on_a_wide_page_the_chart_stands_beside_the_tables_on_a_low_one_alone_by_key():
    page = make("symbol")
    lines = render(page, FULL, width=118, height=33)
    top = next(number for number, line in enumerate(lines) if "• VWAP" in line)
    assert "last" in lines[top], "the tables begin where the chart does"
    assert sum("─" in line[:40] or "░" in line[:40] for line in lines[top + 10 :]) and all(
        len(line) <= 118 for line in lines
    )
    low = render(page, FULL, width=78, height=20)
    assert "binance" in "".join(low) and not any("• VWAP" in line for line in low)
    page.on_action("symbol.chart", frame(FULL, 78, 20))
    alone = render(page, FULL, width=78, height=20)
    assert "• VWAP" in alone[2] and len(alone) == 20 and not any("binance" in line for line in alone)
    page.on_action("symbol.chart", frame(FULL, 78, 20))
    assert render(page, FULL, width=78, height=20) == low


def test_enter_on_an_expiry_opens_its_smile_and_on_a_venue_its_page():
    page, at = make("symbol"), frame(FULL, 118, 33)
    render(page, FULL, width=118, height=33)
    opened = {}
    for _ in range(30):
        page.on_action("down", at)
        intent = page.on_action("enter", at)
        opened |= {intent.panel: intent.options} if intent is not None else {}
    assert {*opened} == {"venue", "smile"} and opened["smile"]["underlying"] == "BTC"


def test_a_timeframe_with_few_candles_keeps_the_chart_of_a_page():
    few = [candle(ago, 140.0, 139.0, timeframe="1m", length=60_000) for ago in (2, 1)]
    model, page, charted = model_of([*WALK, *few, ticker(139.0)]), make("symbol", symbol="BTC"), {}
    for _ in range(8):
        lines = render(page, model, width=120, height=44)
        charted[page.timeframe] = any("• VWAP" in line for line in lines)
        page.on_action("symbol.timeframe", frame(model, 120, 44))
    assert charted["1h"] and charted["1m"] and len(charted) >= 2
