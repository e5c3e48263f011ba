"""What a report is made of: sections of sentences, tables and charts, each figure with its path, moment and source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from deskmon.events import Source

Form: TypeAlias = Literal["md", "html", "txt"]
"""What a report is written as."""


class Figure(NamedTuple):
    """A figure as it is written, `−16.5%`; its path in the state, the desk time `at` which it was read (ms), and where
    it comes from in words: `binance, bybit, 2s old`."""

    words: str
    path: str
    at: int
    origin: str


class Link(NamedTuple):
    """Words of others, and where they lead, if anywhere; neither is ever read as markup."""

    words: str
    url: str = ""


_NUMBER = re.compile(r"[−+≥~$-]*\d|—")

Inline: TypeAlias = str | Figure | Link
"""What stands in a line."""
Cell: TypeAlias = Sequence[Inline]


class Paragraph(NamedTuple):
    """Sentences that belong together."""

    parts: Sequence[Inline]


class Table(NamedTuple):
    """`head` names the columns, the first of which names the row."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def are_numbers(self) -> list[bool]:
        """Whether each column holds numbers alone, known or not; of the first, which names the row, never."""
        columns = list(zip(*self.rows, strict=True))[1:]
        return [False, *(all(map(_is_number, column)) for column in columns)] if self.rows else [False] * len(self.head)


def _is_number(cell: Cell) -> bool:
    words = "".join(part if isinstance(part, str) else part.words for part in cell).strip()
    return not words or _NUMBER.match(words) is not None


class ChartLine(NamedTuple):
    """(time in ms, value) of a figure, oldest first; None where it was unknown. is_bar: sums of a time each, drawn from
    zero."""

    name: str
    path: str
    points: Sequence[tuple[int, float | None]]
    is_bar: bool = False


class Chart(NamedTuple):
    """Lines of one unit over one stretch of time."""

    caption: str
    unit: str
    lines: Sequence[ChartLine]


Block: TypeAlias = Paragraph | Table | Chart


class Absent(NamedTuple):
    """A figure that a section would tell and doesn't know, and why, in words."""

    path: str
    why: str


class Section(NamedTuple):
    """`name` as `[report] sections` has it. Where nothing is known, a block says so in words. `lead`: what stands of it
    in the report's summary; its first sentences where absent."""

    name: str
    title: str
    blocks: Sequence[Block]
    absent: Sequence[Absent] = ()
    lead: Paragraph | None = None


class Report(NamedTuple):
    """A market's report of the stretch from `start` to `end` (ms), from a `source` that its note describes. `coverage`:
    how much of the market the desk knows, in sentences."""

    title: str
    source: Source
    note: str
    start: int
    end: int
    assets: Sequence[str]
    sections: Sequence[Section]
    coverage: Sequence[str] = ()
