"""Instruments: what one contract is worth, and which symbol a trader means."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "DAI", "USDE", "PYUSD", "USD1"})
"""Quotes that count as one US dollar."""

Rate = Callable[[str], float | None]
"""Currency code → US dollars for one, or None where unknown."""

Kind = Literal["spot", "linear", "inverse", "quanto"]


class UnknownValue(ValueError):
    """An amount whose worth in dollars can't be told; the text says why."""


def no_rate(_currency: str) -> float | None:
    """A rate table without entries."""
    return None


@dataclass(frozen=True, slots=True)
class Instrument:
    """One market.

    `size` is one contract: base coins (linear), units of quote (inverse), settle coins per unit of price (quanto).
    """

    id: str
    symbol: str
    base: str
    quote: str
    settle: str
    kind: Kind
    size: float = 1.0
    option: bool = False

    @property
    def contract(self) -> bool:
        return self.kind != "spot"

    def dollars(self, currency: str, rate: Rate) -> float:
        """US dollars for one `currency`. Raises UnknownValue."""
        if currency in DOLLARS:
            return 1.0
        price = rate(currency)
        if price is None:
            raise UnknownValue(f"{self.symbol}: no price of {currency} in US dollars is known")
        return price

    def notional(self, contracts: float, price: float, rate: Rate = no_rate) -> tuple[float, float]:
        """(base coins, US dollars) of `contracts` at `price`. Raises UnknownValue without a price of the quote."""
        if self.kind == "inverse":
            quote = contracts * self.size
            return quote / price, quote * self.dollars(self.quote, rate)
        if self.kind == "quanto":
            usd = contracts * self.size * price * self.dollars(self.settle, rate)
            return usd / price, usd
        base = contracts * self.size
        return base, base * price * self.dollars(self.quote, rate)

    def base_amount(self, contracts: float, price: float) -> float:
        """Base coins of `contracts` at `price`."""
        if self.kind == "inverse":
            return contracts * self.size / price
        return contracts * self.size


def instrument(family: str, market: dict[str, Any]) -> Instrument:
    """Instrument of a ccxt market.

    Deribit counts trades, books and open interest in amounts, not in contracts: US dollars on inverse markets, base
    coins on linear ones and options. So one unit is 1 there, whatever `contractSize` says.
    """
    size = float(market.get("contractSize") or 1.0)
    option = bool(market.get("option"))
    if not market.get("contract"):
        kind: Kind = "spot"
    elif option:
        kind = "linear"
    elif market.get("quanto") or (market.get("settle") not in (market["base"], market["quote"], None)):
        kind = "linear" if market.get("settle") in DOLLARS and market["quote"] in DOLLARS else "quanto"
    else:
        kind = "inverse" if market.get("inverse") else "linear"
    if family == "deribit":
        size = 1.0
    return Instrument(
        id=str(market["id"]),
        symbol=str(market["symbol"]),
        base=str(market["base"]),
        quote=str(market["quote"]),
        settle=str(market.get("settle") or market["quote"]),
        kind=kind,
        size=1.0 if kind == "spot" else size,
        option=option,
    )


INVERSE_FIRST = frozenset({"deribit", "binancecoinm"})
"""Where the inverse perpetual is the market that counts."""


def main_perpetual(markets: Iterable[dict[str, Any]], base: str, *, inverse_first: bool = False) -> str | None:
    """The symbol that a bare `base` means: its perpetual in USDT, USDC, USD, else inverse, else its spot market."""

    def order(market: dict[str, Any]) -> tuple[int, int]:
        perpetual = bool(market.get("swap"))
        preference = ("USDT", "USDC", "USD").index(market["quote"])
        return (2 if not perpetual else int(bool(market.get("inverse")) is not inverse_first), preference)

    candidates = [
        market
        for market in markets
        if market.get("base") == base
        and market.get("quote") in ("USDT", "USDC", "USD")
        and (market.get("swap") or market.get("spot"))
        and market.get("active") is not False
    ]
    return str(min(candidates, key=order)["symbol"]) if candidates else None


def resolve(exchange: str, markets: dict[str, dict[str, Any]], symbols: Iterable[str]) -> tuple[list[str], list[str]]:
    """Symbols of the venue for those asked for, and one line for each that it doesn't list."""
    found: dict[str, None] = {}
    missing: list[str] = []
    for symbol in symbols:
        known: str | None = symbol
        if symbol not in markets:
            known = main_perpetual(markets.values(), symbol.upper(), inverse_first=exchange in INVERSE_FIRST)
        if known is not None:
            found[known] = None
            continue
        near = difflib.get_close_matches(symbol, markets, n=2, cutoff=0.6)
        missing.append(f"{symbol} is not listed here" + (f" (nearest: {', '.join(near)})" if near else ""))
    return list(found), missing
