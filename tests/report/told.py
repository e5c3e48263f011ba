"""What a section says of a market, as lines of text."""

from __future__ import annotations

from collections.abc import Sequence

from deskmon.clock import DAY
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.model.provenance import read_figure
from deskmon.report.content import Absent, Block, Inline, Paragraph, Table
from deskmon.report.reading import Reading
from deskmon.report.sections import SECTIONS, SectionKind
from deskmon.report.words import words_of

MARKET = {
    kind.name: kind for kind in SECTIONS if kind.name in ("prices", "liquidations", "leverage", "depth", "options")
}
"""The sections of the market itself, by name."""


def reading_of(
    kind: SectionKind, model: Model, now: int, assets: Sequence[str], *, start: int | None = None
) -> Reading:
    """What a section reads of a model at desk time `now` (ms), looked at then alone."""
    paths = kind.tracked(model, assets)
    sampled = {path: [read_figure(parse(path), model, now)] for path in paths}
    return Reading(model, now - DAY if start is None else start, now, assets, sampled)


def blocks_of(kind: SectionKind, model: Model, now: int, assets: Sequence[str]) -> tuple[Sequence[Block], list[Absent]]:
    """What the section says, and what it found unknown."""
    reading = reading_of(kind, model, now, assets)
    return kind.write(reading), reading.take_absent()


def sentences(blocks: Sequence[Block]) -> str:
    """Its paragraphs, one a line."""
    return "\n".join(plain(block.parts) for block in blocks if isinstance(block, Paragraph))


def rows(blocks: Sequence[Block], caption: str) -> list[list[str]]:
    """The rows of its first table whose caption begins so."""
    (table, *_) = (block for block in blocks if isinstance(block, Table) and block.caption.startswith(caption))
    return [[plain(cell) for cell in row] for row in table.rows]


def plain(parts: Sequence[Inline]) -> str:
    """A line as text."""
    return "".join(map(words_of, parts))
