"""Instruments: what one contract is worth, and which symbol a trader means."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from deskmon.feeds.ccxt.multiples import coin_of, multiple
from deskmon.feeds.ccxt.units import UNKNOWN, Kind, Unit, Units, units_of

DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "FDUSD", "TUSD", "DAI", "USDE", "PYUSD", "USD1"})
"""Quotes that count as one US dollar."""

Rate = Callable[[str], float | None]
"""Currency code → US dollars for one, or None where unknown."""


class UnknownValue(ValueError):
    """An amount whose worth in dollars can't be told; the text says why."""


def no_rate(_currency: str) -> float | None:
    """A rate table without entries."""
    return None


@dataclass(frozen=True, slots=True)
class Instrument:
    """One market, in coins: `base` and `symbol` are those of one coin, `listed` is ccxt's symbol of the contract, `own`
    the venue's name of it where one unit of its base is `multiple` coins, else "".

    `size` is one contract: units of base (linear), units of quote (inverse), settle coins per unit of price (quanto).
    """

    id: str
    symbol: str
    base: str
    quote: str
    settle: str
    kind: Kind
    size: float = 1.0
    option: bool = False
    units: Units = UNKNOWN
    multiple: float = 1.0
    listed: str = ""
    own: str = ""
    trade_coins: float = field(init=False, default=0.0)
    """Coins of one unit of a trade's amount; 0 where that takes a price."""
    trades_in_coins: bool = field(init=False, default=False)
    """Whether trades are told in single coins, price and amount, as on most markets."""

    def __post_init__(self) -> None:
        coins, _ = self.split(1.0, self.units.trades)
        object.__setattr__(self, "trade_coins", coins or 0.0)
        object.__setattr__(self, "trades_in_coins", coins == self.multiple == 1.0)

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

    def price(self, price: float) -> float:
        """Price of one coin, of a price that the venue tells."""
        return price if self.multiple == 1.0 else price / self.multiple

    def split(self, value: float, unit: Unit) -> tuple[float | None, float | None]:
        """(base coins, units of quote) of `value`: the one that it says without a price, and None."""
        if unit == "quote" or (unit == "contracts" and self.kind == "inverse"):
            return None, value * (self.size if unit == "contracts" else 1.0)
        return value * (self.size if unit == "contracts" else 1.0) * self.multiple, None

    def coins(self, value: float, unit: Unit, price: float) -> float:
        """Base coins of `value` at `price` of one coin."""
        if unit == "base":
            return value * self.multiple
        coins, quote = self.split(value, unit)
        return (quote or 0.0) / price if coins is None else coins

    def notional(
        self, value: float, price: float, rate: Rate = no_rate, unit: Unit = "contracts"
    ) -> tuple[float, float]:
        """(base coins, US dollars) of `value` at `price` of one coin. Raises UnknownValue without a price of the
        quote."""
        if self.kind == "quanto" and unit == "contracts":
            usd = value * self.size * price * self.dollars(self.settle, rate)
            return usd / price, usd
        coins, quote = self.split(value, unit)
        dollars = self.dollars(self.quote, rate)
        if coins is None:
            assert quote is not None
            return quote / price, quote * dollars
        return coins, coins * price * dollars


def instrument(exchange: str, market: dict[str, Any]) -> Instrument:
    """Instrument of a market of the exchange with this id in ccxt."""
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
    coin, multiple = coin_of(market)
    listed = str(market["symbol"])
    return Instrument(
        id=str(market["id"]),
        symbol=symbol_of(market),
        base=coin,
        quote=str(market["quote"]),
        settle=str(market.get("settle") or market["quote"]),
        kind=kind,
        size=1.0 if kind == "spot" else size,
        option=option,
        units=units_of(exchange, kind, option=option),
        multiple=multiple,
        listed=listed,
        own="" if multiple == 1.0 else own_name(market),
    )


def symbol_of(market: dict[str, Any]) -> str:
    """Unified symbol of a market by its coin: `1000PEPE/USDT:USDT` → `PEPE/USDT:USDT`."""
    listed = str(market["symbol"])
    coin, multiple = coin_of(market)
    return listed if multiple == 1.0 else listed.replace(str(market["base"]), coin)


def own_name(market: dict[str, Any]) -> str:
    """What the venue calls a market: its id, or where that is a mere number its name of the base."""
    identity = str(market["id"])
    return str(market.get("baseName") or market["base"]) if identity.isdecimal() else identity


def without_figures(instruments: Iterable[Instrument]) -> list[str]:
    """One line for each kind of contract of which some figure is withheld, since what it counts isn't known."""
    found: dict[tuple[Kind, str], Instrument] = {}
    for market in instruments:
        if market.units.withheld:
            found.setdefault((market.kind, market.units.withheld), market)
    return [
        f"withheld: {words} ({kind} contracts, {market.listed}), since nobody stated what this venue counts there"
        for (kind, words), market in found.items()
    ]


INVERSE_FIRST = frozenset({"deribit", "binancecoinm"})
"""Where the inverse perpetual is the market that counts."""


def main_perpetual(markets: Iterable[dict[str, Any]], coin: str, *, inverse_first: bool = False) -> str | None:
    """The symbol that a bare `coin` means: its perpetual in USDT, USDC, USD, else inverse, else its spot market; of
    contracts that count many coins as one the one that counts fewest."""

    def order(market: dict[str, Any]) -> tuple[int, int, float]:
        perpetual = bool(market.get("swap"))
        preference = ("USDT", "USDC", "USD").index(market["quote"])
        kind = 2 if not perpetual else int(bool(market.get("inverse")) is not inverse_first)
        return kind, preference, coin_of(market)[1]

    candidates = [
        market
        for market in markets
        if market.get("quote") in ("USDT", "USDC", "USD")
        and (market.get("swap") or market.get("spot"))
        and market.get("active") is not False
        and coin_of(market)[0] == coin
    ]
    return str(min(candidates, key=order)["symbol"]) if candidates else None


def resolve(exchange: str, markets: dict[str, dict[str, Any]], symbols: Iterable[str]) -> tuple[list[str], list[str]]:
    """Symbols of the venue for those asked for, and one line for each that it doesn't list."""
    found: dict[str, None] = {}
    missing: list[str] = []
    taken: dict[str, str] = {}
    for symbol in symbols:
        known = _listed(exchange, markets, symbol)
        if known is None:
            near = difflib.get_close_matches(symbol, markets, n=2, cutoff=0.6)
            missing.append(f"{symbol} is not listed here" + (f" (nearest: {', '.join(near)})" if near else ""))
            continue
        other = taken.setdefault(symbol_of(markets[known]), known)
        if other == known:
            found[known] = None
        else:
            missing.append(f"{known} is left out: in coins it is the same market as {other}")
    return list(found), missing


def _listed(exchange: str, markets: dict[str, dict[str, Any]], symbol: str) -> str | None:
    """The venue's symbol for what was asked for: its own, that of one coin, or a bare coin or multiple."""
    if symbol in markets:
        return symbol
    if "/" in symbol:
        return next((name for name, market in markets.items() if symbol_of(market) == symbol), None)
    coin, _ = multiple(symbol.upper(), frozenset({symbol}))
    return main_perpetual(markets.values(), coin, inverse_first=exchange in INVERSE_FIRST)
