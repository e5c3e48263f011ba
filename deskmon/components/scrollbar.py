"""Lines of which a part is in view: a mark says which."""

from __future__ import annotations

from deskmon.components.panel import Span
from deskmon.components.text import crop_line, line_width

__all__ = ["with_thumb"]

THUMB = "▐"


def with_thumb(lines: list[list[Span]], top: int, total: int, width: int) -> list[list[Span]]:
    """`lines`, those from line `top` of `total`, with a mark in the last cell of `width` where they stand among all."""
    height = len(lines)
    if height < 3:
        return lines
    size = max(1, height * height // total)
    start = round((height - size) * top / (total - height))
    for line in lines[start : start + size]:
        room = width - 1 - line_width(line)
        if room < 0:
            line[:] = crop_line(line, width - 1)
        line += [(" " * room, ""), (THUMB, "faint")]
    return lines
