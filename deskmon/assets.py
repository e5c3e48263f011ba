"""Assets and their symbols: which symbol stands for an asset, and what kind of contract a symbol is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from deskmon.format import base

_QUOTES = ("USDT", "USD", "USDC")


def contract(symbol: str) -> str:
    """What a unified symbol trades, without its base: `USDT perp`, `USD inverse`, `USDT spot`, `USD 260327`."""
    pair, _, settle = symbol.partition(":")
    quote = pair.partition("/")[2]
    currency, _, expiry = settle.partition("-")
    if not settle:
        return f"{quote} spot".strip()
    if expiry:
        return f"{quote} {expiry}"
    return f"{quote} perp" if currency == quote else f"{quote} inverse"


@lru_cache(maxsize=4096)
def _rank(symbol: str) -> tuple[int, int, str]:
    quote, _, kind = contract(symbol).partition(" ")
    kinds = ("perp", "inverse", "spot")
    return (
        kinds.index(kind) if kind in kinds else len(kinds),
        _QUOTES.index(quote) if quote in _QUOTES else len(_QUOTES),
        symbol,
    )


def main_symbols(symbols: Iterable[str]) -> dict[str, str]:
    """For each base among `symbols`, in alphabetical order, the symbol that stands for it: its linear perpetual in
    USDT, else its nearest kin (other quotes, inverse, spot, dated)."""
    chosen: dict[str, str] = {}
    for symbol in sorted(symbols, key=_rank):
        chosen.setdefault(base(symbol), symbol)
    return dict(sorted(chosen.items()))


def by_asset(symbols: Iterable[str]) -> dict[str, list[str]]:
    """The symbols of each base among them, the main one first: `symbols_of` for all assets at once."""
    found: dict[str, list[str]] = {}
    for symbol in sorted(symbols, key=_rank):
        found.setdefault(base(symbol), []).append(symbol)
    return found


def symbols_of(asset: str, symbols: Iterable[str]) -> list[str]:
    """Those of `symbols` whose base is `asset`, the main one first."""
    return sorted((symbol for symbol in symbols if base(symbol) == asset), key=_rank)
