"""The header's one line: what leaves it first, and the trader's own time."""

import pytest
from msgspec.structs import replace

from deskmon import format as fmt
from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.components.alerts import AlertWords
from deskmon.components.panel import Notify
from deskmon.components.text import line_width
from deskmon.config.schema import Config, DeskConfig
from deskmon.desk.chrome import header, title_age, top_border
from deskmon.desk.desk import SAY_FOR_S, Desk
from deskmon.desk.status import Status
from deskmon.model import Model
from deskmon.model.figures import SideSums, WaveFigure
from tests.desk.stubs import PerfCounter, Plain, desk_of

NOW = 1_767_614_400_000


def text(desk, now=NOW):
    desk.frame(now)
    return desk.canvas.text()


ALL = SideSums(usd=4.12e8, long_usd=3.75e8, short_usd=3.7e7, count=900)
CRESTING = WaveFigure(
    id=3, group="all", state="cresting", start=NOW - 6 * MINUTE, peak=NOW - MINUTE, end=None, usd=ALL.usd,
    long_usd=ALL.long_usd, short_usd=ALL.short_usd, count=ALL.count, long_share=0.91, peak_usd_per_min=9e7, lead="BTC",
    price_start=85_000.0, price_low=82_365.0, price_end=83_000.0, price_move_pct=-3.1, lower_bound=False,
    open_interest_change_pct=-4.2, by_venue={"bybit": ALL}, by_symbol={"BTC": ALL},
)  # fmt: skip

ALERT = AlertWords(
    call="! warn",
    rule="",
    text="BTC below 80,000 and funding negative",
    since="since 14:27",
    more=2,
    style="warn",
)


def test_a_wave_s_dollars_take_the_room_of_rates_that_matter_less():
    """At any width at which the line has room for them beside what never leaves it."""
    status = Status(name="crypto desk", symbol="BTC", now=NOW, mode="live", feeds=5, feeds_live=5, lag_ms=41.0)
    status.fps, status.kib_s, status.wave = 4.0, 3.1, CRESTING
    for width in range(80, 220):
        shown = "".join(text for text, _ in header(status, width))
        assert len(shown) == width and "WAVE 3 cresting · $412M in 6 min" in shown, width


def test_the_age_in_a_title_never_says_younger_or_older_than_the_figure_is():
    for ms in range(0, 2 * MINUTE, 250):
        told = title_age(ms)
        if ms < MINUTE:
            least = 0 if told == "<10s" else int(told.removesuffix("s+")) * SECOND
            assert least <= ms < least + 10 * SECOND
        assert len(told) <= 4 and (ms < MINUTE or told == fmt.age(ms))
    titles = ["".join(text for text, _ in top_border(30, "1 x", "", ms, 0.0, False, "")) for ms in (0, 29_999, 30_000)]
    assert titles == [f"╭ 1 x ──────────────── {age} ─╮" for age in ("<10s", "20s+", "30s+")]
    assert [style for text, style in top_border(30, "1 x", "", 30_000, 0.0, False, "") if "30s" in text] == ["warn"]


REASONS = (
    "the venue's name can't be resolved (DNS)", "the venue refuses this location or address (HTTP 451)",
    "the venue refuses the websocket (HTTP 503)", "connection refused",
)  # fmt: skip


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("reason", REASONS)
def test_why_there_is_no_feed_is_whole_and_what_matters_less_leaves_for_it(reason, width):
    status = Status(name="crypto desk", symbol="BTC", now=NOW, mode="live", feeds=7)
    status.silence = f"{reason} · loading markets · 5 of 7 feeds"
    shown = "".join(text for text, _ in header(status, width))
    assert len(shown) == width and "NO FEED" in shown and reason in shown
    assert "…" not in shown and ("5 of 7 feeds" in shown or width < 200)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("Asia/Tokyo", "12:00:00Z 21:00 JST"),
        ("America/Sao_Paulo", "12:00:00Z 09:00 -03"),
        ("Pacific/Kiritimati", "12:00:00Z 02:00 +14 +1d"),
        (None, "12:00:00Z  "),
        ("Nowhere/Atall", "12:00:00Z  "),
    ],
)
def test_the_trader_s_own_time_stands_beside_utc(zone, shown):
    desk = Desk(Config(desk=DeskConfig(timezone=zone)), Model(), load_panel=lambda name: Plain)
    desk.resize(120, 36)
    assert shown in text(desk).splitlines()[0]


def test_a_timezone_is_taken_with_the_configuration():
    desk = Desk(Config(), Model(), load_panel=lambda name: Plain)
    desk.reload(Config(desk=DeskConfig(timezone="Asia/Tokyo")))
    assert "21:00 JST" in text(desk)


def test_an_answer_to_a_key_stands_for_seconds_of_the_traders_however_fast_the_market_is_played():
    perf = PerfCounter()
    desk = desk_of(Plain, perf=perf)
    desk.status.alert = ALERT
    desk.say(Notify("no rule was written", "warn"))
    perf.seconds += SAY_FOR_S - 0.1
    assert "no rule was written" in text(desk, NOW + HOUR)
    perf.seconds += 0.2
    assert "no rule was written" not in text(desk, NOW + HOUR)


@pytest.mark.parametrize("alert", [ALERT, replace(ALERT, more=0), replace(ALERT, rule="btc_low")])
def test_an_alert_is_said_in_words_where_much_else_asks_for_room(alert):
    status = Status(name="crypto desk", symbol="BTC", now=NOW, mode="demo", source="reconstructed", speed=300.0)
    status.alert, status.alerts_seen, status.fps, status.kib_s = alert, 3, 4.0, 3.1
    line = header(status, 120)
    shown = "".join(words for words, _ in line)
    assert line_width(line) == 120 and f"{alert.call} {alert.rule}".rstrip() in shown and "BTC below 80,000" in shown
    assert ("+2 more" in shown) == (alert.more == 2)


PLACES = [("live", "live", 1.0), ("demo", "simulated", 1.0), ("demo", "reconstructed", 60.0), ("replay", "live", 1.0)]


def shown_of(width, mode="live", source="live", speed=1.0, **told):
    status = Status(name="crypto desk", symbol="BTC", now=NOW, mode=mode, source=source, speed=speed)
    status.feeds = status.feeds_live = 5
    for name, value in told.items():
        setattr(status, name, value)
    line = header(status, width)
    assert line_width(line) == width
    return "".join(text for text, _ in line)


@pytest.mark.parametrize("place", PLACES)
def test_an_alert_and_a_wave_are_said_beside_each_other_at_any_width(place):
    for width in range(80, 220):
        shown = shown_of(width, *place, alert=ALERT, wave=CRESTING)
        assert all(part in shown for part in ("! warn", " · BTC", "◆ WAVE 3 cresting")), width
    words = (
        "! warn · +2 more · BTC below 80,000 and funding negative · since 14:27 · ◆ WAVE 3 cresting · $412M in 6 min"
    )
    assert words in shown_of(200, *place, alert=ALERT, wave=CRESTING)
    assert f"{words} · 91% long · bybit 100% · BTC −3.1% · OI −4.2%" in shown_of(
        260, *place, alert=ALERT, wave=CRESTING
    )


def test_a_page_says_what_it_is_about_before_anything_else_of_it_and_of_a_wave():
    page = replace(ALERT, call="! PAGE", text="$85,000 broken, BTC at 84,231")
    at_80 = shown_of(80, "demo", "reconstructed", 60.0, alert=page, wave=CRESTING)
    assert "! PAGE · $85,000… · ◆ WAVE 3 cresting" in at_80 and "more" not in at_80
    alone = shown_of(80, "demo", "reconstructed", 60.0, alert=page)
    assert "! PAGE · $85,000 broken, BTC at 84,231" in alone


def test_a_long_name_of_a_rule_leaves_room_for_the_wave():
    rule = "a_rule_with_the_longest_name_that_anybody_may_think_of"
    shown = shown_of(80, alert=replace(ALERT, rule=rule), wave=CRESTING)
    assert "! warn · BTC below" in shown and "… · ◆ WAVE 3 cresting · $412M" in shown


def test_what_matters_less_of_an_alert_and_a_wave_leaves_first():
    parts = ("cresting", "! warn", "BTC", "+2 more", "since 14:27", "in 6 min", "91% long", "OI")
    kept = []
    for width in range(90, 260):
        _, _, line = shown_of(width, alert=ALERT, wave=CRESTING).partition("Z ")
        kept.append([part in line for part in parts])
    assert all(each == sorted(each, reverse=True) for each in kept)
    assert kept[0][:3] == [True, True, True] and not all(kept[0]) and all(kept[-1])


def test_of_an_alert_about_the_wave_that_runs_the_wave_s_own_line_says_what_there_is_to_say():
    alert = replace(ALERT, text="liquidation wave: 12.0M so far", is_of_wave=True)
    shown = shown_of(200, alert=alert, wave=CRESTING)
    assert "! warn · +2 more · since 14:27 · ◆ WAVE 3 cresting · $412M in 6 min" in shown and "12.0M" not in shown
    assert "12.0M so far · since 14:27" in shown_of(200, alert=alert)


def test_feeds_that_are_not_all_live_are_counted_at_any_width():
    for width in range(80, 200):
        shown = shown_of(width, "demo", "simulated", feeds_live=4, alert=ALERT, wave=CRESTING)
        assert "feeds 4/5" in shown, width


def test_alerts_that_reach_nobody_hide_neither_what_fires_nor_a_wave():
    why = "ALERTS NOT DELIVERED · route phone: HTTP 500, 3 wait"
    assert why in shown_of(120, undelivered=why)
    for width in (80, 120):
        shown = shown_of(width, undelivered=why, alert=ALERT, wave=CRESTING)
        assert all(part in shown for part in ("ALERTS NOT DELIVERED · ! warn", "WAVE 3 cresting · $412M")), width
    assert f"{why} · ! warn · +2 more · BTC below" in shown_of(260, undelivered=why, alert=ALERT, wave=CRESTING)


def test_what_never_leaves_is_cut_with_an_ellipsis_where_even_that_has_no_room():
    told = {"undelivered": "ALERTS NOT DELIVERED · route phone", "alert": ALERT, "wave": CRESTING}
    assert "◆ WAVE 3 cresting" in shown_of(100, "demo", "reconstructed", **told)
    shown = shown_of(80, "demo", "reconstructed", 60.0, frozen_ms=5_000, **told)
    assert "ALERTS NOT DELIVERED" in shown and "…" in shown


def test_no_figure_of_an_alert_s_words_is_cut():
    alert = replace(ALERT, text="volatility of BTC is extreme: DVOL 65.87, rank 100", more=0)
    for width in range(40, 120):
        words = shown_of(width, alert=alert).partition("! warn · ")[2]
        assert "DVOL 65.87" in words or "6" not in words.partition(" · since")[0], width
