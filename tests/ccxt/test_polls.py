"""Channels that a venue doesn't stream are polled: same figures, nothing twice, and a fault costs one answer."""

import pytest
from ccxt.base.errors import NotSupported

from deskmon.events import Candle, Funding, Liquidation, OpenInterest, Ticker
from tests.ccxt import venues
from tests.ccxt.desk import running
from tests.ccxt.replay_server import Binance, Bybit, Dialect, Okx, ReplayServer

NOW = 1_790_000_000_000


class Silent(Dialect):
    """A venue whose websocket only listens."""

    def asked(self, message):
        return []


async def test_okx_open_interest_in_contracts_and_funding_whose_interval_is_between_two_times():
    hours = 3_600_000
    async with ReplayServer(Okx()) as server:
        venues.serve_markets(server, "okx", "BTC")
        tick = {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "last": "50000", "bidPx": "49999", "askPx": "50001"}
        server.frames["tickers:BTC-USDT-SWAP"] = [
            {"arg": {"channel": "tickers", "instId": "BTC-USDT-SWAP"}, "data": [{**tick, "ts": str(NOW)}]}
        ]
        mark = {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "markPx": "50010", "ts": str(NOW)}
        server.frames["mark-price:BTC-USDT-SWAP"] = [
            {"arg": {"channel": "mark-price", "instId": "BTC-USDT-SWAP"}, "data": [mark]}
        ]
        rate = {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "fundingRate": "-0.0002", "fundingTime": str(NOW),
                "nextFundingTime": str(NOW + 4 * hours), "nextFundingRate": ""}  # fmt: skip
        server.frames["funding-rate:BTC-USDT-SWAP"] = [
            {"arg": {"channel": "funding-rate", "instId": "BTC-USDT-SWAP"}, "data": [rate]}
        ]
        server.json["/api/v5/public/open-interest"] = {
            "code": "0",
            "data": [
                {"instType": "SWAP", "instId": "BTC-USDT-SWAP", "oi": "700", "oiCcy": "7", "oiUsd": "1", "ts": str(NOW)}
            ],
        }
        channels = ("ticker", "funding", "open_interest")
        async with running(**venues.okx(server, symbols=("BTC",), channels=channels)) as desk:
            await desk.until(lambda: desk.of(Ticker, mark=50010.0) and desk.of(Funding))
            await desk.until(lambda: desk.of(OpenInterest, usd=pytest.approx(7 * 50010)))
            await desk.until(lambda: desk.said("polled every 60 s"))
    assert desk.of(OpenInterest)[-1].amount == pytest.approx(7.0)
    (funding,) = desk.of(Funding)
    assert (funding.rate, funding.interval_hours, funding.next_ts) == (-0.0002, 4.0, NOW)
    assert desk.of(Ticker)[-1].last == 50000.0


async def test_an_interval_that_nobody_states_is_refused_once_and_never_assumed():
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC")
        frame = {"e": "markPriceUpdate", "E": NOW, "s": "BTCUSDT", "p": "5", "i": "5", "r": "0.0001", "T": NOW}
        server.frames["btcusdt@markPrice@1s"] = [frame] * 5
        server.json["/fapi/v1/fundingRate"] = []
        async with running(**venues.binanceusdm(server, symbols=("BTC",), channels=("funding",))) as desk:
            await desk.until(lambda: any("how often funding is due" in reason for _, reason in desk.rejected))
    assert desk.of(Funding) == []
    assert len(desk.rejected) == 1


async def test_a_stream_that_ccxt_promises_but_does_not_have_is_polled(monkeypatch):
    from ccxt.pro.bybit import bybit

    async def unsupported(self, symbol, *_more):
        raise NotSupported("watchOHLCV() does not support swap markets yet")

    monkeypatch.setattr(bybit, "watch_ohlcv", unsupported)
    async with ReplayServer(Bybit()) as server:
        venues.serve_markets(server, "bybit", "BTC")
        row = [str(NOW), "100", "102", "99", "101", "7", "700"]
        result = {"category": "linear", "symbol": "BTCUSDT", "list": [row]}
        server.json["/v5/market/kline"] = {"retCode": 0, "retMsg": "OK", "result": result}
        async with running(**venues.bybit(server, symbols=("BTC",), channels=("candles",))) as desk:
            await desk.until(lambda: desk.said("polled every 60 s"))
            await desk.until(lambda: desk.of(Candle, timeframe="1m", close=101.0))
    assert any("isn't streamed: not available" in reason for _, reason in desk.rejected)


def force_order(name):
    order = {"s": name, "S": "SELL", "q": "7", "p": "1", "ap": "50000", "X": "FILLED", "l": "1", "z": "7", "T": NOW}
    return {"e": "forceOrder", "E": NOW, "o": order}


async def test_binance_coin_m_counts_contracts_of_dollars():
    listed = {
        **venues.binance_market("BTC"), "symbol": "BTCUSD_PERP", "pair": "BTCUSD", "contractStatus": "TRADING",
        "contractSize": 100, "quoteAsset": "USD", "marginAsset": "BTC",
    }  # fmt: skip
    async with ReplayServer(Binance()) as server:
        server.json["/dapi/v1/exchangeInfo"] = {"symbols": [listed], "rateLimits": []}
        server.frames["!forceOrder@arr"] = [force_order("BTCUSD_PERP"), force_order("DOGEUSD_PERP")]
        async with running(**venues.binancecoinm(server, symbols=("BTC",), channels=("liquidations",))) as desk:
            await desk.until(lambda: desk.of(Liquidation) and desk.rejected)
    (event,) = desk.of(Liquidation)
    assert (event.venue, event.symbol, event.side, event.usd) == ("binance", "BTC/USD:BTC", "long", 700.0)
    assert event.amount == pytest.approx(0.014)
    assert "DOGEUSD_PERP" in desk.rejected[0][1]


async def test_binance_by_its_plain_id_takes_the_liquidations_of_the_kinds_it_watches():
    async with ReplayServer(Binance()) as server:
        venues.serve_markets(server, "binance", "BTC", "ETH")
        server.frames["!forceOrder@arr"] = [force_order("BTCUSDT"), force_order("ETHUSDT")]
        options = venues.binanceusdm(server, symbols=("BTC/USDT:USDT",), channels=("liquidations",))
        async with running(**{**options, "exchange": "binance"}) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) == 2)
    assert {event.symbol for event in desk.of(Liquidation)} == {"BTC/USDT:USDT", "ETH/USDT:USDT"}


def gate_urls(server):
    return {"public": dict.fromkeys(("futures", "spot", "delivery", "options", "margin"), f"{server.http}/api/v4")}


async def test_gate_liquidations_are_polled_and_counted_once():
    contract = {
        "name": "BTC_USDT", "type": "direct", "quanto_multiplier": "0.0001", "funding_interval": 28800,
        "order_price_round": "0.1", "order_size_min": 1, "order_size_max": 1000000, "leverage_max": "100",
        "in_delisting": False, "maintenance_rate": "0.005",
    }  # fmt: skip
    rows = [{"time": NOW // 1000, "contract": "BTC_USDT", "size": size, "fill_price": "50000", "order_price": "1",
             "left": 0} for size in (30, -20, -20)]  # fmt: skip
    answers = [{"error": 1}, rows, rows, [*rows, {**rows[0], "time": NOW // 1000 + 1}]]
    async with ReplayServer(Silent()) as server:
        server.json["/api/v4/futures/usdt/contracts"] = [contract]
        server.json["/api/v4/futures/btc/contracts"] = []
        server.json["/api/v4/futures/usdt/liq_orders"] = lambda request: (
            answers.pop(0) if len(answers) > 1 else answers[0]
        )
        options = {
            "exchange": "gate",
            "symbols": ("BTC",),
            "channels": ("liquidations",),
            "native": False,
            "poll": {"liquidations": 1.0},
        }
        async with running(urls=gate_urls(server), **options) as desk:
            await desk.until(lambda: len(desk.of(Liquidation)) >= 4)
            await desk.until(lambda: desk.said("polled every 1 s"))
    sides = [(event.side, round(event.usd, 6)) for event in desk.of(Liquidation)]
    assert sorted(sides) == [("long", 150.0), ("long", 150.0), ("short", 100.0), ("short", 100.0)]


async def test_htx_liquidations_are_polled():
    contract = {
        "symbol": "BTC", "contract_code": "BTC-USDT", "contract_size": 0.001, "price_tick": 0.1, "delivery_date": "",
        "delivery_time": "", "create_date": "20201021", "contract_status": 1, "settlement_date": "1",
        "support_margin_mode": "all", "business_type": "swap", "pair": "BTC-USDT", "contract_type": "swap",
    }  # fmt: skip
    row = {"contract_code": "BTC-USDT", "liquidation_time": str(NOW), "side": "buy", "position_side": "short",
           "volume": "2", "amount": "2", "bankrupt_price": "62978.5", "trade_turnover": "125.957"}  # fmt: skip
    async with ReplayServer(Silent()) as server:
        server.json["/linear-swap-api/v1/swap_contract_info"] = {"status": "ok", "data": [contract]}
        server.json["/v5/market/liquidation_orders"] = {"code": 200, "data": [row]}
        urls = dict.fromkeys(("status", "contract", "spot", "public", "private", "v2Public", "v2Private"), server.http)
        options = {"exchange": "htx", "symbols": ("BTC/USDT:USDT",), "channels": ("liquidations",), "native": False}
        async with running(urls=urls, **options) as desk:
            await desk.until(lambda: desk.of(Liquidation))
    (event,) = desk.of(Liquidation)
    assert (event.venue, event.side, event.usd) == ("htx", "short", pytest.approx(125.957))


async def test_hyperliquid_gives_mark_index_funding_and_open_interest_with_its_ticker():
    context = {
        "funding": "0.0000125", "openInterest": "1200.5", "prevDayPx": "49000", "dayNtlVlm": "1000000", "premium": "0",
        "oraclePx": "50005", "markPx": "50001", "midPx": "50000.5", "impactPxs": ["49900", "50100"],
    }  # fmt: skip

    async def info(request):
        asked = await request.json()
        universe = {"universe": [{"name": "BTC", "szDecimals": 5, "maxLeverage": 40}]}
        return [universe, [context]] if asked["type"] == "metaAndAssetCtxs" else []

    class Hyperliquid(Dialect):
        def asked(self, message):
            return [message["subscription"]["type"]] if message.get("method") == "subscribe" else []

    async with ReplayServer(Hyperliquid()) as server:
        server.json["/info"] = info
        server.frames["activeAssetCtx"] = [{"channel": "activeAssetCtx", "data": {"coin": "BTC", "ctx": context}}]
        levels = [[{"px": "50000", "sz": "2", "n": 1}], [{"px": "50001", "sz": "3", "n": 1}]]
        server.frames["l2Book"] = [{"channel": "l2Book", "data": {"coin": "BTC", "time": NOW, "levels": levels}}]
        urls = {"public": server.http, "ws": {"public": server.ws}}
        channels = ("ticker", "funding", "open_interest", "book")
        async with running(exchange="hyperliquid", symbols=("BTC",), channels=channels, urls=urls) as desk:
            await desk.until(lambda: desk.of(Ticker, bid=50000.0, ask=50001.0, mark=50001.0, index=50005.0))
            await desk.until(lambda: desk.of(Funding) and desk.of(OpenInterest))
    assert (desk.of(Funding)[-1].rate, desk.of(Funding)[-1].interval_hours) == (0.0000125, 1.0)
    assert desk.of(OpenInterest)[-1].amount == 1200.5
    assert desk.of(OpenInterest)[-1].usd == pytest.approx(1200.5 * 50001)


def binance_coin_m(base, size):
    return {
        **venues.binance_market(base), "symbol": f"{base}USD_PERP", "pair": f"{base}USD", "contractStatus": "TRADING",
        "contractSize": size, "quoteAsset": "USD", "marginAsset": base,
    }  # fmt: skip


async def test_binance_coin_m_tells_dollars_of_open_interest_at_once_and_coins_with_the_first_price():
    async with ReplayServer(Binance()) as server:
        server.json["/dapi/v1/exchangeInfo"] = {"symbols": [binance_coin_m("BTC", 100)], "rateLimits": []}
        answer = {
            "symbol": "BTCUSD_PERP",
            "pair": "BTCUSD",
            "openInterest": "5174370",
            "contractType": "PERPETUAL",
            "time": NOW,
        }
        server.json["/dapi/v1/openInterest"] = answer
        options = venues.binancecoinm(server, symbols=("BTC",), channels=("open_interest", "trades"))
        async with running(**options) as desk:
            await desk.until(lambda: desk.of(OpenInterest))
            server.frames["btcusd_perp@trade"] = [
                {
                    "e": "trade",
                    "E": NOW,
                    "T": NOW,
                    "s": "BTCUSD_PERP",
                    "t": 1,
                    "p": "66000",
                    "q": "5",
                    "X": "MARKET",
                    "m": True,
                }
            ]
            await server.drop()
            await desk.until(lambda: [event for event in desk.of(OpenInterest) if event.amount is not None])
    first, last = desk.of(OpenInterest)[0], desk.of(OpenInterest)[-1]
    assert (first.symbol, first.amount, first.usd) == ("BTC/USD:BTC", None, 517_437_000.0)
    assert (last.amount, last.usd) == (pytest.approx(7839.9545), 517_437_000.0)


async def test_open_interest_alone_finds_a_price_by_itself():
    async with ReplayServer(Binance()) as server:
        server.json["/dapi/v1/exchangeInfo"] = {"symbols": [binance_coin_m("BTC", 100)], "rateLimits": []}
        server.json["/dapi/v1/openInterest"] = {"symbol": "BTCUSD_PERP", "openInterest": "5174370", "time": NOW}
        day = {"symbol": "BTCUSD_PERP", "lastPrice": "66000", "volume": "1", "baseVolume": "1", "closeTime": NOW}
        server.json["/dapi/v1/ticker/24hr"] = [day]
        async with running(**venues.binancecoinm(server, symbols=("BTC",), channels=("open_interest",))) as desk:
            await desk.until(lambda: desk.of(OpenInterest, amount=pytest.approx(7839.9545)))
    assert {event.usd for event in desk.of(OpenInterest)} == {517_437_000.0}
    assert desk.of(Ticker) == []


async def test_streamed_candles_of_binance_coin_m_are_in_coins():
    async with ReplayServer(Binance()) as server:
        server.json["/dapi/v1/exchangeInfo"] = {"symbols": [binance_coin_m("XRP", 10)], "rateLimits": []}
        kline = {"t": NOW, "T": NOW + 59_999, "s": "XRPUSD_PERP", "i": "1m", "o": "0.566", "c": "0.567", "h": "0.568",
                 "l": "0.565", "v": "9546", "n": 12, "x": False, "q": "168584", "V": "1", "Q": "1"}  # fmt: skip
        server.frames["xrpusd_perp@kline_1m"] = [{"e": "kline", "E": NOW, "s": "XRPUSD_PERP", "k": kline}]
        server.json["/dapi/v1/klines"] = []
        async with running(**venues.binancecoinm(server, symbols=("XRP",), channels=("candles",))) as desk:
            await desk.until(lambda: desk.of(Candle))
    assert desk.of(Candle)[0].volume == 168_584.0


async def test_a_venue_whose_units_nobody_stated_says_that_open_interest_and_volumes_are_withheld():
    contract = {
        "instId": "BTC-USDT", "baseCurrency": "BTC", "quoteCurrency": "USDT", "contractValue": "0.001", "listTime": "1",
        "instType": "SWAP", "contractType": "linear", "state": "live", "tickSize": "0.1", "minSize": "1",
        "lotSize": "1",
    }  # fmt: skip
    async with ReplayServer(Silent()) as server:
        server.json["/api/v1/market/instruments"] = {"code": "0", "data": [contract]}
        options = {"exchange": "blofin", "symbols": ("BTC",), "channels": ("trades", "open_interest")}
        async with running(urls={"rest": server.http, "ws": {"swap": {"public": server.ws}}}, **options) as desk:
            await desk.until(lambda: desk.said("withheld: open interest and volumes (linear contracts, BTC/USDT:USDT)"))
