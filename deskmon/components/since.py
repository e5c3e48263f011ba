"""Since when a figure wasn't so extreme: one phrase for every figure."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.analytics.since import LEAST
from deskmon.clock import DAY
from deskmon.model.figures import Since

__all__ = ["SINCE_DEFINITION", "flow_words", "since_note", "since_phrase"]

NOTABLE = 7 * DAY
"""From so long without a value as extreme (ms) on it is worth a word."""
ENOUGH = 10
"""Values of history from which on "in n days of history" is worth a word."""

SINCE_DEFINITION = (
    "since",
    "the last day on which it was at least as extreme, on its side of the median of the days that the desk knows",
)
"""What a column of it shows, for the help page."""

Words = tuple[str, str]
"""What the figure is called where it is high, and where it is low: highest, lowest."""


def since_phrase(since: Since | None, words: Words = ("highest", "lowest"), unit: str = "day") -> str:
    """In words: lowest since 2025-11-20, lowest in 240 days (since 2025-06-01), lowest in 12 days of history; "" where
    nothing is known. unit: day, week, wave."""
    if since is None:
        return ""
    word = words[0] if since.extreme == "high" else words[1]
    if since.last is not None:
        return f"{word} since {'the week of ' if unit == 'week' else ''}{fmt.date(since.last)}"
    held = f"{word} in {since.n} {unit}{'' if since.n == 1 else 's'}"
    return f"{held} (since {fmt.date(since.history_from)})" if since.n >= LEAST else f"{held} of history"


def since_note(since: Since | None, ts: int, words: Words = ("highest", "lowest"), unit: str = "day") -> str:
    """The same of a figure of the time `ts` (ms) where it is worth a word: "" where one as extreme was last week."""
    if since is None or since.n < ENOUGH or (since.last is not None and ts - since.last <= NOTABLE):
        return ""
    return since_phrase(since, words, unit)


def flow_words(usd: float, of: str) -> Words:
    """What a flow in dollars is called: `of` daily, −817.9e6 → (smallest daily outflow, largest daily outflow)."""
    if not usd:
        return f"highest {of} flow", f"lowest {of} flow"
    return (f"largest {of} inflow", f"smallest {of} inflow") if usd > 0 else (
        f"smallest {of} outflow", f"largest {of} outflow"
    )  # fmt: skip
