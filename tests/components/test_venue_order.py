"""Venues keep their places in a table: by open interest at first, anew only where one comes or goes."""

from __future__ import annotations

from deskmon.components.carry import VenueOrder
from deskmon.events import OpenInterest
from deskmon.model import Model
from deskmon.samples import NOW

SYMBOL = "BTC/USDT:USDT"


def test_two_venues_that_cross_keep_their_places_until_a_third_comes():
    model, order = Model(), VenueOrder()

    def told(**usd):
        model.apply([OpenInterest(ts=NOW, venue=venue, symbol=SYMBOL, usd=usd[venue]) for venue in usd])
        return order.of(model, [(venue, SYMBOL) for venue in usd])

    assert told(okx=1.0e6, bybit=2.0e6, deribit=2.0e6) == ["bybit", "deribit", "okx"]
    assert told(okx=3.0e6, bybit=2.0e6, deribit=2.0e6) == ["bybit", "deribit", "okx"]
    assert told(okx=3.0e6, bybit=2.0e6, deribit=2.0e6, htx=2.5e6) == ["okx", "htx", "bybit", "deribit"]
