"""The market of `benchmarks.load`: what its venue lists, and the feeds that listen to it."""

from __future__ import annotations

from typing import Any

from deskmon.config.schema import FeedConfig

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE")
CHANNELS = ("ticker", "trades", "liquidations", "book")


def listed() -> list[dict[str, Any]]:
    """Linear perpetuals as Bybit lists them."""
    return [
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


def feeds(port: int, count: int) -> dict[str, FeedConfig]:
    """`count` feeds, each a venue of its own with a websocket of its own."""
    http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/v5/public"
    urls = {**dict.fromkeys(("spot", "futures", "v2", "public", "private"), http),
            "ws": {"public": {kind: f"{ws}/{kind}" for kind in ("spot", "linear", "inverse", "option")}}}  # fmt: skip
    options = {"exchange": "bybit", "urls": urls, "symbols": ASSETS, "channels": CHANNELS}
    return {f"venue{n}": FeedConfig(type="ccxt", options={**options, "venue": f"venue{n}"}) for n in range(count)}
