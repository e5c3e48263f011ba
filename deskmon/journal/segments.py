"""A journal in a folder: segments, each a journal of its own, numbered in the order in which they were written.

`00000042-20260105T120000.000Z.jsonl.zst` is the forty-second, begun at that time. The number tells the order also where
the machine's clock went back, and shows where a segment is missing.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from deskmon.errors import DeskError

_NAME = re.compile(r"(\d{8})-(\d{8}T\d{6})\.(\d{3})Z\.jsonl\.zst", re.ASCII)


class Segment(NamedTuple):
    """One file of a folder. `first`: when it was begun (ms UTC); no event in it arrived before, but for what its desk
    remembered. `until`: when the next one was begun, None for the newest. `bytes`: its size."""

    path: Path
    number: int
    first: int
    until: int | None
    bytes: int


def stamp(ts: int) -> str:
    """A moment (ms UTC) as names of files have it: `20260105T120000.000Z`."""
    return f"{datetime.fromtimestamp(ts // 1000, UTC):%Y%m%dT%H%M%S}.{ts % 1000:03}Z"


def moment(seconds: str, ms: str) -> int | None:
    """The time (ms UTC) that `stamp` wrote, given without its dot and its Z; None where there is no such day."""
    try:
        return round(datetime.strptime(seconds, "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp()) * 1000 + int(ms)
    except ValueError:
        return None


def segment_name(number: int, started: int) -> str:
    """The name of the file that is segment `number`, begun at `started` (ms UTC)."""
    return f"{number:08}-{stamp(started)}.jsonl.zst"


def segments(folder: Path) -> list[Segment]:
    """The segments of a folder, in the order in which they were written. Nothing is opened, other files are passed
    over. Raises DeskError where the folder can't be read."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                named = _NAME.fullmatch(entry.name)
                first = None if named is None else moment(named[2], named[3])
                if named is not None and first is not None:
                    found.append(Segment(folder / entry.name, int(named[1]), first, None, entry.stat().st_size))
    except OSError as fault:
        raise DeskError(f"{folder}: can't be read ({fault.strerror or fault})") from None
    found.sort(key=lambda segment: segment.number)
    return [*(one._replace(until=following.first) for one, following in pairwise(found)), *found[-1:]]
