"""Whole cents that sum to what was published, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

_CLOSE = 1e-10
_SHAVE = 1e-9
_ROUNDS = 10_000


def fit(rows: Sequence[int], columns: Sequence[int], seed: Sequence[Sequence[float]]) -> list[list[int]]:
    """A matrix of whole numbers whose rows and columns sum exactly to those given, in the proportions of `seed`.

    Iterative proportional fitting (Deming and Stephan 1940), then rounding down; the few units that are left go into
    the first cells whose row and column both lack some. All of `seed` must be above 0. Raises ValueError where the
    sums contradict each other.
    """
    if sum(rows) != sum(columns):
        raise ValueError(f"rows sum to {sum(rows)}, columns to {sum(columns)}")
    cells = [list(map(float, row)) for row in seed]
    for _ in range(_ROUNDS):
        factors = [total / sum(row) for total, row in zip(rows, cells, strict=True)]
        cells = [[cell * factor for cell in row] for row, factor in zip(cells, factors, strict=True)]
        sums = [sum(column) for column in zip(*cells, strict=True)]
        shares = [total / sum_ for total, sum_ in zip(columns, sums, strict=True)]
        cells = [[cell * share for cell, share in zip(row, shares, strict=True)] for row in cells]
        if all(abs(share - 1) < _CLOSE for share in shares):
            break
    whole = [[int(cell * (1 - _SHAVE)) for cell in row] for row in cells]
    lacking = [total - sum(column) for total, column in zip(columns, zip(*whole, strict=True), strict=True)]
    for total, row in zip(rows, whole, strict=True):
        lack = total - sum(row)
        for number, missing in enumerate(lacking):
            given = min(lack, missing)
            row[number] += given
            lacking[number] -= given
            lack -= given
    return whole


def split(total: int, weights: Sequence[float]) -> list[int]:
    """`total` in whole parts in the proportion of `weights`, each within one of its share; they sum to it exactly."""
    sums = list(accumulate(weights))
    marks = [round(total * upto / sums[-1]) for upto in sums[:-1]] + [total]
    return [after - before for before, after in zip([0, *marks], marks, strict=False)]
