"""What the venues of `deskmon bench live` list, and the feeds that listen to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deskmon.bench.frames import ASSETS, START
from deskmon.config.schema import FeedConfig

CHANNELS = ("ticker", "trades", "book")

Answer = Callable[[Mapping[str, str]], Any]


def _binance(query: Mapping[str, str]) -> Any:
    return {
        "symbols": [
            {
                "symbol": f"{base}USDT", "pair": f"{base}USDT", "contractType": "PERPETUAL", "status": "TRADING",
                "baseAsset": base, "quoteAsset": "USDT", "marginAsset": "USDT", "pricePrecision": 2,
                "quantityPrecision": 3, "baseAssetPrecision": 8, "quotePrecision": 8, "onboardDate": START,
                "deliveryDate": 4133404800000, "filters": [], "orderTypes": [], "timeInForce": [],
            }
            for base in ASSETS
        ],
        "rateLimits": [],
    }  # fmt: skip


def _binance_book(query: Mapping[str, str]) -> Any:
    return {"lastUpdateId": 0, "E": START, "T": START, "bids": [["99.0", "1.5"]], "asks": [["101.1", "1.5"]]}


def _bybit(query: Mapping[str, str]) -> Any:
    listed = [
        {
            "symbol": f"{base}USDT", "contractType": "LinearPerpetual", "status": "Trading", "baseCoin": base,
            "quoteCoin": "USDT", "settleCoin": "USDT", "launchTime": "1585526400000", "deliveryTime": "0",
            "priceScale": "2", "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
            "priceFilter": {"minPrice": "0.1", "maxPrice": "1999999", "tickSize": "0.1"},
            "lotSizeFilter": {"maxOrderQty": "1190", "minOrderQty": "0.001", "qtyStep": "0.001"},
            "fundingInterval": 480,
        }
        for base in ASSETS
    ]  # fmt: skip
    found = listed if query.get("category") == "linear" else []
    return {"retCode": 0, "result": {"category": query.get("category"), "list": found, "nextPageCursor": ""}}


def _okx(query: Mapping[str, str]) -> Any:
    listed = [
        {
            "instId": f"{base}-USDT-SWAP", "instType": "SWAP", "uly": f"{base}-USDT", "instFamily": f"{base}-USDT",
            "baseCcy": "", "quoteCcy": "", "settleCcy": "USDT", "ctVal": "0.01", "ctMult": "1", "ctValCcy": base,
            "ctType": "linear", "lotSz": "1", "minSz": "1", "tickSz": "0.1", "state": "live",
            "listTime": "1573557408000", "expTime": "", "lever": "100",
        }
        for base in ASSETS
    ]  # fmt: skip
    return {"code": "0", "data": listed if query.get("instType") == "SWAP" else []}


ANSWERS: dict[str, Answer] = {
    "/binance/exchangeInfo": _binance, "/binance/depth": _binance_book, "/bybit/v5/market/instruments-info": _bybit,
    "/okx/api/v5/public/instruments": _okx,
}  # fmt: skip
"""By path; any other request is answered with an empty object."""


def feeds(port: int, *, native: bool) -> dict[str, FeedConfig]:
    """The feeds of the bench, by their own path or by ccxt's."""
    http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws"
    kinds = ("spot", "linear", "inverse", "option")
    urls: dict[str, Any] = {
        "binanceusdm": {"fapiPublic": f"{http}/binance", "ws": {"linear": f"{ws}/binance"}},
        "bybit": {**dict.fromkeys(("spot", "futures", "v2", "public", "private"), f"{http}/bybit"),
                  "ws": {"public": {kind: f"{ws}/{kind}" for kind in kinds}}},
        "okx": {"rest": f"{http}/okx", "ws": f"{ws}/okx"},
    }  # fmt: skip
    symbols = [f"{base}/USDT:USDT" for base in ASSETS]
    return {
        name: FeedConfig(type="ccxt", options={
            "exchange": name, "urls": each, "symbols": symbols, "channels": CHANNELS, "native": native
        })
        for name, each in urls.items()
    }  # fmt: skip
