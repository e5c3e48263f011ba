"""What the five venues of `benchmarks.october` list, and the feeds that listen to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Literal

from deskmon.bench import live_markets
from deskmon.bench.live_markets import Answer
from deskmon.config.schema import FeedConfig

Process = Literal["auto", "own", "shared"]

EXCHANGES = {"binance": "binanceusdm", "bybit": "bybit", "okx": "okx", "deribit": "deribit",
             "hyperliquid": "hyperliquid"}  # fmt: skip
"""In ccxt, by the names on the desk."""
QUOTES = {"deribit": "USDC", "hyperliquid": "USDC"}
"""What markets are quoted and settled in where that isn't USDT."""
CHANNELS = ("ticker", "trades", "liquidations", "funding", "book")


def symbol(venue: str, asset: str) -> str:
    """The unified symbol of a venue's perpetual."""
    quote = QUOTES.get(venue, "USDT")
    return f"{asset}/{quote}:{quote}"


def _deribit_listed(assets: Iterable[str], query: Mapping[str, str]) -> Any:
    return {"result": [
        {
            "instrument_name": f"{base}_USDC-PERPETUAL", "base_currency": base, "quote_currency": "USDC",
            "counter_currency": "USDC", "settlement_currency": "USDC", "kind": "future", "instrument_type": "linear",
            "settlement_period": "perpetual", "contract_size": 0.001, "tick_size": 0.01, "min_trade_amount": 0.001,
            "is_active": True, "expiration_timestamp": 32503708800000, "taker_commission": 0.0005,
            "maker_commission": 0.0,
        }
        for base in assets
    ]}  # fmt: skip


def _hyperliquid_info(assets: Iterable[str], asked: Mapping[str, str]) -> Any:
    if asked.get("type") != "metaAndAssetCtxs":
        return []
    universe = [{"name": base, "szDecimals": 5, "maxLeverage": 40} for base in assets]
    context = {"funding": "0.0000125", "openInterest": "1200.5", "prevDayPx": "98", "dayNtlVlm": "1000000",
               "premium": "0", "oraclePx": "100", "markPx": "100", "midPx": "100", "impactPxs": ["99.9", "100.1"],
               "dayBaseVlm": "20.5"}  # fmt: skip
    return [{"universe": universe}, [context] * len(universe)]


def answers(assets: tuple[str, ...]) -> dict[str, Answer]:
    """By path."""
    return {
        **live_markets.answers(assets),
        "/binance/fundingInfo": lambda query: [{"symbol": f"{base}USDT", "fundingIntervalHours": 8} for base in assets],
        "/bybit/v5/market/funding/history": lambda query: {"retCode": 0, "result": {"list": []}},
        "/okx/api/v5/public/funding-rate-history": lambda query: {"code": "0", "data": []},
        "/deribit/api/v2/public/get_instruments": partial(_deribit_listed, assets),
        "/hyperliquid/info": partial(_hyperliquid_info, assets),
    }


def feeds(port: int, assets: Iterable[str], process: Process = "shared") -> dict[str, FeedConfig]:
    """A feed for each venue, in such a process. Of Hyperliquid no liquidations: they are asked for, from the fills of
    its vaults."""
    http, ws = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/ws"
    urls = live_markets.urls(port) | {
        "deribit": {"rest": f"{http}/deribit", "ws": f"{ws}/deribit"},
        "hyperliquid": {"public": f"{http}/hyperliquid", "ws": {"public": f"{ws}/hyperliquid"}},
    }
    return {
        venue: FeedConfig(type="ccxt", process=process, options={
            "exchange": exchange, "urls": urls[exchange], "symbols": [symbol(venue, asset) for asset in assets],
            "channels": [name for name in CHANNELS if (venue, name) != ("hyperliquid", "liquidations")],
        })
        for venue, exchange in EXCHANGES.items()
    }  # fmt: skip
