"""Tickers, order books and candles along a path."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from deskmon.events import Book, Candle, Ticker
from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.demo.reconstructions.prices import Path
from deskmon.feeds.demo.reconstructions.world import REFERENCE, Asset, Venue

Unrest = Callable[[int], float]
"""How unsettled the market is at a time (ms): 0 in calm, 1 at the height of a wave."""

_FRAMES = {"5m": 5 * MINUTE, "1h": HOUR, "1d": DAY}
_NEAREST, _FURTHEST, _LEVELS = 2.5e-4, 0.026, 12
_RATIO = (_FURTHEST / _NEAREST) ** (1 / (_LEVELS - 1))
_DISTANCES = tuple(_NEAREST * _RATIO**n for n in range(_LEVELS))
_WITHIN = tuple((distance / 0.01) ** 0.8 for distance in _DISTANCES)
_SHARES = tuple(upto - before for before, upto in zip((0.0, *_WITHIN), _WITHIN, strict=False))
"""Of what rests within 1 % on one side, what rests at each distance."""
_THINNED = 1.2


def tickers(asset: Asset, venue: Venue, path: Path, times: range, unrest: Unrest, rng: Random) -> list[Ticker]:
    """A ticker at each of `times` (ms). On the reference venue `last` is the path's price."""
    found = []
    tick, digits, offset = asset.tick, asset.digits, 1 + venue.offset
    jitter = 0.0 if venue.name == REFERENCE else 2e-5
    for ts in times:
        middle = path.at(ts)
        last = round(middle * (offset + jitter * rng.uniform(-1, 1)), digits)
        bid = last if rng.random() < 0.5 else round(last - tick, digits)
        found.append(
            Ticker(
                ts=ts, venue=venue.name, symbol=asset.symbol, last=last, bid=bid, ask=round(bid + tick, digits),
                mark=round(middle * offset, digits + 1),
                index=round(middle * (1 - 5e-5 + 4e-4 * unrest(ts)), digits + 1),
            )
        )  # fmt: skip
    return found


def books(
    asset: Asset, venue: Venue, path: Path, times: range, unrest: Unrest, depth: float, rng: Random
) -> list[Book]:
    """A book at each of `times` (ms). `depth`: USD within 1 % on one side of all venues while calm; waves thin it."""
    found = []
    digits, tick = asset.digits, asset.tick
    for ts in times:
        middle = path.at(ts) * (1 + venue.offset)
        calm = 1 / (1 + _THINNED * unrest(ts))
        usd = depth * venue.depth * calm / middle
        bid = round(middle // tick * tick, digits)
        ask = round(bid + tick, digits)
        bids, asks = [(bid, round(0.02 * usd, 4))], [(ask, round(0.02 * usd, 4))]
        for distance, share in zip(_DISTANCES, _SHARES, strict=True):
            amount = usd * share
            bids.append((round(bid - middle * distance, digits), round(amount * rng.uniform(0.6, 1.2), 4)))
            asks.append((round(ask + middle * distance, digits), round(amount * rng.uniform(0.7, 1.3), 4)))
        found.append(Book(ts=ts, venue=venue.name, symbol=asset.symbol, bids=tuple(bids), asks=tuple(asks)))
    return found


def candles(asset: Asset, path: Path, frame: str, since: int, until: int, unrest: Unrest, rng: Random) -> list[Candle]:
    """The candles of `frame` from `since` to `until` (ms), whole ones only, each known at its end."""
    length, digits = _FRAMES[frame], asset.digits
    found = []
    for start in range(since, until - length + 1, length):
        opened, high, low, close = path.bar(start, start + length)
        usual = asset.daily * length / DAY / close * rng.uniform(0.6, 1.4)
        found.append(
            Candle(
                ts=start + length, venue=REFERENCE, symbol=asset.symbol, timeframe=frame, open_time=start,
                open=round(opened, digits), high=round(high, digits), low=round(low, digits),
                close=round(close, digits), volume=round(usual * (1 + 4 * unrest(start + length // 2)), 3),
            )
        )  # fmt: skip
    return found
