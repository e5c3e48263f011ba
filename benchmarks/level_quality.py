"""How much the ladder of levels changes, and whether its zones hold more often than lines drawn at random.

    python -m benchmarks.level_quality            of $DESKMON_RECORDED or ../shared/data; about a minute
    python -m benchmarks.level_quality PATH       of another folder with the same records, or of one CSV file of hours:
                                                  time (ISO 8601), open, high, low, close, volume

*Churn*: zones within 10 % of the price that appear or leave between the close of one hour and the next, per day. By
place: a zone is the same where the two stretches of price meet, or their prices lie within half a tolerance. By name:
where it has the same id.

*Edge*: of the zones within 6 % of the price at 00:00 UTC and farther than two tolerances from it, those that held at
their first test in 14 days: a close came within the tolerance, and a later one lay beyond two tolerances on the side
that the price had come from before any lay beyond the far edge by half a tolerance. Against lines of the same width and
tolerance at random distances from two tolerances to 6 %, on the same days. A zone is taken again when its test is
decided. Intervals are Wilson's, 95 %, and rather too narrow: tests of zones near each other come from one path.
"""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import sqrt
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.recorded_prices import Market, markets, table, until
from deskmon.analytics.bars import DAY, Bars
from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.level_values import Zone
from deskmon.analytics.levels import level_map
from deskmon.clock import HOUR

RECORDED = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[1] / ".." / "shared" / "data"))
NEAR = 0.10
REACH = 0.06
HORIZON = 14 * DAY
LINES = 20
"""Random lines for each zone."""

Step = tuple[int, float, list[Zone]]
"""End of an hour (ms), its close, and all zones, the lowest first."""


class Churn(NamedTuple):
    """Changes per day within 10 %, and how many zones there are."""

    days: float
    zones: float
    places: float
    places_at_midnight: float
    names: float


class Tests(NamedTuple):
    """How many tests were decided, and how many of them held."""

    number: int = 0
    held: int = 0

    def and_one(self, held: bool) -> Tests:
        return Tests(self.number + 1, self.held + held)

    def and_all(self, other: Tests) -> Tests:
        return Tests(self.number + other.number, self.held + other.held)


class Edge(NamedTuple):
    """Tests of zones, and of the random lines beside them."""

    zones: Tests = Tests()
    lines: Tests = Tests()


def steps(market: Market, settings: LevelSettings) -> Iterator[Step]:
    """The zones as they stood when each hour of a market closed."""
    for end in (market.hours.time[market.first :] + HOUR).tolist():
        hours, days = until(market, end)
        levels = level_map(hours, days, hours, HOUR, settings).levels
        yield end, float(hours.close[-1]), [level.zone for level in levels]


def churn(found: list[Step]) -> Churn:
    """Changes between each hour and the next."""
    counts: Counter[str] = Counter()
    for (_, before, old), (end, now, new) in pairwise(found):
        for changed, price, others in ((old, before, new), (new, now, old)):
            names = {zone.id for zone in others}
            for zone in changed:
                if max(zone.low / price - 1, 1 - zone.high / price) > NEAR:
                    continue
                counts["names"] += zone.id not in names
                gone = not any(_same(zone, other) for other in others)
                counts["places"] += gone
                counts["midnight"] += gone and end % DAY == 0
    days = (len(found) - 1) / 24
    near = sum(
        max(zone.low / price - 1, 1 - zone.high / price) <= NEAR for _, price, zones in found for zone in zones
    )  # fmt: skip
    return Churn(
        days, near / len(found), counts["places"] / days, counts["midnight"] / days, counts["names"] / days
    )  # fmt: skip


def _same(zone: Zone, other: Zone) -> bool:
    near = min(zone.tolerance, other.tolerance) / 2
    return (zone.low <= other.high and other.low <= zone.high) or abs(zone.price - other.price) <= near


def edge(found: list[Step], hours: Bars, seed: int = 1) -> Edge:
    """How zones and random lines did at their first test."""
    rng, edges = Random(seed), Edge()
    pending: list[tuple[int, Zone]] = []
    for end, price, zones in found:
        if end % DAY:
            continue
        pending = [(over, zone) for over, zone in pending if over > end]
        after = hours.cut(int(hours.time.searchsorted(end)), int(hours.time.searchsorted(end + HORIZON)))
        closes, times = after.close.tolist(), (after.time + HOUR).tolist()
        for zone in zones:
            if any(_same(zone, other) for _, other in pending):
                continue
            gap = max(zone.low - price, price - zone.high)
            if not 2 * zone.tolerance < gap <= REACH * price:
                continue
            outcome = first_test(closes, zone.low, zone.high, zone.tolerance)
            pending.append((times[outcome[0]] if outcome else end + HORIZON, zone))
            zoned = edges.zones.and_one(outcome[1]) if outcome else edges.zones
            lines, width = edges.lines, zone.high - zone.low
            for _ in range(LINES):
                away = rng.uniform(2 * zone.tolerance, REACH * price)
                low = price + away if rng.random() < 0.5 else price - away - width
                of_line = first_test(closes, low, low + width, zone.tolerance)
                lines = lines.and_one(of_line[1]) if of_line else lines
            edges = Edge(zoned, lines)
    return edges


def first_test(closes: list[float], low: float, high: float, tolerance: float) -> tuple[int, bool] | None:
    """(place of the close that decided, whether the zone held) of the first test; None where there is none, or it is
    undecided. The first close lies farther than the tolerance from the zone."""
    if not closes:
        return None
    sign = 1 if closes[0] > (low + high) / 2 else -1
    near, far = (high, low) if sign > 0 else (low, high)
    tested = False
    for place, close in enumerate(closes):
        gone = sign * (close - near)
        if tested and gone > 2 * tolerance:
            return place, True
        if sign * (close - far) < -tolerance / 2:
            return place, False
        tested = tested or gone <= tolerance
    return None


def wilson(tests: Tests, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927)."""
    n, share = tests.number, tests.held / tests.number
    middle, reach = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)


def share(tests: Tests) -> str:
    if not tests.number:
        return "—"
    low, high = wilson(tests)
    return f"{tests.held} of {tests.number}, {tests.held / tests.number:.0%} ({low:.0%} to {high:.0%})"


def main() -> None:
    parser = ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("path", nargs="?", type=Path, default=RECORDED)
    path = parser.parse_args().path
    every = Edge()
    print(f"{'market':<12}{'days':>5}{'zones':>7}{'by place':>10}{'at 00:00':>10}{'by name':>9}   held zones, lines")
    for market in markets(path / "price") if path.is_dir() else [table(path)]:
        found = list(steps(market, LevelSettings()))
        moved, edges = churn(found), edge(found, market.hours)
        every = Edge(every.zones.and_all(edges.zones), every.lines.and_all(edges.lines))
        print(
            f"{market.name:<12}{moved.days:>5.0f}{moved.zones:>7.1f}{moved.places:>10.2f}"
            f"{moved.places_at_midnight:>10.2f}{moved.names:>9.2f}   {share(edges.zones)}; {share(edges.lines)}",
            flush=True,
        )
    print(f"all: zones {share(every.zones)}; lines {share(every.lines)}")


if __name__ == "__main__":
    main()
