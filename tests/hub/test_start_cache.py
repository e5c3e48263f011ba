"""An embedded market is made once: the next desk begins with what was kept, and shows the same to the last digit."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from threading import Event

import msgspec
import pytest

from deskmon.analytics.level_settings import LevelSettings, Pinned
from deskmon.analytics.wave_settings import Parameters
from deskmon.cli import timeline_model
from deskmon.config.schema import HistoryConfig
from deskmon.events import Encoded, FeedStatus, Pulse
from deskmon.feeds.demo.simulator import DemoTimeline
from deskmon.hub.hub import Hub
from deskmon.past import start_cache
from deskmon.past.start_cache import KnownMarket, StartCache
from deskmon.timeline import following
from tests.hub import test_playback as playback
from tests.hub.market import T0, config
from tests.hub.test_playback import Hour, HourFeed, Screen, playing
from tests.hub.waiting import LIMIT_S, until

made = 0


class Named(HourFeed):
    """An hour that is the same whenever it is made; `made` counts how often that is."""

    def timeline(self):
        global made
        made += 1
        return super().timeline()

    def market(self):
        return "hour"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("deskmon.plugins.load_feed", lambda name: Named)
    monkeypatch.setattr(playback, "load", lambda name: Named)
    monkeypatch.setattr(f"{__name__}.made", 0)
    return tmp_path / "deskmon" / "demos"


def at_the_end(model) -> bool:
    """Whether a screen has the market, and the pulse of its end: one may come before the other."""
    return model.header is not None and model.pulse is not None and model.pulse.paused and model.pulse.ts == Hour.end


def kept(**changes):
    return StartCache(msgspec.structs.replace(config("hour"), **changes)).open(Named("hour"))


def state(at: int | None = None, **changes) -> bytes:
    model, now = timeline_model.model_at(msgspec.structs.replace(config("hour"), **changes), at)
    return msgspec.json.encode(model.state(now))


@pytest.mark.parametrize("at", [T0, T0 + 60_000, None], ids=["start", "minute", "end"])
def test_a_market_that_was_kept_gives_the_same_figures_and_is_not_made(at):
    first = state(at)
    assert isinstance(kept(), KnownMarket) and made == 1
    assert state(at) == first and made == 1


def test_a_moment_before_the_start_is_read_from_the_market_itself():
    state()
    assert state(T0 - 50_000) == state(T0 - 50_000) and made == 3


async def test_a_hub_keeps_it_and_the_next_one_tells_the_same_and_goes_on():
    async def shown():
        async with playing(speed=float("inf")) as hub:
            await until(lambda: hub.stream.model.header is not None)  # of which this screen takes what it has
            screen = Screen(hub.stream)
            await until(lambda: at_the_end(screen.model))
            return msgspec.json.encode(msgspec.structs.replace(screen.model.state(T0), hub=None))

    first = await shown()
    await until(lambda: kept() is not None)
    before = made
    assert await shown() == first and made == before


async def test_what_a_hub_says_of_itself_while_a_market_is_made_is_not_kept(monkeypatch: pytest.MonkeyPatch):
    beaten = Event()

    def after_some_beats(of: HourFeed):
        slow = HourFeed.timeline(of)
        events = slow.events
        slow.events = lambda: beaten.wait(LIMIT_S) and events()
        return slow

    monkeypatch.setattr(Named, "timeline", after_some_beats)
    beat = Hub._beat

    def counted(hub: Hub):
        beat(hub)
        if hub._beats == 1:
            hub.mailbox.put(Encoded(FeedStatus(ts=hub.now, feed="mqtt", state="live", detail="", service=True)))
        if hub._beats >= 3:
            beaten.set()

    monkeypatch.setattr(Hub, "_beat", counted)
    async with playing() as hub:
        assert beaten.is_set()
        await until(lambda: kept() is not None)
        assert not [event for event in kept().known() if isinstance(event, Pulse)]
        assert b"mqtt" not in b"".join(kept().lines)
        await until(lambda: "mqtt" in hub.stream.model.feeds.figures(hub.now))


async def test_a_screen_gets_what_was_kept_before_the_hub_has_folded_it():
    state()
    async with playing() as hub:
        told = await hub.stream.snapshot()
    assert len(told) > 10 and all(line in b"".join(told) for line in kept().told())


async def test_a_seek_back_begins_with_what_was_kept():
    state()
    async with playing(speed=float("inf")) as hub:
        await until(lambda: hub.stream.model.pulse is not None and hub.stream.model.pulse.paused)
        hub.control(playback.Control(do="seek", value=T0 + 60_000))
        await until(lambda: hub.now == T0 + 60_000 and not hub._playback.seeking)
        found = hub.stream.model.liquidations.figures(hub.now)
    model, _ = timeline_model.model_at(config("hour"), T0 + 60_000)
    assert found == model.liquidations.figures(T0 + 60_000) and made == 1


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"", lambda data: b"{}" + data], ids=range(3))
def test_a_damaged_file_is_as_good_as_none(folder: Path, damage):
    first = state()
    [path] = folder.glob("*.start")
    path.write_bytes(damage(path.read_bytes()))
    assert kept() is None and state() == first
    assert isinstance(kept(), KnownMarket)


def test_without_what_follows_it_is_made_anew(folder: Path):
    state()
    [rest] = folder.glob("*.rest")
    rest.unlink()
    assert kept() is None


def test_what_says_otherwise_of_figures_finds_nothing(monkeypatch: pytest.MonkeyPatch):
    state()
    assert kept() is not None
    assert kept(waves=Parameters(enter=9.0)) is None
    start_cache._code.cache_clear()
    monkeypatch.setattr(start_cache, "__version__", "0.0.0")
    assert kept() is None
    start_cache._code.cache_clear()


@pytest.mark.parametrize(
    "change",
    [{"history": HistoryConfig(enabled=False)}, {"levels": LevelSettings(pins=(Pinned(symbol="BTC", price=1.0),))}],
    ids=["no history", "pins"],
)
def test_a_desk_that_keeps_nothing_or_has_pins_writes_none(change):
    state(**change)
    assert kept(**change) is None


def test_the_markets_used_longest_ago_go(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(start_cache, "KEPT", 2)
    for number, enter in enumerate((8.0, 9.0, 10.0)):
        state(T0, waves=Parameters(enter=enter))
        for path in (path for path in folder.iterdir() if path.stat().st_mtime > 100):
            os.utime(path, (number, number))
    assert [kept(waves=Parameters(enter=enter)) is None for enter in (8.0, 9.0, 10.0)] == [True, False, False]
    assert len([*folder.iterdir()]) == 4


def test_the_simulated_market_goes_on_from_its_start_as_if_its_past_had_been_made():
    timeline = DemoTimeline()
    whole = (event for event in timeline.events() if event.arrival > timeline.start)
    assert [*islice(following(DemoTimeline()), 2_000)] == [*islice(whole, 2_000)]
