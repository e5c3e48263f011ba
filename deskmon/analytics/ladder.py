"""Which zones stand on the ladder: appearing and leaving have hysteresis, and what has just happened stays.

Nothing is remembered: the last days are looked at anew, close by close, with the score that each zone had on that day.
So whoever holds the same candles sees the same ladder, whenever they look and in whatever order the candles came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from deskmon.analytics.bars import DAY, Floats, Times
from deskmon.analytics.level_values import Zone, ZoneStanding

EVENTFUL = 14 * DAY
"""What was tested, broken or reclaimed while it stood on the ladder stays there for this long (ms)."""
FADED = 0.7
"""A zone leaves when its score is less than this share of what lets it appear."""
NEAR = (3.0, 4.0)
"""Half the least score is enough within the first of these times ATR14, until the zone is farther than the second."""
WITHIN = (0.25, 0.30)
"""A zone appears within the first of these shares of the price, and leaves beyond the second."""

OUTSKIRTS = (1.5, 1.2)
"""A zone beside one whose score is so many times its own is the outskirts of that, until it is less than the second of
these times its own. It isn't shown, unless traders know it by name or something happened to it."""
BESIDE = 2.0
"""Zones whose prices are less than so many tolerances apart stand beside each other."""

Flags = npt.NDArray[np.bool_]


class PastCloses(NamedTuple):
    """The closes that are looked at, the oldest first: end (ms) of each, price, which of the days of a zone's scores it
    is of, and the ATR14 of that day (dollars; infinite where it isn't known)."""

    times: Times
    closes: Floats
    day: npt.NDArray[np.int64]
    atr: Floats


def on_ladder(
    zones: Sequence[Zone], past: PastCloses, least: float, stand: Callable[[Zone], ZoneStanding]
) -> list[tuple[Zone, ZoneStanding]]:
    """Those of `zones` that are on the ladder after the last of the closes, with how they stand. least: the score that
    lets a zone appear."""
    if not zones:
        return []
    scores = np.array([zone.past for zone in zones])[:, past.day]
    low = np.array([zone.low for zone in zones])[:, None]
    high = np.array([zone.high for zone in zones])[:, None]
    gap = np.maximum(np.maximum(low - past.closes, past.closes - high), 0.0)
    appear, stay = (
        (gap <= within * past.closes)
        & ((scores >= share * least) | ((scores >= share * least / 2) & (gap <= near * past.atr)))
        for within, share, near in zip(WITHIN, (1.0, FADED), NEAR, strict=True)
    )
    tolerance = np.array([zone.tolerance for zone in zones])[:, None]
    met = appear.any(axis=1) & ((gap <= 2 * tolerance).any(axis=1) | _crossed(past.closes, low, high))
    hidden = _outskirts(zones)
    found = []
    for number, zone in enumerate(zones):
        stands = zone.pinned or _stands(appear[number], stay[number], -1)
        if not (stands or met[number]) or (hidden[number] and not met[number]):
            continue
        held = stand(zone)
        if hidden[number] and not eventful(held, int(past.times[-1])):
            continue
        if stands or _kept(appear[number], stay[number], past.times, [change.time for change in held.changes]):
            found.append((zone, held))
    return found


def eventful(held: ZoneStanding, now: int) -> bool:
    """Whether closes tested, broke or reclaimed a zone within `EVENTFUL` before `now` (ms)."""
    return bool(held.changes) and now - held.changes[-1].time < EVENTFUL


def _outskirts(zones: Sequence[Zone]) -> list[bool]:
    """Whether each zone, the lowest first, is the outskirts of a neighbour."""
    hidden = [False] * len(zones)
    for one, (below, above) in enumerate(pairwise(zones)):
        if above.price - below.price < BESIDE * below.tolerance:
            for number, weak, strong in ((one, below, above), (one + 1, above, below)):
                hidden[number] |= not (weak.pinned or weak.named) and _overshadowed(weak.past, strong.past)
    return hidden


def _overshadowed(weak: Sequence[float], strong: Sequence[float]) -> bool:
    """Whether one zone's score is the outskirts of another's on the last day, by those of the days up to it."""
    for own, other in zip(reversed(weak), reversed(strong), strict=True):
        if other >= OUTSKIRTS[0] * own:
            return True
        if other < OUTSKIRTS[1] * own:
            return False
    return False


def _crossed(closes: Floats, low: Floats, high: Floats) -> Flags:
    """Whether there are closes on both sides of each zone."""
    crossed: Flags = (closes.max() > high[:, 0]) & (closes.min() < low[:, 0])
    return crossed


def _stands(appear: Flags, stay: Flags, at: int) -> bool:
    """Whether a zone that may appear and stay at these closes stands at the one of index `at`."""
    stop = at + 1 or len(appear)
    came = np.flatnonzero(appear[:stop])
    return len(came) > 0 and bool(stay[came[-1] : stop].all())


def _kept(appear: Flags, stay: Flags, times: Times, events: Sequence[int]) -> bool:
    """The same at the last close, where each of the `events` (ms) at which the zone stood makes it stay."""
    stay = stay.copy()
    for event in events:
        at = int(np.searchsorted(times, event))
        if at < len(times) and times[at] == event and _stands(appear, stay, at):
            stay[at : int(np.searchsorted(times, event + EVENTFUL))] = True
    return _stands(appear, stay, -1)
