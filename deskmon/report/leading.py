"""What stands first in a report: of each section the sentences that it begins with."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.report.content import Figure, Paragraph, Section
from deskmon.report.reading import BETWEEN

NAME = "summary"
SENTENCES = 2
"""Of each section."""
LEAST = 3
"""Sections below which a report needs no summary."""


def summary(sections: Sequence[Section]) -> list[Section]:
    """A section of what leads the others, their first sentences where nothing else does; none of a short report."""
    led = [sentence for section in sections if (sentence := section.lead or _first(section)) is not None]
    return [Section(NAME, "In short", led)] if len(led) >= LEAST else []


def _first(section: Section) -> Paragraph | None:
    """The first sentences of the first paragraph that tells a figure."""
    for block in section.blocks:
        if isinstance(block, Paragraph) and any(isinstance(part, Figure) for part in block.parts):
            ends = [place for place, part in enumerate(block.parts) if part == BETWEEN]
            return Paragraph(block.parts[: ends[SENTENCES - 1]] if len(ends) >= SENTENCES else block.parts)
    return None
