"""The feeds of `benchmarks.load`, which listen to its venue."""

from __future__ import annotations

from deskmon.bench.live_markets import bybit_urls
from deskmon.config.schema import FeedConfig

ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE")
CHANNELS = ("ticker", "trades", "liquidations", "book")


def feeds(port: int, count: int) -> dict[str, FeedConfig]:
    """`count` feeds, each a venue of its own with a websocket of its own."""
    urls = bybit_urls(f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/v5/public")
    options = {"exchange": "bybit", "urls": urls, "symbols": ASSETS, "channels": CHANNELS}
    return {
        f"venue{n}": FeedConfig(type="ccxt", process="shared", options={**options, "venue": f"venue{n}"})
        for n in range(count)
    }
