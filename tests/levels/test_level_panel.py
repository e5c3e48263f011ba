"""The ladder: what stands above and below the price, how far, how it stands and why."""

from deskmon.analytics.level_settings import LevelSettings, Pinned, Weights
from deskmon.api import Drill, Frame, Notify, Pin
from deskmon.clock import HOUR, MINUTE
from deskmon.events import Ticker
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.testing import check_panel, render
from tests.levels.builders import bars, candles, pinned_model, walk

BTC = "BTC/USDT:USDT"
ALONE = Weights(**{name: 0.0 for name in Weights.__struct_fields__ if name != "pin"})
LEVELS = load_panel("levels")


def market(closes, last, *pins):
    held = bars(closes)
    now = int(held.time[-1]) + HOUR
    pinned = tuple(Pinned(symbol="BTC", price=price, label=label) for price, label in pins)
    model = pinned_model(LevelSettings(weights=ALONE, tolerance_atr=0.0, pins=pinned))
    model.apply([*candles(held), Ticker(ts=now + MINUTE, venue="binance", symbol=BTC, last=last)])
    return model, now + 2 * MINUTE


def lines(model, now, width=110, height=12, **options):
    panel = LEVELS(LEVELS.Options(**options))
    return [line.rstrip() for line in render(panel, model, now, width, height)]


def test_zones_stand_above_and_below_the_price_with_how_they_stand_and_since_when():
    closes = [88_000.0] * 30 + [84_000.0] * 5
    pins = ((90_000.0, ""), (85_000.0, "Krinsky: must reclaim"), (80_000.0, "pocket"))
    model, now = market(closes, 84_000.0, *pins)
    head, high, lost, here, low = lines(model, now, 150)
    assert head.split() == ["level", "S/R", "away", "σ", "ATR", "status", "score", "sources", "zone"]
    assert high.split()[:3] == ["◆90,000", "res", "+7.1%"] and "holding" in high and "pinned" in high
    assert lost.split()[:3] == ["◆85,000", "res", "+1.2%"]
    assert "broken 07:00, reclaim pending" in lost and "Krinsky: must reclaim" in lost
    assert here.split()[:2] == ["▸", "84,000"] and BTC in here
    assert low.split()[:3] == ["◆80,000", "sup", "−4.8%"]


def test_a_narrow_ladder_keeps_mark_level_distance_and_status():
    model, now = market([88_000.0] * 30 + [84_000.0] * 5, 84_000.0, (90_000.0, "a"), (85_000.0, "b"), (80_000.0, "c"))
    head, _, lost, _, _ = lines(model, now, 36, 8)
    assert head.split() == ["level", "away", "σ", "status"]
    assert lost.split() == ["◆85,000", "+1.2%", "+0.3", "broken", "07:00"]


def test_the_price_stays_in_the_middle_until_the_cursor_moves():
    model = Model()
    held = walk(3, 24 * 60)
    model.apply(candles(held))
    now = int(held.time[-1]) + HOUR
    panel = LEVELS()
    shown = render(panel, model, now, 100, 9)
    assert len(model.levels.of(BTC, now)) > 9
    assert shown[4].startswith("▸") and BTC in shown[4]
    frame = Frame(model, now, 100, 9, "BTC", True)
    panel.on_action("top", frame)
    assert render(panel, model, now, 100, 9)[1].startswith("▸")


def test_up_is_not_down():
    up, now = market([80_000.0] * 30 + [84_000.0] * 5, 84_000.0, (82_000.0, ""))
    assert "broken up 07:00" in lines(up, now)[2]
    down, now = market([80_000.0] * 30 + [84_000.0] * 2 + [80_000.0] * 3, 80_000.0, (82_000.0, ""))
    assert "reclaimed (from above) 09:00" in lines(down, now, 150)[1]


def test_keys_pin_the_level_under_the_cursor_or_the_price():
    model, now = market([88_000.0] * 40, 88_000.4, (90_000.0, "roof"))
    panel, frame = LEVELS(), Frame(model, now, 100, 12, "BTC", True)
    assert panel.on_action("levels.pin", frame) == Pin("BTC", 88_000.0)
    panel.on_action("up", frame)
    assert panel.on_action("levels.pin", frame) == Pin("BTC", 90_000.0)
    assert panel.on_action("enter", frame) == Drill("level", {"symbol": BTC, "price": 90_000.0}, "90,000")
    assert isinstance(LEVELS().on_action("levels.pin", Frame(Model(), now, 100, 12)), Notify)


def test_the_title_says_what_distances_and_closes_are():
    model, now = market([88_000.0, 88_100.0] * 30, 88_000.0)
    panel, frame = LEVELS(), Frame(model, now, 100, 12, "BTC")
    assert panel.heading(frame) == "Levels BTC"
    assert panel.note(frame) == "1σ 0.6% realised · 1h closes"
    assert LEVELS(LEVELS.Options(symbol="ETH")).heading(frame) == "Levels ETH"
    assert lines(model, now, symbol="ETH")[1] == " no price of ETH yet"


def test_the_contract():
    check_panel(LEVELS)
