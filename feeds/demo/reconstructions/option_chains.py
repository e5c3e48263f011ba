"""Option chains from a stated smile: quotes of every strike, marked by Black-76 in coins as Deribit does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

from deskmon.events import Option
from deskmon.feedkit import DAY
from deskmon.feeds.demo.reconstructions.prices import Knot, Path, at

_YEAR = 365 * DAY
_REACH = 2.5
"""Standard deviations beyond which a smile goes on level."""
_TICK = 1e-4
_SPREAD = 0.02
_JITTER = 0.25
_TURNOVER = 0.06

_Kind = Literal["put", "call"]
Crowds = Mapping[tuple[_Kind, float], float]
"""(kind, strike) → weight of its open interest, 1 for those that aren't named."""


class Smile(NamedTuple):
    """Volatility in points: `atm` + `slope`·z + `curve`·z², z = ln(K/F) / (σ√T) with σ at the money."""

    atm: float
    slope: float
    curve: float

    def at(self, strike: float, forward: float, years: float) -> float:
        """Of one strike, in points; level beyond 2.5 standard deviations."""
        z = math.log(strike / forward) / (self.atm / 100 * math.sqrt(years))
        z = max(-_REACH, min(_REACH, z))
        return self.atm + self.slope * z + self.curve * z * z


@dataclass(frozen=True, slots=True)
class Surface:
    """Smiles of all expiries over time. Each series holds (ms, value).

    level: volatility at the money in 30 days, points. front: points that an expiry at once has more, fading over
    `fading` days. slope: the smile's in 30 days; of nearer expiries steeper by the same measure, at most twice.
    """

    level: Sequence[Knot]
    front: Sequence[Knot]
    slope: Sequence[Knot]
    curve: float
    fading: float = 20.0

    def smile(self, ts: int, days: float) -> Smile:
        """Of an expiry in `days`, at a time (ms)."""
        more = math.exp(-days / self.fading) - math.exp(-30 / self.fading)
        steeper = min(2.0, (30 / days) ** 0.3)
        return Smile(at(self.level, ts) + at(self.front, ts) * more, at(self.slope, ts) * steeper, self.curve)


@dataclass(frozen=True, slots=True)
class Carry:
    """By how much forwards grow, as a rate per year: `front` for an expiry at once, (ms, rate) over time; `long` for
    those far away; between the two it fades over `fading` days."""

    front: Sequence[Knot]
    long: float
    fading: float = 45.0

    def forward(self, spot: float, ts: int, days: float) -> float:
        """Of an expiry in `days`, at a time (ms), in the currency of `spot`."""
        rate = self.long + (at(self.front, ts) - self.long) * math.exp(-days / self.fading)
        return round(spot * math.exp(rate * days / 365), 2)


@dataclass(frozen=True, slots=True)
class Listing:
    """What is listed until one expiry (ms): strikes in USD; `held`: open interest in coins of all of them together."""

    expiry: int
    strikes: tuple[float, ...]
    held: float


def black76(forward: float, strike: float, years: float, vol: float, kind: _Kind) -> float:
    """Price in the currency of the strike, no interest; `vol` a fraction per √year (F. Black 1976)."""
    total = vol * math.sqrt(years)
    sign = 1.0 if kind == "call" else -1.0
    upper = math.log(forward / strike) / total + total / 2
    return max(0.0, sign * (forward * _normal(sign * upper) - strike * _normal(sign * (upper - total))))


def _normal(x: float) -> float:
    return 0.5 * math.erfc(-x * math.sqrt(0.5))


def chains(
    underlying: str,
    path: Path,
    surface: Surface,
    listings: Sequence[Listing],
    carry: Carry,
    crowds: Crowds,
    times: Iterable[int],
    rng: Random,
) -> list[Option]:
    """Every listed option at each of `times` (ms), until it expires.

    crowds: weight of the strikes that hold more than the rest.
    """
    held = {listing.expiry: _interest(listing, crowds, rng) for listing in listings}
    found: list[Option] = []
    for ts in times:
        spot = path.at(ts)
        for listing in listings:
            if listing.expiry <= ts:
                continue
            years = (listing.expiry - ts) / _YEAR
            forward = carry.forward(spot, ts, years * 365)
            smile = surface.smile(ts, years * 365)
            for strike in listing.strikes:
                vol = round(smile.at(strike, forward, years), 2)
                for kind, interest in held[listing.expiry][strike]:
                    mark = black76(forward, strike, years, vol / 100, kind) / forward
                    half = max(0.6 * _TICK, _SPREAD * mark)
                    found.append(
                        Option(
                            ts=ts, venue="deribit", underlying=underlying, expiry=listing.expiry, strike=strike,
                            kind=kind, underlying_price=forward, mark_iv=vol, mark=round(mark, 6),
                            bid=max(0.0, _ticks(mark - half, math.floor)), ask=_ticks(mark + half, math.ceil),
                            open_interest=interest, volume_24h=round(_TURNOVER * interest, 1),
                        )
                    )  # fmt: skip
    return found


def _ticks(price: float, whole: Callable[[float], int]) -> float:
    return round(whole(price / _TICK) * _TICK, 4)


def _interest(listing: Listing, crowds: Crowds, rng: Random) -> dict[float, list[tuple[_Kind, float]]]:
    """Open interest by strike of put and call: a weight of 1, that of `crowds` where it is named, a little drawn."""
    kinds: tuple[_Kind, ...] = ("put", "call")
    weights = {
        (kind, strike): crowds.get((kind, strike), 1.0) * rng.uniform(1 - _JITTER, 1 + _JITTER)
        for strike in listing.strikes
        for kind in kinds
    }
    unit = listing.held / sum(weights.values())
    return {strike: [(kind, round(unit * weights[kind, strike], 1)) for kind in kinds] for strike in listing.strikes}
