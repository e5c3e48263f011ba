"""nautilus_trader on frames of `benchmarks.peers`, in an environment of its own: `peer_nautilus FILE ROUNDS`.

Its clients of Bybit and OKX decode in Rust, where no frame can be handed in. Its client of Binance decodes in Python:
a frame's wrapper, then the trade, then the tick, as `_handle_ws_message` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib import import_module

from benchmarks.peer_timing import measure


def measured(row: str, frames: Sequence[str]) -> Callable[[], None] | None:
    """What is timed for a row."""
    if row != "Binance trade":
        return None
    msgspec = import_module("msgspec")
    kinds = import_module("nautilus_trader.adapters.binance.futures.schemas.market")
    identifiers = import_module("nautilus_trader.model.identifiers")
    wrapped = import_module("nautilus_trader.adapters.binance.common.schemas.market").BinanceDataMsgWrapper
    wrapper, decode = msgspec.json.Decoder(wrapped).decode, msgspec.json.Decoder(kinds.BinanceFuturesTradeMsg).decode
    names = {json.loads(frame)["s"] for frame in frames}
    markets = {name: identifiers.InstrumentId.from_str(f"{name}-PERP.BINANCE") for name in names}
    told = [f'{{"stream":"{json.loads(frame)["s"].lower()}@trade","data":{frame}}}'.encode() for frame in frames]

    def handle() -> None:
        for frame in told:
            if "@trade" in wrapper(frame).stream:
                trade = decode(frame).data
                trade.parse_to_trade_tick(instrument_id=markets[trade.s], ts_init=1)

    return handle


if __name__ == "__main__":
    measure("nautilus_trader", measured)
