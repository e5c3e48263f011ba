"""Zones: sources that lie within a tolerance of each other, as one.

The lower its rank the earlier a source is asked whether it stands within the tolerance of a zone that is there; if not
it founds one. Then each source belongs to the nearest founder. So zones can't overlap, none reaches farther than a
tolerance from what founded it, and a new source changes nothing but its own neighbourhood, whatever the scores do.

A source may count for some days only, as yesterday's high does. It keeps its place afterwards, so that a zone has a
score on each of the past days too.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from deskmon.analytics.bars import DAY, Floats, Times
from deskmon.analytics.level_values import Zone

MOST_TEXTS = 6
_EVER = 1 << 62


class SourceGroup(NamedTuple):
    """Sources of one kind.

    text: short form. rank: the lower, the more important. weight: of each when new; `share` scales it per source.
    half_life: days after which it counts half, 0 where it doesn't fade. born: since when (ms) each price is known, from
    where its zone is judged. until: from when (ms) each counts no more. moves: its price is another one from time to
    time, so that it neither names nor stretches a zone where others do. founds: whether it can be a zone of its own.
    top: upper edges, where a source is a stretch of price. shown: its text among a zone's sources, where that says more
    than what the zone may be called by. named: traders speak of a level of its kind as such.
    """

    text: str
    rank: int
    weight: float
    prices: Sequence[float] | Floats
    born: Sequence[int] | Times
    half_life: float = 0.0
    moves: bool = False
    founds: bool = True
    share: Sequence[float] | None = None
    top: Sequence[float] | None = None
    labels: Sequence[str] | None = None
    shown: str = ""
    named: bool = False
    until: Sequence[int] | Times | None = None


class _Columns(NamedTuple):
    """All sources, the lowest rank first. score: on the last day; past: on each day, of those that found zones."""

    batch: list[int]
    place: list[int]
    low: Floats
    high: Floats
    born: list[int]
    score: Floats
    past: Floats


def merge(
    batches: Sequence[SourceGroup], tolerance: float, days: Sequence[int], least: float, within: tuple[float, float]
) -> list[Zone]:
    """The zones of all sources, the lowest price first.

    tolerance: as a fraction of price. days: starts (ms) of the UTC days that scores are of, the last one today. Zones
    below the score `least` on all days or outside the prices `within` are left out, pinned ones never.
    """
    batches = [batch for batch in batches if len(batch.prices) and batch.weight > 0]
    if not batches:
        return []
    columns = _columns(batches, days)
    founders = _founders(batches, columns, tolerance)
    if not founders:
        return []
    starts = np.array([start for start, _, _ in founders])
    stops = np.array([stop for _, stop, _ in founders])
    owner, near = _owners(columns, starts, stops, tolerance)
    scores = np.bincount(owner, np.where(near, columns.score, 0.0), len(founders))
    past = np.array([np.bincount(owner, np.where(near, row, 0.0), len(founders)) for row in columns.past])
    pins = {index for index, batch in enumerate(batches) if batch.labels is not None}
    pinned = {int(owner[i]) for i in range(len(owner)) if columns.batch[i] in pins} if pins else set()
    low, high = np.log(within[0]), np.log(within[1])
    wanted = (past.max(axis=0) >= least) & (stops >= low) & (starts <= high)
    members: dict[int, list[int]] = {i: [] for i in (*np.flatnonzero(wanted).tolist(), *pinned)}
    for i in np.flatnonzero(near & np.isin(owner, list(members))).tolist():
        members[int(owner[i])].append(i)
    return [
        _zone(batches, columns, found, founders[number][2], tolerance, float(scores[number]), past[:, number].tolist())
        for number, found in sorted(members.items())
    ]


def _columns(batches: Sequence[SourceGroup], days: Sequence[int]) -> _Columns:
    batch = np.repeat(np.arange(len(batches)), [len(each.prices) for each in batches])
    index = np.concatenate([np.arange(len(each.prices)) for each in batches])
    low = np.log(np.concatenate([np.asarray(each.prices, float) for each in batches]))
    high = np.log(
        np.concatenate([np.asarray(each.prices if each.top is None else each.top, float) for each in batches])
    )
    born = np.concatenate([np.asarray(each.born, np.int64) for each in batches])
    until = np.concatenate(
        [np.full(len(each.prices), _EVER) if each.until is None else np.asarray(each.until) for each in batches]
    )
    share = np.concatenate(
        [np.ones(len(each.prices)) if each.share is None else np.asarray(each.share) for each in batches]
    )
    half = np.array([each.half_life or np.inf for each in batches])[batch]
    weight = np.array([each.weight for each in batches])[batch] * share
    starts = np.asarray(days, np.int64)[:, None]
    faded = weight * 0.5 ** (np.maximum(0.0, (starts - born) / DAY) / half) * (until > starts)
    faded *= born < starts + DAY
    rank = np.array([each.rank for each in batches])[batch]
    order = np.lexsort((low, born, rank))
    return _Columns(
        batch[order].tolist(), index[order].tolist(), low[order], high[order], born[order].tolist(),
        faded[-1, order], (faded * np.array([each.founds for each in batches])[batch])[:, order],
    )  # fmt: skip


def _founders(batches: Sequence[SourceGroup], columns: _Columns, tolerance: float) -> list[tuple[float, float, int]]:
    """(lower edge, upper edge, source) of each founder in log price, the lowest first. Stretches that meet are one."""
    found: list[tuple[float, float, int]] = []
    founding = [batch.founds for batch in batches]
    for i, (batch, low, high) in enumerate(
        zip(columns.batch, columns.low.tolist(), columns.high.tolist(), strict=True)
    ):
        if not founding[batch]:
            continue
        at = bisect_left(found, (low, high, i))
        below, above = found[at - 1] if at else None, found[at] if at < len(found) else None
        if below is not None and low - below[1] <= tolerance:
            if low < high:
                _widen(found, at - 1, below[0], max(high, below[1]), tolerance)
        elif above is not None and above[0] - high <= tolerance:
            if low < high:
                _widen(found, at, min(low, above[0]), max(high, above[1]), tolerance)
        else:
            insort(found, (low, high, i))
    return found


def _widen(found: list[tuple[float, float, int]], at: int, low: float, high: float, tolerance: float) -> None:
    """Stretch a founder, and take in those it then meets."""
    first = found[at][2]
    stop = at + 1
    while stop < len(found) and found[stop][0] - high <= tolerance:
        high = max(high, found[stop][1])
        first = min(first, found[stop][2])
        stop += 1
    while at and low - found[at - 1][1] <= tolerance:
        at -= 1
        low = min(low, found[at][0])
        first = min(first, found[at][2])
    found[at:stop] = [(low, high, first)]


def _owners(
    columns: _Columns, starts: Floats, stops: Floats, tolerance: float
) -> tuple[np.ndarray[tuple[int], np.dtype[np.intp]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """The nearest founder of each source, and whether it stands within the tolerance."""
    middle = (columns.low + columns.high) / 2
    above = np.clip(np.searchsorted(starts, middle), 0, len(starts) - 1)
    below = np.maximum(above - 1, 0)
    up = np.maximum(starts[above] - columns.high, columns.low - stops[above])
    down = np.maximum(columns.low - stops[below], starts[below] - columns.high)
    owner = np.where(down <= up, below, above)
    return owner, np.minimum(down, up) <= tolerance * (1 + 1e-12)


def _zone(
    batches: Sequence[SourceGroup], columns: _Columns, members: Sequence[int], founder: int, tolerance: float,
    score: float, past: Sequence[float],
) -> Zone:  # fmt: skip
    price = float(np.exp((columns.low[founder] + columns.high[founder]) / 2))
    labels: list[str] = []
    for i in members:
        batch = batches[columns.batch[i]]
        if batch.labels is not None and batch.labels[columns.place[i]] not in ("", *labels):
            labels.append(batch.labels[columns.place[i]])
    able = [i for i in members if batches[columns.batch[i]].founds]
    stay = [i for i in able if not batches[columns.batch[i]].moves]
    oldest = min(stay or able, key=lambda i: (columns.born[i], columns.batch[i]))
    first = columns.born[oldest] if stay else _EVER
    before = [i for i in able if columns.born[i] < first]
    grown = (*_growth(columns, before), *_growth(columns, stay))
    _, low, high = grown[-1]
    return Zone(
        _name(batches[columns.batch[oldest]], columns.place[oldest]), min(max(_tidy(price), low), high), low, high,
        tolerance * price,
        round(score, 3), _texts(batches, columns, members), grown[0][0], grown, " · ".join(labels),
        any(batches[columns.batch[i]].labels is not None for i in members),
        any(batches[columns.batch[i]].named for i in members),
        tuple(past),
    )  # fmt: skip


def _texts(batches: Sequence[SourceGroup], columns: _Columns, members: Sequence[int]) -> tuple[str, ...]:
    """What a zone's sources are called, those that count most first; what they were where none counts any more."""
    worth: dict[str, float] = defaultdict(float)
    count: Counter[str] = Counter()
    present = [i for i in members if columns.score[i] > 0]
    for i in present or members:
        batch = batches[columns.batch[i]]
        text = batch.shown or batch.text
        worth[text] += float(columns.score[i])
        count[text] += 1
    if not present:
        return tuple(f"former {text}" for text in list(worth)[:MOST_TEXTS])
    return tuple(
        text if count[text] == 1 else f"{text} ×{count[text]}"
        for text, _ in sorted(worth.items(), key=lambda item: -item[1])[:MOST_TEXTS]
    )


def _growth(columns: _Columns, members: Sequence[int]) -> tuple[tuple[int, float, float], ...]:
    """(since ms, low, high) of these sources, each time that one of them stretched them."""
    found: list[tuple[int, float, float]] = []
    low, high = np.inf, -np.inf
    for i in sorted(members, key=lambda i: columns.born[i]):
        if columns.low[i] < low or columns.high[i] > high:
            low, high = min(low, columns.low[i]), max(high, columns.high[i])
            edges = (columns.born[i], _tidy(float(np.exp(low))), _tidy(float(np.exp(high))))
            if found and found[-1][0] == edges[0]:
                found.pop()
            found.append(edges)
    return tuple(found)


def _name(batch: SourceGroup, index: int) -> str:
    """What a zone is called by its oldest source: by its price too, unless that is the only one and moves."""
    if batch.moves and len(batch.prices) == 1:
        return batch.text
    return f"{batch.text} {batch.prices[index]:.10g}"


def _tidy(price: float) -> float:
    """Without what the way through logarithms adds to the last digits."""
    return float(f"{price:.12g}")
