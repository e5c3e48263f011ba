"""Gamma of what dealers hold, in dollars of delta that a move of 1 % makes them trade, under a stated assumption.

naive: dealers are long the calls and short the puts that are open. Nobody knows; it is the usual guess.
"""

from __future__ import annotations

from math import nan

import numpy as np

from deskmon.analytics import black76
from deskmon.analytics.chain import Chain
from deskmon.analytics.normal import Floats

ASSUMPTION = "naive"

REACH = 0.5
"""How far from the spot, as a fraction of it, the flip is sought."""

_COARSE = 101
_FINE = 21


def exposure(options: Chain, gamma: Floats | None = None, forward: Floats | None = None) -> Floats:
    """sign · Γ · OI · S² · 0.01 of each option (USD per 1 %); 0 where open interest or gamma isn't known.

    Γ in coins of delta per dollar of the forward; since spot and forward move in proportion, Γ·F² is Γ·S² of the spot.
    `gamma` and `forward` replace the chain's own, in any shape that ends in its length.
    """
    gamma = options.gamma if gamma is None else gamma
    forward = options.forward if forward is None else forward
    sign = np.where(options.call, 1.0, -1.0)
    return np.nan_to_num(sign * gamma * options.open_interest * forward**2 * 0.01, nan=0.0)


def total_at(options: Chain, moves: Floats) -> Floats:
    """Sum of the exposures with every forward multiplied by each of `moves`, gamma computed anew, volatility of each
    strike unchanged."""
    forward = options.forward * moves[:, np.newaxis]
    gamma = black76.gamma(forward, options.strike, options.years, options.vol)
    return np.asarray(exposure(options, gamma, forward).sum(axis=1))


def flip(options: Chain, spot: float) -> float:
    """Spot (USD) nearest to `spot` at which the sum of exposures crosses zero; NaN where it does so nowhere within
    `REACH`."""
    held = options.at((options.open_interest > 0) & ~np.isnan(options.gamma))
    if not len(held.strike):
        return nan
    moves = np.linspace(1 - REACH, 1 + REACH, _COARSE)
    crossings = _crossings(moves, total_at(held, moves))
    if not len(crossings):
        return nan
    near = crossings[np.argmin(np.abs(crossings - 1))]
    step = moves[1] - moves[0]
    fine = np.linspace(near - step, near + step, _FINE)
    finer = _crossings(fine, total_at(held, fine))
    return float(spot * (finer[np.argmin(np.abs(finer - near))] if len(finer) else near))


def _crossings(moves: Floats, totals: Floats) -> Floats:
    """Where the totals change their sign, linear between neighbours."""
    left, right = totals[:-1], totals[1:]
    at = np.flatnonzero((left > 0) & (right < 0) | (left < 0) & (right > 0))
    share = left[at] / (left[at] - right[at])
    return np.asarray(moves[at] + share * (moves[at + 1] - moves[at]))


def by_strike(strike: Floats, *columns: Floats) -> tuple[Floats, ...]:
    """The strikes, ascending, each once, and the sums of each column over it; NaN counts as 0."""
    strikes, place = np.unique(strike, return_inverse=True)
    sums = (
        np.asarray(np.bincount(place, np.nan_to_num(column, nan=0.0), len(strikes)), dtype=float) for column in columns
    )
    return strikes, *sums
