"""An option chain as columns: what of each quote can be used, its volatility, greeks and prices in dollars."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deskmon.analytics import black76
from deskmon.analytics.black76 import MS_PER_YEAR, Bools
from deskmon.analytics.implied_volatility import implied_volatility
from deskmon.analytics.normal import Floats
from deskmon.events import Option

COIN_QUOTED = frozenset({"deribit", "okx"})
"""Venues that quote option prices in the underlying coin; the others quote in dollars."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One underlying's options, by expiry, strike, puts before calls; one entry per option in each column.

    expiry: ms. years: from the quote's own time, in years of 365 days, never negative. forward, strike, bid, ask, mark:
    USD. vol: fraction per √year. open_interest, volume: coins. NaN is unknown, and of a bid or ask 0 is none.
    no_bid: quoted without a bid. crossed: bid above ask.
    """

    expiry: NDArray[np.int64]
    years: Floats
    forward: Floats
    strike: Floats
    call: Bools
    vol: Floats
    bid: Floats
    ask: Floats
    mark: Floats
    open_interest: Floats
    volume: Floats
    delta: Floats
    gamma: Floats
    no_bid: Bools
    crossed: Bools

    @property
    def usable(self) -> Bools:
        """Where the volatility may stand in a smile: it is known, somebody bids, and the quote isn't crossed."""
        return ~np.isnan(self.delta) & ~self.no_bid & ~self.crossed

    @property
    def mid(self) -> Floats:
        """Middle of bid and ask; the venue's mark where neither is quoted at all; NaN without a bid, or crossed."""
        quoted = np.where((self.bid > 0) & (self.ask >= self.bid), (self.bid + self.ask) / 2, np.nan)
        return np.where(np.isnan(self.bid) & np.isnan(self.ask), self.mark, quoted)

    def at(self, which: Any) -> Chain:
        """The part that an index, a slice or a mask takes."""
        return Chain(*(getattr(self, name)[which] for name in self.__slots__))

    def by_expiry(self) -> list[tuple[int, Chain]]:
        """(expiry in ms, its options), the nearest first."""
        expiries, starts = np.unique(self.expiry, return_index=True)
        ends = [*starts, len(self.expiry)][1:]
        return [
            (int(expiry), self.at(slice(start, end))) for expiry, start, end in zip(expiries, starts, ends, strict=True)
        ]


def chain(options: Sequence[Option]) -> Chain:
    """The columns of `options`, each option once, none of them expired by its own quote."""
    options = sorted(options, key=lambda option: (option.expiry, option.strike, option.kind != "put"))
    column = _columns(options)
    unit = column(lambda option: option.underlying_price if option.venue in COIN_QUOTED else 1.0)
    forward, strike = column(lambda option: option.underlying_price), column(lambda option: option.strike)
    years = np.maximum(column(lambda option: option.expiry - option.ts), 0.0) / MS_PER_YEAR
    call = np.array([option.kind == "call" for option in options], dtype=bool)
    about = (forward, strike, years)
    bid_vol = column(lambda option: option.bid_iv) / 100
    ask_vol = column(lambda option: option.ask_iv) / 100
    vol = column(lambda option: option.mark_iv) / 100
    bid = _priced(column(lambda option: option.bid) * unit, bid_vol, about, call)
    ask = _priced(column(lambda option: option.ask) * unit, ask_vol, about, call)
    mark = _priced(column(lambda option: option.mark) * unit, vol, about, call)
    no_bid = (bid_vol == 0) | (bid == 0)
    crossed = ((bid > ask) & (ask > 0)) | ((bid_vol > ask_vol) & (ask_vol > 0))
    vol = _volatilities(vol, np.where((bid > 0) & (ask >= bid), (bid + ask) / 2, mark), about, call)
    return Chain(
        expiry=np.array([option.expiry for option in options], dtype=np.int64), years=years, forward=forward,
        strike=strike, call=call, vol=vol, bid=bid, ask=ask, mark=mark,
        open_interest=column(lambda option: option.open_interest), volume=column(lambda option: option.volume_24h),
        delta=black76.delta(*about, vol, call), gamma=black76.gamma(*about, vol), no_bid=no_bid, crossed=crossed,
    )  # fmt: skip


def _columns(options: Sequence[Option]) -> Callable[[Callable[[Option], float | None]], Floats]:
    """Makes a column of one figure of each option, NaN for None."""

    def column(figure: Callable[[Option], float | None]) -> Floats:
        return np.array([figure(option) for option in options], dtype=float)

    return column


def _priced(price: Floats, vol: Floats, about: tuple[Floats, Floats, Floats], call: Bools) -> Floats:
    """The price, else that of its volatility, which is 0 for none."""
    missing = np.isnan(price) & ~np.isnan(vol)
    if missing.any():
        forward, strike, years = (column[missing] for column in about)
        worth = black76.price(forward, strike, years, vol[missing], call[missing])
        price[missing] = np.where(vol[missing] == 0, 0.0, worth)
    return price


def _volatilities(vol: Floats, price: Floats, about: tuple[Floats, Floats, Floats], call: Bools) -> Floats:
    """The venue's volatility; where it gives none, or 0, that of the price."""
    missing = ~(vol > 0)
    if missing.any():
        forward, strike, years = (column[missing] for column in about)
        vol[missing] = implied_volatility(price[missing], forward, strike, years, call[missing])
    return vol
