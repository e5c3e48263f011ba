"""An option chain as columns: what of each quote can be used, its volatility, greeks and prices in dollars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deskmon.analytics import black76
from deskmon.analytics.black76 import MS_PER_YEAR, Bools
from deskmon.analytics.implied_volatility import implied_volatility
from deskmon.analytics.normal import Floats
from deskmon.events import Option

COIN_QUOTED = frozenset({"deribit", "okx"})
"""Venues whose options are quoted in the underlying coin where the quote doesn't say otherwise."""


def distinct(values: Floats) -> Floats:
    """Each of the numbers once, ascending. np.unique alone imports numpy.ma, 1.4 MB that nothing else uses."""
    ordered = np.sort(values)
    return ordered[np.diff(ordered, prepend=-np.inf) > 0]


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
    expiry, ts = np.array([(option.expiry, option.ts) for option in options], dtype=np.int64).reshape(-1, 2).T
    call = np.array([option.kind == "call" for option in options], dtype=bool)
    in_coins = np.array([_in_coins(option) for option in options], dtype=bool)
    columns = np.array(list(map(_FIGURES, options)), dtype=float).reshape(-1, 10).T
    order = np.lexsort((call, columns[1], expiry))
    expiry, ts, call, in_coins = expiry[order], ts[order], call[order], in_coins[order]
    forward, strike, bid, ask, mark, bid_vol, ask_vol, vol, open_interest, volume = columns[:, order]
    unit = np.where(in_coins, forward, 1.0)
    bid_vol, ask_vol, vol = bid_vol / 100, ask_vol / 100, vol / 100
    years = np.maximum(expiry - ts, 0.0) / MS_PER_YEAR
    about = (forward, strike, years)
    bid = _priced(bid * unit, bid_vol, about, call)
    ask = _priced(ask * unit, ask_vol, about, call)
    mark = _priced(mark * unit, vol, about, call)
    no_bid = (bid_vol == 0) | (bid == 0)
    crossed = ((bid > ask) & (ask > 0)) | ((bid_vol > ask_vol) & (ask_vol > 0))
    vol = _volatilities(vol, np.where((bid > 0) & (ask >= bid), (bid + ask) / 2, mark), about, call)
    return Chain(
        expiry=expiry, years=years, forward=forward, strike=strike, call=call, vol=vol, bid=bid, ask=ask, mark=mark,
        open_interest=open_interest, volume=volume, delta=black76.delta(*about, vol, call),
        gamma=black76.gamma(*about, vol), no_bid=no_bid, crossed=crossed,
    )  # fmt: skip


def _in_coins(option: Option) -> bool:
    if option.quote_currency is None:
        return option.venue in COIN_QUOTED
    return option.quote_currency == option.underlying


_FIGURES = attrgetter(
    "underlying_price", "strike", "bid", "ask", "mark", "bid_iv", "ask_iv", "mark_iv", "open_interest", "volume_24h"
)
"""What columns are made of; None becomes NaN."""


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
