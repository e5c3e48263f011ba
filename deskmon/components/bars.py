"""Bars on both sides of a line: the one kind above it, the other below; or to its left and to its right."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.components.panel import Span

__all__ = [
    "BARS_LEAST",
    "bar_left",
    "bar_right",
    "dated_bars",
    "heat_of",
    "mirrored_bars",
    "split_height",
]

MARGIN = 8
"""Cells of a chart's axis labels and the blank behind them."""
BARS_LEAST = (24, 4)
"""Cells, width and height, below which bars say nothing."""
WIDEST = 6
"""Cells of a bar at most."""
_UP = " ▁▂▃▄▅▆▇█"
SHADE = "░"


def split_height(above: float, below: float, height: int) -> tuple[int, int]:
    """How many of `height` lines, the axis among them, stand above and below it, for bars of at most these values: in
    their proportion, at least one each."""
    rows = max(2, height - 1)
    total = above + below
    up = round(rows * above / total) if total > 0 else (rows + 1) // 2
    up = max(1, min(rows - 1, up))
    return up, rows - up


def mirrored_bars(
    pairs: Sequence[tuple[float, float]], rows: tuple[int, int], styles: tuple[str, str], *,
    shaded: Sequence[bool] = (), quiet: str = "", axis: Sequence[Span] = (),
) -> list[list[Span]]:  # fmt: skip
    """Lines of a chart, one cell for each pair (above, below), to one scale on both sides of the line `axis`.

    rows: lines above and below the axis; styles: of the bars above and below; shaded: cells whose ground is marked;
    quiet: style of the bars in all other cells, the same where empty. Anything above 0 shows at least its smallest
    block.
    """
    up, down = rows
    most_up = max((pair[0] for pair in pairs), default=0.0)
    most_down = max((pair[1] for pair in pairs), default=0.0)
    unit = max(most_up / up, most_down / down) or 1.0
    ground = [SHADE if n < len(shaded) and shaded[n] else " " for n in range(len(pairs))]
    lines = []
    for row in range(up - 1, -1, -1):
        cells = [_rising(pair[0] / unit - row, row == 0) for pair in pairs]
        lines.append(_line(cells, ground, (styles[0], quiet)))
    lines.append(list(axis))
    for row in range(down):
        cells = [_hanging(pair[1] / unit - row, row == 0) for pair in pairs]
        lines.append(_line(cells, ground, (styles[1], quiet)))
    return lines


def _rising(filled: float, first: bool) -> str:
    """The cell of which a bar from below fills this part; `first` is the one at the axis, never blank."""
    if filled <= 0:
        return ""
    return _UP[max(min(8, round(filled * 8)), 1 if first else 0)].strip()


def _hanging(filled: float, first: bool) -> str:
    """The same of a bar from above, for which there are fewer blocks."""
    if filled <= 0:
        return ""
    if filled >= 0.75:
        return "█"
    if filled >= 0.25:
        return "▀"
    return "▔" if first or filled >= 0.06 else ""


def _line(cells: Sequence[str], ground: Sequence[str], styles: tuple[str, str]) -> list[Span]:
    loud, quiet = styles
    spans: list[Span] = []
    for cell, blank in zip(cells, ground, strict=True):
        marked = blank == SHADE
        text, words = (cell, loud if marked or not quiet else quiet) if cell else (blank, "faint" if marked else "")
        if spans and spans[-1][1] == words:
            spans[-1] = (spans[-1][0] + text, words)
        else:
            spans.append((text, words))
    return spans


def dated_bars(
    pairs: Sequence[tuple[float, float]], dates: Sequence[str], size: tuple[int, int], styles: tuple[str, str],
    signs: tuple[str, str] = ("", ""),
) -> list[list[Span]]:  # fmt: skip
    """(above, below) of each of `dates`, oldest first, as bars on both sides of a line; where there are more dates than
    cells, a cell shows the largest of each of its dates. Exactly `size` cells, both at least `BARS_LEAST`. signs: of
    the labels of the two sides."""
    width, height = size
    cells = _spread(pairs, width - MARGIN)
    above, below = max((pair[0] for pair in cells), default=0.0), max((pair[1] for pair in cells), default=0.0)
    axis: list[Span] = [("─" * len(cells), "faint")]
    lines = mirrored_bars(cells, split_height(above, below, height - 1), styles, axis=axis)
    labels: dict[int, Span] = {len(lines) - 1: (signs[1] + fmt.amount(below), styles[1])} if below else {}
    labels |= {0: (signs[0] + fmt.amount(above), styles[0])} if above else {}
    chart = [
        [(labels[n][0].rjust(MARGIN - 1) + " ", labels[n][1]) if n in labels else (" " * MARGIN, ""), *line]
        for n, line in enumerate(lines)
    ]
    return [*chart, [(" " * MARGIN + _ends(dates, len(cells)), "faint")]]


def _spread(pairs: Sequence[tuple[float, float]], room: int) -> list[tuple[float, float]]:
    """By cell: several cells to a date or several dates to a cell."""
    if room >= len(pairs):
        wide = min(WIDEST, room // max(1, len(pairs)))
        gap = [(0.0, 0.0)] if wide > 2 else []
        return [cell for pair in pairs for cell in [*[pair] * (wide - len(gap)), *gap]]
    cells = [(0.0, 0.0)] * room
    for n, (above, below) in enumerate(pairs):
        place = n * room // len(pairs)
        cells[place] = max(cells[place][0], above), max(cells[place][1], below)
    return cells


def _ends(dates: Sequence[str], room: int) -> str:
    """The first and the last date, each whole or not at all."""
    if not dates or room < 10:
        return ""
    first, last = dates[0], dates[-1]
    return first + last.rjust(room - 10) if room >= 21 else last.rjust(room)


def bar_left(share: float | None, width: int) -> str:
    """`share` of 0 to 1 as a bar that grows to the left, `width` cells, in halves of a cell."""
    if share is None or share <= 0 or width <= 0:
        return " " * width
    halves = max(1, round(min(1.0, share) * width * 2))
    full, half = divmod(halves, 2)
    return ("▐" * half + "█" * full).rjust(width)


def bar_right(share: float | None, width: int, full: str = "") -> str:
    """The same to the right, in eighths of a cell, or in whole cells of `full`; never blank for a share above 0."""
    if share is None or share <= 0 or width <= 0:
        return " " * width
    if full:
        return (full * max(1, round(min(1.0, share) * width))).ljust(width)
    return fmt.bar(max(share, 1 / 8 / width), width)


def heat_of(value: float, most: float) -> str:
    """Style of a value among others of which `most` is the largest: from 3, 10, 30 and 60 % of it on a step hotter."""
    share = value / most if most > 0 else 0.0
    return next((style for least, style in _HEAT if share >= least), "heat1")


_HEAT = ((0.6, "heat5"), (0.3, "heat4"), (0.1, "heat3"), (0.03, "heat2"))
