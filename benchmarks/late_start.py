"""Desks that are started around a cascade, for `python -m benchmarks.waves`: is it called in time?

A desk knows no history and hears nothing from before its start. It is started 60 or 180 s before a cascade's first
order, with it, or 60 or 180 s after it. Where it comes late, what is left of the cascade is at least the smallest one
that a desk must find: 6 % of a calm day, and 5 million dollars. In time is a call within a minute of the later of the
onset and the end of the warm-up.

*After a big one*: the desk is started with a cascade of one and a half calm days in four minutes. Ten minutes after
its onset comes a quarter of it, in as long; 1, 3, 6 and 23 hours after it cascades as in the other rows. Each must be
called within half a minute.

*Alarms* are waves in the first ten minutes of desks that are started in a calm market.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from benchmarks.market import CALMS, DAILY, SHAPES, START, Order, calm, cascade, some_cascade
from deskmon.analytics.wave_detector import WARM_UP, Detector
from deskmon.analytics.wave_settings import Parameters
from deskmon.clock import HOUR, MINUTE, SECOND

STARTS = {"180 s before": -180, "60 s before": -60, "at onset": 0, "60 s after": 60, "180 s after": 180}
"""When a desk is started, in seconds after the cascade's first order."""
LEAST_USD, LEAST_SHARE = 5e6, 0.06
"""The smallest cascade, in dollars and of a calm day."""
LATER = (HOUR, 3 * HOUR, 6 * HOUR, 23 * HOUR)
_HOURS = 4
"""Length of the calm market in which a desk is started at some time."""


def called(orders: Sequence[Order], start: int, onset: int, parameters: Parameters | None = None) -> int | None:
    """How long (ms) after the onset a desk started at `start` calls the cascade; None where not within five minutes of
    the later of both. The orders in order of time."""
    detector = Detector(parameters or Parameters())
    detector.listen(start)
    for order in orders:
        if order.ts < start:
            continue
        if order.ts > max(start, onset) + 5 * MINUTE:
            break
        detector.add(order.ts, (order.venue, order.symbol, order.side), round(order.usd * 1e6))
        seen = detector.view(order.ts)[-1:] if order.ts >= onset else []
        if seen and seen[0][1] != "over" and seen[0][0].start >= onset - 30 * SECOND:
            return order.ts - onset
    return None


def _left(orders: Sequence[Order], start: int) -> float:
    return sum(order.usd for order in orders if order.ts >= start)


def in_time(name: str, row: str, seed: int, parameters: Parameters | None = None) -> bool:
    """Whether a desk of a row of `STARTS` calls a cascade in time."""
    orders, start, onset = late(name, row, seed)
    delay = called(orders, start, onset, parameters)
    return delay is not None and onset + delay <= max(onset, start + WARM_UP) + MINUTE


def late(name: str, row: str, seed: int) -> tuple[list[Order], int, int]:
    """A calm market with one cascade: its orders, when the desk of a row of `STARTS` is started, and the onset (ms)."""
    rng = Random(f"late {row} {seed}")
    market = calm(Random(f"calm {seed}"), CALMS[name], _HOURS)
    onset = START + rng.randrange(10 * MINUTE, _HOURS * HOUR - 30 * MINUTE)
    start = onset + STARTS[row] * SECOND
    least = max(LEAST_USD, LEAST_SHARE * DAILY[name])
    burst = some_cascade(rng, onset, DAILY[name], 480)
    while _left(burst, start) < least:
        burst = some_cascade(rng, onset, DAILY[name], 480)
    return sorted(market + burst), start, onset


def after_a_big_one(name: str, seed: int) -> list[bool]:
    """Of a desk started with a big cascade, which of the later ones it calls within half a minute."""
    rng = Random(f"big {seed}")
    onset = START + rng.randrange(HOUR // 2)
    orders = calm(Random(f"calm {seed}"), CALMS[name], 24)
    orders += cascade(rng, onset, 1.5 * DAILY[name], 240, rng.choice(sorted(SHAPES)))
    later = [onset + 10 * MINUTE]
    orders += cascade(rng, later[0], 1.5 * DAILY[name] / 4, 240, rng.choice(sorted(SHAPES)))
    for delay in LATER:
        later.append(onset + delay + rng.randrange(20 * MINUTE))
        orders += some_cascade(rng, later[-1], DAILY[name], 480)
    found = [False] * len(later)
    detector = Detector(Parameters())
    detector.listen(onset)
    for order in sorted(order for order in orders if order.ts >= onset):
        detector.add(order.ts, (order.venue, order.symbol, order.side), round(order.usd * 1e6))
        for number, begin in enumerate(later):
            if not found[number] and begin <= order.ts <= begin + 30 * SECOND:
                seen = detector.view(order.ts)[-1:]
                found[number] = bool(seen) and seen[0][1] != "over" and seen[0][0].start >= begin - 30 * SECOND
    return found


def alarms(name: str, seed: int, parameters: Parameters | None = None) -> int:
    """Waves in the first ten minutes of a desk that is started in a calm market."""
    start = START + Random(f"start {seed}").randrange(10 * MINUTE, _HOURS * HOUR - 15 * MINUTE)
    orders = calm(Random(f"calm {seed}"), CALMS[name], _HOURS)
    detector = Detector(parameters or Parameters())
    detector.listen(start)
    for order in orders:
        if start <= order.ts < start + 10 * MINUTE:
            detector.add(order.ts, (order.venue, order.symbol, order.side), round(order.usd * 1e6))
    return len(detector.over) + len(detector.view(start + 10 * MINUTE))


def report(first: int, count: int = 100) -> None:
    """Print how desks that start late do, from seeds of `first` and up."""
    columns = [*STARTS, "after a big one", "alarms"]
    print(f"\n{'late start':<14} " + " ".join(f"{column:>15}" for column in columns))
    for name in CALMS:
        seeds = range(first, first + count)
        cells = [f"{sum(in_time(name, row, seed) for seed in seeds)} of {count}" for row in STARTS]
        later = [one for seed in seeds[: count // 10] for one in after_a_big_one(name, seed)]
        cells += [f"{sum(later)} of {len(later)}", f"{sum(alarms(name, seed) > 0 for seed in seeds)} of {count}"]
        print(f"{name:<14} " + " ".join(f"{cell:>15}" for cell in cells), flush=True)
