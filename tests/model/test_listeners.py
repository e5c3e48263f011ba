"""Zero liquidations are counted only where somebody listened."""

from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import HOUR, MINUTE, WINDOWS
from deskmon.events import FeedStatus, Journal, Liquidation
from deskmon.model import Model

NOW = 1_767_614_400_000
VENUES = ("bybit", "okx")
STATES = ("live", "down", "reconnecting", "connecting", "removed")
HEADER = Journal(ts=NOW - 9 * HOUR, version=1, source="live", started=NOW - 9 * HOUR)


def says(ago, venue, state, liquidations="stream"):
    return FeedStatus(
        ts=NOW - ago, feed=f"{venue} feed", venue=venue, state=state, detail="", channels={"liquidations": liquidations}
    )  # fmt: skip


def order(ago, venue="bybit"):
    return Liquidation(ts=NOW - ago, venue=venue, symbol="BTC/USDT:USDT", side="long", price=1e5, amount=1.0, usd=1e5)


minutes = st.integers(0, 8 * 60)
words = st.sampled_from(("stream", "none: no such"))
told = st.lists(st.tuples(minutes, st.sampled_from(VENUES), st.sampled_from(STATES), words), max_size=8)


def listened(story, after, venue=""):
    """Brute force: whether a feed that has liquidations was live at some time in (after, NOW]."""
    feeds = {}
    heard = False
    for ago, name, state, words in story:
        if feeds.get(name) and NOW - ago * MINUTE > after:
            heard |= venue in ("", name)
        feeds[name] = state == "live" and words == "stream"
    return heard or any(hears and venue in ("", name) for name, hears in feeds.items())


@given(told, st.lists(minutes, max_size=2))
def test_a_window_is_unknown_where_nothing_was_counted_and_nobody_listened(story, orders):
    story = sorted(story, key=lambda each: -each[0])
    model = Model()
    model.apply([HEADER, *(order(ago * MINUTE) for ago in orders)])
    model.apply([says(ago * MINUTE, *rest) for ago, *rest in story])
    late = Model()
    late.apply(model.snapshot())
    assert late.liquidations.figures(NOW) == model.liquidations.figures(NOW)
    for name, window in model.liquidations.figures(NOW).windows.items():
        count = sum(ago * MINUTE < WINDOWS[name] for ago in orders)
        known = not story or listened(story, NOW - WINDOWS[name])
        assert window.count == (count if count or known else None)
        assert (window.usd is None) is (window.count is None)
        nothing = model.liquidations.nothing(name, NOW, "okx")
        asked = any(venue == "okx" for _, venue, *_ in story)
        assert nothing.usd == (None if asked and not listened(story, NOW - WINDOWS[name], "okx") else 0.0)


def test_while_nobody_listens_what_was_counted_before_is_a_lower_bound():
    model = Model()
    model.apply([HEADER, says(3 * HOUR, "bybit", "live"), order(2 * HOUR)])
    assert model.liquidations.figures(NOW).windows["4h"].lower_bound is False
    model.apply([says(90 * MINUTE, "bybit", "down")])
    windows = model.liquidations.figures(NOW).windows
    assert windows["1h"].usd is None
    assert windows["4h"].usd == 1e5 and windows["4h"].lower_bound
