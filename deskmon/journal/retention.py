"""What a folder of segments may keep: by age, by bytes, and of checkpoints only as many as looking back needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

from deskmon.clock import HOUR, MINUTE
from deskmon.journal.checkpoints import CheckpointFile, Place
from deskmon.journal.segments import Segment
from deskmon.limits import Limits

NEWEST = 15 * MINUTE
"""So far back (ms) every checkpoint is kept."""
NEW = 25 * HOUR
"""So far back (ms) there is a checkpoint wherever folding on would take four times as long as between the newest;
before, one a segment."""
FOLDED_BYTES = 4_000_000
"""Bytes of segments that take up to two seconds to read and fold (`python -m benchmarks.rolling open`)."""
SHARE = 0.25
"""Part of a folder's bytes that checkpoints may take."""


def surplus(segments: Sequence[Segment], checkpoints: Sequence[CheckpointFile], now: int, limits: Limits) -> list[Path]:
    """Files that a folder shall let go at `now` (ms), oldest first; never its newest segment."""
    oldest = now - limits.keep_ms
    gone = {segment.number for segment in segments if segment.until is not None and segment.until < oldest}
    kept = [one for one in checkpoints if one.place.number not in gone]
    thin = {one.path for one in thinned(kept, segments, now)}
    kept = [one for one in kept if one.path not in thin]
    held = sum(one.bytes for one in kept)
    for one in kept[:-1]:
        if held <= SHARE * limits.most_bytes:
            break
        thin.add(one.path)
        held -= one.bytes
    kept = [one for one in kept if one.path not in thin]
    total = held + sum(segment.bytes for segment in segments if segment.number not in gone)
    for segment in segments[:-1]:
        if total <= limits.most_bytes:
            break
        if segment.number not in gone:
            gone.add(segment.number)
            total -= segment.bytes + sum(one.bytes for one in kept if one.place.number == segment.number)
    present = {segment.number for segment in segments} - gone
    return [
        *(one.path for one in checkpoints if one.path in thin or one.place.number not in present),
        *(segment.path for segment in segments if segment.number in gone),
    ]


def thinned(checkpoints: Sequence[CheckpointFile], segments: Sequence[Segment], now: int) -> Iterator[CheckpointFile]:
    """Checkpoints that nobody who looks back from `now` (ms) needs, and those of other shapes that are older than
    the newest of this desk's."""
    before = _bytes_before(segments)
    ours = [one for one in checkpoints if one.is_ours]
    if ours:
        yield from (one for one in checkpoints if not one.is_ours and one.place < ours[-1].place)
    kept: Place | None = None
    for one, following in zip_longest(ours, ours[1:]):
        age = 0 if following is None else now - following.at  # of the newest moment that is folded from here
        is_first = kept is None or kept.number != one.place.number
        if is_first or following is None or age <= NEWEST or (age <= NEW and _apart(before, kept, following.place)):
            kept = one.place
        else:
            yield one


def _apart(before: dict[int, int], place: Place | None, other: Place) -> bool:
    """Whether more than FOLDED_BYTES lie between two places."""
    if place is None:
        return True
    start, end = (before.get(one.number, 0) + one.offset for one in (place, other))
    return end - start > FOLDED_BYTES


def _bytes_before(segments: Sequence[Segment]) -> dict[int, int]:
    """Bytes of the segments before each, by number."""
    sums, total = {}, 0
    for segment in segments:
        sums[segment.number] = total
        total += segment.bytes
    return sums
