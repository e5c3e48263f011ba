"""Changes of levels in the session log: a hub's own, and those of a market that no hub has heard."""

from random import Random

from deskmon.analytics.level_settings import LevelSettings, Pinned
from deskmon.clock import HOUR
from deskmon.events import Journal, Ticker
from deskmon.hub.level_announcer import unsaid
from deskmon.hub.stream import Stream
from tests.levels.builders import bars, candles, pinned_model
from tests.levels.test_levels_model import ALONE, path


def test_what_a_hub_says_of_its_levels_is_in_its_own_session_log():
    held = path(0.0, Random(0))
    now = int(held.time[-1]) + HOUR
    pinned = (Pinned(symbol="BTC", price=100_000.0),)
    stream = Stream(pinned_model(LevelSettings(weights=ALONE, tolerance_atr=0.0, pins=pinned)))
    stream.fold([*candles(held), Ticker(ts=now, venue="elsewhere", symbol="ETH/USDT", last=1.0)])
    stream.fold(candles(bars([90_000.0], start=now)))
    stream.fold([Ticker(ts=now + 2 * HOUR, venue="elsewhere", symbol="ETH/USDT", last=1.0)])
    assert [(line.ts, line.state) for line in stream.model.figures("log", now)] == [(now + HOUR, "broken")]


def test_a_market_that_no_hub_has_heard_gets_its_changes_of_levels_once_and_a_recorded_one_keeps_its_own():
    held = path(0.0, Random(0))
    now = int(held.time[-1]) + HOUR
    pinned = (Pinned(symbol="BTC", price=100_000.0),)
    for source, expected in (("imported", ["broken"]), ("recorded", [])):
        model = pinned_model(LevelSettings(weights=ALONE, tolerance_atr=0.0, pins=pinned))
        model.apply([Journal(version=1, source=source, ts=now, started=now)])
        model.apply([*candles(held), *candles(bars([90_000.0], start=now))])
        for _ in range(2):
            for changes in unsaid(model, now + 2 * HOUR):
                model.apply(changes)
            assert [line.state for line in model.figures("log", now) if line.kind == "levels"] == expected
