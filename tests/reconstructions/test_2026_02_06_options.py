"""Chains made from a smile say what the smile says."""

from __future__ import annotations

import math
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR
from deskmon.events import MIN_TS
from deskmon.feeds.demo.reconstructions.option_chains import Carry, Listing, Smile, Surface, black76, chains
from deskmon.feeds.demo.reconstructions.prices import Path
from deskmon.model import Model

SPOT = 70_000.0
EXPIRIES = (MIN_TS + 7 * DAY, MIN_TS + 30 * DAY)
STRIKES = tuple(range(30_000, 140_001, 2_500))


def surface(slope=-8.0):
    return Surface(((MIN_TS, 70.0),), ((MIN_TS, 20.0),), ((MIN_TS, slope),), 2.0)


def quotes(slope=-8.0, crowds=None, times=(MIN_TS,)):
    path = Path([MIN_TS, MIN_TS + 40 * DAY], [SPOT, SPOT])
    listings = [Listing(expiry, STRIKES, 1_000.0) for expiry in EXPIRIES]
    return chains("BTC", path, surface(slope), listings, Carry(((MIN_TS, 0.02),), 0.02), crowds or {}, times, Random(1))


@given(st.floats(100, 1e5), st.floats(0.3, 3), st.floats(0.003, 2), st.floats(0.1, 2))
def test_put_and_call_of_a_strike_agree_with_each_other(forward, moneyness, years, vol):
    strike = forward * moneyness
    call, put = (black76(forward, strike, years, vol, kind) for kind in ("call", "put"))
    assert call - put == pytest.approx(forward - strike, abs=1e-9 * forward)
    assert max(0.0, forward - strike) - 1e-9 * forward <= call <= forward


def test_a_known_price():
    worth = 2 * SPOT * (0.5 * math.erfc(-0.1 / math.sqrt(2)) - 0.5)
    assert black76(SPOT, SPOT, 0.25, 0.4, "call") == pytest.approx(worth), "at the money F·(2N(σ√T/2) − 1)"


def test_a_smile_at_the_money_and_beyond_its_reach():
    smile = Smile(80.0, -9.0, 3.0)
    assert smile.at(SPOT, SPOT, 0.1) == 80.0
    below, above = (smile.at(SPOT * math.exp(z * 0.8 * math.sqrt(0.1)), SPOT, 0.1) for z in (-1, 1))
    assert (below, above) == (pytest.approx(92.0), pytest.approx(74.0))
    assert smile.at(SPOT / 10, SPOT, 0.1) == smile.at(SPOT / 11, SPOT, 0.1)


def test_the_desk_reads_from_the_quotes_what_the_surface_says():
    model = Model()
    model.apply(quotes())
    assert model.rejected == 0
    figure = model.state(MIN_TS).options["BTC"]
    near, far = figure.expiries
    assert near.atm_iv == pytest.approx(surface().smile(MIN_TS, 7).atm, abs=0.3)
    assert far.atm_iv == pytest.approx(70.0, abs=0.3)
    assert near.rr25 < far.rr25 < 0
    assert far.forward == pytest.approx(SPOT * math.exp(0.02 * 30 / 365), abs=0.01)
    assert figure.crossed == 0
    steeper = Model()
    steeper.apply(quotes(slope=-14.0))
    assert steeper.state(MIN_TS).options["BTC"].expiries[1].rr25 < far.rr25


def test_quotes_stand_around_the_mark_and_end_with_the_option():
    found = quotes(times=range(MIN_TS, MIN_TS + 8 * DAY, 12 * HOUR))
    assert all(each.bid <= each.mark < each.ask for each in found)
    assert all(each.ts < each.expiry for each in found)
    assert {each.expiry for each in found if each.ts >= EXPIRIES[0]} == {EXPIRIES[1]}


def test_open_interest_adds_up_crowds_where_told_and_does_not_wander():
    found = quotes(crowds={("put", 60_000.0): 9.0}, times=(MIN_TS, MIN_TS + HOUR))
    for expiry in EXPIRIES:
        first = {(e.strike, e.kind): e.open_interest for e in found if e.expiry == expiry and e.ts == MIN_TS}
        later = {(e.strike, e.kind): e.open_interest for e in found if e.expiry == expiry and e.ts > MIN_TS}
        assert sum(first.values()) == pytest.approx(1_000, rel=0.01)
        assert max(first, key=first.get) == (60_000.0, "put")
        assert first == later
