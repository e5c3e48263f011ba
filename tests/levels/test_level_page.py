"""The page of a level: its tests and wicks, and the liquidations and volume at its prices."""

from deskmon.analytics.level_settings import LevelSettings, Pinned, Weights
from deskmon.api import Drill, Frame
from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import FeedStatus, Journal, Liquidation, Ticker
from deskmon.model import Model
from deskmon.plugins import load_panel
from deskmon.testing import check_panel, render
from tests.levels.builders import bars, candles, pinned_model

BTC = "BTC/USDT:USDT"
ALONE = Weights(**{name: 0.0 for name in Weights.__struct_fields__ if name != "pin"})
LEVEL = load_panel("level")
PATH = [
    *[(110.0, 110.5, 109.5, 110.0, 10.0)] * 30,
    (110.0, 110.0, 99.0, 106.0, 20.0),  # a wick: a test of nothing, since the close is far away
    (106.0, 106.0, 100.1, 100.2, 6.0),  # tested from above
    (100.2, 103.0, 100.0, 103.0, 6.0),  # held
    (103.0, 103.0, 98.0, 98.5, 9.0),  # broken down
    (98.5, 101.0, 98.0, 98.2, 6.0),  # a wick from below
    (98.2, 102.0, 98.2, 102.0, 8.0),  # reclaimed
]


def market(*liquidations, price=100.0, last=102.0):
    settings = LevelSettings(
        weights=ALONE, tolerance_atr=0.0, tolerance_pct=0.5, pins=(Pinned(symbol="BTC", price=price),)
    )
    model, held = pinned_model(settings), bars(PATH)
    now = int(held.time[-1]) + HOUR
    events = [
        Liquidation(
            ts=now - ago, venue="bybit", symbol=BTC, side=side, price=at, amount=usd / at, usd=usd, id=str(number)
        )
        for number, (ago, side, at, usd) in enumerate(liquidations)
    ]
    start = Journal(version=1, source="recorded", ts=now - 2 * DAY, started=now - 2 * DAY)
    model.apply([start, *candles(held), *events, Ticker(ts=now, venue="binance", symbol=BTC, last=last)])
    assert not model.rejected, list(model.samples)
    return model, now + MINUTE


def lines(model, now, width=110, height=24, **options):
    return [
        line.rstrip() for line in render(LEVEL(LEVEL.Options(**{"price": 100.0, **options})), model, now, width, height)
    ]


def row(shown, name):
    return next(line.strip("▸ ") for line in shown if line.strip("▸ ").startswith(name)).split()


def below(shown, name):
    """The rows of a table, from the one under its labels to the next blank line."""
    start = next(number for number, line in enumerate(shown) if line.strip().startswith(name)) + 1
    end = next((number for number in range(start, len(shown)) if not shown[number]), len(shown))
    return [" ".join(line.split()) for line in shown[start:end]]


def test_its_tests_stand_there_newest_first_with_their_close_and_how_far_beyond():
    assert below(lines(*market()), "tests") == [
        "12:00 reclaimed 102.00 +2.00%",
        "10:00 broken down 98.50 −1.50%",
        "09:00 held as support 103.00 +3.00%",
        "08:00 tested from above 100.20 +0.20%",
    ]


def test_wicks_are_candles_that_came_back():
    assert below(lines(*market()), "wicks, 1h") == [
        "10:00 reached 101.00 98.20 +1.00%",
        "06:00 reached 99.00 106.00 −1.00%",
    ]


def test_liquidations_at_the_level_are_those_of_its_prices_by_side_with_their_share():
    orders = [
        (HOUR, "long", 100.1, 3e6),
        (HOUR, "short", 99.9, 1e6),
        (HOUR, "long", 106.0, 4e6),
        (25 * HOUR, "long", 100.0, 9e6),
    ]
    model, now = market(*orders)
    shown = row(lines(model, now), "liquidated 24h")
    assert shown[2:] == ["4.00M", "50.0%", "3.00M", "1.00M", "2"]
    panel, frame = LEVEL(LEVEL.Options(price=100.0)), Frame(model, now, 110, 24, "BTC", True)
    found = panel.on_action("enter", frame)
    assert isinstance(found, Drill) and found.panel == "orders"
    assert found.options["low"] <= 99.5 < 100.5 < found.options["high"] < 100.7


def test_liquidations_that_nobody_listened_to_are_unknown_not_none():
    model, now = market()
    assert row(lines(model, now), "liquidated 24h")[2:] == ["0", "—", "0", "0", "0"]
    model.apply([FeedStatus(ts=now - 2 * DAY, feed="bybit", venue="bybit", state="down", detail="no route")])
    assert row(lines(model, now), "liquidated 24h")[2:] == ["—"] * 5


def test_volume_at_the_level_is_its_share_of_each_candles_range():
    """Within 99.5 to 100.5, of the last six hours; the first of them, for one, traded 20 evenly over 99 to 110."""
    inside = 20 / 11 + 6 * 0.4 / 5.9 + 6 * 0.5 / 3 + 9 / 5 + 6 / 3 + 8 / 3.8
    shown = lines(*market())
    assert row(shown, "volume 24h")[3] == f"{inside:.3g}"
    assert row(shown, "volume 30d")[4] == f"{inside / 355:.1%}"


def test_a_price_without_a_level_names_the_nearest():
    assert "no level at 90.00; the nearest is 100.00" in lines(*market(), price=90.0)[0]
    assert "no level of BTC yet" in lines(Model(), 0)[0]


def test_without_a_price_it_is_the_level_nearest_to_the_market():
    assert "100.00 support" in lines(*market(), price=0.0)[0]


def test_the_contract():
    check_panel(LEVEL)
