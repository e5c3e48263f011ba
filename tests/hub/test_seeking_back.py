"""A market that is played, sought back and forth: each moment is as if it were folded from the beginning."""

from __future__ import annotations

import asyncio
import math
from contextlib import closing
from functools import cache

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.analytics.level_settings import LevelSettings, Pinned
from deskmon.config.schema import Config, FeedConfig
from deskmon.events import Journal
from deskmon.feedkit import TimelineFeed
from deskmon.hub import play_checkpoints
from deskmon.hub.hub import Hub
from deskmon.transport.requests import Control
from tests.hub.waiting import until
from tests.length import examples
from tests.markets import simulated

SECONDS = 100
RULES = {
    "steady": RuleSettings(when="liquidations.windows.1h.usd > 0", for_="10s"),
    "falling": RuleSettings(when="prices.BTC.last change 30s < 0"),
    "priced": RuleSettings(each="asset", when="prices.{asset}.last > 1"),
}


@cache
def beginning():
    """What a model knows at the start of the market, and what follows."""
    market = simulated(SECONDS)
    start = market.timeline.start
    first = max(index for index, event in enumerate(market.events) if event.arrival <= start)
    events = market.events[first:]  # one of the past: alerts are judged from the start on
    known = simulated(0).model.snapshot()
    return [event for event in known if type(event) is not Journal], events


class Demo:
    """The demo's first 100 s, its past folded already."""

    mode = "demo"

    def __init__(self):
        market = simulated(SECONDS)
        self.header, self.start, self.end = market.timeline.header, market.timeline.start, market.now

    def events(self):
        known, events = beginning()
        yield from (known[0], self.header, *known[1:], *events)


class DemoFeed(TimelineFeed):
    name = "demo"
    title = "the demo"
    mode = "demo"

    class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        at: int = 0

    def timeline(self):
        return Demo()

    def begin(self, timeline):
        return timeline.start + self.options.at * 1_000


def config(at=0):
    pins = LevelSettings(pins=(Pinned(symbol="BTC", price=90_000.0),))
    rules = AlertsConfig(rules=RULES)
    return Config(feeds={"demo": FeedConfig(type="demo", options={"at": at})}, alerts=rules, levels=pins)


def figures(model, at):
    """All but what a hub says of itself."""
    made = msgspec.to_builtins(model.state(at))
    return {key: value for key, value in made.items() if key not in ("hub", "hubs")}


class Desk:
    """A hub that plays the market, on a loop of its own."""

    def __init__(self, at):
        self.loop = asyncio.new_event_loop()
        self.hub = Hub(config(at), load=lambda _: DemoFeed)
        self.task = self.loop.create_task(self.hub.run())
        self.loop.run_until_complete(self.hub.stream.begun.wait())
        self.control("pause")

    def control(self, do, value=None):
        self.hub.control(Control(do, value))

    def go(self, at):
        self.control("seek", at)
        self.loop.run_until_complete(until(lambda: self.hub.now == at and not self.hub._playback.seeking))
        return figures(self.hub.stream.model, at)

    def from_the_beginning(self):
        """Have it fold each moment anew, from the first event on."""
        self.hub._playback._checkpoints.due = lambda *_, **__: False
        self.hub._playback.forget()

    def close(self):
        self.task.cancel()
        self.loop.run_until_complete(asyncio.gather(self.task, return_exceptions=True))
        self.loop.close()

    @property
    def kept(self):
        return [kept.at for kept in self.hub._playback._played._checkpoints]


@pytest.fixture(scope="module", params=[40], ids="begun at {} s".format)
def desks(request):
    """One that goes by its checkpoints, and one that folds from the beginning."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(play_checkpoints, "WORK_S", 0.001)  # whatever the machine: after nearly each slice
        patch.setattr(play_checkpoints, "SHARE", math.inf)
        patch.setattr("deskmon.hub.hub.PULSE_S", 3_600.0)  # alerts are judged up to a pulse, too
        with closing(Desk(request.param)) as made, closing(Desk(request.param)) as folding:
            folding.from_the_beginning()
            made.go(simulated(SECONDS).now)
            assert len(made.kept) > 5
            yield made, folding


MOMENTS = st.lists(st.integers(0, SECONDS * 4).map(lambda quarter: quarter * 250), min_size=1, max_size=4)


@given(MOMENTS)
@examples(4, 60)
def test_the_state_after_a_seek_is_that_of_a_fold_from_the_beginning(desks, moments):
    made, folding = desks
    for moment in moments:
        at = Demo().start + moment
        found, expected = made.go(at), folding.go(at)
        assert not folding.kept
        for key in expected:
            assert found[key] == expected[key], key
