"""Where panels stand: a layout's grid of weights turned into rectangles of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from deskmon.config.schema import Layout

SMALLEST_WIDTH = 36
SMALLEST_HEIGHT = 7


class Rect(NamedTuple):
    """Cells from (x, y), border included."""

    x: int
    y: int
    width: int
    height: int


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """`total` cells split by weight into integers that add up to it; the largest remainders get the odd cells."""
    whole = sum(weights) or 1.0
    exact = [total * weight / whole for weight in weights]
    floors = [int(value) for value in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (floors[i] - exact[i], i))
    for i in by_remainder[: total - sum(floors)]:
        floors[i] += 1
    return floors


def grid(layout: Layout, area: Rect) -> list[Rect]:
    """The rectangle of each cell of `layout` in `area`, in the layout's order."""
    heights = shares(area.height, layout.rows)
    widths = shares(area.width, layout.columns)
    return [
        Rect(
            area.x + sum(widths[: cell.column]),
            area.y + sum(heights[: cell.row]),
            sum(widths[cell.column : cell.column + cell.columns]),
            sum(heights[cell.row : cell.row + cell.rows]),
        )
        for cell in layout.cells
    ]


def place(layout: Layout, area: Rect, focus: int) -> dict[int, Rect]:
    """Rectangles by cell index; where the grid is too small to read, as many panels as fit, the focused among them."""
    rects = grid(layout, area)
    if all(r.width >= SMALLEST_WIDTH and r.height >= SMALLEST_HEIGHT for r in rects):
        return dict(enumerate(rects))
    count = len(rects)
    columns = max(1, min(count, area.width // 76))
    rows = max(1, min(-(-count // columns), area.height // 11))
    per_page = columns * rows
    first = focus // per_page * per_page
    shown = range(first, min(first + per_page, count))
    rows = -(-len(shown) // columns)
    heights = shares(area.height, [1.0] * rows)
    placed: dict[int, Rect] = {}
    for row in range(rows):
        here = shown[row * columns : (row + 1) * columns]
        widths = shares(area.width, [1.0] * len(here))
        for column, index in enumerate(here):
            placed[index] = Rect(
                area.x + sum(widths[:column]), area.y + sum(heights[:row]), widths[column], heights[row]
            )
    return placed
