"""Frames of venues' websockets as they are recorded, made up: the same for a seed. Bytes of JSON without blanks.

Shapes: Binance USD-M, Bybit linear and OKX swaps of 2026, perpetuals in USDT. A trade is one to a frame, a ticker tells
what changes with most frames, a change of a book has a dozen levels.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

START = 1_790_000_000_000
STAMP = str(START).encode()
"""How the time of a frame stands in it: who sends it puts the time of sending in its place."""
ASSETS = ("BTC", "ETH", "SOL", "XRP", "DOGE", "BNB", "ADA", "LINK", "AVAX", "LTC")
LEVELS = 200
"""Price levels on each side of a whole book."""
_CHANGED = 6
"""Price levels on each side of a change."""

Frame = Callable[[str, int, int, random.Random], Any]
"""`frame(asset, number, ts, rng)`: one message; numbers count by one for each asset."""


def _price(rng: random.Random) -> str:
    return f"{100 + rng.randrange(-50, 50) / 100:.2f}"


def amount(rng: random.Random) -> str:
    """An amount as venues write it."""
    return f"{rng.randrange(1, 5_000) / 1000:.3f}"


def _levels(rng: random.Random, first: int, *more: str) -> list[list[str]]:
    return [[f"{(first + rng.randrange(LEVELS)) / 10:.1f}", amount(rng), *more] for _ in range(_CHANGED)]


def _whole(first: int, step: int, *more: str) -> list[list[str]]:
    return [[f"{(first + step * level) / 10:.1f}", "1.5", *more] for level in range(LEVELS)]


def _binance_trade(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    return {"e": "trade", "E": ts, "T": ts, "s": f"{asset}USDT", "t": n, "p": _price(rng), "q": amount(rng),
            "X": "MARKET", "m": rng.random() < 0.5}  # fmt: skip


def _binance_ticker(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    return {"e": "bookTicker", "u": n, "s": f"{asset}USDT", "b": "99.40", "B": amount(rng), "a": _price(rng),
            "A": amount(rng), "T": ts, "E": ts}  # fmt: skip


def _binance_mini(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    return {"e": "24hrMiniTicker", "E": ts, "s": f"{asset}USDT", "c": _price(rng), "o": "98.20", "h": "103.10",
            "l": "97.50", "v": "17573.912", "q": "1142118.41"}  # fmt: skip


def _binance_mark(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    return {"e": "markPriceUpdate", "E": ts, "s": f"{asset}USDT", "p": _price(rng), "P": "100.1", "i": "100.2",
            "r": "0.00010000", "T": START + 28_800_000}  # fmt: skip


def _binance_book(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    return {"e": "depthUpdate", "E": ts, "T": ts, "s": f"{asset}USDT", "U": n, "u": n, "pu": n - 1,
            "b": _levels(rng, 790), "a": _levels(rng, 1011)}  # fmt: skip


def _binance_liquidation(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    order = {"s": f"{asset}USDT", "S": rng.choice(("SELL", "BUY")), "o": "LIMIT", "f": "IOC", "q": "14", "p": "100.1",
             "ap": _price(rng), "X": "FILLED", "l": "14", "z": f"{n % 997 + 1}", "T": ts}  # fmt: skip
    return {"e": "forceOrder", "E": ts, "o": order}


def _bybit_trade(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    trade = {"T": ts, "s": f"{asset}USDT", "S": rng.choice(("Buy", "Sell")), "v": amount(rng), "p": _price(rng),
             "L": "PlusTick", "i": f"{asset}-{n:08d}-50de-be60-03eedbe3cdd7", "BT": False, "RPI": False,
             "seq": n}  # fmt: skip
    return {"topic": f"publicTrade.{asset}USDT", "type": "snapshot", "ts": ts, "data": [trade]}


def _bybit_ticker(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"symbol": f"{asset}USDT", "lastPrice": _price(rng), "markPrice": _price(rng), "indexPrice": "100.2",
            "bid1Price": "99.40", "bid1Size": amount(rng), "ask1Price": "100.60",
            "ask1Size": amount(rng)}  # fmt: skip
    if n == 1:
        told |= {"prevPrice24h": "98.2", "highPrice24h": "103.1", "lowPrice24h": "97.5", "openInterest": "59891.732",
                 "singleOpenInterest": "29945.866", "turnover24h": "1142118412.9", "volume24h": "17573.9",
                 "fundingRate": "0.0001", "nextFundingTime": str(START + 28_800_000),
                 "fundingIntervalHour": "8"}  # fmt: skip
    return {"topic": f"tickers.{asset}USDT", "type": "snapshot" if n == 1 else "delta", "data": told, "cs": n, "ts": ts}


def _bybit_book(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    bids, asks = (_whole(990, -1), _whole(1011, 1)) if n == 1 else (_levels(rng, 790), _levels(rng, 1011))
    data = {"s": f"{asset}USDT", "b": bids, "a": asks, "u": n, "seq": n}
    kind = "snapshot" if n == 1 else "delta"
    return {"topic": f"orderbook.200.{asset}USDT", "type": kind, "ts": ts, "data": data, "cts": ts}


def okx_frame(channel: str, asset: str, data: dict[str, Any], **more: Any) -> Any:
    """What OKX tells of a swap."""
    return {"arg": {"channel": channel, "instId": f"{asset}-USDT-SWAP"}, **more, "data": [data]}


def _okx_trade(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    side = rng.choice(("buy", "sell"))
    return okx_frame("trades", asset, {"instId": f"{asset}-USDT-SWAP", "tradeId": str(n), "px": _price(rng),
                "sz": amount(rng), "side": side, "ts": str(ts), "count": "1", "source": "0", "seqId": n})  # fmt: skip


def _okx_ticker(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"instType": "SWAP", "instId": f"{asset}-USDT-SWAP", "last": _price(rng), "lastSz": "0.01",
            "askPx": "100.60", "askSz": "11", "bidPx": "99.40", "bidSz": "5", "open24h": "98.2", "high24h": "103.1",
            "low24h": "97.5", "sodUtc0": "99.1", "sodUtc8": "99.3", "volCcy24h": "2222", "vol24h": "222200",
            "ts": str(ts)}  # fmt: skip
    return okx_frame("tickers", asset, told)


def _okx_book(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    if n == 1:
        bids, asks = _whole(990, -1, "0", "1"), _whole(1011, 1, "0", "1")
    else:
        bids, asks = _levels(rng, 790, "0", "1"), _levels(rng, 1011, "0", "1")
    data = {"asks": asks, "bids": bids, "ts": str(ts), "checksum": 0, "seqId": n, "prevSeqId": n - 1 if n > 1 else -1}
    return okx_frame("books", asset, data, action="snapshot" if n == 1 else "update")


FRAMES: dict[str, dict[str, Frame]] = {
    "binance": {"trades": _binance_trade, "ticker": _binance_ticker, "mark": _binance_mark,
                "mini": _binance_mini, "book": _binance_book,
                "liquidations": _binance_liquidation},
    "bybit": {"trades": _bybit_trade, "ticker": _bybit_ticker, "book": _bybit_book},
    "okx": {"trades": _okx_trade, "ticker": _okx_ticker, "book": _okx_book},
}  # fmt: skip
"""By venue and channel."""


def frames(venue: str, channel: str, count: int, *, assets: tuple[str, ...] = ASSETS, seed: int = 7) -> Iterator[bytes]:
    """`count` frames of a channel, of one asset after the other; their time is `STAMP`. Raises KeyError for what isn't
    in `FRAMES`."""
    rng, make = random.Random(seed), FRAMES[venue][channel]
    for number in range(count):
        asset = assets[number % len(assets)]
        yield encoded(make(asset, 1 + number // len(assets), START, rng))


def encoded(frame: Any) -> bytes:
    """A message on the wire."""
    return json.dumps(frame, separators=(",", ":")).encode()
