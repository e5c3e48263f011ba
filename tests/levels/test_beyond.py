"""A level beyond which the price already trades reads as that, until a close decides."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.level_settings import LevelSettings, Pinned, Weights
from deskmon.api import Drill, Frame
from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.events import Ticker
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.testing import render
from tests.length import examples
from tests.levels.builders import bars, candles, pinned_model, walk

BTC = "BTC/USDT:USDT"
ALONE = Weights(**{name: 0.0 for name in Weights.__struct_fields__ if name != "pin"})
LEVELS, LEVEL = load_panel("levels"), load_panel("level")


def tick(ts, last):
    return Ticker(ts=ts, venue="binance", symbol=BTC, last=last)


def pinned(closes, *pins):
    """A market of hours that closed so, and the time since which the next hour runs. The tolerance is 0.25 %."""
    settings = LevelSettings(weights=ALONE, tolerance_atr=0.0, pins=tuple(Pinned(symbol="BTC", price=p) for p in pins))
    model, held = pinned_model(settings), bars(closes)
    model.apply(candles(held))
    return model, int(held.time[-1]) + HOUR


def shown(model, now, panel=LEVELS, width=150, **options):
    return [line.rstrip() for line in render(panel(panel.Options(**options)), model, now, width, 16)]


def test_a_support_that_the_price_fell_through_says_since_when_and_which_close_decides():
    model, now = pinned([67_000.0] * 36, 66_000.0)
    model.apply(
        [tick(now + minute * MINUTE, last) for minute, last in enumerate((66_900.0, 65_700.0, 64_900.0, 64_600.0))]
    )
    [level] = model.levels.of(BTC, now + 4 * MINUTE)
    assert (level.status, level.kind) == ("holding", "support"), "only a close changes the status"
    assert (level.beyond_since, level.decides) == (now + MINUTE, now + HOUR)
    assert "below since 12:01, the 13:00 close decides" in shown(model, now + 4 * MINUTE)[1]
    assert "below 12:01" in shown(model, now + 4 * MINUTE, width=40)[1]


def test_a_resistance_that_the_price_rose_through_is_the_mirror():
    model, now = pinned([67_000.0] * 30 + [64_000.0] * 6, 66_000.0)
    [level] = model.levels.of(BTC, now)
    assert (level.status, level.kind, level.beyond_since) == ("broken", "resistance", None)
    model.apply([tick(now + 7 * MINUTE, 66_500.0)])
    assert "above since 12:07, the 13:00 close decides" in shown(model, now + 8 * MINUTE)[2]


def test_since_is_the_last_time_the_price_went_there_and_it_ends_when_the_price_comes_back():
    model, now = pinned([67_000.0] * 36, 66_000.0)
    path = (65_000.0, 65_000.0, 66_500.0, 65_000.0, 65_100.0)
    model.apply([tick(now + minute * MINUTE, last) for minute, last in enumerate(path)])
    assert model.levels.of(BTC, now + 5 * MINUTE)[0].beyond_since == now + 3 * MINUTE
    model.apply([tick(now + 5 * MINUTE, 66_100.0)])
    back = model.levels.of(BTC, now + 6 * MINUTE)[0]
    assert (back.beyond_since, back.decides, back.status) == (None, None, "testing")


def test_half_a_tolerance_beyond_is_still_a_test():
    model, now = pinned([67_000.0] * 36, 66_000.0)
    for last, beyond in ((66_000 * (1 - 0.00124), False), (66_000 * (1 - 0.00126), True)):
        model.apply([tick(now + MINUTE, last)])
        level = model.levels.of(BTC, now + 2 * MINUTE)[0]
        assert (level.decides is not None) is beyond and level.status == "testing"


def test_less_than_half_a_tolerance_beyond_says_so_and_which_close_would_turn_it():
    model, now = pinned([67_000.0] * 36, 66_000.0)
    model.apply([tick(now + MINUTE, 65_950.0)])
    row = shown(model, now + 2 * MINUTE)[1]
    assert "◆66,000  sup" in row and "just below, a close below 65,918 turns it" in row
    assert "testing, just below" in shown(model, now + 2 * MINUTE, width=70)[1]
    assert "just below" in shown(model, now + 2 * MINUTE, width=36)[1]


def test_a_zone_around_the_price_stands_on_the_side_of_its_own_price_and_says_that_the_price_is_inside():
    zone = Pinned(symbol="BTC", low=66_000.0, high=66_600.0)
    settings = LevelSettings(weights=ALONE, tolerance_atr=0.0, pins=(zone,))
    held = bars([65_000.0] * 36)
    now = int(held.time[-1]) + 2 * HOUR
    for last, first in ((66_500.0, "66,500"), (66_100.0, "◆66,299")):
        model = pinned_model(settings)
        model.apply([*candles(held), tick(now + MINUTE, last)])
        [level] = model.levels.of(BTC, now + 2 * MINUTE)
        assert (level.kind, level.distance_pct) == ("resistance", 0.0)
        rows = shown(model, now + 2 * MINUTE)
        assert first in rows[1] and any("inside 66,000–66,600, testing" in row for row in rows)


def test_until_the_close_has_been_told_the_close_that_decides_is_that_one():
    model, now = pinned([67_000.0] * 36, 66_000.0)
    model.apply([tick(now + 30 * MINUTE, 65_000.0)])
    [level] = model.levels.of(BTC, now + HOUR + SECOND)
    assert (level.status, level.decides, level.beyond_since) == ("holding", now + HOUR, now + 30 * MINUTE)
    [level] = model.levels.of(BTC, now + HOUR + 3 * SECOND)
    assert (level.status, level.decides, level.kind) == ("broken", None, "resistance")


def _edges(level):
    return level.low, level.high


@examples(10, 40)
@given(st.integers(0, 10_000), st.floats(0.9, 1.1))
def test_a_level_is_beyond_exactly_where_a_close_at_that_price_turns_it(seed, move):
    """Where the close is within the day, since one at 00:00 is judged by the tolerance of the day that begins, and
    where no source appears or leaves with it, which would be another zone."""
    held = walk(seed, 260)
    now, last = int(held.time[-1]) + HOUR, float(held.close[-1]) * move
    model = Model()
    model.apply([*candles(held), tick(now + 30 * MINUTE, last)])
    before = model.levels.of(BTC, now + 40 * MINUTE)
    after = {level.id: level for level in model.levels.of(BTC, now + HOUR + 3 * SECOND)}
    compared = [level for level in before if level.id in after and _edges(level) == _edges(after[level.id])]
    assert compared
    for level in compared:
        assert (level.decides is not None) is (after[level.id].kind != level.kind), level


def test_state_and_a_late_screen_say_the_same():
    model, now = pinned([67_000.0] * 36, 66_000.0)
    model.apply([tick(now + MINUTE, 65_000.0)])
    state = json.loads(msgspec.json.encode(model.state(now + 2 * MINUTE)))
    [level] = state["levels"][BTC]
    assert (level["beyond_since"], level["decides"]) == (now + MINUTE, now + HOUR)
    late = Model(levels=model.levels.settings)
    late.apply(model.snapshot())
    assert late.levels.of(BTC, now + 2 * MINUTE) == model.levels.of(BTC, now + 2 * MINUTE)


def test_enter_opens_the_page_of_the_level_under_the_cursor():
    model, now = pinned([67_000.0] * 36, 66_000.0, 70_000.0)
    panel, frame = LEVELS(), Frame(model, now + MINUTE, 100, 12, "BTC", True)
    model.apply([tick(now, 67_000.0)])
    assert panel.on_action("enter", frame) == Drill("symbol", {"symbol": BTC}, "BTC")
    panel.on_action("down", frame)
    assert panel.on_action("enter", frame) == Drill("level", {"symbol": BTC, "price": 66_000.0}, "66,000")


def test_the_chart_says_it_too():
    model, now = pinned([67_000.0] * 36, 66_000.0)
    model.apply([tick(now + MINUTE, 65_000.0)])
    lines = render(load_panel("chart")(), model, now + 2 * MINUTE, 118, 30)
    assert any("66,000.00 sup below" in line for line in lines)


@pytest.mark.parametrize("width", [30, 60, 110])
def test_the_page_says_it_first(width):
    model, now = pinned([67_000.0] * 36, 66_000.0)
    model.apply([tick(now + MINUTE, 65_000.0)])
    lines = shown(model, now + 2 * MINUTE, LEVEL, width, price=66_000.0)
    assert "66,000 support" in lines[0]
    if width >= 60:
        assert "below since 12:01" in lines[0] and "a 1h close below 65,918 turns it" in lines[1]
    if width == 110:
        assert "below since 12:01, the 13:00 close decides" in lines[0]
