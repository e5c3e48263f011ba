"""Recorded markets, replayed by a local server through ccxt and the real feed into the real model: the model ends with
the figures of the last frames, worked out here from the raw frames alone."""

import json

import pytest

from deskmon.events import Book, Funding, Liquidation, OpenInterest, Ticker, Trade
from deskmon.feeds.ccxt.channels import CHANNELS
from deskmon.model import Model
from tests.ccxt import venues
from tests.ccxt.desk import RECORDED, both_paths, recorded, running
from tests.ccxt.replay_server import (
    Binance,
    Bybit,
    Coinbase,
    Deribit,
    Huobi,
    Kraken,
    Okx,
    Recording,
    ReplayServer,
)  # fmt: skip

pytestmark = [recorded, both_paths]


def market(name, dialect):
    return Recording(RECORDED / f"frames/{name}.jsonl.zst", dialect)


def state(desk):
    model = Model()
    model.apply(desk.events)
    assert model.rejected == 0
    return model.state(max(event.arrival for event in desk.events))


def merged(frames, field="data"):
    """What partial frames add up to: a missing field is unchanged."""
    whole = {}
    for frame in frames:
        whole |= frame[field]
    return whole


async def settled(desk, *wanted):
    """Wait until each (kind, symbol, field, value) of `wanted` has been the newest of its kind and symbol."""

    def newest(kind, symbol):
        events = desk.of(kind, symbol=symbol)
        return events[-1] if events else None

    await desk.until(
        lambda: all(
            (event := newest(kind, symbol)) is not None and getattr(event, field) == value
            for kind, symbol, field, value in wanted
        )
    )


BYBIT = {f"{base}/USDT:USDT": f"{base}USDT" for base in ("BTC", "ETH", "SOL", "DOGE")}


async def test_bybit_deltas_open_interest_and_funding():
    recording = market("BYBIT", Bybit())
    last = {symbol: merged(recording.frames[f"linear/tickers.{name}"]) for symbol, name in BYBIT.items()}
    trades = {
        name: sum(len(f["data"]) for f in recording.frames[f"linear/publicTrade.{name}"]) for name in BYBIT.values()
    }
    async with (
        ReplayServer(Bybit(), recording) as server,
        running(**venues.bybit(server, symbols=("BTC", "ETH", "SOL", "DOGE", "BTC/USDT", "ETH/USDT"))) as desk,
    ):
        await settled(desk, *[(Ticker, symbol, "mark", float(raw["markPrice"])) for symbol, raw in last.items()])
        await desk.until(lambda: all(len(desk.of(Trade, symbol=s)) == trades[n] for s, n in BYBIT.items()))
        await desk.until(lambda: all(desk.of(Book, symbol=symbol) for symbol in BYBIT))
        at = state(desk)
    for symbol, raw in last.items():
        price = at.prices[symbol].venues["bybit"]
        assert (price.last, price.bid, price.ask) == (
            float(raw["lastPrice"]), float(raw["bid1Price"]), float(raw["ask1Price"]),
        )  # fmt: skip
        assert (price.mark, price.index) == (float(raw["markPrice"]), float(raw["indexPrice"]))
        funding = at.funding[symbol].venues["bybit"]
        assert (funding.rate, funding.interval_hours) == (float(raw["fundingRate"]), float(raw["fundingIntervalHour"]))
        assert funding.next_ts == int(raw["nextFundingTime"])
        interest = at.open_interest[symbol].venues["bybit"]
        assert interest.amount == float(raw["singleOpenInterest"])
        assert interest.amount * 2 == pytest.approx(float(raw["openInterest"]), rel=1e-6)
        assert interest.usd == pytest.approx(interest.amount * float(raw["markPrice"]), rel=1e-3)
    spot = recording.frames["spot/tickers.BTCUSDT"][-1]["data"]
    assert at.prices["BTC/USDT"].venues["bybit"].last == float(spot["lastPrice"])
    assert desk.rejected == [] or all("candles" in reason for _, reason in desk.rejected)


def book_after(frames):
    """Bids and asks after a snapshot and its deltas in Bybit's form."""
    sides = {"b": {}, "a": {}}
    for frame in frames:
        if frame["type"] == "snapshot":
            sides = {"b": {}, "a": {}}
        for name, levels in sides.items():
            for price, amount in frame["data"][name]:
                levels[float(price)] = float(amount)
                if float(amount) == 0:
                    del levels[float(price)]
    return tuple(sorted(sides["b"].items(), reverse=True)), tuple(sorted(sides["a"].items()))


async def test_bybit_books_level_by_level():
    recording = market("BYBIT", Bybit())
    bids, asks = book_after(recording.frames["linear/orderbook.200.BTCUSDT"])
    async with (
        ReplayServer(Bybit(), recording) as server,
        running(**venues.bybit(server, symbols=("BTC",), channels=("book",))) as desk,
    ):
        await settled(desk, (Book, "BTC/USDT:USDT", "bids", bids), (Book, "BTC/USDT:USDT", "asks", asks))


async def test_binance_futures_quotes_trades_and_books():
    recording = market("BINANCE_FUTURES", Binance())
    bases = ("SUSHI", "AKRO", "KEEP", "CTK")
    async with (
        ReplayServer(Binance(), recording) as server,
        running(**venues.binanceusdm(server, symbols=bases)) as desk,
    ):
        expected = {}
        for base in bases:
            name = f"{base.lower()}usdt"
            quote, trades = recording.frames[f"{name}@bookTicker"][-1], recording.frames[f"{name}@trade"]
            expected[f"{base}/USDT:USDT"] = (float(trades[-1]["p"]), float(quote["b"]), float(quote["a"]), len(trades))
        await desk.until(lambda: all(len(desk.of(Trade, symbol=s)) == want[3] for s, want in expected.items()))
        await settled(
            desk,
            *[(Ticker, symbol, "bid", want[1]) for symbol, want in expected.items()],
            *[(Ticker, symbol, "ask", want[2]) for symbol, want in expected.items()],
        )
        await desk.until(lambda: all(desk.of(Book, symbol=symbol) for symbol in expected))
        at = state(desk)
    for symbol, (last, bid, ask, _count) in expected.items():
        price = at.prices[symbol].venues["binance"]
        assert (price.last, price.bid, price.ask) == (last, bid, ask)
        assert price.mark is None
    assert at.depth["SUSHI/USDT:USDT"].venues["binance"].bands["0.5"].bid_usd > 0


async def test_binance_mark_price_frame_gives_mark_and_funding_with_the_interval_of_its_history():
    hours, due = 3_600_000, 1_700_006_400_000
    (frame, *_) = [
        frame["data"]
        for group in json.loads((RECORDED / "frames/messages/binance-futures.json").read_text())
        for frame in group["messages"]
        if frame.get("data", {}).get("e") == "markPriceUpdate"
    ]
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        server.frames["btcusdt@markPrice@1s"] = [frame | {"T": due}]
        server.frames["btcusdt@miniTicker"] = [{"e": "24hrMiniTicker", "E": frame["E"], "s": "BTCUSDT", "c": "8290"}]
        server.json["/fapi/v1/fundingRate"] = [
            {"symbol": "BTCUSDT", "fundingTime": due - back * 4 * hours + 3, "fundingRate": f"0.000{back}"}
            for back in (3, 2, 1)
        ]
        async with running(**venues.binanceusdm(server, symbols=("BTC",), channels=("ticker", "funding"))) as desk:
            await desk.until(lambda: desk.of(Funding, kind="predicted") and desk.of(Ticker, mark=float(frame["p"])))
            (predicted,) = desk.of(Funding, kind="predicted")
            settled = desk.of(Funding, kind="settled")
    assert (predicted.rate, predicted.interval_hours, predicted.next_ts) == (float(frame["r"]), 4.0, due)
    assert [(event.rate, event.interval_hours) for event in settled] == [(0.0002, 4.0), (0.0001, 4.0)]
    assert desk.rejected == []


def deribit_markets(recording):
    """Instruments of 2021 with the two fields that today's Deribit adds."""
    markets = []
    for _path, _query, text in recording.answers:
        for raw in json.loads(text)["result"]:
            markets.append({"counter_currency": "USD", "settlement_currency": raw["base_currency"], **raw})
    return {"result": markets}


async def test_deribit_options_with_their_marks_and_open_interest():
    recording = market("DERIBIT", Deribit())
    names = {
        "BTC/USD:BTC-210924-8000-P": "BTC-24SEP21-8000-P", "BTC/USD:BTC-211231-300000-C": "BTC-31DEC21-300000-C",
        "BTC/USD:BTC-210730-24000-P": "BTC-30JUL21-24000-P",
    }  # fmt: skip
    last = {symbol: recording.frames[f"ticker.{name}"][-1]["params"]["data"] for symbol, name in names.items()}
    async with ReplayServer(Deribit(), recording) as server:
        server.json["/api/v2/public/get_instruments"] = deribit_markets(recording)
        channels = ("ticker", "trades", "open_interest", "book", "liquidations", "funding")
        async with running(**venues.deribit(server, symbols=tuple(names), channels=channels)) as desk:
            await settled(
                desk,
                *[(Ticker, symbol, "mark", raw["mark_price"]) for symbol, raw in last.items()],
                *[(OpenInterest, symbol, "ts", raw["timestamp"]) for symbol, raw in last.items()],
            )
            await desk.until(lambda: all(desk.of(Book, symbol=symbol) for symbol in names))
            at = state(desk)
    for symbol, raw in last.items():
        price = at.prices[symbol].venues["deribit"]
        assert (price.last, price.mark, price.index) == (raw["last_price"], raw["mark_price"], raw["index_price"])
        assert (price.bid or 0, price.ask or 0) == (raw["best_bid_price"], raw["best_ask_price"])
        (interest,) = [desk.of(OpenInterest, symbol=symbol)[-1]]
        assert interest.amount == raw["open_interest"]
        assert interest.usd == pytest.approx(raw["open_interest"] * raw["underlying_price"])
    assert symbol not in at.funding


async def test_deribit_perpetual_counts_dollars_and_flags_liquidations_in_trades():
    messages = [
        frame
        for group in json.loads((RECORDED / "frames/messages/deribit.json").read_text())
        for frame in group["messages"]
        if frame.get("params", {}).get("channel", "").split(".")[1:2] == ["BTC-PERPETUAL"]
    ]
    async with ReplayServer(Deribit()) as server:
        server.json["/api/v2/public/get_instruments"] = {"result": [venues.DERIBIT_PERPETUAL]}
        for frame in messages:
            server.frames.setdefault(server.dialect.same(frame["params"]["channel"]), []).append(frame)
        ticker = server.frames["ticker.BTC-PERPETUAL"][-1]["params"]["data"]
        async with running(**venues.deribit(server, symbols=("BTC",), channels=CHANNELS[:5])) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 2 and desk.of(Funding) and desk.of(OpenInterest))
            await settled(desk, (Ticker, "BTC/USD:BTC", "mark", ticker["mark_price"]))
    first, second = desk.of(Liquidation)
    assert [(e.side, e.usd, e.price) for e in (first, second)] == [("long", 1120.0, 4469.5), ("long", 2500.0, 4458.5)]
    assert first.amount == pytest.approx(1120 / 4469.5)
    assert desk.of(OpenInterest)[-1].usd == ticker["open_interest"]
    funding = desk.of(Funding)[-1]
    assert (funding.rate, funding.interval_hours) == (ticker["funding_8h"], 8.0)
    trade = desk.of(Trade)[-1]
    assert trade.amount * trade.price == pytest.approx(2500)


OKX = {"UNI/USD:UNI": "UNI-USD-SWAP", "BTC/USD:BTC-220527": "BTC-USD-220527", "BTC/USDT": "BTC-USDT"}


async def test_okx_swaps_futures_and_spot():
    recording = market("OKX", Okx())
    last = {symbol: recording.frames[f"tickers:{name}"][-1]["data"][-1] for symbol, name in OKX.items()}
    trades = {s: sum(len(f["data"]) for f in recording.frames[f"trades:{n}"]) for s, n in OKX.items()}
    async with (
        ReplayServer(Okx(), recording) as server,
        running(**venues.okx(server, symbols=tuple(OKX), channels=("ticker", "trades", "book"))) as desk,
    ):
        await settled(
            desk,
            *[(Ticker, symbol, "bid", float(raw["bidPx"])) for symbol, raw in last.items()],
            *[(Ticker, symbol, "ask", float(raw["askPx"])) for symbol, raw in last.items()],
        )
        await desk.until(lambda: all(len(desk.of(Trade, symbol=s)) == count for s, count in trades.items()))
        await desk.until(lambda: all(desk.of(Book, symbol=symbol) for symbol in OKX))
        at = state(desk)
    for symbol, raw in last.items():
        price = at.prices[symbol].venues["okx"]
        assert (price.last, price.bid, price.ask) == (float(raw["last"]), float(raw["bidPx"]), float(raw["askPx"]))
    # Contracts of 100 US dollars: an inverse trade's base amount is dollars by price.
    raw = recording.frames["trades:BTC-USD-220527"][-1]["data"][-1]
    newest = desk.of(Trade, symbol="BTC/USD:BTC-220527")[-1]
    assert newest.amount == pytest.approx(float(raw["sz"]) * 100 / float(raw["px"]))


async def test_coinbase_spot():
    recording = market("COINBASE", Coinbase())
    products = {"BTC/USD": "BTC-USD", "ETH/USD": "ETH-USD"}
    last = {
        symbol: recording.frames[f"ticker:{name}"][-1]["events"][0]["tickers"][0] for symbol, name in products.items()
    }
    async with (
        ReplayServer(Coinbase(), recording) as server,
        running(**venues.coinbase(server, symbols=tuple(products), channels=("ticker", "trades", "book"))) as desk,
    ):
        trades = {
            symbol: {f["events"][0]["trades"][0]["trade_id"] for f in recording.frames[f"market_trades:{name}"]}
            for symbol, name in products.items()
        }
        await settled(desk, *[(Ticker, symbol, "bid", float(raw["best_bid"])) for symbol, raw in last.items()])
        await desk.until(lambda: all(len(desk.of(Trade, symbol=s)) == len(ids) for s, ids in trades.items()))
        at = state(desk)
    for symbol, raw in last.items():
        price = at.prices[symbol].venues["coinbase"]
        assert (price.last, price.bid, price.ask) == (
            float(raw["price"]), float(raw["best_bid"]), float(raw["best_ask"]),
        )  # fmt: skip


async def test_binance_spot_of_2021():
    recording = market("BINANCE", Binance())
    quote = recording.frames["nknusdt@bookTicker"][-1]
    async with (
        ReplayServer(Binance(), recording) as server,
        running(**venues.binance_spot(server, symbols=("NKN/USDT",), channels=("ticker", "trades", "book"))) as desk,
    ):
        await settled(
            desk, (Ticker, "NKN/USDT", "bid", float(quote["b"])), (Ticker, "NKN/USDT", "ask", float(quote["a"]))
        )
        await desk.until(lambda: desk.of(Book, symbol="NKN/USDT"))
        (trade,) = desk.of(Trade)
    assert (trade.price, trade.amount, trade.side) == (0.3528, 58.0, "buy")
    assert desk.of(Ticker)[-1].last == 0.3528


async def test_huobi_spot_of_2021_as_far_as_ccxt_speaks_it():
    # Its trades are still as they were; ccxt subscribes to other books and tickers than this capture holds.
    recording = market("HUOBI", Huobi())
    symbols = {"BOR/USDT": "market.borusdt.trade.detail", "ZEN/ETH": "market.zeneth.trade.detail"}
    want = {
        symbol: {str(row["tradeId"]) for frame in recording.frames[topic] for row in frame["tick"]["data"]}
        for symbol, topic in symbols.items()
    }
    async with (
        ReplayServer(Huobi(), recording) as server,
        running(**venues.htx_spot(server, symbols=tuple(symbols), channels=("trades",))) as desk,
    ):
        await desk.until(lambda: all(len(desk.of(Trade, symbol=s)) == len(ids) for s, ids in want.items()))
    for symbol, topic in symbols.items():
        rows = {float(row["price"]) for frame in recording.frames[topic] for row in frame["tick"]["data"]}
        assert {event.price for event in desk.of(Trade, symbol=symbol)} == rows


async def test_kraken_frames_of_2021_are_of_an_api_that_ccxt_left_and_do_no_harm():
    recording = market("KRAKEN", Kraken())
    async with (
        ReplayServer(Kraken(), recording) as server,
        running(**venues.kraken(server, symbols=("XMR/USD",), channels=("trades", "ticker"))) as desk,
    ):
        await desk.until(lambda: len([m for m in server.messages if m.get("method") == "subscribe"]) >= 2)
        await desk.until(lambda: desk.said("listening"))
    assert desk.events == []
    assert desk.reconnects == 0
