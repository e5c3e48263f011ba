"""Bars on both sides of a line: the one kind above it, the other below; or to its left and to its right."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.components.panel import Span

__all__ = [
    "bar_left",
    "bar_right",
    "heat_of",
    "mirrored_bars",
    "split_height",
]

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
