"""What venues on loopback list, and the feeds that listen to those of `deskmon bench live`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from deskmon.bench.frames import ASSETS, START
from deskmon.config.schema import FeedConfig

CHANNELS = ("ticker", "trades", "book")

Answer = Callable[[Mapping[str, str]], Any]
"""What is answered to the query of a request, or to its body where it has one."""


def binance_listed(assets: Iterable[str], query: Mapping[str, str]) -> Any:
    """USD-M perpetuals, as `exchangeInfo` lists them."""
    return {
        "symbols": [
            {
                "symbol": f"{base}USDT", "pair": f"{base}USDT", "contractType": "PERPETUAL", "status": "TRADING",
                "baseAsset": base, "quoteAsset": "USDT", "marginAsset": "USDT", "pricePrecision": 2,
                "quantityPrecision": 3, "baseAssetPrecision": 8, "quotePrecision": 8, "onboardDate": START,
                "deliveryDate": 4133404800000, "filters": [], "orderTypes": [], "timeInForce": [],
            }
            for base in assets
        ],
        "rateLimits": [],
    }  # fmt: skip


def binance_book(query: Mapping[str, str]) -> Any:
    """A book that changes numbered from 1 follow."""
    return {"lastUpdateId": 0, "E": START, "T": START, "bids": [["99.0", "1.5"]], "asks": [["101.1", "1.5"]]}


def bybit_listed(assets: Iterable[str], query: Mapping[str, str]) -> Any:
    """Linear perpetuals, as `instruments-info` lists them."""
    listed = [
        {
            "symbol": f"{base}USDT", "contractType": "LinearPerpetual", "status": "Trading", "baseCoin": base,
            "quoteCoin": "USDT", "settleCoin": "USDT", "launchTime": "1585526400000", "deliveryTime": "0",
            "priceScale": "2", "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
            "priceFilter": {"minPrice": "0.1", "maxPrice": "1999999", "tickSize": "0.1"},
            "lotSizeFilter": {"maxOrderQty": "1190", "minOrderQty": "0.001", "qtyStep": "0.001"},
            "fundingInterval": 480,
        }
        for base in assets
    ]  # fmt: skip
    found = listed if query.get("category") == "linear" else []
    return {"retCode": 0, "result": {"category": query.get("category"), "list": found, "nextPageCursor": ""}}


def okx_listed(assets: Iterable[str], query: Mapping[str, str]) -> Any:
    """Linear swaps, as `public/instruments` lists them."""
    listed = [
        {
            "instId": f"{base}-USDT-SWAP", "instType": "SWAP", "uly": f"{base}-USDT", "instFamily": f"{base}-USDT",
            "baseCcy": "", "quoteCcy": "", "settleCcy": "USDT", "ctVal": "0.01", "ctMult": "1", "ctValCcy": base,
            "ctType": "linear", "lotSz": "1", "minSz": "1", "tickSz": "0.1", "state": "live",
            "listTime": "1573557408000", "expTime": "", "lever": "100",
        }
        for base in assets
    ]  # fmt: skip
    return {"code": "0", "data": listed if query.get("instType") == "SWAP" else []}


def answers(assets: Iterable[str]) -> dict[str, Answer]:
    """By path; any other request is answered with an empty object."""
    known = tuple(assets)
    return {
        "/binance/exchangeInfo": partial(binance_listed, known), "/binance/depth": binance_book,
        "/bybit/v5/market/instruments-info": partial(bybit_listed, known),
        "/okx/api/v5/public/instruments": partial(okx_listed, known),
    }  # fmt: skip


def bybit_urls(http: str, ws: str) -> dict[str, Any]:
    """Where ccxt looks for Bybit; a websocket for each kind of market is under `ws`."""
    kinds = ("spot", "linear", "inverse", "option")
    return {**dict.fromkeys(("spot", "futures", "v2", "public", "private"), http),
            "ws": {"public": {kind: f"{ws}/{kind}" for kind in kinds}}}  # fmt: skip


def urls(port: int) -> dict[str, Any]:
    """Where ccxt looks for each of the venues on loopback, by its id."""
    http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws"
    return {
        "binanceusdm": {"fapiPublic": f"{http}/binance", "ws": {"linear": f"{ws}/binance"}},
        "bybit": bybit_urls(f"{http}/bybit", ws),
        "okx": {"rest": f"{http}/okx", "ws": f"{ws}/okx"},
    }


def feeds(port: int, *, native: bool) -> dict[str, FeedConfig]:
    """The feeds of the bench, by their own path or by ccxt's."""
    symbols = [f"{base}/USDT:USDT" for base in ASSETS]
    return {
        name: FeedConfig(type="ccxt", process="shared", options={
            "exchange": name, "urls": each, "symbols": symbols, "channels": CHANNELS, "native": native
        })
        for name, each in urls(port).items()
    }  # fmt: skip
