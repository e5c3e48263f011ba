"""Work on many rows (time, key, amount, count) at once, exact in 64-bit integers whatever the order.

Columns come and go as `array.array` of one length: times, amounts and counts of type "q", keys of type "i".
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import TypeAlias, cast

import numpy as np
import numpy.typing as npt

Column: TypeAlias = "array[int]"


def sums_by_key(keys: Column, amounts: Column, counts: Column, wanted: range | None = None) -> dict[int, list[int]]:
    """Total amount and count of each key that occurs, of all or of those `wanted`: key → [amount, count]."""
    if not keys:
        return {}
    index, more, number = np.asarray(keys), np.asarray(amounts), np.asarray(counts)
    first = 0
    if wanted is not None:
        first = wanted.start
        chosen = np.flatnonzero((index >= first) & (index < wanted.stop))
        index, more, number = index[chosen] - first, more[chosen], number[chosen]
    amount = np.zeros(int(index.max(initial=0)) + 1, np.int64)
    count = np.zeros_like(amount)
    np.add.at(amount, index, more)
    np.add.at(count, index, number)
    return {first + int(key): [int(amount[key]), int(count[key])] for key in np.flatnonzero(count)}


def chosen(
    times: Column, keys: Column, amounts: Column, wanted: Sequence[int]
) -> tuple[Sequence[int], Sequence[float]]:  # fmt: skip
    """Times and millionths of the amounts of the rows whose key is wanted, as they stand."""
    places = np.flatnonzero(np.isin(np.asarray(keys), wanted))
    kept = np.asarray(times)[places], np.asarray(amounts)[places] / 1e6
    return cast(tuple[Sequence[int], Sequence[float]], kept)


def sort_by_time(times: Column, *others: Column) -> list[Column]:
    """The columns in order of time; rows of equal time keep their order."""
    order = np.argsort(np.asarray(times), kind="stable")
    return [_column(np.asarray(column)[order], column.typecode) for column in (times, *others)]


def merge_buckets(bucket_ms: int, times: Column, keys: Column, amounts: Column, counts: Column) -> list[Column]:
    """One row for all rows of a key within a bucket of time, at the time of the newest of them.

    The rows, at least one, come and go sorted by time. Totals per key stay.
    """
    time, key = np.asarray(times), np.asarray(keys)
    bucket = time // bucket_ms
    cell = (bucket - bucket[0]) * (int(key.max()) + 1) + key
    order = np.argsort(cell, kind="stable")
    cell = cell[order]
    last = np.flatnonzero(np.append(cell[1:] != cell[:-1], True))
    first = np.append(0, last[:-1] + 1)
    newest = order[last]
    sums = [np.add.reduceat(np.asarray(column)[order], first) for column in (amounts, counts)]
    again = np.argsort(time[newest], kind="stable")
    merged = (time[newest], key[newest], *sums)
    return [_column(values[again], code) for values, code in zip(merged, "qiqq", strict=True)]


def _column(values: npt.NDArray[np.integer], typecode: str) -> Column:
    return array(typecode, values.astype(typecode).tobytes())
