"""Where the figures of a section come from, gathered: which were read when, and from whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from deskmon.report.content import Block, Chart, Figure, Inline, Paragraph, Report, Section
from deskmon.report.leading import NAME as SUMMARY
from deskmon.report.path_sets import together
from deskmon.report.words import moment, one_line


class Origin(NamedTuple):
    """When figures were read, and from whom."""

    at: int
    words: str

    @property
    def said(self) -> str:
        """`2026-02-06 18:00Z, binance, 2s old`."""
        return f"{moment(self.at)}{', ' if self.words else ''}{one_line(self.words)}"


def sources(section: Section) -> dict[Origin, list[str]]:
    """The paths by their origin, in the order in which a reader meets them; several in one word where they are alike:
    `prices.{BTC, ETH}.last`."""
    found: dict[Origin, dict[str, None]] = {}
    for origin, path in _told(section.blocks):
        found.setdefault(origin, {})[one_line(path)] = None
    return {origin: together(paths) for origin, paths in found.items()}


def origin_of(figure: Figure) -> Origin:
    """The origin under which `sources` has a figure."""
    return Origin(figure.at, figure.origin)


def known_figures(report: Report) -> int:
    """How many figures its sentences and tables tell; its summary tells them again."""
    sections = (section for section in report.sections if section.name != SUMMARY)
    lines = (line for section in sections for block in section.blocks for line in _lines(block))
    return sum(isinstance(part, Figure) for line in lines for part in line)


def _told(blocks: Sequence[Block]) -> Iterator[tuple[Origin, str]]:
    for block in blocks:
        if isinstance(block, Chart):
            for line in block.lines:
                if line.points:
                    first, last = line.points[0][0], line.points[-1][0]
                    yield Origin(last, f"charted from {moment(first)} on"), line.path
        for parts in _lines(block):
            for part in parts:
                if isinstance(part, Figure):
                    yield origin_of(part), part.path


def _lines(block: Block) -> Iterator[Sequence[Inline]]:
    if isinstance(block, Paragraph):
        yield block.parts
    elif not isinstance(block, Chart):
        for row in block.rows:
            yield from row
