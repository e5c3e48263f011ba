"""Made-up frames of the venues that `deskmon bench live` doesn't pour, for `benchmarks.native`: the same for a seed.

Shapes: Deribit's perpetuals in USDC and Hyperliquid's by their documentation, Coinbase's spot markets as recorded in
2026. Frames of Coinbase have numbers that go up by one at most, as those of one connection do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from deskmon.bench.frames import ASSETS, LEVELS, START, Frame, encoded
from deskmon.bench.frames import FRAMES as POURED
from deskmon.bench.frames import frames as poured

AT = "2026-09-21T14:13:20.123456789Z"
CHANGED = 6
"""Price levels on each side of a change."""


def price(rng: random.Random) -> float:
    """A price near 100."""
    return round(100 + rng.randrange(-50, 50) / 100, 2)


def _amount(rng: random.Random) -> float:
    return rng.randrange(1, 5_000) / 1000


def _sides(n: int, rng: random.Random) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """A whole book first, then changes, deep enough that the best prices stay."""
    if n == 1:
        return [((990 - level) / 10, 1.5) for level in range(LEVELS)], [
            ((1011 + level) / 10, 1.5) for level in range(LEVELS)
        ]
    bids, asks = ([((first + rng.randrange(LEVELS)) / 10, _amount(rng)) for _ in range(CHANGED)]
                  for first in (790, 1011))  # fmt: skip
    return bids, asks


def _deribit(channel: str, asset: str, data: Any) -> Any:
    name = f"{channel}.{asset}_USDC-PERPETUAL.100ms"
    return {"jsonrpc": "2.0", "method": "subscription", "params": {"channel": name, "data": data}}


def deribit_trades(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    """A frame of one trade."""
    told = {"trade_seq": n, "trade_id": str(n), "timestamp": ts, "tick_direction": 1, "price": price(rng),
            "mark_price": 100.1, "instrument_name": f"{asset}_USDC-PERPETUAL", "index_price": 100.2,
            "direction": rng.choice(("buy", "sell")), "amount": _amount(rng)}  # fmt: skip
    return _deribit("trades", asset, [told])


def _deribit_ticker(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    stats = {"volume_usd": 1142118.4, "volume": 17573.9, "price_change": 1.25, "low": 97.5, "high": 103.1}
    told = {"timestamp": ts, "stats": stats, "state": "open", "settlement_price": 100.0, "open_interest": 59891.7,
            "min_price": 95.0, "max_price": 105.0, "mark_price": price(rng), "last_price": price(rng),
            "instrument_name": f"{asset}_USDC-PERPETUAL", "index_price": 100.2, "funding_8h": 0.0001,
            "estimated_delivery_price": 100.2, "current_funding": 0.0, "best_bid_price": 99.4,
            "best_bid_amount": _amount(rng), "best_ask_price": 100.6, "best_ask_amount": _amount(rng)}  # fmt: skip
    return _deribit("ticker", asset, told)


def _deribit_book(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    bids, asks = ([("change", *level) for level in side] for side in _sides(n, rng))
    told = {"type": "snapshot" if n == 1 else "change", "timestamp": ts, "change_id": n, "bids": bids, "asks": asks,
            "instrument_name": f"{asset}_USDC-PERPETUAL"}  # fmt: skip
    return _deribit("book", asset, told if n == 1 else {**told, "prev_change_id": n - 1})


def _hyperliquid_trade(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"coin": asset, "side": rng.choice("AB"), "px": str(price(rng)), "sz": str(_amount(rng)), "time": ts,
            "hash": f"0x{n:064x}", "tid": n, "users": [f"0x{n:040x}", f"0x{n + 1:040x}"]}  # fmt: skip
    return {"channel": "trades", "data": [told]}


def _hyperliquid_ticker(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"funding": "0.0000125", "openInterest": "59891.7", "prevDayPx": "98.2", "dayNtlVlm": "1142118.4",
            "premium": "0.0003", "oraclePx": "100.2", "markPx": str(price(rng)), "midPx": str(price(rng)),
            "impactPxs": ["99.4", "100.6"], "dayBaseVlm": "17573.9"}  # fmt: skip
    return {"channel": "activeAssetCtx", "data": {"coin": asset, "ctx": told}}


def _hyperliquid_book(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    """Whole each time, 20 levels a side."""
    levels = [[{"px": str((first + step * level) / 10), "sz": str(_amount(rng)), "n": 1} for level in range(20)]
              for first, step in ((990, -1), (1011, 1))]  # fmt: skip
    return {"channel": "l2Book", "data": {"coin": asset, "time": ts, "levels": levels}}


def _coinbase(channel: str, n: int, **event: Any) -> Any:
    told = {"type": "snapshot" if n == 1 else "update", **event}
    return {"channel": channel, "timestamp": AT, "sequence_num": n, "events": [told]}


def _coinbase_trade(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"product_id": f"{asset}-USD", "trade_id": str(n), "price": str(price(rng)), "size": str(_amount(rng)),
            "time": AT, "side": rng.choice(("BUY", "SELL"))}  # fmt: skip
    return _coinbase("market_trades", n, trades=[told])


def _coinbase_ticker(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    told = {"type": "ticker", "product_id": f"{asset}-USD", "price": str(price(rng)), "volume_24_h": "17573.9",
            "low_24_h": "97.5", "high_24_h": "103.1", "low_52_w": "57.7", "high_52_w": "126.3",
            "price_percent_chg_24_h": "0.09601107287722", "best_bid": "99.40", "best_ask": "100.60",
            "best_bid_quantity": str(_amount(rng)), "best_ask_quantity": str(_amount(rng))}  # fmt: skip
    return _coinbase("ticker", n, tickers=[told])


def _coinbase_book(asset: str, n: int, ts: int, rng: random.Random) -> Any:
    updates = [
        {"side": side, "event_time": AT, "price_level": str(price), "new_quantity": str(amount)}
        for side, levels in zip(("bid", "offer"), _sides(n, rng), strict=True)
        for price, amount in levels
    ]
    return _coinbase("l2_data", n, product_id=f"{asset}-USD", updates=updates)


_MADE: dict[str, dict[str, Frame]] = {
    "deribit": {"trades": deribit_trades, "ticker": _deribit_ticker, "book": _deribit_book},
    "hyperliquid": {"trades": _hyperliquid_trade, "ticker": _hyperliquid_ticker, "book": _hyperliquid_book},
    "coinbase": {"trades": _coinbase_trade, "ticker": _coinbase_ticker, "book": _coinbase_book},
}
FRAMES = POURED | _MADE
"""By venue and channel."""


def frames(venue: str, channel: str, count: int) -> Iterator[bytes]:
    """`count` frames of a channel, of one asset after the other. Raises KeyError for what isn't in `FRAMES`."""
    if venue in POURED:
        yield from poured(venue, channel, count)
        return
    rng, make = random.Random(7), _MADE[venue][channel]
    for number in range(count):
        yield encoded(make(ASSETS[number % len(ASSETS)], 1 + number // len(ASSETS), START, rng))
