"""Keys that look back on a live desk: what they ask, what the header says meanwhile, and the way back to now."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.components.panel import Command, LookAt
from deskmon.desk.app import DeskApp
from deskmon.desk.config_writer import ConfigWriter
from deskmon.desk.looking import PACE_S, PATIENCE_S, Looking
from deskmon.events import HubStatus, Journal, JournalFiles, Pulse, Reset, Ticker
from deskmon.transport.requests import Look, Reply
from tests.desk.test_app import FakeLink, config, feed, market, shown
from tests.desk.test_desk import NOW, Plain, desk_of, text

BACK = Look(id=0)


def live(mode="live", **status):
    """A desk of a live market, and what it asks of the hub."""
    desk, asked = desk_of(Plain), []
    desk.ask = asked.append
    desk.status.mode, desk.status.live_now, desk.status.link = mode, NOW, "live"
    for name, value in status.items():
        setattr(desk.status, name, value)
    return desk, asked


@pytest.mark.parametrize(("keys", "at"), [
    ("<", NOW - MINUTE), (",", NOW - 15 * MINUTE), ("@2h ago\r", NOW - 2 * HOUR), ("@+0\r", NOW - HOUR),
])  # fmt: skip
def test_keys_of_a_live_desk_ask_for_a_moment_before_now(keys, at):
    desk, asked = live()
    desk.model.apply([Journal(version=1, source="live", started=NOW - HOUR)])
    for key in keys:
        desk.press("enter" if key == "\r" else key, NOW)
    assert asked == [Look(id=0, at=at)]


@pytest.mark.parametrize("mode", ["replay", "demo"])
def test_space_pauses_a_replay_and_a_demo_and_keys_step_seek_and_change_their_speed(mode):
    desk, asked = desk_of(Plain), []
    desk.ask = asked.append
    desk.status.mode, desk.status.speed, desk.status.controls = mode, 4.0, True
    desk.press("space", NOW)
    desk.status.paused = True
    for key in ("space", ".", "]", "[", "<", ",", ">"):
        assert desk.press(key, NOW) is None
    assert asked == [
        Command("pause"), Command("play"), Command("step"), Command("faster", 2.0), Command("faster", 0.5),
        Command("shift", -MINUTE), Command("shift", -15 * MINUTE), Command("shift", MINUTE),
    ]  # fmt: skip
    desk.status.mode = "live"
    desk.press(".", NOW)
    assert len(asked) == 8 and "only in a replay" in text(desk)


def test_steps_count_from_the_moment_that_is_shown_or_on_its_way_and_end_at_now():
    desk, asked = live("look_back", paused=True)
    then = NOW - 20 * MINUTE
    for key in ("<", ",", ">"):
        desk.press(key, then)
    desk.status.target = NOW - 40 * MINUTE
    desk.press("<", then)
    desk.status.target = None
    desk.press(">", NOW - MINUTE // 2)
    moments = [then - MINUTE, then - 15 * MINUTE, then + MINUTE, NOW - 41 * MINUTE, None]
    assert [look.at for look in asked] == moments and asked[-1] == BACK


def test_space_and_brackets_play_from_there():
    desk, asked = live("look_back", paused=True, speed=4.0)
    for key in ("space", "]", "["):
        desk.press(key, NOW - HOUR)
    desk.status.paused = False
    desk.press("space", NOW - HOUR)
    assert asked == [Look(id=0, speed=speed) for speed in (1.0, 8.0, 2.0, 0.0)]


def test_escape_closes_pages_first_and_at_enter_alone_returns_too():
    desk, asked = live("look_back", paused=True)
    desk.press("?", NOW)
    desk.press("escape", NOW)
    assert len(desk.pages) == 1 and not asked
    desk.press("escape", NOW)
    for key in ("@", "enter"):
        desk.press(key, NOW)
    assert asked == [BACK, BACK]


@pytest.mark.parametrize(("keys", "words"), [
    (">", "this is now"), ("@\r", "this is now"), ("@tea time\r", "'tea time' is not a time"),
    ("@2100-01-01\r", "2100-01-01 is still to come"),
])  # fmt: skip
def test_what_leads_nowhere_is_said(keys, words):
    desk, asked = live()
    for key in keys:
        desk.press("enter" if key == "\r" else "space" if key == " " else key, NOW)
    assert not asked and words in text(desk)


def beating(desk, mode, **pulse):
    """The desk, once a heartbeat of its hub was heard."""
    desk.status.beat(Pulse(ts=NOW, seq=1, mode=mode, **pulse))
    return desk


@pytest.mark.parametrize(("keys", "words"), [
    (",", "the market starts at 5 Jan 11:55:00Z, nothing before it"),
    ("<<<<<", ""), ("@11:54\r", "the market starts at 5 Jan 11:55:00Z"), ("@2099-01-01\r", "the market ends at"),
    (">", ""), (">", "the market ends at 5 Jan 12:00:30Z, nothing after it"),
])  # fmt: skip
def test_a_step_beyond_what_is_played_says_where_it_lands(keys, words):
    desk, asked = live("demo", controls=True, live_now=None)
    ends = NOW + MINUTE // 2 if "end" in words else None
    beating(desk, "demo", begins=NOW - 5 * MINUTE, ends=ends)
    for key in keys:
        desk.press("enter" if key == "\r" else key, NOW)
    assert len(asked) == max(1, keys.count("<")) and {each.do for each in asked} == {"seek" if "@" in keys else "shift"}
    assert (words in text(desk)) if words else ", nothing " not in text(desk)


def test_a_length_of_time_counts_from_where_a_market_that_is_played_starts():
    desk, asked = live("demo", controls=True, live_now=None)
    beating(desk, "demo", begins=NOW - 5 * MINUTE)
    desk.model.apply([Journal(version=1, source="simulated", started=NOW - 7 * DAY)])
    for key in (*"@+2m", "enter"):
        desk.press(key, NOW)
    assert [(each.do, each.value) for each in asked] == [("seek", NOW - 3 * MINUTE)]


def test_a_look_back_says_where_the_journal_starts_from_a_live_desk_too():
    files = JournalFiles(path="journal", bytes=1, segments=1, oldest=NOW - 5 * MINUTE)
    hub = HubStatus(version="1", started=NOW, screens=1, journal=files)
    for desk, asked in (live(), live("look_back", paused=True)):
        then = {"hub": hub} if desk.status.mode == "live" else {"begins": NOW - 5 * MINUTE}
        beating(desk, desk.status.mode, **then).press(",", NOW)
        assert asked == [Look(id=0, at=NOW - 15 * MINUTE)]
        assert "the journal starts at 5 Jan 11:55:00Z, nothing before it" in text(desk)
    desk, _ = live()
    beating(desk, "live").press(",", NOW)
    assert ", nothing " not in text(desk), "what isn't known isn't said"


def test_the_header_says_how_long_ago_and_when_in_the_place_of_live():
    desk, _ = live("look_back", paused=True, live_now=NOW + 15 * MINUTE)
    assert "LOOKING BACK 15m · 12:00:00Z " in text(desk).splitlines()[0]
    assert text(desk).splitlines()[0].count("12:00:00Z") == 1 and "15m" in text(desk).splitlines()[0]
    assert {", back 15m", "space play", "escape now"} <= {*text(desk).splitlines()[-1].strip().split("  ")}
    desk.status.paused, desk.status.speed = False, 60.0
    assert "LOOKING BACK 15m · 12:00:00Z ×60" in text(desk)
    desk.status.target = NOW - MINUTE
    assert "LOOKING BACK … 11:59:00Z" in text(desk)


def test_a_panel_leads_to_a_moment():
    desk, asked = live()
    desk.open(LookAt(NOW - HOUR), NOW)
    assert asked == [Look(id=0, at=NOW - HOUR)]


def test_one_look_is_under_way_and_the_newest_follows_at_the_hub_s_pace():
    now = [0.0]
    looking = Looking(lambda: now[0])
    looking.want(Look(id=0, at=NOW))
    first = looking.due()
    for minute in range(5):
        looking.want(Look(id=0, at=NOW - minute * MINUTE))
    assert first.at == NOW and looking.due() is None and looking.target == NOW - 4 * MINUTE
    pulse = Pulse(ts=NOW, seq=1, mode="look_back", paused=True)
    looking.beat(pulse)
    now[0] = PACE_S
    assert looking.due() is None, "another market hasn't begun"
    looking.restarted()
    looking.beat(replace(pulse, seeking=True))
    assert looking.due() is None
    looking.beat(pulse)
    assert looking.due().at == looking.target == NOW - 4 * MINUTE
    looking.stop()
    assert looking.target is None
    looking.want(BACK)
    now[0] += PACE_S
    assert looking.due() == BACK and looking.target is None
    looking.want(Look(id=0, at=NOW))
    looking.beat(pulse)
    now[0] += 1.0
    assert looking.due() is None
    looking.beat(replace(pulse, mode="live"))
    assert looking.due().at == NOW
    looking.want(BACK)
    now[0] += PATIENCE_S + 1
    assert looking.due() == BACK, "what never came isn't waited for"


def then(ts, last):
    return [
        Reset(ts=ts), Journal(version=1, source="live", started=ts, mode="look_back"),
        Ticker(ts=ts, venue="binance", symbol="BTC/USDT:USDT", last=last),
        Pulse(ts=ts, seq=1, mode="look_back", paused=True),
    ]  # fmt: skip


async def test_the_whole_desk_shows_that_moment_and_returns():
    app = DeskApp(config(), FakeLink())
    async with app.run_test(size=(160, 30)) as pilot:
        await feed(app, pilot, market(64_812.5, mode="live"))
        await pilot.press("comma")
        await pilot.pause()
        [asked] = app.link.asked
        assert NOW - 15 * MINUTE <= asked.at < NOW - 14 * MINUTE and "LOOKING BACK …" in shown(app)
        await feed(app, pilot, then(asked.at, 61_000.25))
        assert "61,000.25" in shown(app) and "64,812.50" not in shown(app) and "LOOKING BACK 15m" in shown(app)
        app._looking._at -= PACE_S
        await pilot.press("escape")
        await pilot.pause()
        assert app.link.asked[-1].at is None
        await feed(app, pilot, [Reset(ts=NOW), *market(64_812.5, mode="live")])
        assert "64,812.50" in shown(app) and "LOOKING BACK" not in shown(app)


async def test_a_hub_that_refuses_or_ends_a_look_is_quoted_and_a_kiosk_does_not_ask():
    app = DeskApp(config(), FakeLink())
    app.link.reply = Reply(ok=False, text="4 screens look back already")
    async with app.run_test(size=(160, 30)) as pilot:
        await feed(app, pilot, market(1.0, mode="live"))
        await pilot.press("less_than_sign")
        await pilot.pause()
        assert "4 screens look back already" in shown(app) and app.desk.status.target is None
        app.link.said.append("this is now")
        await feed(app, pilot, market(1.0, mode="live"))
        assert "this is now" in shown(app)
        app.desk.config_writer = ConfigWriter(None, "this is a kiosk", kiosk=True)
        await pilot.press("less_than_sign")
        await pilot.pause()
        assert len(app.link.asked) == 1 and "a kiosk asks nothing of the hub" in shown(app)
