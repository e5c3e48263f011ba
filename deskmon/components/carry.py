"""Carry by asset and venue: which funding stands for a venue, and what a future or perpetual is measured against."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from deskmon.analytics.carry import apr, basis, is_neutral, leverage, premium, rate_8h, weighted_mean, widest
from deskmon.assets import by_asset, symbols_of
from deskmon.clock import DAY, HOUR
from deskmon.components.columns import is_stale
from deskmon.format import base
from deskmon.model.figures import VenueFunding, VenuePrice
from deskmon.model.view import ModelView

__all__ = [
    "Future",
    "Rate",
    "VenueOrder",
    "apr",
    "by_interest",
    "expiry_of",
    "funding_is_stale",
    "futures",
    "is_neutral",
    "leverage",
    "premium",
    "premiums",
    "rate_8h",
    "rates_by_asset",
    "weighted_mean",
    "widest",
]

EXPIRY_HOUR = 8
"""UTC hour at which dated futures expire, at all venues that list them."""


class Rate(NamedTuple):
    """Funding of an asset on a venue: of the symbol that stands for the asset there."""

    symbol: str
    funding: VenueFunding


def rates_by_asset(model: ModelView, now: int) -> dict[str, dict[str, Rate]]:
    """By asset and venue, of each venue its main symbol's; assets by open interest, the largest first."""
    figures = model.funding.figures(now)
    rates: dict[str, dict[str, Rate]] = {}
    symbols = by_asset(figures)
    for asset in by_interest(model, symbols):
        venues = rates[asset] = {}
        for symbol in symbols[asset]:
            for venue, funding in figures[symbol].venues.items():
                venues.setdefault(venue, Rate(symbol, funding))
    return rates


def funding_is_stale(funding: VenueFunding) -> bool:
    """Whether a venue no longer tells: its prediction is older than ten minutes, or, where it predicts nothing, the
    newest settled rate older than one and a half of its intervals."""
    if funding.rate is None and funding.settled_hours is not None:
        return funding.age_ms > 1.5 * HOUR * funding.settled_hours
    return is_stale("funding", funding.age_ms)


def by_interest(model: ModelView, assets: Iterable[str]) -> list[str]:
    """The assets by their open interest in USD, the largest first, then by name."""
    held: dict[str, float] = {}
    for symbol in model.open_interest.symbols:
        held[base(symbol)] = held.get(base(symbol), 0.0) + sum(model.open_interest.weights(symbol).values())
    return sorted(assets, key=lambda asset: (-held.get(asset, 0.0), asset))


class VenueOrder:
    """The venues of a table's columns, by open interest as it was when they were first shown: who reads by place isn't
    to find another venue there because two crossed."""

    def __init__(self) -> None:
        self._held: list[str] = []

    def of(self, model: ModelView, venues: Iterable[tuple[str, str]]) -> list[str]:
        """Those of (venue, symbol) pairs, by their interest in these symbols, then by name; anew where a venue came or
        went."""
        held: dict[str, float] = {}
        for venue, symbol in venues:
            held[venue] = held.get(venue, 0.0) + model.open_interest.weights(symbol).get(venue, 0.0)
        if held.keys() != {*self._held}:
            self._held = sorted(held, key=lambda venue: (-held[venue], venue))
        return list(self._held)


def expiry_of(symbol: str) -> int | None:
    """When the dated future of a unified symbol such as `BTC/USD:BTC-260327` expires (ms UTC); None for any other."""
    date = symbol.partition(":")[2].partition("-")[2]
    if len(date) != len("yymmdd") or not (date.isascii() and date.isdecimal()):
        return None
    try:
        day = datetime(2000 + int(date[:2]), int(date[2:4]), int(date[4:]), tzinfo=UTC)
    except ValueError:
        return None
    return int(day.timestamp()) * 1000 + EXPIRY_HOUR * HOUR


class Future(NamedTuple):
    """A dated future on a venue: prices of it and of what it is measured against, `against` in words; `age_ms` is the
    age of the older price."""

    symbol: str
    venue: str
    expiry: int
    days: float
    price: float
    spot: float | None
    against: str
    basis: float | None
    age_ms: int


def premiums(model: ModelView, now: int) -> dict[str, dict[str, tuple[str, float, int]]]:
    """By asset and venue the perpetual's (symbol, mark / index − 1, age of the older one in ms), where the venue tells
    both."""
    prices = model.prices.figures(now)
    perpetuals = [symbol for symbol in prices if ":" in symbol and "-" not in symbol.partition(":")[2]]
    found: dict[str, dict[str, tuple[str, float, int]]] = {}
    symbols = by_asset(perpetuals)
    for asset in by_interest(model, symbols):
        for symbol in symbols[asset]:
            for venue, price in prices[symbol].venues.items():
                if price.mark is None or price.index is None:
                    continue
                value = premium(price.mark, price.index)
                if value is not None:
                    age = max(price.mark_age_ms or 0, price.index_age_ms or 0)
                    found.setdefault(asset, {}).setdefault(venue, (symbol, value, age))
    return found


def futures(model: ModelView, now: int) -> list[Future]:
    """Dated futures by asset and expiry, until they expire."""
    prices = model.prices.figures(now)
    found = []
    for symbol, figure in prices.items():
        expiry = expiry_of(symbol)
        if expiry is None or expiry <= now:
            continue
        days = (expiry - now) / DAY
        for venue, quote in figure.venues.items():
            (price, age), (spot, against, spot_age) = _fair(quote), _spot(model, symbol, venue, quote, now)
            value = None if spot is None else basis(price, spot, days)
            age = age if spot is None else max(age, spot_age)
            found.append(Future(symbol, venue, expiry, days, price, spot, against, value, age))
    order = {asset: n for n, asset in enumerate(by_interest(model, {base(future.symbol) for future in found}))}
    return sorted(found, key=lambda future: (order[base(future.symbol)], future.expiry, future.venue, future.symbol))


def _fair(quote: VenuePrice) -> tuple[float, int]:
    """The mark, else the middle of bid and ask, else the last trade; and its age (ms)."""
    if quote.mark is not None:
        return quote.mark, quote.mark_age_ms or 0
    return quote.last if quote.bid is None or quote.ask is None else (quote.bid + quote.ask) / 2, quote.age_ms


def _spot(model: ModelView, symbol: str, venue: str, quote: VenuePrice, now: int) -> tuple[float | None, str, int]:
    """What a future is measured against, its name and its age (ms): the index its venue gives with it, else spot on the
    venue, else the index of another contract on the asset there."""
    if quote.index is not None:
        return quote.index, "index", quote.index_age_ms or 0
    prices = model.prices.figures(now)
    kin = symbols_of(base(symbol), prices)
    pair = symbol.partition(":")[0]
    for other in sorted((other for other in kin if ":" not in other), key=lambda other: other != pair):
        if venue in prices[other].venues:
            spot = prices[other].venues[venue]
            return spot.last, "spot", spot.age_ms
    for other in kin:
        held = prices[other].venues.get(venue)
        if held is not None and held.index is not None and expiry_of(other) is None:
            return held.index, "index", held.index_age_ms or 0
    return None, "", 0
