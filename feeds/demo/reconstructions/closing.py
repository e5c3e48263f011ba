"""Open interest between given values: it leaves when longs are closed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from deskmon.feeds.demo.reconstructions.prices import Knot, Path


def closing(knots: Sequence[Knot], path: Path, closed: Callable[[int], float]) -> Callable[[int], float]:
    """USD open at a time (ms): those of the `knots`, and between two of them coins that leave as `closed` does, the
    share of all that was closed by force until a time; evenly where nothing was, or where coins are added."""
    times = [ts for ts, _ in knots]
    coins = [usd / path.held(ts) for ts, usd in knots]
    shares = [closed(ts) for ts in times]

    def usd(ts: int) -> float:
        index = bisect_right(times, ts)
        if index in (0, len(times)):
            return coins[max(index - 1, 0)] * path.held(ts)
        first, last = index - 1, index
        gone = shares[last] - shares[first]
        way = (ts - times[first]) / (times[last] - times[first])
        if gone > 0 and coins[last] < coins[first]:
            way = (closed(ts) - shares[first]) / gone
        return (coins[first] + (coins[last] - coins[first]) * way) * path.held(ts)

    return usd
