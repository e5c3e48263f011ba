"""Waves on the screen: the one that runs in words, its minutes as bars, and each against those before it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon import format as fmt
from deskmon.api import HOUR, MINUTE, SECOND, Drill, Frame, events, figures
from deskmon.components.bars import bar_left, bar_right, mirrored_bars, split_height
from deskmon.components.text import wrapped
from deskmon.components.waves import compared, wave_headline, wave_timeline
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.testing import NOW, model_of, render

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


def make(name, **options):
    panel = load_panel(name)
    return panel(msgspec.convert(options, panel.Options))


def frame(model, width=100, height=30, now=NOW):
    return Frame(model, now, width, height, "BTC", True)


def text(spans):
    return "".join(words for words, _ in spans)


def wave(**more):
    known = {
        "id": 3, "group": "all", "state": "building", "start": NOW - 6 * MINUTE, "peak": NOW - MINUTE, "end": None,
        "usd": 4.12e8, "long_usd": 3.75e8, "short_usd": 3.7e7, "count": 900, "long_share": 0.91,
        "peak_usd_per_min": 9e7, "lead": "BTC", "price_start": 85_000.0, "price_low": 82_365.0, "price_end": 83_000.0,
        "price_move_pct": -3.1, "open_interest_change_pct": -4.2, "lower_bound": False,
        "by_venue": {name: sums(usd) for name, usd in (("okx", 1.15e8), ("bybit", 1.57e8), ("hyperliquid", 1.4e8))},
        "by_symbol": {"BTC": sums(4.12e8)},
    }  # fmt: skip
    return figures.WaveFigure(**known | more)


def sums(usd):
    return figures.SideSums(usd=usd, long_usd=usd, short_usd=0.0, count=9)


def burst(at, usd, seconds=60, venue="bybit", side="long", symbol=BTC):
    """Orders of `usd` each five seconds, from `at` (ms before now) on."""
    for ago in range(at, at - seconds * SECOND, -5 * SECOND):
        yield events.Liquidation(
            ts=NOW - ago, venue=venue, symbol=symbol, side=side, price=84_000.0, amount=usd / 84_000, usd=usd
        )


def market(*bursts):
    known = [events.Journal(version=1, source="recorded", ts=NOW - 3 * HOUR, started=NOW - 3 * HOUR)]
    for ago, price, coins, rate in (
        (170, 85_000.0, 100.0, 1e-4),
        (30, 84_000.0, 95.0, 5e-5),
        (1, 83_300.0, 90.0, -1e-4),
    ):
        ts = NOW - ago * MINUTE
        known += [
            events.Ticker(ts=ts, venue="bybit", symbol=BTC, last=price),
            events.OpenInterest(ts=ts, venue="bybit", symbol=BTC, amount=coins, usd=coins * price),
            events.Funding(ts=ts, venue="bybit", symbol=BTC, rate=rate, interval_hours=8),
        ]
    orders = [order for each in bursts for order in each]
    return model_of(sorted([*known, *orders], key=lambda event: event.ts))


def two_waves():
    return market(
        burst(40 * MINUTE, 1e6), burst(2 * MINUTE, 2e6, 115), burst(2 * MINUTE, 5e5, 115, "okx", "short", ETH)
    )


# words


def test_the_headline_says_what_matters_most_first():
    parts = [text(part) for part in wave_headline(wave(), NOW)]
    assert " · ".join(parts) == (
        "▲ WAVE 3 building · $412M in 6 min · 91% long · bybit 38% hyperliquid 34% · BTC −3.1% · OI −4.2%"
    )
    over = wave(state="over", end=NOW - MINUTE, lower_bound=True, price_move_pct=None, open_interest_change_pct=None)
    parts = [text(part) for part in wave_headline(over, NOW)]
    assert parts[:2] == ["· WAVE 3 over", "≥$412M in 5 min"] and parts[-2:] == ["BTC —", "OI —"]


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 s"),
        (99_000, "99 s"),
        (100_000, "2 min"),
        (5_940_000, "99 min"),
        (6_000_000, "1 h 40 min"),
        (86_400_000, "24 h 0 min"),
    ],
)
def test_lengths_of_time_in_words(ms, words):
    assert fmt.duration_words(ms) == words


@given(st.integers(1, 120), st.integers(1, 3))
def test_a_part_is_shown_whole_or_not_at_all(width, count):
    parts = wave_headline(wave(), NOW)
    whole = [text(part) for part in parts]
    lines = [text(line) for line in wrapped(parts, width, count)]
    shown = [part for line in lines for part in line.split(" · ") if part]
    assert shown == whole[: len(shown)]
    assert len(lines) <= count and all(len(line) <= width for line in lines)


def test_a_wave_is_compared_with_the_last_and_ranked_among_all():
    now, last, first = wave(), wave(id=2, usd=2e8, peak_usd_per_min=5e7, long_share=0.8), wave(id=1, usd=9e8)
    assert compared(now, [last, first]) == [
        "re-accelerating against wave 2", "no. 2 of 3 by USD", "2.06× its USD", "1.80× its peak",
        "long share +11.0 points",
    ]  # fmt: skip
    assert compared(now, [])[0] == "no wave before it to compare with"
    assert compared(now, [last])[1] == "the largest of 2"

    def verdict(usd, peak, **more):
        return compared(wave(usd=usd, peak_usd_per_min=peak, **more), [wave(id=2, usd=1e8, peak_usd_per_min=1e7)])[0]

    assert verdict(5e7, 5e6, state="cresting").startswith("fading")
    assert verdict(5e7, 5e6).startswith("smaller so far")
    assert verdict(1.05e8, 0.95e7).startswith("about as strong")
    assert verdict(5e8, 5e6).startswith("mixed")


# bars


def test_bars_stand_on_both_sides_of_the_line_to_one_scale():
    lines = mirrored_bars([(8.0, 0.0), (4.0, 4.0), (0.1, 0.2), (0.0, 0.0)], (2, 1), ("long", "short"))
    assert [text(line) for line in lines] == ["█   ", "██▁ ", "", " █▔ "]
    assert [style for _, style in lines[0]] == ["long", ""] and [style for _, style in lines[3]] == ["", "short", ""]
    shaded = mirrored_bars([(8.0, 0.0), (0.0, 0.0)], (1, 1), ("long", "short"), shaded=[True, True], axis=[("━━", "x")])
    assert [text(line) for line in shaded] == ["█░", "━━", "░░"]
    calm = mirrored_bars([(8.0, 1.0), (8.0, 1.0)], (1, 1), ("long", "short"), shaded=[False, True], quiet="faint")
    assert [calm[0], calm[2]] == [[("█", "faint"), ("█", "long")], [("▔", "faint"), ("▔", "short")]]


dollars = st.just(0.0) | st.floats(0.01, 1e12)


@given(dollars, dollars, st.integers(3, 60))
def test_both_sides_have_a_line_however_unequal(above, below, height):
    up, down = split_height(above, below, height)
    assert up >= 1 and down >= 1 and up + down == height - 1


@given(st.lists(st.tuples(dollars, dollars), max_size=40), st.integers(1, 9), st.integers(1, 9))
def test_what_there_is_is_never_blank_and_the_largest_fills_its_side(pairs, up, down):
    lines = [text(line) for line in mirrored_bars(pairs, (up, down), ("long", "short"))]
    assert len(lines) == up + down + 1
    for n, (above, below) in enumerate(pairs):
        assert (lines[up - 1][n] != " ") == (above > 0)
        assert (lines[up + 1][n] != " ") == (below > 0)
        for lower, upper in zip(lines[1:up], lines[: up - 1], strict=True):
            assert upper[n] == " " or lower[n] == "█"


@given(st.none() | st.floats(0, 1), st.integers(0, 40))
def test_bars_to_the_side_have_their_width_and_show_anything_above_nothing(share, width):
    for bar in (bar_left(share, width), bar_right(share, width), bar_right(share, width, "▒")):
        assert len(bar) == width
        assert bool(bar.strip()) == bool(share and width and share > 0)


# the timeline


def minutes(count, **at):
    start = NOW // MINUTE * MINUTE - (count - 1) * MINUTE
    values = {int(key[1:]): value for key, value in at.items()}
    return [(start + n * MINUTE, *values.get(n, (0.0, 0.0))) for n in range(count)]


def test_the_timeline_shows_minutes_waves_and_times():
    held = minutes(60, m10=(4e6, 0.0), m58=(8e6, 1e6))
    over = wave(id=1, state="over", start=held[9][0], end=held[12][0] + 1)
    runs = wave(id=2, start=held[57][0])
    lines = [text(line) for line in wave_timeline(held, [over, runs], NOW, 70, 8)]
    assert len(lines) == 8 and max(map(len, lines)) <= 70
    assert lines[0].split()[0] == "8.00M" and lines[-2].split()[0] == "1.00M"
    axis = next(line for line in lines if "$/min" in line)
    assert axis.split()[1] == "─" * 9 + "1━━━" + "─" * 44 + "2━━"
    assert lines[0][8:].index("█") == 58 and lines[-1].split() == ["13:33", "14:03", "now"]


@given(st.integers(24, 200), st.integers(4, 20), st.sampled_from([60, 240, 720, 1440]))
def test_at_any_width_the_busiest_minute_keeps_its_height_and_its_label(width, height, count):
    lines = [text(line) for line in wave_timeline(minutes(count, m30=(5e6, 0.0)), [wave()], NOW, width, height)]
    assert len(lines) == height and all(len(line) <= width for line in lines)
    assert lines[0].split()[0] == "5.00M" and "█" in lines[0]


# the panel


def test_the_panel_leads_with_the_wave_that_runs_and_lists_all():
    panel, model = make("waves"), two_waves()
    lines = render(panel, model, width=118, height=24)
    assert lines[0].startswith("◆ WAVE 2 cresting · provisional · ≥$57.5M in 2 min · 80% long · bybit 80% okx 20%")
    rows = [line.split() for line in lines if "over" in line or "cresting" in line][1:]
    assert [row[:3] for row in rows] == [["▸", "2", "◆"], ["1", "·", "over"]]
    assert rows[1][3:] == [
        "13:52",
        "70",
        "s",
        "12.0M",
        "100.0%",
        "11.0M",
        "BTC",
        "—",
        "—",
        "bybit",
        "12",
        "provisional",
    ]
    assert panel.note(frame(model)) == "provisional · 2 waves · 1 stress in 7d · 1h"
    assert panel.on_action("enter", frame(model)) == Drill("wave", {"wave": 2}, "wave 2")


def test_between_waves_it_says_how_quiet_it_is():
    model = market(burst(40 * MINUTE, 1e6))
    lines = render(make("waves"), model, width=78, height=20)
    assert lines[0] == "no wave now · provisional · 12.0M in 1h · wave 1 ended 39 min ago"
    assert lines[1] == "36 of 60 calm minutes heard"
    assert make("waves").note(frame(model)) == "provisional · 1 wave · 1h"
    later = frame(model, now=NOW + HOUR)
    assert make("waves").note(later) == "1 wave · 24h" and make("waves", window="4h").note(later) == "1 wave · 4h"
    quiet = render(make("waves"), market(), width=78, height=20)
    assert quiet[0] == "no wave now · provisional · 0 in 1h"
    assert (
        quiet[1] == "the shipped prior decides, 0 of 4 calm minutes heard"
        and quiet[-1].strip() == "no wave since 11:32:07"
    )
    assert render(make("waves"), Model(), width=78)[0] == "waiting for liquidations; no feed listening"


def test_the_timeline_is_as_long_as_the_window_chosen_and_leaves_where_there_is_no_room():
    panel, model = make("waves"), two_waves()
    panel.on_action("window", frame(model))
    assert panel.note(frame(model)).endswith("4h")
    assert any(line.split() == ["10:33", "12:33", "now"] for line in render(panel, model, width=78, height=20))
    panel.on_action("left", frame(model))
    panel.on_action("left", frame(model))
    assert panel.note(frame(model)).endswith("24h")
    small = render(panel, model, width=36, height=6)
    assert small[0].startswith("◆ WAVE 2 cresting") and small[1].split()[:2] == ["wave▼", "state"] and len(small) == 4


def test_the_cursor_and_enter_work_below_the_timeline():
    panel, model = make("waves"), two_waves()
    for height in (6, 12, 30):
        panel.on_action("top", frame(model, height=height))
        panel.on_action("down", frame(model, height=height))
        assert panel.on_action("enter", frame(model, height=height)) == Drill("wave", {"wave": 1}, "wave 1")


SIZES = [(20, 2), (24, 3), (36, 6), (78, 20), (118, 24), (200, 50)]


def orders(count, usd, ago):
    """One bybit order a second, the last `ago` ms before now."""
    for number in range(count):
        ts = NOW - ago - (count - 1 - number) * SECOND
        yield events.Liquidation(ts=ts, venue="bybit", symbol=BTC, side="long", price=1.0, amount=usd, usd=usd)


def started(ago, *known):
    return model_of([events.Journal(version=1, source="live", started=NOW - ago, ts=NOW - ago), *known])


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_warm_up_and_a_young_baseline_are_said_at_every_size(width, height):
    panel = make("waves")

    def said(model):
        body = render(panel, model, width=width, height=height)
        return " ".join(body if height > 2 else [panel.note(frame(model, width, height)), *body])

    assert "warming up" in said(started(40 * SECOND))
    assert "provisional" in said(started(61 * SECOND))
    assert "provisional" in said(started(10 * MINUTE, *orders(30, 1e6, 0)))
    assert "provisional" in said(started(10 * MINUTE, *orders(30, 1e4, 5 * MINUTE)))
    calm = said(started(90 * MINUTE, *orders(70 * 60, 1e3, 0)))
    assert "provisional" not in calm and "warming" not in calm


def test_a_wave_of_an_old_baseline_is_not_called_provisional():
    model = started(90 * MINUTE, *orders(70 * 60, 1e3, 40 * SECOND), *orders(30, 1e6, 0))
    lines = render(make("waves"), model, width=118, height=24)
    assert lines[0].startswith("▲ WAVE 1 building · $30.0M") and not any("provisional" in line for line in lines)
    assert not model.waves.current(NOW).provisional


def test_the_tallest_bar_in_a_wave_is_its_peak():
    model = started(90 * MINUTE, *orders(80 * 60, 1e3, 95 * SECOND), *orders(70, 1e6, 24 * SECOND))
    wave = model.waves.current(NOW)
    bars = model.waves.busiest_minutes(NOW, HOUR)
    assert wave.peak_usd_per_min == 60e6 == max(long + short for _, long, short in bars)
    lines = render(make("waves"), model, width=118, height=24)
    top = next(line for line in lines if "█" in line)
    row = next(line for line in lines if line.startswith("▸"))
    assert top.split()[0] == "60.0M" and "60.0M" in row


# the page of a wave


def test_the_page_of_a_wave_tells_before_after_and_the_waves_before_it():
    page, model = make("wave"), two_waves()
    lines = render(page, model, width=100, height=40)
    assert lines[0].startswith("◆ WAVE 2 cresting · provisional · ")
    assert (
        lines[2]
        == ("re-accelerating against wave 1, the largest of 2, 4.79× its USD, 2.73× its peak, long share −20.0 points")[
            : len(lines[2])
        ]
    )
    rows = {line.strip("▸ ").split()[0]: line.strip("▸ ").split() for line in lines if line.strip()}
    price = next(line.split() for line in lines if line.startswith(" BTC  "))
    assert price[1:5] == ["84,000.00", "83,300.00", "83,300.00", "−0.83%"]
    interest = next(line.split() for line in lines if line.startswith(" OI BTC"))
    assert interest[2:] == ["95", "90", "−5.26%"]
    funding = next(line.split() for line in lines if line.startswith(" funding"))
    assert funding[2:] == ["+0.0050%", "−0.0100%", "−0.0150%"]
    assert rows["bybit"][:4] == ["bybit", "46.00M", "46.00M", "0"] and rows["okx"][1] == "≥11.50M"
    assert any(line.split()[:3] == ["1", "·", "over"] for line in lines)
    assert any("its largest orders" in line for line in lines)
    assert page.heading(frame(model)) == "Wave 2" and page.note(frame(model)) == "14:30:00–now"


def test_the_page_of_a_wave_leads_on():
    page, model = make("wave"), two_waves()
    render(page, model, width=100, height=40)
    intent = page.on_action("enter", frame(model, height=40))
    assert (intent.panel, intent.options["venue"], intent.options["until"]) == ("orders", "bybit", NOW)
    orders = render(make("orders", **intent.options), model, width=78)
    assert orders[1].split()[:2] == ["listed", "46.00M"]
    seen = set()
    for _ in range(20):
        page.on_action("down", frame(model, height=40))
        intent = page.on_action("enter", frame(model, height=40))
        seen.add(intent.panel)
        assert render(make(intent.panel, **intent.options), model)
    assert seen == {"orders", "wave", "order"}


def test_a_wave_that_is_not_known_says_so():
    assert render(make("wave"), Model())[-1].strip() == "no wave is known"
    assert render(make("wave", wave=7), two_waves())[-1].strip() == "no wave 7 is known"


def test_what_nobody_told_in_the_time_of_a_wave_is_named_in_words_and_has_no_row():
    model = Model()
    model.apply(burst(2 * MINUTE, 2e6, 115))
    lines = [line.strip() for line in render(make("wave"), model, NOW, width=100, height=40)]
    assert "nobody told price, open interest or funding of BTC in its time" in lines
    assert not any(line.startswith(("BTC  ", "OI BTC", "funding")) and line.count("—") >= 2 for line in lines)
    assert not any("nobody told" in line for line in render(make("wave"), two_waves(), width=100, height=40))


def test_why_nobody_listens_is_whole_where_two_lines_have_room():
    model = Model()
    reason = "the venue's name can't be resolved (DNS) · loading markets"
    for name in ("bybit", "okx"):
        model.apply([events.FeedStatus(ts=NOW, feed=name, venue=name, state="reconnecting", detail=reason)])
    model.apply([events.Journal(version=1, source="live", ts=NOW, started=NOW)])
    waves = " ".join(render(make("waves"), model, NOW, width=58, height=12)[:2])
    quiet = " ".join(line.strip() for line in render(make("liquidations"), model, NOW, width=58, height=12))
    for shown in (waves, quiet):
        assert "no feed listening" in shown and "the venue's name can't be resolved (DNS)" in shown
