"""Since when a figure wasn't so extreme, as sentences say it: what is extreme of all that is known says so."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.components.since import Words, is_notable, since_phrase
from deskmon.model.figures import Since


def extreme_words(since: Since | None, words: Words = ("highest", "lowest"), unit: str = "day") -> str:
    """`lowest since 2025-11-20`; of all that is known `lowest of the 240 days that the desk knows, from 2025-06-01 on`;
    "" where there is nothing to compare with. unit: day, week, month, run."""
    whole = since_phrase(since, words, unit)
    if since is None or not whole or since.last is not None:
        return whole
    word = words[0] if since.extreme == "high" else words[1]
    return f"{word} of the {since.n:,} {unit}s that the desk knows, from {fmt.date(since.history_from)} on"


def extreme_note(since: Since | None, ts: int) -> str:
    """The same of a figure of the time `ts` (ms) where it is worth a word: "" where one as extreme was last week."""
    return extreme_words(since) if is_notable(since, ts) else ""
