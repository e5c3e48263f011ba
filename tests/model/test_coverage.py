"""What the desk can't hear of a venue reads none, and nothing that is heard of it counts as the whole."""

from deskmon.components.feed_health import coverage_of, listening
from deskmon.events import FeedStatus, Liquidation
from deskmon.model import Model
from deskmon.model.coverage import ABSENT, coverage, is_partial

T = 1_790_006_400_000


def status(feed, venue, liquidations):
    return FeedStatus(
        ts=T, recv=T, feed=feed, state="live", detail="", venue=venue, channels={"liquidations": liquidations}
    )


def test_what_the_desk_cannot_hear_is_none_and_nobody_is_said_to_listen_to_it():
    model = Model()
    model.apply([status("aster", "aster", "none: ccxt doesn't read them"), status("bybit", "bybit", "listening")])
    assert coverage_of(model, T, "aster") == "none"
    assert coverage_of(model, T, "bybit") == ""
    assert coverage_of(model, T, None) == ""
    assert listening(model, T) == "bybit"


def test_orders_of_a_venue_that_the_desk_cannot_hear_are_a_lower_bound():
    assert {coverage(venue) for venue in ABSENT - {"bitmex", "hyperliquid"}} == {"none"}
    assert [is_partial(each) for each in ("full", "sampled", "polled", "inferred", "none")] == [
        False, True, False, False, True,
    ]  # fmt: skip
    model = Model()
    order = Liquidation(
        ts=T, recv=T, venue="aster", symbol="BTC/USDT:USDT", side="long", price=1.0, amount=5.0, usd=5.0
    )
    model.apply([order])
    window = model.liquidations.figures(T).windows["1h"]
    assert (window.by_venue["aster"].coverage, window.lower_bound) == ("none", True)
