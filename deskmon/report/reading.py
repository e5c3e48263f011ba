"""What a report reads: a market at the end of a stretch, at its start, and on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deskmon import format as fmt
from deskmon.components.figure_words import figure_words
from deskmon.model import Model
from deskmon.model.figure_path import parse
from deskmon.model.provenance import FigureReading, read_figure
from deskmon.report.content import Absent, Figure, Inline, Paragraph

Words = Callable[[Any], str]
BETWEEN = " "
"""The part that stands between two sentences."""
Points = Sequence[tuple[int, Any]]


class Reading:
    """A model at the end of a stretch, from `start` to `end` (ms), and what was sampled on the way.

    `model` is that of the end; `sampled` has, by path, what the figures read at each step, the first at the start.
    What is asked for and not known is kept in `absent` until `take_absent`.
    """

    def __init__(
        self, model: Model, start: int, end: int, assets: Sequence[str], sampled: Mapping[str, Sequence[FigureReading]]
    ) -> None:
        self.model, self.start, self.end, self.assets = model, start, end, assets
        self._sampled = sampled
        self._absent: dict[str, Absent] = {}

    def value(self, path: str) -> Any:
        """What the figure reads at the end, None where it is unknown."""
        return parse(path).read(self.model, self.end)

    def figure(self, path: str, words: Words | None = None) -> Figure | None:
        """The figure at the end, written by `words`, else by its unit. None, and kept as absent, where unknown."""
        return self._written(read_figure(parse(path), self.model, self.end), words)

    def then(self, path: str, words: Words | None = None) -> Figure | None:
        """The figure at the start; `path` is one of those that were sampled."""
        return self.at(path, self.start, words)

    def at(self, path: str, ts: int, words: Words | None = None) -> Figure | None:
        """The figure at the newest step by `ts` (ms)."""
        passed = [each for each in self._sampled.get(path, ()) if each.at <= ts]
        if passed:
            return self._written(passed[-1], words)
        self.lacks(path, "unknown then")
        return None

    def points(self, path: str) -> list[tuple[int, Any]]:
        """(time in ms, value) at each step."""
        return [(each.at, each.value) for each in self._sampled.get(path, ())]

    def derived(self, path: str, words: str, at: int | None = None) -> Figure:
        """A figure that a section computed from those at `path`: a sum of three days, a change since the start."""
        reading = read_figure(parse(path), self.model, self.end)
        is_now = at is None or at == self.end
        return Figure(words, path, self.end if at is None else at, origin_words(reading, aged=is_now))

    def lacks(self, path: str, why: str) -> None:
        """Keep as absent what a section looked for in its own way."""
        self._absent.setdefault(path, Absent(path, why))

    def take_absent(self) -> list[Absent]:
        """What was unknown since the last call."""
        found, self._absent = list(self._absent.values()), {}
        return found

    def _written(self, reading: FigureReading, words: Words | None) -> Figure | None:
        if reading.value is None:
            self.lacks(
                reading.figure,
                "unknown: no feed told it" if not reading.venues else "unknown: too little was told, or long ago",
            )
            return None
        text = words(reading.value) if words is not None else _default_words(reading)
        return Figure(text, reading.figure, reading.at, origin_words(reading))


def says(*parts: Inline | None) -> Paragraph | None:
    """A sentence, or None where a figure of it is unknown."""
    known = [part for part in parts if part is not None]
    return Paragraph(known) if len(known) == len(parts) else None


def together(*sentences: Paragraph | None) -> Paragraph | None:
    """The sentences that can be said as one paragraph; None where none can."""
    parts: list[Inline] = []
    for sentence in sentences:
        if sentence is not None:
            parts.extend([BETWEEN, *sentence.parts] if parts else sentence.parts)
    return Paragraph(parts) if parts else None


def origin_words(reading: FigureReading, *, aged: bool = True) -> str:
    """Where a figure comes from: its venues, its age where that is asked for, whether it may be more."""
    words = [", ".join(reading.venues)] if reading.venues else []
    if aged and reading.age_ms is not None:
        words.append(f"{fmt.age(reading.age_ms)} old")
    if reading.lower_bound:
        words.append("at least")
    return ", ".join(words)


def _default_words(reading: FigureReading) -> str:
    if isinstance(reading.value, (int, float)) and not isinstance(reading.value, bool):
        return figure_words(reading.unit, reading.value)
    return str(reading.value)
