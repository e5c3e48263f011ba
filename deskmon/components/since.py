"""Since when a figure wasn't so extreme: one phrase for every figure."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.analytics.since import LEAST
from deskmon.clock import DAY
from deskmon.components.columns import Cell, Column
from deskmon.model.figures import Since

__all__ = [
    "SINCE_DEFINITION",
    "flow_words",
    "return_words",
    "since_cell",
    "since_column",
    "since_note",
    "since_phrase",
    "sum_words",
]

NOTABLE = 7 * DAY
"""From so long without a value as extreme (ms) on it is worth a word."""
ENOUGH = 10
"""Values of history from which on "in n days of history" is worth a word."""

SINCE_DEFINITION = (
    "since",
    "the last day on which it was at least as extreme, on its side of the median of the days that the desk knows",
)
"""What a column of it shows, for the help page."""

LONGEST = len("smallest rise in 30 days since 2025-02-25")
"""Cells of the longest phrase."""
PRIORITY = 30
"""A column of it leaves before any other."""

Words = tuple[str, str]
"""What the figure is called where it is high, and where it is low: highest, lowest."""


def since_phrase(since: Since | None, words: Words = ("highest", "lowest"), unit: str = "day") -> str:
    """In words: lowest since 2025-11-20, lowest in 240 days (since 2025-06-01), lowest in 12 days of history; "" where
    there is nothing to compare with. unit: day, week, wave."""
    if since is None or since.n < 2:
        return ""
    word = words[0] if since.extreme == "high" else words[1]
    if since.last is not None:
        return f"{word} since {'the week of ' if unit == 'week' else ''}{fmt.date(since.last)}"
    held = f"{word} in {since.n:,} {unit}s"
    return f"{held} (since {fmt.date(since.history_from)})" if since.n >= LEAST else f"{held} of history"


def since_note(since: Since | None, ts: int, words: Words = ("highest", "lowest"), unit: str = "day") -> str:
    """The same of a figure of the time `ts` (ms) where it is worth a word: "" where one as extreme was last week."""
    return since_phrase(since, words, unit) if is_notable(since, ts) else ""


def is_notable(since: Since | None, ts: int) -> bool:
    """Whether a figure of the time `ts` (ms) is extreme enough for a table."""
    return since is not None and since.n >= ENOUGH and (since.last is None or ts - since.last > NOTABLE)


def since_column(width: int) -> Column:
    """The column of `since_cell`, `width` cells wide or, where there is room, as wide as its longest phrase: the first
    to leave where there is little."""
    return Column("since", "since", width, priority=PRIORITY, most=LONGEST)


def since_cell(ts: int, *figures: tuple[Since | None, Words], unit: str = "day") -> Cell:
    """Of several figures of the time `ts` (ms) the one that was as extreme the longest time ago, in few words; blank
    where none is worth a word."""

    def phrase(width: int) -> str:
        """Asked for only where the column has room."""
        notable = [(since, words) for since, words in figures if since is not None and is_notable(since, ts)]
        if not notable:
            return ""
        since, words = min(notable, key=lambda each: (each[0].n < LEAST, each[0].last or 0, -each[0].n))
        whole = since_phrase(since, words, unit).partition(" (")[0]
        return next((each for each in (whole, whole.removesuffix(" of history")) if len(each) <= width), "…"[:width])

    return phrase, "muted"


def return_words(name: str, percent: float | None) -> Words:
    """What a return is called: 7d, −16.5 → (smallest fall in a week, worst week)."""
    length = {"1d": "day", "7d": "week", "30d": "30 days", "week": "calendar week"}[name]
    of = length if length == "30 days" else f"a {length}"
    if (percent or 0.0) < 0:
        return f"smallest fall in {of}", f"worst {length}"
    return f"best {length}", f"smallest rise in {of}"


def sum_words(of: str) -> Words:
    """What a sum of dollars is called: `of` liquidated → (most liquidated, least liquidated)."""
    return f"most {of}", f"least {of}"


def flow_words(usd: float, of: str) -> Words:
    """What a flow in dollars is called: `of` daily, −817.9e6 → (smallest daily outflow, largest daily outflow)."""
    if not usd:
        return f"highest {of} flow", f"lowest {of} flow"
    return (f"largest {of} inflow", f"smallest {of} inflow") if usd > 0 else (
        f"smallest {of} outflow", f"largest {of} outflow"
    )  # fmt: skip
