"""From one venue's chain to its figures. Imports numpy: imported at the first question only."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import exp, nan, sqrt

import numpy as np

from deskmon.analytics import gamma, variance_swap
from deskmon.analytics.black76 import Bools
from deskmon.analytics.chain import Chain, chain
from deskmon.analytics.implied_range import implied_range
from deskmon.analytics.implied_volatility import implied_volatility
from deskmon.analytics.max_pain import max_pain
from deskmon.analytics.normal import Floats
from deskmon.analytics.smile import Smile, at_maturity, smile
from deskmon.events import Option
from deskmon.model.figures import (
    ChainFigures,
    ExpiryFigure,
    MaturityFigure,
    SmileQuote,
    StrikeFigure,
    TermPoint,
    TermStructure,
)
from deskmon.model.option_chain import MATURITIES

POINTS = 100.0
"""Vol points per unit of volatility."""


class Slice:
    """One expiry: its options, with forward (USD) and years as of the newest quote, and its smile."""

    def __init__(self, expiry: int, options: Chain) -> None:
        newest = int(np.argmin(options.years))
        self.expiry, self.options = expiry, options
        self.forward, self.years = float(options.forward[newest]), float(options.years[newest])
        self.smile: Smile = smile(options, self.forward)

    @property
    def days(self) -> float:
        """To expiry, from the newest quote."""
        return self.years * 365


class Analysis:
    """Everything about a chain that doesn't depend on the time at which it is asked; each figure is computed once."""

    def __init__(self, options: Sequence[Option]) -> None:
        self.chain = chain(options)
        self.slices = [Slice(expiry, part) for expiry, part in self.chain.by_expiry()]
        self._exposure = gamma.exposure(self.chain)
        self._smiles: dict[int, list[SmileQuote]] = {}

    @cached_property
    def figures(self) -> ChainFigures:
        """Of all expiries together."""
        options, slices = self.chain, self.slices
        nearest = slices[0].forward if slices else nan
        vols = [variance_swap.fair_volatility(part.options, part.forward) for part in slices]
        return ChainFigures(
            nearest_forward=_known(nearest),
            vix_style_30d=_points(variance_swap.index([part.years for part in slices], vols)),
            expiries=[_expiry_figure(part) for part in slices],
            constant_maturity={f"{days}d": _maturity(slices, days) for days in MATURITIES},
            put_call_oi=_ratio(*_sides(options.open_interest, options.call)),
            put_call_volume=_ratio(*_sides(options.volume, options.call)),
            gex_usd=_total(np.where(np.isnan(options.open_interest), np.nan, self._exposure)),
            gex_flip=_known(gamma.flip(options, nearest)),
            quotes=len(options.strike),
            crossed=int(options.crossed.sum()),
        )

    @cached_property
    def strikes(self) -> list[StrikeFigure]:
        """By strike, ascending, over all expiries."""
        options = self.chain
        held = (np.where(options.call == call, options.open_interest, 0.0) for call in (True, False))
        rows = zip(*gamma.by_strike(options.strike, *held, self._exposure), strict=True)
        return [
            StrikeFigure(strike=float(strike), call_oi=float(calls), put_oi=float(puts), gex_usd=float(usd))
            for strike, calls, puts, usd in rows
        ]

    def smile_quotes(self, expiry: int) -> list[SmileQuote]:
        """The options of one expiry by strike, puts before calls; empty where it isn't listed."""
        if expiry not in self._smiles:
            found = (_smile_quotes(part.options) for part in self.slices if part.expiry == expiry)
            self._smiles[expiry] = next(found, [])
        return self._smiles[expiry]


def term_structure(options: Sequence[Option], ts: int) -> TermStructure:
    """How the expiries of a chain stand at `ts` (ms)."""
    slices = [Slice(expiry, part) for expiry, part in chain(options).by_expiry()]
    week, month = _maturity(slices, 7), _maturity(slices, 30)
    points = [
        TermPoint(
            expiry=part.expiry, days=part.days, atm_iv=_points(part.smile.atm),
            rr25=_points(part.smile.risk_reversal), bf25=_points(part.smile.butterfly),
        )
        for part in slices
    ]  # fmt: skip
    return TermStructure(ts=ts, points=points, atm_30d=month.atm_iv, rr25_30d=month.rr25, rr25_7d=week.rr25)


def _maturity(slices: Sequence[Slice], days: int) -> MaturityFigure:
    years = [part.years for part in slices]
    smiles = [part.smile for part in slices]
    atm, call, put = (
        at_maturity(years, vols, days / 365)
        for vols in (
            [each.atm for each in smiles], [each.call.vol for each in smiles], [each.put.vol for each in smiles]
        )
    )  # fmt: skip
    return MaturityFigure(atm_iv=_points(atm), rr25=_points(call - put), bf25=_points((call + put) / 2 - atm))


def _expiry_figure(part: Slice) -> ExpiryFigure:
    options, found = part.options, part.smile
    call_oi, put_oi = _sides(options.open_interest, options.call)
    call_volume, put_volume = _sides(options.volume, options.call)
    deviation = found.atm * sqrt(part.years)
    low, high = implied_range(options, part.forward, part.years)
    exposure = np.where(np.isnan(options.open_interest), np.nan, gamma.exposure(options))
    return ExpiryFigure(
        expiry=part.expiry, days=part.days, forward=part.forward, atm_iv=_points(found.atm),
        rr25=_points(found.risk_reversal), bf25=_points(found.butterfly),
        put_skew=_points(-found.risk_reversal / found.atm), call25_iv=_points(found.call.vol),
        call25_strike=_known(found.call.strike), put25_iv=_points(found.put.vol),
        put25_strike=_known(found.put.strike), call_oi=call_oi, put_oi=put_oi, put_call_oi=_ratio(call_oi, put_oi),
        call_volume=call_volume, put_volume=put_volume, put_call_volume=_ratio(call_volume, put_volume),
        max_pain=_known(max_pain(options.strike, options.call, options.open_interest)),
        expected_low=_known(part.forward * exp(-deviation)), expected_high=_known(part.forward * exp(deviation)),
        implied_low=_known(low), implied_high=_known(high), gex_usd=_total(exposure), quotes=len(options.strike),
        no_bid=int(options.no_bid.sum()), crossed=int(options.crossed.sum()),
    )  # fmt: skip


def _smile_quotes(options: Chain) -> list[SmileQuote]:
    about = (options.forward, options.strike, options.years, options.call)
    bid, ask = (implied_volatility(price, *about) for price in (options.bid, options.ask))
    bid = np.where(options.no_bid, 0.0, bid)
    columns = (options.strike, options.call, options.vol, bid, ask, options.delta, options.open_interest,
               options.usable)  # fmt: skip
    return [
        SmileQuote(
            strike=float(strike), kind="call" if call else "put", iv=_points(vol), bid_iv=_points(low),
            ask_iv=_points(high), delta=_known(delta), open_interest=_known(held), used=bool(used),
        )
        for strike, call, vol, low, high, delta, held, used in zip(*columns, strict=True)
    ]  # fmt: skip


def _sides(column: Floats, call: Bools) -> tuple[float | None, float | None]:
    """Totals of calls and of puts; where one side alone isn't known at all it is 0."""
    if np.isnan(column).all():
        return None, None
    return float(np.nansum(column[call])), float(np.nansum(column[~call]))


def _ratio(calls: float | None, puts: float | None) -> float | None:
    return puts / calls if puts is not None and calls else None


def _total(column: Floats) -> float | None:
    return None if np.isnan(column).all() else float(np.nansum(column))


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _points(vol: float) -> float | None:
    return _known(vol * POINTS)
