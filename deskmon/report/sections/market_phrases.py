"""How sections of the market write moments, since when a figure stood, and what is only perhaps known."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.clock import DAY
from deskmon.components.since import Words as WordsOfExtremes
from deskmon.components.since import is_notable
from deskmon.model.figures import Since
from deskmon.report.content import Block, Cell, Figure, Inline
from deskmon.report.extremes import extreme_words
from deskmon.report.phrases import WEEKDAYS
from deskmon.report.reading import Reading, Words

_THURSDAY = 3
"""1970-01-01, as a day of the week from Monday on."""


def bounded(usd: float, is_bound: bool) -> str:
    """A sum of dollars in a sentence, with a word where it may be more: at least 2.00B."""
    return f"at least {fmt.amount(usd, digits=2)}" if is_bound else fmt.amount(usd, digits=2)


def day(ts: int) -> str:
    """A day (ms UTC) by name and date: Fri 2026-02-06."""
    return f"{WEEKDAYS[(ts // DAY + _THURSDAY) % 7]} {fmt.date(ts)}"


def when(ts: int) -> str:
    """A minute (ms UTC): Fri 2026-02-06 16:36Z."""
    return f"{day(ts)} {fmt.clock(ts)[:5]}Z"


def also(before: str, figure: Figure | None, after: str = "") -> tuple[Inline, ...]:
    """A figure with the words around it, where it is known; nothing where it isn't, so that its sentence still
    stands."""
    return () if figure is None else (before, figure, after)


def cell(reading: Reading, path: str, words: Words | None = None) -> Cell:
    """A figure in a table; `—`, and kept as absent, where it is unknown."""
    figure = reading.figure(path, words)
    return [fmt.UNKNOWN if figure is None else figure]


def made(reading: Reading, path: str, words: str) -> Cell:
    """A figure in a table that a section made of those at `path`; a mere `—` where it couldn't."""
    return [words if words == fmt.UNKNOWN else reading.derived(path, words)]


def standing(
    reading: Reading, path: str, since: Since | None, words: WordsOfExtremes, unit: str = "day", at: int | None = None
) -> Figure | None:
    """Since when a figure of the time `at` (ms), else of the end, wasn't so extreme, where that is worth a word: `worst
    week since 2022-11-13`; None where one as extreme was in the week before. `path` is that of its since."""
    if not is_notable(since, reading.end if at is None else at):
        return None
    return reading.derived(path, extreme_words(since, words, unit), at)


def listed_blocks(*blocks: Block | None) -> list[Block]:
    """Those that can be said."""
    return [block for block in blocks if block is not None]


def at_start(reading: Reading, path: str, words: Words | None = None) -> Figure | None:
    """The figure of a tracked path at the start of the stretch; None where it wasn't known there."""
    points = reading.points(path)
    return reading.then(path, words) if points[0][0] == reading.start and points[0][1] is not None else None


def monday(ts: int) -> int:
    """The newest Monday, 00:00 UTC (ms)."""
    days = ts // DAY
    return (days - (days + _THURSDAY) % 7) * DAY
