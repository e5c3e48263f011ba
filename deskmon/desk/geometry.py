"""Where panels stand: a layout's grid of weights turned into rectangles of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec
from msgspec import structs

from deskmon.components.panel import Needs
from deskmon.config.schema import Layout

SMALLEST_WIDTH = 36
SMALLEST_HEIGHT = 7
BESIDE = 50
"""Cells from which on a panel may stand beside another."""
BORDERS = 2
"""Lines of a panel that are its border."""

NeedsOf = Callable[[int, int], Needs | None]
"""(index of a panel, its width with borders) → what it needs; None where nobody knows."""


def no_needs(index: int, width: int) -> Needs | None:
    """What is known of the needs of panels that can't be asked yet."""
    return None


class Rect(msgspec.Struct, frozen=True):
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


def place(layout: Layout, area: Rect, focus: int, asked: NeedsOf = no_needs) -> dict[int, Rect]:
    """Rectangles by cell index; where the grid is too small to read, as many panels as fit, the focused among them.
    What panels need is `asked`: lines that one of a column can spare go to those that have more to show."""
    rects = grid(layout, area)
    if all(r.width >= SMALLEST_WIDTH and r.height >= SMALLEST_HEIGHT for r in rects):
        return _levelled(dict(enumerate(rects)), asked)
    return _levelled(_page(len(rects), area, focus, asked), asked)


def _page(count: int, area: Rect, focus: int, asked: NeedsOf) -> dict[int, Rect]:
    """The page of panels that holds the focused one."""
    columns = max(1, min(count, area.width // 76))
    rows = _rows(count, columns, area.width, asked)
    height = max(1, min(len(rows), area.height // 11))
    here = next(n for n, row in enumerate(rows) if focus in row) // height * height
    shown = rows[here : here + height]
    heights = shares(area.height, [1.0] * len(shown))
    placed: dict[int, Rect] = {}
    for n, row in enumerate(shown):
        widths = shares(area.width, [1.0] * len(row))
        for column, index in enumerate(row):
            x, y = area.x + sum(widths[:column]), area.y + sum(heights[:n])
            placed[index] = Rect(x, y, widths[column], heights[n])
    return placed


def _rows(count: int, columns: int, width: int, asked: NeedsOf) -> list[list[int]]:
    """Panels in rows, in their order: so many columns, or two where both fit beside each other."""
    if columns > 1:
        return [[*range(first, min(first + columns, count))] for first in range(0, count, columns)]
    rows: list[list[int]] = []
    half = width // 2
    for index in range(count):
        pair = rows and len(rows[-1]) == 1 and half >= BESIDE
        if pair and all((needs := asked(each, half)) is not None and needs.fits for each in (rows[-1][0], index)):
            rows[-1].append(index)
        else:
            rows.append([index])
    return rows


def _levelled(placed: dict[int, Rect], asked: NeedsOf) -> dict[int, Rect]:
    """The same with lines given from one panel of a column to another."""
    stacks: dict[tuple[int, int], list[int]] = {}
    for index, rect in sorted(placed.items(), key=lambda item: item[1].y):
        stacks.setdefault((rect.x, rect.width), []).append(index)
    for stack in stacks.values():
        rects = [placed[index] for index in stack]
        if len(stack) == 1 or any(one.y + one.height != other.y for one, other in pairwise(rects)):
            continue  # something that spans columns stands between them
        y = rects[0].y
        for index, rect, height in zip(
            stack, rects, _heights(rects, [asked(i, rect.width) for i in stack]), strict=True
        ):
            placed[index] = structs.replace(rect, y=y, height=height)
            y += height
    return placed


def _heights(rects: Sequence[Rect], needs: Sequence[Needs | None]) -> list[int]:
    """Heights that add up to those of `rects`. First each has its fifth row in view, as far as others have lines beyond
    theirs; then what a panel doesn't need goes to the one that lacks most, line by line."""
    heights = [rect.height for rect in rects]
    known = [
        need or Needs(height - BORDERS, height - BORDERS, True) for need, height in zip(needs, heights, strict=True)
    ]
    for wanted in ([need.least + BORDERS for need in known], [need.all + BORDERS for need in known]):
        while True:
            lacks = [want - height for want, height in zip(wanted, heights, strict=True)]
            spare = [lack if height > SMALLEST_HEIGHT else 0 for lack, height in zip(lacks, heights, strict=True)]
            if max(lacks) <= 0 or min(spare) >= 0:
                break
            heights[spare.index(min(spare))] -= 1
            heights[lacks.index(max(lacks))] += 1
    return heights
