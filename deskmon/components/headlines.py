"""Headlines: their text in lines, and what tells one from another."""

from __future__ import annotations

from deskmon.components.text import one_line, wrap
from deskmon.model.figures import HeadlineFigure

__all__ = [
    "headline_key",
    "text_lines",
]


def headline_key(headline: HeadlineFigure) -> str:
    """What tells a headline from all others."""
    return f"{headline.ts}/{headline.source or ''}/{headline.text}"


def text_lines(text: str, width: int, most: int) -> list[str]:
    """Text from outside in at most `most` lines of words; a word longer than `width` cells is left as long as it is,
    and where lines are left out the last one ends in an ellipsis."""
    if width < 1:
        return []
    text = one_line(text)
    lines = wrap(text[: (most + 1) * max(width, 20)], width, whole_words=True)
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], lines[most - 1] + " …"]
