"""What the desk can't hear of a venue reads none, and nothing that is heard of it counts as the whole."""

from deskmon.components.feed_health import coverage_of, listening
from deskmon.events import FeedStatus, Liquidation
from deskmon.model import Model
from deskmon.model.coverage import VENUES, coverage, is_partial

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
    unheard = [venue for venue, heard in VENUES.items() if heard.coverage == "none"]
    assert unheard
    assert all(coverage(venue) == "none" and is_partial(venue) for venue in unheard)
    assert [is_partial(venue) for venue in ("bybit", "okx", "deribit", "hyperliquid", "somewhere new")] == [
        False, True, False, True, True,
    ]  # fmt: skip
    assert is_partial("bybit", "none")
    model = Model()
    order = Liquidation(
        ts=T, recv=T, venue="coinbase", symbol="BTC/USDT:USDT", side="long", price=1.0, amount=5.0, usd=5.0
    )
    model.apply([order])
    window = model.liquidations.figures(T).windows["1h"]
    assert (window.by_venue["coinbase"].coverage, window.lower_bound) == ("none", True)
