"""Every venue's liquidations come out with the side of the position that was closed, and with its worth in dollars."""

import json
from itertools import chain

import pytest

from deskmon.feeds.ccxt import liquidations
from deskmon.feeds.ccxt.instruments import Instrument, UnknownValue
from tests.ccxt.desk import RECORDED, recorded

NOW = 1_790_000_000_000


def linear(base="BTC", size=1.0, symbol=None, market_id="BTCUSDT"):
    return Instrument(market_id, symbol or f"{base}/USDT:USDT", base, "USDT", "USDT", "linear", size)


def inverse(base="BTC", size=1.0):
    return Instrument(f"{base}USD", f"{base}/USD:{base}", base, "USD", base, "inverse", size)


def told(parser, record, market, **rest):
    return [liquidations.event(order, market, "v", recv=NOW, **rest) for order in parser(record)]


def force_order(side, **fields):
    order = {"s": "BTCUSDT", "S": side, "q": "3", "p": "100", "ap": "99", "l": "1", "z": "2", "T": NOW}
    return {"e": "forceOrder", "E": NOW, "o": {**order, **fields}}


@pytest.mark.parametrize(("raw", "side"), [("SELL", "long"), ("BUY", "short")])
def test_binance_says_the_order_and_counts_what_was_filled(raw, side):
    (event,) = told(liquidations.binance, force_order(raw), linear())
    assert (event.side, event.price, event.amount, event.usd) == (side, 99.0, 2.0, 198.0)


def test_binance_without_an_average_price_falls_back_to_the_order_price():
    (event,) = told(liquidations.binance, force_order("SELL", ap="0"), linear())
    assert event.price == 100.0


def test_binance_coin_m_contracts_are_dollars():
    (event,) = told(liquidations.binance, force_order("BUY", ap="50000", z="7"), inverse(size=100))
    assert event.usd == 700.0
    assert event.amount == pytest.approx(0.014)


@pytest.mark.parametrize(("raw", "side"), [("Buy", "long"), ("Sell", "short")])
@pytest.mark.parametrize(("market", "usd"), [(linear(), 1000.0), (inverse(), 20.0)])
def test_bybit_says_the_position_linear_and_inverse(raw, side, market, usd):
    record = {"T": NOW, "s": "BTCUSDT", "S": raw, "v": "20", "p": "50"}
    (event,) = told(liquidations.bybit, record, market)
    assert (event.side, event.usd) == (side, usd)


@pytest.mark.parametrize(("raw", "side"), [("sell", "long"), ("buy", "short")])
@pytest.mark.parametrize(("market", "usd"), [(linear(size=0.01), 80.0), (inverse(size=100), 400.0)])
def test_okx_counts_contracts_in_each_of_its_details(raw, side, market, usd):
    detail = {"bkPx": "2000", "posSide": "net", "side": raw, "sz": "4", "ts": str(NOW)}
    record = {"instId": "X", "details": [detail, {**detail, "sz": "8"}]}
    first, second = told(liquidations.okx, record, market)
    assert (first.side, second.side) == (side, side)
    assert (first.usd, second.usd) == (usd, 2 * usd)


@pytest.mark.parametrize(
    ("flag", "taker", "sides"),
    [
        ("T", "sell", ["long"]),
        ("T", "buy", ["short"]),
        ("M", "buy", ["long"]),
        ("M", "sell", ["short"]),
        ("MT", "sell", ["short", "long"]),
        (None, "sell", []),
    ],
)
def test_deribit_flags_the_liquidated_side_of_a_trade(flag, taker, sides):
    record = {
        "instrument_name": "BTC-PERPETUAL", "timestamp": NOW, "price": 50_000.0, "amount": 1120.0,
        "direction": taker, "trade_id": "7",
    }  # fmt: skip
    if flag:
        record["liquidation"] = flag
    events = told(liquidations.deribit, record, inverse())
    assert [event.side for event in events] == sides
    assert all(event.usd == 1120.0 for event in events)
    assert len({event.id for event in events}) == len(sides)


@pytest.mark.parametrize(("raw", "side"), [("sell", "long"), ("buy", "short")])
def test_htx_in_both_of_its_forms(raw, side):
    old = {"contract_code": "BTC-USDT", "direction": raw, "offset": "close", "volume": 227, "price": 23350.5,
           "created_at": NOW, "amount": 0.227, "trade_turnover": 5300.5635}  # fmt: skip
    new = {"contract_code": "BTC-USDT", "side": raw, "position_side": side, "volume": "227", "amount": "227",
           "bankrupt_price": "23350.5", "liquidation_time": str(NOW)}  # fmt: skip
    for record in (old, new):
        (event,) = told(liquidations.htx, record, linear(size=0.001))
        assert event.side == side
        assert event.usd == pytest.approx(5300.5635)


@pytest.mark.parametrize(("size", "side"), [(30, "long"), (-30, "short")])
def test_gate_signs_the_position(size, side):
    record = {"time": NOW // 1000, "contract": "BTC_USDT", "size": size, "fill_price": "50000", "order_price": "49000",
              "left": 10 if size > 0 else -10}  # fmt: skip
    (event,) = told(liquidations.gate, record, linear(size=0.0001))
    assert event.side == side
    assert event.usd == pytest.approx(20 * 0.0001 * 50_000)


def test_an_unknown_side_is_an_error_and_not_a_guess():
    with pytest.raises(ValueError, match="side"):
        liquidations.binance(force_order("LONG"))
    with pytest.raises(ValueError, match="liquidation"):
        liquidations.deribit({"liquidation": "X"})


@pytest.mark.parametrize("price", ["nan", "-5", "inf"])
def test_an_impossible_price_never_becomes_an_event(price):
    with pytest.raises(ValueError):
        told(liquidations.binance, force_order("SELL", ap="0", p=price), linear())


def test_a_quote_without_a_dollar_price_is_refused_not_invented():
    in_bitcoin = Instrument("ADAZ19", "ADA/BTC:BTC-191227", "ADA", "BTC", "BTC", "linear", 1.0)
    record = {"symbol": "ADAZ19", "timestamp": NOW, "side": "Buy", "price": 5e-6, "leavesQty": 1000}
    with pytest.raises(UnknownValue, match="BTC"):
        told(liquidations.bitmex, record, in_bitcoin)
    (event,) = told(liquidations.bitmex, record, in_bitcoin, rate={"BTC": 8_000.0}.get)
    assert event.usd == pytest.approx(40.0)


@recorded
def test_frames_of_september_2026():
    markets = {
        "ICPUSDT": linear("ICP"), "MARSCOINUSDT": linear("MARSCOIN"), "COTIUSDT": linear("COTI"),
        "PAIRUSDT": linear("PAIR"), "CNPY-USDT-SWAP": linear("CNPY", 10.0), "ETH-USDT": linear("ETH", 0.01),
    }  # fmt: skip
    dollars = {
        "ICPUSDT": 19.7 * 2.585, "MARSCOINUSDT": 2380 * 0.12734, "COTIUSDT": 288183 * 0.0219120,
        "PAIRUSDT": 28448 * 0.0044461, "CNPY-USDT-SWAP": 2137 * 10.0 * 0.4162, "ETH-USDT": 12231.3,
    }  # fmt: skip
    seen = []
    for line in (RECORDED / "liquidations/live_frames_2026.jsonl").read_text().splitlines():
        frame = json.loads(line)
        parser = liquidations.PARSERS[frame["venue"].removesuffix("-usdm-testnet")]
        raw = frame["raw"]
        for record in raw.get("data", [raw]):
            for order in parser(record):
                event = liquidations.event(order, markets[order.market_id], "v", recv=NOW)
                assert event.side == frame["position_side"]
                assert event.usd == pytest.approx(dollars[order.market_id])
                seen.append(order.market_id)
    assert sorted(seen) == sorted(markets)


@recorded
def test_orders_of_bitmex_2019():
    quanto = Instrument("ETHUSD", "ETH/USD:BTC", "ETH", "USD", "BTC", "quanto", 1e-6)
    markets = {
        "XBTUSD": inverse(), "ETHUSD": quanto,
        "ADAZ19": Instrument("ADAZ19", "ADA/BTC:BTC-191227", "ADA", "BTC", "BTC", "linear", 1.0),
        "XRPZ19": Instrument("XRPZ19", "XRP/BTC:BTC-191227", "XRP", "BTC", "BTC", "linear", 1.0),
    }  # fmt: skip
    bitcoin = 8_700.0
    ids = set()
    for line in (RECORDED / "liquidations/bitmex_2019-11-14_15.jsonl").read_text().splitlines():
        row = json.loads(line)
        (order,) = liquidations.bitmex(row)
        event = liquidations.event(order, markets[row["symbol"]], "bitmex", recv=NOW, rate={"BTC": bitcoin}.get)
        worth = {
            "XBTUSD": row["leavesQty"],
            "ETHUSD": row["leavesQty"] * row["price"] * 1e-6 * bitcoin,
        }.get(row["symbol"], row["leavesQty"] * row["price"] * bitcoin)
        assert event.side == ("long" if row["side"] == "Sell" else "short")
        assert event.usd == pytest.approx(worth)
        assert event.ts // 1000 == row["timestamp"]["_seconds"]
        ids.add(event.id)
    assert len(ids) == 93


def messages(venue):
    """All frames of a venue in the collection, however they are nested."""
    for group in json.loads((RECORDED / f"frames/messages/{venue}.json").read_text()):
        yield from group["messages"]


def of_binance():
    for frame in messages("binance-futures"):
        if frame.get("data", {}).get("e") == "forceOrder":
            yield liquidations.binance, frame["data"], linear()


def of_bybit():
    for frame in messages("bybit"):
        if "iquidation." in frame.get("topic", ""):
            for record in frame["data"] if isinstance(frame["data"], list) else [frame["data"]]:
                name = record.get("s") or record["symbol"]
                base = name.removesuffix("USDT").removesuffix("USD")
                yield liquidations.bybit, record, linear(base) if name.endswith("USDT") else inverse(base)


def of_okx():
    for frame in messages("okex-swap"):
        if frame.get("table") == "swap/liquidation":
            for record in frame["data"]:
                is_inverse = "USD-" in record["instrument_id"]
                yield liquidations.okx, record, inverse("UNI", 10.0) if is_inverse else linear("BTC", 0.01)


def of_deribit():
    for frame in messages("deribit"):
        data = frame.get("params", {}).get("data")
        for record in data if isinstance(data, list) else []:
            if "liquidation" in record:
                yield liquidations.deribit, record, inverse()


def of_htx():
    for frame in messages("huobi-dm-linear-swap"):
        if frame.get("topic", "").endswith("liquidation_orders") and "data" in frame:
            for record in frame["data"]:
                yield liquidations.htx, record, linear("BTC", 0.001)


def of_ftx():
    for frame in messages("ftx"):
        for record in frame.get("data", []) if frame.get("channel") == "trades" else []:
            if record.get("liquidation"):
                yield liquidations.ftx(frame["market"]), record, linear("BTC")


@recorded
def test_every_liquidation_in_the_collected_messages():
    told_of = chain(of_binance(), of_bybit(), of_okx(), of_deribit(), of_htx(), of_ftx())
    found = [
        (event.symbol, event.side, round(event.usd, 4))
        for parser, record, market in told_of
        for event in told(parser, record, market)
    ]
    # One frame stands in two of the collections.
    assert sorted(set(found)) == sorted(
        [
            ("BTC/USDT:USDT", "short", round(0.014 * 4706.04, 4)),
            ("BTC/USD:BTC", "short", 836.0),
            ("BTC/USD:BTC", "long", 1257079.0),
            ("BTC/USD:BTC", "long", 2314.0),
            ("BTC/USD:BTC", "long", 650.0),
            ("ETH/USD:ETH", "short", 3655.0),
            ("BTC/USD:BTC", "short", 2329.0),
            ("BTC/USDT:USDT", "short", round(45212.5 * 0.009, 4)),
            ("GALA/USDT:USDT", "long", round(0.03803 * 1637, 4)),
            ("XRP/USD:XRP", "short", 6949.0),
            ("PIPPIN/USDT:USDT", "short", round(2846 * 0.02456, 4)),
            ("UNI/USD:UNI", "long", 80.0),
            ("BTC/USDT:USDT", "long", round(30 * 0.01 * 22376.9, 4)),
            ("BTC/USD:BTC", "long", 1120.0),
            ("BTC/USD:BTC", "long", 2500.0),
            ("BTC/USDT:USDT", "long", 5300.5635),
            ("BTC/USDT:USDT", "short", round(10683.5 * 0.0149, 4)),
        ]
    )
