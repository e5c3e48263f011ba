"""cryptofeed on frames of `benchmarks.peers`, in an environment of its own: `peer_cryptofeed FILE ROUNDS`.

A frame goes to the exchange's handler as its connection hands it on, and ends as an object that a callback takes.
Binance's trades come by the stream that cryptofeed subscribes to: aggregated, with the stream's name around each.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from benchmarks.peer_timing import measure

ROWS = {
    "Binance trade": ("binance_futures", "BinanceFutures", "trades"),
    "Bybit ticker": ("bybit", "Bybit", "ticker"),
    "OKX ticker": ("okx", "OKX", "ticker"),
    "Bybit change of a book": ("bybit", "Bybit", "l2_book"),
}  # fmt: skip
"""Module, class and channel."""


async def _take(told: Any, received: float) -> None:
    """A callback that does nothing."""


def _names(frames: Sequence[str]) -> set[str]:
    """The venue's names of the markets in `frames`."""
    found = set()
    for frame in map(json.loads, frames):
        found.add(frame["arg"]["instId"] if "arg" in frame else frame.get("s") or frame["topic"].rpartition(".")[2])
    return found


def _base(name: str) -> str:
    return name.removesuffix("-USDT-SWAP").removesuffix("USDT")


def _aggregated(frame: str) -> str:
    """A trade as the stream of aggregated trades tells it."""
    told = json.loads(frame)
    number = told.pop("t")
    told |= {"e": "aggTrade", "a": number, "f": number, "l": number}
    return json.dumps({"stream": f"{told['s'].lower()}@aggTrade", "data": told}, separators=(",", ":"))


def measured(row: str, frames: Sequence[str]) -> Callable[[], None]:
    """What is timed for a row."""
    module, name, channel = ROWS[row]
    kind = getattr(import_module(f"cryptofeed.exchanges.{module}"), name)
    symbols = {f"{_base(each)}-USDT-PERP": each for each in sorted(_names(frames))}
    info = {"tick_size": dict.fromkeys(symbols, "0.01"), "instrument_type": dict.fromkeys(symbols, "perpetual")}
    import_module("cryptofeed.symbols").Symbols.set(kind.id, symbols, info)
    feed = kind(symbols=list(symbols), channels=[channel], callbacks={channel: _take})
    address = "wss://stream.bybit.com/v5/public/linear"
    connection: Any = SimpleNamespace(address=address, uuid="1", subscription=feed.subscription)
    told = [_aggregated(frame) for frame in frames] if row == "Binance trade" else list(frames)

    async def handle() -> None:
        for frame in told:
            await feed.message_handler(frame, connection, 1.0)

    return lambda: asyncio.run(handle())


if __name__ == "__main__":
    measure("cryptofeed", measured)
