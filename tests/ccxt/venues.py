"""Feed options that point ccxt at a local server, and the market metadata that old captures lack."""

from __future__ import annotations


def bybit(server, **options):
    public = {kind: f"{server.ws}/v5/public/{kind}" for kind in ("spot", "linear", "inverse", "option")}
    urls = {**dict.fromkeys(("spot", "futures", "v2", "public", "private"), server.http), "ws": {"public": public}}
    return {"exchange": "bybit", "urls": urls, **options}


def binanceusdm(server, **options):
    urls = {"fapiPublic": f"{server.http}/fapi/v1", "fapiData": f"{server.http}/futures/data",
            "ws": {"linear": f"{server.ws}/ws"}}  # fmt: skip
    return {"exchange": "binanceusdm", "urls": urls, **options}


def binancecoinm(server, **options):
    urls = {"dapiPublic": f"{server.http}/dapi/v1", "ws": {"inverse": f"{server.ws}/ws"}}
    return {"exchange": "binancecoinm", "urls": urls, **options}


def binance_spot(server, **options):
    urls = {"public": f"{server.http}/api/v3", "ws": {"spot": f"{server.ws}/stream"}}
    return {"exchange": "binance", "urls": urls, **options}


def okx(server, **options):
    return {"exchange": "okx", "urls": {"rest": server.http, "ws": f"{server.ws}/ws/v5"}, **options}


def deribit(server, **options):
    return {"exchange": "deribit", "urls": {"rest": server.http, "ws": f"{server.ws}/ws/api/v2"}, **options}


def coinbase(server, **options):
    return {"exchange": "coinbase", "urls": {"rest": server.http, "ws": server.ws}, **options}


def htx_spot(server, **options):
    urls = dict.fromkeys(("status", "contract", "spot", "public", "private", "v2Public", "v2Private"), server.http)
    spot = {"public": f"{server.ws}/ws", "feed": f"{server.ws}/feed"}
    return {"exchange": "htx", "urls": {**urls, "ws": {"api": {"spot": spot}}}, **options}


def kraken(server, **options):
    urls = {"public": server.http, "ws": {"public": server.ws, "publicV2": f"{server.ws}/v2"}}
    return {"exchange": "kraken", "urls": urls, **options}


def binance_market(base: str) -> dict:
    """A perpetual as `fapi/v1/exchangeInfo` lists it."""
    return {
        "symbol": f"{base}USDT", "pair": f"{base}USDT", "contractType": "PERPETUAL", "status": "TRADING",
        "baseAsset": base, "quoteAsset": "USDT", "marginAsset": "USDT", "pricePrecision": 2, "quantityPrecision": 3,
        "baseAssetPrecision": 8, "quotePrecision": 8, "onboardDate": 1569398400000, "deliveryDate": 4133404800000,
        "filters": [], "orderTypes": [], "timeInForce": [],
    }  # fmt: skip


def okx_market(base: str, size: str = "0.01") -> dict:
    """A linear perpetual as `public/instruments` lists it."""
    return {
        "instId": f"{base}-USDT-SWAP", "instType": "SWAP", "uly": f"{base}-USDT", "instFamily": f"{base}-USDT",
        "baseCcy": "", "quoteCcy": "", "settleCcy": "USDT", "ctVal": size, "ctMult": "1", "ctValCcy": base,
        "ctType": "linear", "lotSz": "1", "minSz": "1", "tickSz": "0.1", "state": "live", "listTime": "1573557408000",
        "expTime": "", "lever": "100",
    }  # fmt: skip


def bybit_market(base: str) -> dict:
    """A linear perpetual as `v5/market/instruments-info` lists it."""
    return {
        "symbol": f"{base}USDT", "contractType": "LinearPerpetual", "status": "Trading", "baseCoin": base,
        "quoteCoin": "USDT", "settleCoin": "USDT", "launchTime": "1585526400000", "deliveryTime": "0",
        "priceScale": "2",
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.1", "maxPrice": "1999999", "tickSize": "0.1"},
        "lotSizeFilter": {"maxOrderQty": "1190", "minOrderQty": "0.001", "qtyStep": "0.001"}, "fundingInterval": 480,
    }  # fmt: skip


def serve_markets(server, venue: str, *bases: str) -> None:
    """Let `server` list perpetuals of `bases`, and nothing else."""
    if venue == "binance":
        server.json["/fapi/v1/exchangeInfo"] = {"symbols": [binance_market(base) for base in bases], "rateLimits": []}
    elif venue == "okx":
        server.json["/api/v5/public/instruments"] = {"code": "0", "data": [okx_market(base) for base in bases]}
    elif venue == "bybit":
        markets = [bybit_market(base) for base in bases]
        server.json["/v5/market/instruments-info"] = lambda request: {
            "retCode": 0,
            "retMsg": "OK",
            "result": {
                "category": request.query["category"],
                "list": markets if request.query["category"] == "linear" else [],
                "nextPageCursor": "",
            },
        }


DERIBIT_PERPETUAL = {
    "instrument_name": "BTC-PERPETUAL", "base_currency": "BTC", "quote_currency": "USD", "counter_currency": "USD",
    "settlement_currency": "BTC", "kind": "future", "settlement_period": "perpetual", "contract_size": 10.0,
    "tick_size": 0.5, "min_trade_amount": 10.0, "is_active": True, "expiration_timestamp": 32503708800000,
    "taker_commission": 0.0005, "maker_commission": 0.0,
}  # fmt: skip
