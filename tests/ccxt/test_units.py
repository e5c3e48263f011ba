"""What each venue's numbers count: every row of the table with a frame of its venue, as ccxt reads it.

`seen` frames have the figures of a recording, `told` ones those of the venue's documentation,
as ccxt's source quotes it.
"""

from __future__ import annotations

import importlib
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict

from deskmon.feeds.ccxt import interest, parse
from deskmon.feeds.ccxt.exchanges import venue_name
from deskmon.feeds.ccxt.instruments import Instrument, instrument, without_figures
from deskmon.feeds.ccxt.ticker import prices
from deskmon.feeds.ccxt.units import ROWS, SPOT, UNKNOWN, Units, find, units_of
from tests.ccxt.frames import CANDLES, INTERESTS, MARKETS, NOW, TICKERS, TRADES


@cache
def exchange(name):
    """ccxt's class of this id, offline."""
    return getattr(importlib.import_module(f"ccxt.pro.{name}"), name)()


def listed(name, id_, symbol, size=1.0, **fields):
    """A market as the exchange would list it; what kind it is stands in the symbol."""
    pair, _, settle = symbol.partition(":")
    base, quote = pair.split("/")
    settle, *dated = settle.split("-")
    contract, option = bool(settle), len(dated) > 1
    kind = "spot" if not contract else ("swap", "future", "option")[min(len(dated), 2)]
    market = {
        "id": id_, "symbol": symbol, "base": base, "quote": quote, "settle": settle or None, "baseId": base,
        "quoteId": quote, "settleId": settle or None, "type": kind, kind: True, "contract": contract, "option": option,
        "linear": contract and settle != base, "inverse": contract and settle == base, "contractSize": size,
        "active": True, "precision": {"price": 1e-8, "amount": 1e-8}, "limits": {}, "info": {}, **fields,
    }  # fmt: skip
    made = exchange(name).safe_market_structure(market) | fields
    exchange(name).markets = exchange(name).markets or {}
    exchange(name).markets_by_id = exchange(name).markets_by_id or {}
    exchange(name).markets[symbol] = made
    exchange(name).markets_by_id.setdefault(id_, [made])
    exchange(name).options.setdefault("defaultType", "swap")
    return made


SCALES = {"phemex": {"priceScale": 0, "valueScale": 0, "ratioScale": 0}}


def market_of(name):
    id_, symbol, *size = MARKETS[name]
    own, *_ = name.split()
    return listed(own, id_, symbol, *size, **SCALES.get(own, {}))


def row_of(name):
    """The key of the table that a market's units are found by."""
    own, _, kind = name.partition(" ")
    sort = kind or "linear"
    return (own, sort) if (own, sort) in ROWS else (venue_name(own), sort)


def read(name, method, record):
    """(ccxt's reading of `record`, our instrument) of a market of the table above."""
    own, *_ = name.split()
    market = market_of(name)
    return getattr(exchange(own), method)(record, market), instrument(own, market)


def told(record, figures, market, price):
    return interest.valued(interest.Open(*find(record, figures), NOW), market, "v", NOW, price)


@pytest.mark.parametrize(("name", "source", "record", "price", "coins", "usd"), INTERESTS, ids=lambda v: str(v)[:20])
def test_open_interest_of_an_answer_is_coins_and_dollars(name, source, record, price, coins, usd):
    if name == "aster":  # ccxt has no reading of its own there
        raw, market = record, instrument("aster", market_of(name))
    else:
        raw, market = read(name, "parse_open_interest", record)
    event = told(raw, market.units.polled, market, price)
    assert (event.amount, event.usd) == (pytest.approx(coins), pytest.approx(usd))


@pytest.mark.parametrize(("name", "source", "method", "record", "figures"), TICKERS, ids=lambda v: str(v)[:20])
def test_a_ticker_tells_volumes_prices_and_open_interest_in_coins(name, source, method, record, figures):
    own, *_ = name.split()
    if method == "parse_ws_ticker" and own in ("aster", "binanceusdm", "binancecoinm"):
        market = instrument(own, market_of(name))
        raw = exchange(own).parse_ws_ticker(record, "swap" if own == "aster" else "contract")
    else:
        raw, market = read(name, method, record)
    fields = asdict(prices(raw, market, venue_name(own)))
    if "interest" in figures:
        price = 9440.73 if market.option else fields["mark"] or fields["last"]
        fields["interest"] = told(raw, market.units.interest, market, price).amount
    assert {key: fields[key] for key in figures} == {key: pytest.approx(v) if v else v for key, v in figures.items()}


@pytest.mark.parametrize(("name", "method", "record", "coins"), TRADES, ids=lambda v: str(v)[:20])
def test_a_trade_tells_coins(name, method, record, coins):
    raw, market = read(name, method, record)
    event = parse.trade({**raw, "side": raw["side"] or "buy"}, market, "v", NOW, venue_name(name.split()[0]))
    assert event.amount == pytest.approx(coins)


@pytest.mark.parametrize(("name", "method", "streamed", "record", "coins"), CANDLES, ids=lambda v: str(v)[:20])
def test_a_candle_tells_coins(name, method, streamed, record, coins):
    row, market = read(name, method, record)
    event = parse.candle(row, market, "v", "1m", NOW + 60_000, streamed=streamed)
    assert event.volume == pytest.approx(coins)


def test_every_row_of_the_table_is_tested_with_a_frame():
    cases = {case[0] for table in (INTERESTS, TICKERS, TRADES, CANDLES) for case in table}
    assert {row_of(name) for name in cases} >= set(ROWS)
    interests = {row_of(case[0]) for case in INTERESTS}
    beside = {row_of(case[0]) for case in TICKERS if "interest" in case[4]}
    assert interests == {key for key, row in ROWS.items() if row.polled}
    assert beside == {key for key, row in ROWS.items() if row.interest}
    assert {row_of(case[0]) for case in TRADES} | {("bybit", "option"), ("coinbaseinternational", "linear")} >= {
        key for key in ROWS if key[1] != "spot"
    }


def test_open_interest_that_counts_dollars_has_no_coins_before_a_price_and_then_has_them():
    said = []
    market = instrument("binancecoinm", market_of("binancecoinm inverse"))
    waiting = interest.Waiting("binance", said.append, lambda currency: None)
    record = {"openInterestAmount": 5174370.0, "info": {}}
    assert waiting.take(record, market.units.polled, market, NOW, NOW, None)
    assert [(event.amount, event.usd) for event in said] == [(None, 517_437_000.0)]
    waiting.priced(market, NOW + 1, 66_000.0)
    waiting.priced(market, NOW + 2, 67_000.0)
    assert [(event.amount, event.usd) for event in said[1:]] == [(pytest.approx(7839.9545), 517_437_000.0)]


def test_open_interest_that_counts_coins_waits_for_a_price():
    said = []
    market = instrument("hitbtc", market_of("hitbtc"))
    waiting = interest.Waiting("hitbtc", said.append, lambda currency: None)
    assert waiting.take({"info": {"open_interest": "94.1498"}}, market.units.polled, market, NOW, NOW, None)
    assert said == []
    waiting.priced(market, NOW, 66_000.0)
    assert [(event.amount, event.usd) for event in said] == [(94.1498, pytest.approx(6_213_886.8))]
    assert not waiting.take({"info": {}}, market.units.polled, market, NOW, NOW, 1.0)


def test_what_a_venue_without_a_row_counts_is_not_guessed():
    unknown = [
        instrument("bitrue", listed("binanceusdm", "X", symbol))
        for symbol in ("BTC/USDT:USDT", "BTC/USD:BTC", "BTC/USDT")
    ]
    assert [market.units for market in unknown] == [UNKNOWN, UNKNOWN, SPOT]
    fields = asdict(prices({"last": 5.0, "baseVolume": 7.0, "quoteVolume": 35.0, "info": {}}, unknown[0], "bitrue"))
    assert (fields["last"], fields["volume_24h"], fields["quote_volume_24h"]) == (5.0, None, None)
    assert parse.candle([NOW, 1, 1, 1, 1, 9], unknown[0], "v", "1m", NOW).volume is None
    assert find({"openInterestAmount": 7.0}, unknown[0].units.polled) is None
    notes = without_figures(unknown)
    assert [("linear" in note, "inverse" in note) for note in notes] == [(True, False), (False, True)]
    assert all(note.startswith("withheld: open interest and volumes") for note in notes)
    assert without_figures([instrument("okx", market_of("okx")), unknown[2]]) == []
    (note,) = without_figures([instrument("bitget", market_of("bitget inverse"))])
    assert note.startswith("withheld: the volume of 24 h (inverse contracts, BTC/USD:BTC)")


def test_a_gap_in_a_record_is_no_figure_and_a_text_that_is_no_number_is_an_error():
    units = units_of("bybit", "inverse")
    assert find({"info": {"openInterest": ""}}, units.interest) is None
    assert find({"info": None}, units.interest) is None
    assert find({"info": {"openInterest": "7", "singleOpenInterest": "3.5"}}, units.interest) == (3.5, "quote")
    with pytest.raises(ValueError, match="nonsense"):
        find({"info": {"openInterest": "nonsense"}}, units.interest)


KINDS = st.sampled_from(["linear", "inverse"])
AMOUNTS = st.floats(1e-3, 1e9)


@given(KINDS, st.sampled_from(["contracts", "base", "quote"]), AMOUNTS, st.floats(1e-6, 1e6), st.floats(1e-4, 1e4))
def test_dollars_are_coins_times_price_whatever_a_venue_counts(kind, unit, value, price, size):
    market = Instrument("i", "S", "B", "USD", "USD", kind, size, units=Units())
    coins, usd = market.notional(value, price, unit=unit)
    assert usd == pytest.approx(coins * price)
    assert market.coins(value, unit, price) == pytest.approx(coins)
    known, quote = market.split(value, unit)
    assert (known, quote) == ((pytest.approx(coins), None) if quote is None else (None, pytest.approx(usd)))


def test_predicted_funding_of_kraken_is_a_fraction_on_both_kinds_of_contract():
    record = {"symbol": "PI_XBTUSD", "fundingRate": 7.792297e-12, "markPrice": 28064.92, "tag": "perpetual"}
    raw, market = read("krakenfutures inverse", "parse_funding_rate", record)
    assert parse.funding_rate(raw, market, "kraken") == pytest.approx(2.1869e-7, rel=1e-4)
    raw, market = read("krakenfutures", "parse_funding_rate", {**record, "symbol": "PF_XBTUSD", "fundingRate": 0.5})
    assert parse.funding_rate(raw, market, "kraken") == pytest.approx(0.5 / 28064.92)
