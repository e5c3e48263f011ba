"""Exchanges of the installed ccxt: their ids without importing it, and one tapped instance of one of them."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from deskmon.feedkit import UsageError
from deskmon.feeds.ccxt.access import proxy_settings
from deskmon.feeds.ccxt.channels import CcxtOptions

FAMILIES = {
    "binanceusdm": "binance",
    "binancecoinm": "binance",
    "binanceus": "binance",
    "bybiteu": "bybit",
    "bybitid": "bybit",
    "myokx": "okx",
    "okxus": "okx",
    "gateeu": "gate",
    "krakenfutures": "kraken",
    "kucoinfutures": "kucoin",
    "coinbaseexchange": "coinbase",
    "coinbaseinternational": "coinbase",
}
"""Ids that are another face of one venue; any other id is its own venue."""

DERIVATIVES = {
    "binance": "binanceusdm",
    "kraken": "krakenfutures",
    "kucoin": "kucoinfutures",
    "coinbase": "coinbaseinternational",
}
"""Ids of the perpetuals and futures of venues whose own id is first of all its spot market."""


OWN = {"bitmex": "deskmon.feeds.ccxt.bitmex"}
"""Modules of exchanges that ccxt no longer has, by their ids there."""


def venue_name(exchange: str) -> str:
    """Short name of the venue behind a ccxt id: `binanceusdm` → `binance`."""
    return FAMILIES.get(exchange, exchange)


@cache
def exchange_ids() -> tuple[str, ...]:
    """Ids of all exchanges in the installed ccxt, read from its folder (importing it costs seconds and 100 MB), and of
    our own."""
    spec = importlib.util.find_spec("ccxt")
    if spec is None or not spec.submodule_search_locations:
        return ()
    folder = Path(next(iter(spec.submodule_search_locations))) / "async_support"
    return tuple(sorted({path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")} | OWN.keys()))


def check_exchange(exchange: str) -> None:
    """Raise UsageError with the nearest ids where ccxt has no such exchange."""
    ids = exchange_ids()
    if exchange in ids:
        return
    near = difflib.get_close_matches(exchange.lower(), ids, n=3, cutoff=0.5)
    remedy = f"did you mean {' or '.join(near)}?" if near else "`deskmon list venues` names them"
    raise UsageError(f"ccxt has no exchange {exchange!r}", remedy)


def load_class(exchange: str) -> type[Any]:
    """Class of an exchange. Imports all of ccxt: call it in a thread.

    Every module of ccxt imports its packages' `__init__`, which import every exchange, so there is no cheaper
    way to one of them that wouldn't replace ccxt's own packages in `sys.modules`.
    """
    check_exchange(exchange)
    if exchange in OWN:
        return getattr(importlib.import_module(OWN[exchange]), exchange)  # type: ignore[no-any-return]
    streams = importlib.util.find_spec(f"ccxt.pro.{exchange}") is not None
    module = importlib.import_module(f"ccxt.{'pro' if streams else 'async_support'}.{exchange}")
    return getattr(module, exchange)  # type: ignore[no-any-return]


def settings(options: CcxtOptions) -> dict[str, Any]:
    """ccxt's own configuration: its limiter on, caches bounded, public data, a proxy where one is given. Raises
    ConfigError for a proxy's address that can't be read."""
    config: dict[str, Any] = {
        "enableRateLimit": True,
        "timeout": 10_000,
        "newUpdates": True,
        "options": {
            "tradesLimit": 200,
            "OHLCVLimit": 200,
            "liquidationsLimit": 200,
            "watchOrderBook": {"checksum": True},
        },
    }
    return config | proxy_settings(options.proxy)


def merge_urls(api: Any, overrides: dict[str, Any]) -> Any:
    """ccxt's `urls.api` with `overrides` laid over it, level by level; neither argument is changed."""
    if not isinstance(api, dict):
        return overrides
    merged = dict(api)
    for name, value in overrides.items():
        merged[name] = merge_urls(merged.get(name, {}), value) if isinstance(value, dict) else value
    return merged


def market_types(exchange: Any, symbols: tuple[str, ...]) -> None:
    """Ask the venue only for the kinds of market that `symbols` need: options alone are megabytes on some venues.

    Kinds are recognised in the symbol: `A/B` spot, `A/B:B` linear, `A/B:A` inverse, a date future, a strike option;
    a bare base may be any perpetual.
    """
    listed = exchange.options.get("fetchMarkets")
    types = listed.get("types") if isinstance(listed, dict) else None
    if not types:
        return
    wanted: set[str] = set()
    for symbol in symbols:
        base, _, rest = symbol.partition("/")
        quote_settle, *dated = rest.split("-")
        _, _, settle = quote_settle.partition(":")
        if not rest:
            wanted |= {"swap", "linear", "inverse", "hip3"}
        elif not settle:
            wanted.add("spot")
        else:
            wanted.add(("swap", "future", "option")[min(len(dated), 2)])
            if len(dated) < 2:
                wanted.add("inverse" if settle == base else "linear")
    kept = [kind for kind in types if kind in wanted]
    if kept:
        chosen = {kind: kind in kept for kind in types} if isinstance(types, dict) else kept
        exchange.options["fetchMarkets"] = {**listed, "types": chosen}
