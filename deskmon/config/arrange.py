"""Changes of a layout as pure functions: each gives a new layout in which no two panels overlap, or raises Refused.

Panels are handled as areas on the plane of the grid's weights, not as rows and columns: an edge may go anywhere, and
the grid that is left is made of the edges in use. Only what a change is about moves: all other areas stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from deskmon.config.schema import Cell, Layout

Direction = Literal["left", "right", "up", "down"]

STEPS = (40, 24)
"""Steps in which an edge crosses the whole, by axis: across, down."""
LEAST_STEPS = 2
"""Steps that a panel keeps at least, each way."""


class Refused(Exception):
    """A change that can't be; the text says why."""


class Span(NamedTuple):
    """Positions on one axis."""

    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start

    def meets(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end

    def holds(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end


Area = tuple[Span, Span]
"""Across and down."""

_WAY: dict[Direction, tuple[int, int]] = {"left": (0, 0), "right": (0, 1), "up": (1, 0), "down": (1, 1)}
"""Axis of a direction, and which end of a span lies there."""


def lines(layout: Layout) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Where the grid's lines run, across and down, from 0 to the sum of the weights."""
    across, down = (tuple(accumulate(weights, initial=0.0)) for weights in (layout.columns, layout.rows))
    return across, down


def areas(layout: Layout) -> list[Area]:
    """Each panel's area, in the layout's order."""
    across, down = lines(layout)
    return [
        (
            Span(across[cell.column], across[cell.column + cell.columns]),
            Span(down[cell.row], down[cell.row + cell.rows]),
        )
        for cell in layout.cells
    ]


def add(layout: Layout, beside: int | None, cell: Cell, side: Direction) -> Layout:
    """`cell` in the half of panel `beside` towards `side`; without panels it takes all the room."""
    placed, whole = areas(layout), _whole(layout)
    if beside is None or not placed:
        return _arranged(layout, [*layout.cells, cell], [*placed, whole])
    _free(layout, {beside})
    axis, end = _WAY[side]
    near, far = _halves(layout, placed[beside], axis)
    placed[beside] = near if end else far
    return _arranged(layout, [*layout.cells, cell], [*placed, far if end else near])


def remove(layout: Layout, index: int) -> Layout:
    """Without panel `index`; neighbours that fit along one of its sides take its room."""
    _free(layout, {index})
    cells, placed = list(layout.cells), areas(layout)
    del cells[index]
    left = _closed(cells, placed[:index] + placed[index + 1 :], placed[index])
    return _arranged(layout, cells, left)


def swap(layout: Layout, one: int, other: int) -> Layout:
    """Panels `one` and `other` in each other's place."""
    _free(layout, {one, other})
    placed = areas(layout)
    placed[one], placed[other] = placed[other], placed[one]
    return _arranged(layout, list(layout.cells), placed)


def resize(layout: Layout, index: int, axis: int, step: int) -> Layout:
    """Panel `index` wider (axis 0) or taller (axis 1) by `step`, or narrower by a negative one.

    Its far edge moves, or the near one where the far is the desk's own; all panels along that edge move with it. An
    edge that comes near another line of the grid takes its place.
    """
    _free(layout, {index})
    placed, whole = areas(layout), _whole(layout)
    total = whole[axis].length
    span = placed[index][axis]
    if span == whole[axis]:
        raise Refused(f"{layout.cells[index].panel} has all the {('width', 'height')[axis]}")
    end = int(span.end < whole[axis].end)
    pace = total / STEPS[axis]
    to = span[end] + (step if end else -step) * pace
    others = {line for area in placed for line in area[axis]} - {span[end]}
    to = _line(to, {*others, *whole[axis]}, total, pace / 2)
    group = _along(placed, index, axis, end)
    _free(layout, {each for each, _ in group})
    for each, side in group:
        moved = [*placed[each][axis]]
        moved[side] = to
        grows = abs(moved[1] - moved[0]) > placed[each][axis].length and moved[0] < moved[1]
        if not grows and moved[1] - moved[0] < LEAST_STEPS * pace * (1 - 1e-6):
            raise Refused(f"{layout.cells[each].panel} is as small as it gets")
        if moved[0] < whole[axis].start or moved[1] > whole[axis].end:
            raise Refused("the edge of the desk is there")
        placed[each] = _with(placed[each], axis, Span(*moved))
    _apart(layout, placed)
    return _arranged(layout, list(layout.cells), placed)


def move(layout: Layout, index: int, direction: Direction) -> Layout:
    """Panel `index` one place on: into free room as far as it reaches, past a neighbour as wide as itself, into half of
    a neighbour of another size, or from the last place into a strip along the desk's edge."""
    _free(layout, {index})
    axis, end = _WAY[direction]
    placed, whole = areas(layout), _whole(layout)
    own = placed[index]
    beside = _touching(placed, own, axis, end, skip=index)
    if not beside and own[axis][end] != whole[axis][end]:
        return _slide(layout, index, axis, end)
    if not beside:
        return _strip(layout, index, axis, end)
    other = max(beside, key=lambda each: _shared(placed[each][1 - axis], own[1 - axis]))
    if len(beside) == 1 and placed[other][1 - axis] == own[1 - axis]:
        return _exchange(layout, index, other, axis)
    _free(layout, {other})
    cells = list(layout.cells)
    rest = [each for each in range(len(cells)) if each != index]
    left = dict(zip(rest, _closed([cells[each] for each in rest], [placed[each] for each in rest], own), strict=True))
    near, far = _halves(layout, left[other], axis)
    left[other], left[index] = (far, near) if end else (near, far)
    return _arranged(layout, cells, [left[each] for each in range(len(cells))])


def with_options(layout: Layout, index: int, options: dict[str, Any]) -> Layout:
    """Panel `index` with these options."""
    if layout.locked:
        raise Refused("the layout is locked: it stays as it is")
    _free(layout, {index})
    cells = list(layout.cells)
    cells[index] = replace(cells[index], options=options)
    return replace(layout, cells=tuple(cells))


def _slide(layout: Layout, index: int, axis: int, end: int) -> Layout:
    """Into the free room ahead, up to what stands behind it."""
    placed, whole = areas(layout), _whole(layout)
    own = placed[index]
    ahead = [whole[axis][end]]
    for each, area in enumerate(placed):
        if each != index and area[1 - axis].meets(own[1 - axis]):
            if end and area[axis].start >= own[axis].end:
                ahead.append(area[axis].start)
            elif not end and area[axis].end <= own[axis].start:
                ahead.append(area[axis].end)
    limit = min(ahead) if end else max(ahead)
    by = limit - own[axis][end]
    placed[index] = _with(own, axis, Span(limit - own[axis].length, limit) if end else Span(limit, own[axis].end + by))
    return _arranged(layout, list(layout.cells), placed)


def _exchange(layout: Layout, index: int, other: int, axis: int) -> Layout:
    """Two panels of one row or column change their order and keep their sizes."""
    _free(layout, {other})
    placed = areas(layout)
    first, second = sorted((index, other), key=lambda each: placed[each][axis].start)
    start, end = placed[first][axis].start, placed[second][axis].end
    middle = _line(start + placed[second][axis].length, lines(layout)[axis], _whole(layout)[axis].length)
    placed[second] = _with(placed[second], axis, Span(start, middle))
    placed[first] = _with(placed[first], axis, Span(middle, end))
    return _arranged(layout, list(layout.cells), placed)


def _strip(layout: Layout, index: int, axis: int, end: int) -> Layout:
    """From beside the desk's edge to a strip all along it; all others make room."""
    placed, whole = areas(layout), _whole(layout)
    own, total = placed[index], whole[axis].length
    if own[1 - axis] == whole[1 - axis]:
        raise Refused("the edge of the desk is there")
    _free(layout, set(range(len(placed))))
    cells = list(layout.cells)
    rest = [each for each in range(len(cells)) if each != index]
    closed = _closed([cells[each] for each in rest], [placed[each] for each in rest], own)
    share = min(max(own[axis].length / total, 0.2), 0.5)
    offset = 0.0 if end else share * total
    for each, area in zip(rest, closed, strict=True):
        squeezed = (_rounded(offset + line * (1 - share), total) for line in area[axis])
        placed[each] = _with(area, axis, Span(*squeezed))
    edge = _rounded((1 - share) * total if end else share * total, total)
    strip = Span(edge, whole[axis].end) if end else Span(0.0, edge)
    placed[index] = _with(_with(own, 1 - axis, whole[1 - axis]), axis, strip)
    return _arranged(layout, cells, placed)


def _free(layout: Layout, indexes: set[int]) -> None:
    """Raises Refused where one of these panels is pinned."""
    for index in sorted(indexes):
        if layout.cells[index].pinned:
            raise Refused(f"{layout.cells[index].panel} is pinned: it stays as and where it is")


def _apart(layout: Layout, placed: Sequence[Area]) -> None:
    """Raises Refused where two areas overlap."""
    for index, area in enumerate(placed):
        for other in range(index):
            if _overlap(area, placed[other]):
                raise Refused(f"{layout.cells[other].panel} and {layout.cells[index].panel} would overlap")


def _overlap(one: Area, other: Area) -> bool:
    return one[0].meets(other[0]) and one[1].meets(other[1])


def _whole(layout: Layout) -> Area:
    across, down = lines(layout)
    return Span(0.0, across[-1]), Span(0.0, down[-1])


def _with(area: Area, axis: int, span: Span) -> Area:
    return (span, area[1]) if axis == 0 else (area[0], span)


def _shared(one: Span, other: Span) -> float:
    return min(one.end, other.end) - max(one.start, other.start)


def _rounded(position: float, total: float) -> float:
    """A new line's position in digits that matter, so that a file reads well."""
    return round(position, 5 - math.floor(math.log10(total)))


def _line(position: float, known: Iterable[float], total: float, reach: float = 0.0) -> float:
    """Where a line near `position` runs: on one of the `known` within `reach`, else there."""
    nearest = min(known, key=lambda line: abs(line - position))
    return nearest if abs(nearest - position) <= max(reach, total * 1e-4) else _rounded(position, total)


def _halves(layout: Layout, area: Area, axis: int) -> tuple[Area, Area]:
    """Raises Refused where halves would be too small."""
    span, total = area[axis], _whole(layout)[axis].length
    if span.length / 2 < LEAST_STEPS * total / STEPS[axis] * (1 - 1e-6):
        raise Refused("there is no room for two")
    middle = _line((span.start + span.end) / 2, lines(layout)[axis], total)
    return _with(area, axis, Span(span.start, middle)), _with(area, axis, Span(middle, span.end))


def _touching(placed: Sequence[Area], own: Area, axis: int, end: int, skip: int = -1) -> list[int]:
    """Panels that touch side `end` of `own` along `axis`."""
    return [
        each
        for each, area in enumerate(placed)
        if each != skip and area[axis][1 - end] == own[axis][end] and area[1 - axis].meets(own[1 - axis])
    ]


def _along(placed: Sequence[Area], index: int, axis: int, end: int) -> set[tuple[int, int]]:
    """(panel, end) of all that must move with edge `end` of panel `index`: what touches it, what touches that…"""
    group = {(index, end)}
    new = [(index, end)]
    while new:
        each, side = new.pop()
        for other in _touching(placed, placed[each], axis, side, skip=each):
            if (other, 1 - side) not in group:
                group.add((other, 1 - side))
                new.append((other, 1 - side))
    return group


def _closed(cells: Sequence[Cell], placed: Sequence[Area], hole: Area) -> list[Area]:
    """The areas with `hole` closed by the panels along one of its sides: the fewest, the smallest. It stays where none
    fit."""
    found: list[tuple[list[int], int, int]] = []
    for axis, end in ((0, 0), (1, 0), (0, 1), (1, 1)):
        beside = _touching(placed, hole, axis, end)
        across = [placed[each][1 - axis] for each in beside]
        covered = math.isclose(sum(span.length for span in across), hole[1 - axis].length)
        fit = covered and all(hole[1 - axis].holds(span) for span in across)
        if fit and not any(cells[each].pinned for each in beside):
            found.append((beside, axis, end))
    filled = list(placed)
    if found:
        beside, axis, end = min(found, key=lambda side: (len(side[0]), placed[side[0][0]][side[1]].length))
        for each in beside:
            span = filled[each][axis]
            grown = Span(span.start, hole[axis].end) if end == 0 else Span(hole[axis].start, span.end)
            filled[each] = _with(filled[each], axis, grown)
    return filled


def _arranged(layout: Layout, cells: Sequence[Cell], placed: Sequence[Area]) -> Layout:
    """`cells` on `placed`: on the layout's own grid where that has all the lines needed, else on one of those alone."""
    whole = _whole(layout)
    grid: list[list[float]] = []
    weights: list[tuple[float, ...]] = []
    for axis, (old, old_weights) in enumerate(zip(lines(layout), (layout.columns, layout.rows), strict=True)):
        needed = {line for area in placed for line in area[axis]} | {*whole[axis]}
        if needed <= {*old}:
            grid.append([*old])
            weights.append(old_weights)
        else:
            grid.append(sorted(needed))
            steps = [end - start for start, end in pairwise(grid[axis])]
            weights.append(tuple(_rounded(step, whole[axis].length) or step for step in steps))
    return replace(
        layout,
        columns=weights[0],
        rows=weights[1],
        cells=tuple(_celled(cell, area, *grid) for cell, area in zip(cells, placed, strict=True)),
    )


def _celled(cell: Cell, area: Area, across: list[float], down: list[float]) -> Cell:
    """`cell` where `area` lies between the grid's lines."""
    left, right = (across.index(line) for line in area[0])
    top, bottom = (down.index(line) for line in area[1])
    if left >= right or top >= bottom:
        raise Refused("there is no room")
    return replace(cell, column=left, columns=right - left, row=top, rows=bottom - top)


def beside(layout: Layout, index: int, direction: Direction) -> int | None:
    """The panel nearest to `index` in a direction: of those that face it the one with the longest common side, else
    whichever is least far off; None where nothing lies there."""
    axis, end = _WAY[direction]
    placed = areas(layout)
    own = placed[index]

    def distance(area: Area) -> float:
        return area[axis].start - own[axis].end if end else own[axis].start - area[axis].end

    ahead = [each for each, area in enumerate(placed) if each != index and distance(area) >= 0]
    return min(
        ahead,
        key=lambda each: (
            not placed[each][1 - axis].meets(own[1 - axis]),
            distance(placed[each]),
            -_shared(placed[each][1 - axis], own[1 - axis]),
        ),
        default=None,
    )
