"""The replay feed: a journal, where and how fast playing begins."""

from __future__ import annotations

import math

import msgspec
import pytest

from deskmon.clock import ManualClock
from deskmon.errors import DeskError, UsageError
from deskmon.feeds.demo.simulator import DemoTimeline
from deskmon.feeds.replay import ReplayFeed
from deskmon.journal import JournalWriter
from deskmon.model import Model
from deskmon.player import Player
from tests.timelines.builders import HEADER, T0, trade


@pytest.fixture
def path(tmp_path):
    with JournalWriter(tmp_path / "j.jsonl", HEADER) as journal:
        journal.write(trade(T0 + i * 1_000, id=str(i)) for i in range(3_600))
    return str(tmp_path / "j.jsonl")


@pytest.mark.parametrize(
    ("at", "expected"), [(None, T0), ("+15m", T0 + 900_000), ("2026-01-05T12:10", T0 + 600_000), (T0 + 5, T0 + 5)]
)
def test_playing_begins_where_it_was_asked_to(path, at, expected):
    feed = ReplayFeed("replay", ReplayFeed.Options(path=path, at=at))
    timeline = feed.timeline()
    assert feed.begin(timeline) == expected
    assert (timeline.mode, timeline.end) == ("replay", T0 + 3_599_000)


def test_playing_begins_as_fast_as_it_was_asked_to(path):
    assert ReplayFeed("replay", ReplayFeed.Options(path=path)).speed() == 1.0
    assert ReplayFeed("replay", ReplayFeed.Options(path=path, speed=25)).speed() == 25
    assert math.isinf(ReplayFeed("replay", ReplayFeed.Options(path=path, speed="max")).speed())


def test_faults_are_said_in_words(path, tmp_path):
    feed = ReplayFeed("replay", ReplayFeed.Options(path=path, at="noon"))
    with pytest.raises(UsageError, match="noon"):
        feed.begin(feed.timeline())
    with pytest.raises(DeskError, match="no such file"):
        ReplayFeed("replay", ReplayFeed.Options(path=str(tmp_path / "none.jsonl"))).timeline()


@pytest.fixture(scope="module")
def recorded():
    """A demo, its events until twenty seconds after its start, and the figures then."""
    demo, model, events = DemoTimeline(seed=3), Model(), []
    for some in Player(demo, ManualClock(0)).seek(demo.start + 20_000):
        model.apply(some)
        events += some
    return demo, events, model.state(demo.start + 20_000)


@pytest.mark.parametrize("name", ["d.jsonl", "d.jsonl.zst"])
def test_a_recorded_demo_replays_to_the_same_figures(tmp_path, recorded, name):
    demo, written, live = recorded
    at = demo.start + 20_000
    with JournalWriter(tmp_path / name, msgspec.structs.replace(demo.header, started=demo.start)) as journal:
        journal.write(written)
    replay = ReplayFeed("replay", ReplayFeed.Options(path=str(tmp_path / name))).timeline()
    assert replay.start == demo.start
    again = Model()
    for events in Player(replay, ManualClock(0)).seek(at):
        again.apply(events)
    assert again.rejected == 0
    state = again.state(at)
    assert (state.mode, state.source) == ("replay", "simulated")
    assert not any(window.warming_up for window in state.liquidations.windows.values())
    for figure in ("prices", "liquidations", "funding", "open_interest", "depth"):
        assert _but_since(getattr(state, figure)) == _but_since(getattr(live, figure))


def _but_since(figures):
    """Figures without the time from which they count, and what hangs on it: whether the first day was heard whole. The
    demo has listened a little longer than it had to tell."""
    for window in getattr(figures, "windows", {}).values():
        window.counts_from = window.since = None
    for day in getattr(figures, "days", []):
        day.whole = None
    return figures
