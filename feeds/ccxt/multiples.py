"""Contracts that count many coins as one: 1000PEPE, kBONK, 1MBABYDOGE, SHIB1000 → the coin, and how many of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

COINS = frozenset(
    {
        "BABYDOGE", "BONK", "BTTC", "CAT", "CHEEMS", "DOGS", "FLOKI", "LADYS", "LUNC", "MOG", "NEIRO", "NEIROCTO",
        "PEPE", "RATS", "SATS", "SHIB", "TOSHI", "TURBO", "WHY", "XEC",
    }
)  # fmt: skip
"""Coins that some venue lists by thousands or millions. Letters before or digits behind a name say a multiple only of
these: `KAVA`, `1MIL` and `UFO1000` may be names of their own."""

_DIGITS = re.compile(r"(10{3,})([A-Z][A-Z0-9]+)")
"""A power of ten from 1000 on before a name of two characters or more. `1INCH`, `0G`, `4` and `1000X` are names."""
_LETTERS = {"1M": 1e6, "1K": 1e3, "K": 1e3}
_BEHIND = re.compile(r"([A-Z][A-Z0-9]*?)(10{3,})")


def multiple(name: str, spellings: frozenset[str] = frozenset()) -> tuple[str, float]:
    """(coin, how many of it one unit is) of a base currency; (`name`, 1) where it is a coin by itself.

    spellings: the same name as the venue itself writes it. A small k before capitals means a thousand there.
    """
    if found := _DIGITS.fullmatch(name):
        return found[2], float(found[1])
    for own in spellings:
        if re.fullmatch(r"k[A-Z][A-Z0-9]+", own) and own.upper() == name:
            return name[1:], 1e3
    for prefix, count in _LETTERS.items():
        if name.startswith(prefix) and name.removeprefix(prefix) in COINS:
            return name.removeprefix(prefix), count
    if (found := _BEHIND.fullmatch(name)) and found[1] in COINS:
        return found[1], float(found[2])
    return name, 1.0


def coin_of(market: Mapping[str, Any]) -> tuple[str, float]:
    """(coin, how many of it one unit of the base is) of a ccxt market.

    A small k counts on contracts only: on spot markets `kHYPE` is a token of its own.
    """
    info = market.get("info")
    named = info if isinstance(info, Mapping) else {}
    own = (market.get("baseName"), market.get("baseId"), named.get("name"), named.get("baseCoin"))
    spellings = frozenset(name for name in own if isinstance(name, str)) if market.get("contract") else frozenset()
    return multiple(str(market.get("base")), spellings)
