"""How the market's mood changes: calm, pressure, cascade, recovery, calm; then the next episode, drawn by the seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Phase:
    """`seconds` in which BTC's log price drifts by `drift`; `turbulence` is volatility, in multiples of calm."""

    name: str
    seconds: float
    drift: float
    turbulence: float


def calm(rng: Random) -> Iterator[Phase]:
    """A market in which nothing happens, endless: now a little livelier, now a little less, by the hour."""
    while True:
        yield Phase("calm", rng.uniform(1_800, 7_200), 0.0, rng.uniform(0.7, 1.2))


def phases(rng: Random) -> Iterator[Phase]:
    """The script, endless. The first episode is a fall, over within six minutes.

    Later ones differ in direction, size and pace, and lean back towards the price at which it all began.
    """
    drifted = 0.0
    first = True
    while True:
        calm = rng.uniform(62, 72) if first else rng.uniform(100, 280)
        size = rng.uniform(0.9, 1.1) if first else rng.uniform(0.5, 1.3)
        up = not first and rng.random() < 0.3 - 8 * drifted
        for phase in _episode(rng, calm, size if up else -size):
            drifted += phase.drift
            yield phase
        first = False


def _episode(rng: Random, calm: float, size: float) -> Iterator[Phase]:
    """Calm, then a move of about `size` × 3 % (negative: a fall), of which about half is taken back."""
    yield Phase("calm", calm, 0.0, 1.0)
    yield Phase("pressure", rng.uniform(28, 36), 0.003 * size, 2.0)
    yield Phase("cascade", rng.uniform(70, 85), 0.025 * size, 5.0)
    yield Phase("recovery", rng.uniform(90, 110), -0.015 * size * rng.uniform(0.8, 1.1), 2.4)
    yield Phase("calm", rng.uniform(45, 55), 0.0, 1.2)
