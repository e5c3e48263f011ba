"""A desk on a timeline: it plays, and does what its screen asks; whatever was asked, screens are right afterwards."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest

from deskmon.analytics.level_settings import LevelSettings, Pinned
from deskmon.cli import timeline_model
from deskmon.config.schema import Config, FeedConfig
from deskmon.errors import DeskError, UsageError
from deskmon.events import Journal, PinnedLevel, Pulse
from deskmon.feedkit import TimelineFeed
from deskmon.hub.hub import Hub
from deskmon.hub.playback import FULL_SPEED
from deskmon.journal import ReadReport, read_events, read_header
from deskmon.model import Model
from deskmon.transport.requests import Control
from deskmon.transport.wire import EventDecoder, FrameDecoder, pack_events
from tests.hub.market import T0, Steady, config, liquidation
from tests.hub.waiting import until

MINUTE = 60_000
NO_PINS = LevelSettings()


class Hour:
    """A liquidation each second for an hour, a hundred before the start."""

    header = Journal(version=1, source="reconstructed", ts=T0, started=T0, mode="replay")
    mode = "replay"
    start = T0
    end = T0 + 3_599_000

    def events(self):
        for second in range(-100, 3_600):
            yield msgspec.structs.replace(liquidation(second, ts=T0 + second * 1_000), recv=T0 + second * 1_000)


class HourFeed(TimelineFeed):
    name = "hour"
    title = "an hour"
    mode = "replay"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        at: int | None = None
        speed: float = 1.0
        fault: str = ""

    def timeline(self):
        if self.options.fault == "open":
            raise DeskError("hour.jsonl: no such file")
        return Breaks() if self.options.fault == "read" else Hour()

    def begin(self, timeline):
        return self.options.at or timeline.start

    def speed(self):
        return self.options.speed


class Breaks(Hour):
    """A timeline that can't be read to its end."""

    def events(self):
        yield liquidation(1, ts=T0)
        raise OSError("disk gone")


def load(name):
    return {"hour": HourFeed, "steady": Steady}[name]


@asynccontextmanager
async def playing(record_to=None, levels=NO_PINS, **options):
    played = msgspec.structs.replace(config("hour", hour=options), levels=levels)
    hub = Hub(played, load=load, record_to=record_to)
    task = asyncio.create_task(hub.run())
    try:
        await until(hub.stream.begun.is_set)
        yield hub
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Screen:
    """A subscriber that folds the wire's bytes: batches, and a snapshot after each jump."""

    def __init__(self, stream):
        self._stream = stream
        self.model = Model()
        self.jumps = 0
        self.restart()
        stream.add(self)

    def offer(self, batch):
        self._fold([batch.frame])

    def restart(self):
        self.jumps += 1
        self._fold(pack_events([event]) for event in self._stream.model.snapshot())

    def _fold(self, frames):
        for frame in frames:
            for payload in FrameDecoder().feed(frame):
                self.model.apply(EventDecoder().decode(payload))


class Pulses:
    """A subscriber that keeps the heartbeats."""

    def __init__(self, stream):
        self.seen = []
        stream.add(self)

    def offer(self, batch):
        self.seen += [item.event for item in batch.items if isinstance(item.event, Pulse)]

    def restart(self):
        self.seen.append("restart")


async def test_a_seek_says_that_it_is_under_way_before_anything_moves_and_that_it_is_over_after_the_snapshot():
    async with playing(at=T0 + 50 * MINUTE) as hub:
        hub.control(Control("pause"))
        pulses = Pulses(hub.stream)
        hub.control(Control("seek", T0 + 10 * MINUTE))
        await until(lambda: "restart" in pulses.seen and isinstance(pulses.seen[-1], Pulse))
        at = pulses.seen.index("restart")
        first = next(pulse for pulse in pulses.seen if pulse.seeking)
        assert first.ts == T0 + 50 * MINUTE
        assert all(pulse.seeking for pulse in pulses.seen[pulses.seen.index(first) : at])
        assert not pulses.seen[at + 1].seeking and pulses.seen[at + 1].ts == T0 + 10 * MINUTE


def counted(model, now):
    return model.state(now).liquidations.windows["1h"].count


async def test_the_desk_clock_is_the_timelines_and_the_past_is_there_at_once():
    async with playing() as hub:
        model = hub.stream.model
        await until(lambda: model.pulse is not None)
        assert (model.header.source, hub.mode, model.pulse.mode) == ("reconstructed", "replay", "replay")
        await until(lambda: counted(model, hub.now) >= 101)
        assert T0 <= hub.now < T0 + MINUTE


async def test_each_heartbeat_says_between_which_moments_the_market_can_be_shown():
    async with playing(at=T0 + 10 * MINUTE) as hub:
        await until(lambda: hub.stream.model.pulse is not None)
        assert (hub.stream.model.pulse.begins, hub.stream.model.pulse.ends) == (Hour.start, Hour.end)


async def test_a_desk_may_begin_in_the_middle():
    async with playing(at=T0 + 10 * MINUTE) as hub:
        await until(lambda: hub.now >= T0 + 10 * MINUTE)
        assert counted(hub.stream.model, hub.now) >= 700


async def test_pause_step_and_play():
    async with playing() as hub:
        model = hub.stream.model
        await until(lambda: counted(model, hub.now) >= 101)
        hub.control(Control(do="pause"))
        await until(lambda: model.pulse.paused)
        stood, held = hub.now, counted(model, hub.now)
        hub.control(Control(do="step"))
        await until(lambda: model.pulse.ts > stood)
        assert (hub.now, counted(model, hub.now)) == (stood - stood % 1_000 + 1_000, held + 1)
        hub.control(Control(do="play"))
        await until(lambda: not model.pulse.paused)


async def test_seeking_both_ways_leaves_every_screen_right():
    async with playing() as hub:
        await until(lambda: hub.stream.model.pulse is not None)
        hub.control(Control(do="pause"))
        screen = Screen(hub.stream)
        for minute in (30, 45, 5):
            jumps = screen.jumps
            hub.control(Control(do="seek", value=T0 + minute * MINUTE))
            await until(lambda jumps=jumps: screen.jumps > jumps)
            assert screen.model.pulse.ts == hub.now == T0 + minute * MINUTE
            assert counted(screen.model, hub.now) == min(3_600, 101 + minute * 60)
            assert screen.model.state(hub.now) == hub.stream.model.state(hub.now)
        hub.control(Control(do="seek", value="+20m"))
        await until(lambda: hub.now == T0 + 20 * MINUTE)


async def test_each_step_counts_though_the_market_is_on_its_way_and_none_leads_out_of_it():
    async with playing() as hub:
        await until(lambda: hub.stream.model.pulse is not None)
        hub.control(Control(do="pause"))
        hub.control(Control(do="seek", value=T0 + 30 * MINUTE))
        for minutes in (-5, -5, 2):
            hub.control(Control(do="shift", value=minutes * MINUTE))
        await until(lambda: hub.now == T0 + 22 * MINUTE)
        for factor in (2.0, 2.0, 2.0, 0.5):
            hub.control(Control(do="faster", value=factor))
        await until(lambda: hub.stream.model.pulse.speed == 4.0)
        for minutes in (-50, 3):
            hub.control(Control(do="shift", value=minutes * MINUTE))
        await until(lambda: hub.now == T0 + 3 * MINUTE)


async def test_pins_of_the_operator_stay_whatever_is_sought_on_every_screen_and_in_the_recording(tmp_path):
    path = tmp_path / "recorded.jsonl"
    levels = LevelSettings(pins=(Pinned(symbol="BTC", price=1.0),))
    async with playing(path, levels=levels) as hub:
        hub.control(Control(do="pause"))
        screen = Screen(hub.stream)
        hub.control(Control(do="pin", pin=Pinned(symbol="BTC", price=2.0, label="mine")))
        for minute in (30, 5):
            jumps = screen.jumps
            hub.control(Control(do="seek", value=T0 + minute * MINUTE))
            await until(lambda jumps=jumps: screen.jumps > jumps)
            assert [(pin.price, pin.label) for pin in screen.model.levels.pins] == [(1.0, ""), (2.0, "mine")]
        hub.reload(msgspec.structs.replace(hub._config, levels=LevelSettings()))
        assert [pin.price for pin in screen.model.levels.pins] == [2.0]
    written = [event for event in read_events(path, ReadReport()) if isinstance(event, PinnedLevel)]
    assert [(pin.price, pin.removed) for pin in written] == [(1.0, False), (2.0, False), (1.0, True)]


async def test_speed_up_to_as_fast_as_it_goes_and_the_end():
    async with playing() as hub:
        model = hub.stream.model
        await until(lambda: model.pulse is not None)
        hub.control(Control(do="speed", value=60.0))
        await until(lambda: model.pulse.speed == 60.0)
        hub.control(Control(do="speed", value="max"))
        await until(lambda: model.pulse.speed == FULL_SPEED)
        await until(lambda: model.pulse.paused and hub.now == Hour.end)
        assert counted(model, hub.now) == 3_600
        hub.control(Control(do="seek", value=T0 + MINUTE))
        hub.control(Control(do="speed", value=1.0))
        await until(lambda: model.pulse.ts == T0 + MINUTE and model.pulse.speed == 1.0)


SENSELESS = [
    Control(do="seek", value="yesterday"), Control(do="seek"), Control(do="seek", value=float("inf")),
    Control(do="shift", value="x"), Control(do="shift", value=float("inf")), Control(do="speed", value=-1.0),
    Control(do="speed", value="warp"), Control(do="speed"), Control(do="faster"), Control(do="faster", value="x"),
]  # fmt: skip


@pytest.mark.parametrize("request_", SENSELESS, ids=lambda request: f"{request.do} {request.value}")
async def test_a_wish_that_makes_no_sense_changes_nothing(request_):
    async with playing() as hub:
        model = hub.stream.model
        await until(lambda: counted(model, hub.now) >= 101)
        hub.control(request_)
        hub.control(Control(do="pause"))
        await until(lambda: model.pulse.paused)
        assert model.pulse.speed == 1.0
        assert hub.now < T0 + MINUTE


@pytest.mark.parametrize(("fault", "said"), [("open", "hour.jsonl: no such file"), ("read", "OSError: disk gone")])
async def test_a_timeline_that_fails_is_down_in_words_and_the_hub_goes_on(fault, said):
    async with playing(fault=fault) as hub:
        model = hub.stream.model
        await until(lambda: model.feeds.figures(hub.now).get("hour"))
        figure = model.feeds.figures(hub.now)["hour"]
        assert (figure.state, figure.detail) == ("down", said)
        beats = model.pulse.seq if model.pulse else 0
        await until(lambda: model.pulse is not None and model.pulse.seq > beats + 1)
        assert (model.pulse.mode, model.pulse.paused) == ("replay", True)


async def test_a_timeline_can_be_recorded(tmp_path):
    path = tmp_path / "copy.jsonl"
    async with playing(record_to=path, speed=float("inf")) as hub:
        await until(lambda: hub.stream.model.pulse is not None and hub.stream.model.pulse.paused)
    assert read_header(path).source == "reconstructed"
    assert sum(1 for event in read_events(path, ReadReport()) if type(event) is not Pulse) == 3_700


def test_a_model_at_a_moment_holds_what_had_arrived_by_then(monkeypatch):
    monkeypatch.setattr("deskmon.plugins.load_feed", load)
    desk = config("hour")
    for at, held in ((T0 - 50_000, 51), (T0 + MINUTE, 161), (None, 3_600), (T0 + 90 * MINUTE, 1_799)):
        model, now = timeline_model.model_at(desk, at)
        assert now == (Hour.end if at is None else at)
        assert counted(model, now) == held
    assert model.mode == "replay"


def test_at_a_moment_all_counts_that_had_arrived_in_whatever_order_it_stands(monkeypatch):
    """Two recordings behind each other, and one that is written newest first."""
    hour = Hour()
    twice = [*hour.events(), *(msgspec.structs.replace(each, venue="okx", id=f"b{each.id}") for each in hour.events())]

    class Unordered(HourFeed):
        def timeline(self):
            timeline = Hour()
            timeline.events = lambda: iter(twice[::-1])
            return timeline

    monkeypatch.setattr("deskmon.plugins.load_feed", lambda name: Unordered)
    model, now = timeline_model.model_at(config("hour"), T0 + MINUTE)
    assert counted(model, now) == 2 * 161


def test_a_market_without_end_is_looked_at_three_minutes_in(monkeypatch):
    class Endless(HourFeed):
        def timeline(self):
            timeline = Hour()
            timeline.end = None
            return timeline

    monkeypatch.setattr("deskmon.plugins.load_feed", lambda name: Endless)
    model, now = timeline_model.model_at(config("hour"), None)
    assert now == T0 + 3 * MINUTE
    assert counted(model, now) == 100 + 181


@pytest.mark.parametrize("feeds", [(), ("steady",), ("steady", "hour")])
def test_a_desk_without_a_timeline_of_its_own_has_no_past(monkeypatch, feeds):
    monkeypatch.setattr("deskmon.plugins.load_feed", load)
    with pytest.raises(UsageError, match="no timeline"):
        timeline_model.model_at(Config(feeds={name: FeedConfig(type=name) for name in feeds}), None)
