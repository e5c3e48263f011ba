"""Open interest of which only the dollars are known, candles without a volume, and a contract's own name."""

from __future__ import annotations

import json

import pytest

from deskmon.assets import contract
from deskmon.clock import HOUR, MINUTE
from deskmon.events import Candle, OpenInterest, Ticker, decode_event, encode_event
from deskmon.model import Model
from deskmon.testing import NOW, model_of, render
from deskmon.widgets.open_interest import OpenInterest as Panel
from deskmon.widgets.symbol import Symbol
from tests.model.markets import T, wired

BTC, PEPE = "BTC/USD:BTC", "PEPE/USDT:USDT"


def interest(amount, usd=517_437_000.0, ts=T, venue="binance", symbol=BTC):
    return OpenInterest(ts=ts, venue=venue, symbol=symbol, amount=amount, usd=usd)


def figure(*told, now=T):
    model = Model()
    model.apply(told)
    assert not model.rejected
    return model.open_interest.figures(now)[BTC]


def test_dollars_are_summed_and_coins_are_unknown_while_one_venue_has_no_price():
    known = interest(1000.0, 6.6e7, venue="bybit")
    both = figure(interest(None), known)
    assert (both.usd, both.amount) == (517_437_000.0 + 6.6e7, None)
    assert (both.venues["binance"].amount, both.venues["bybit"].amount) == (None, 1000.0)
    later = figure(interest(None), known, interest(7839.95, ts=T + 1), now=T + 1)
    assert later.amount == pytest.approx(8839.95)


def test_a_change_in_coins_is_of_the_venues_whose_coins_were_known_then():
    told = [
        interest(None, 5e8, T - HOUR), interest(8000.0, 5.2e8, T), interest(100.0, 6e6, T - HOUR, "bybit"),
        interest(110.0, 7e6, T, "bybit"),
    ]  # fmt: skip
    held = figure(*told)
    assert held.change_1h_amount_pct == pytest.approx(10.0)
    assert held.change_1h_pct == pytest.approx((527 / 506 - 1) * 100)
    assert held.venues["binance"].change_1h_amount_pct is None
    assert figure(interest(None, 5e8, T - HOUR), interest(None, 5e8, T)).change_1h_amount_pct is None


def test_coins_that_are_unknown_are_no_number_anywhere():
    model = Model()
    model.apply([interest(None, 5e8, T - 2 * MINUTE), interest(8000.0, 5e8, T)])
    assert model.open_interest.amounts(BTC, T, MINUTE, 3) == {"binance": [None, None, 8000.0]}
    assert model.open_interest.between(BTC, T - 2 * MINUTE, T) == []


def test_they_stay_unknown_in_a_snapshot_a_journal_and_the_state():
    model = Model()
    model.apply([interest(None, 5e8, T - HOUR), interest(None)])
    again = Model()
    again.apply(wired(model.snapshot()))
    assert again.open_interest.figures(T) == model.open_interest.figures(T)
    line = encode_event(interest(None))
    assert "amount" not in json.loads(line)
    assert decode_event(line) == interest(None)


def test_the_panel_shows_a_dash_for_coins_that_are_unknown():
    lines = render(Panel(), model_of([interest(None, ts=NOW)]), width=160, height=12)
    row = next(line for line in lines if "BTC" in line)
    assert "517M" in row
    assert "—" in row


def test_a_candle_without_a_volume_is_a_candle_whose_volume_is_unknown():
    row = {"ts": T, "venue": "v", "symbol": BTC, "timeframe": "1m", "open_time": T - MINUTE}
    bare = Candle(**row, open=1.0, high=3.0, low=1.0, close=2.0)
    assert decode_event(encode_event(bare)) == bare
    model = Model()
    model.apply([bare])
    bars = model.candles.series(BTC, "1m")
    assert (bars.close.tolist(), bars.volume.tolist()) == ([2.0], [0.0])


def test_the_page_of_a_symbol_names_a_contract_as_its_venue_does():
    told = [
        Ticker(ts=NOW, venue="binance", symbol=PEPE, last=1.23e-5, contract="1000PEPEUSDT"),
        Ticker(ts=NOW, venue="okx", symbol=PEPE, last=1.23e-5),
    ]
    model = model_of(told)
    venues = model.prices.figures(NOW)[PEPE].venues
    assert (venues["binance"].contract, venues["okx"].contract) == ("1000PEPEUSDT", None)
    lines = render(Symbol(Symbol.Options(symbol="PEPE")), model, width=160, height=30)
    rows = {line.split()[0].strip("▸▐"): line for line in lines if "binance" in line or "okx" in line}
    assert any("1000PEPEUSDT" in line for line in rows.values() if "binance" in line)
    assert any(contract(PEPE) in line and "1000" not in line for line in rows.values() if "okx" in line)
