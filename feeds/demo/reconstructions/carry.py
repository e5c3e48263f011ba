"""Funding and open interest by venue."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from random import Random

from deskmon.events import Funding, OpenInterest
from deskmon.feedkit import HOUR
from deskmon.feeds.demo.reconstructions.prices import Knot, Path, at
from deskmon.feeds.demo.reconstructions.world import Asset, Venue

_NOISE = 6e-7
BREAK = (1_760_108_400_000, 1_760_133_600_000)
"""From when to when (ms) open interest broke on 10 October 2025: 15:00 to 22:00 UTC."""


def settled(
    asset: Asset, venue: Venue, rates: Sequence[Knot], bias: float, since: int, until: int, rng: Random
) -> list[Funding]:
    """What the venue settled from `since` to `until` (ms). `rates`: 8-hour rate over time; `bias`: the asset's own."""
    step = venue.hours * HOUR
    return [
        _funding(asset, venue, rates, bias, ts, "settled", rng)
        for ts in range(since - since % step + step, until, step)
    ]


def predicted(
    asset: Asset, venue: Venue, rates: Sequence[Knot], bias: float, times: Iterable[int], rng: Random
) -> list[Funding]:
    """What the venue expects at each of `times` (ms), arguments as of `settled`."""
    return [_funding(asset, venue, rates, bias, ts, "predicted", rng) for ts in times]


def _funding(
    asset: Asset, venue: Venue, rates: Sequence[Knot], bias: float, ts: int, kind: str, rng: Random
) -> Funding:
    step = venue.hours * HOUR
    rate = at(rates, ts) + venue.bias + bias + _NOISE * rng.uniform(-1, 1)
    return Funding(
        ts=ts, venue=venue.name, symbol=asset.symbol, rate=round(rate * venue.hours / 8, 10),
        interval_hours=venue.hours, next_ts=ts - ts % step + step,
        kind="settled" if kind == "settled" else "predicted",
    )  # fmt: skip


def interest(
    asset: Asset, venue: Venue, path: Path, usd: Callable[[int], float], times: Iterable[int], before: float
) -> list[OpenInterest]:
    """The venue's share of `usd`, open in all at a time (ms), at each of `times`. before: its share until `BREAK`."""
    shares = list(zip(BREAK, (before, venue.interest), strict=True))
    found = []
    for ts in times:
        held = usd(ts) * at(shares, ts)
        found.append(
            OpenInterest(
                ts=ts, venue=venue.name, symbol=asset.symbol, amount=round(held / path.at(ts), 4), usd=round(held, 2)
            )
        )
    return found


def unwinding(
    asset: Asset, venue: Venue, path: Path, start: float, drop: float, closed: Callable[[int], float], times: range
) -> list[OpenInterest]:
    """The venue's open interest through a cascade, at each of `times` (ms).

    start: USD open in all at the first of them; drop: the share of the coins that goes; closed: how much of that is
    gone at a time, from 0 to 1.
    """
    coins = start * venue.interest / path.at(times[0])
    found = []
    for ts in times:
        amount = coins * (1 - drop * venue.closing * closed(ts))
        found.append(
            OpenInterest(
                ts=ts, venue=venue.name, symbol=asset.symbol, amount=round(amount, 4),
                usd=round(amount * path.at(ts), 2),
            )
        )  # fmt: skip
    return found
