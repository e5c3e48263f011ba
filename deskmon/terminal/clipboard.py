"""How a terminal is handed a text for the clipboard of whoever sits before it, however many SSH hops away: OSC 52."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from deskmon.terminal.call import passed_through

MOST_ENCODED = 65_536 - len("c;")
"""Characters of the encoded text that terminals and this driver take."""
MOST_BYTES = MOST_ENCODED // 4 * 3
"""Bytes of text that are copied at most, in UTF-8."""


def hands_on(environment: Mapping[str, str]) -> bool:
    """Whether the terminal may be asked: GNU screen passes nothing on."""
    term = environment.get("TERM", "")
    return "STY" not in environment and (not term.startswith("screen") or "TMUX" in environment)


def fitting(text: str) -> str:
    """As many whole lines from the start of `text` as may be copied; a first line that is longer is cut."""
    if len(text.encode()) <= MOST_BYTES:
        return text
    kept = text.encode()[:MOST_BYTES].decode(errors="ignore")
    return kept[: kept.rfind("\n") + 1] or kept


def clipboard(text: str, environment: Mapping[str, str]) -> tuple[str, ...]:
    """What to write for a `text` that fits. Within tmux both what tmux itself takes (`set-clipboard on`) and what it
    hands on to the terminal around it (`allow-passthrough on`)."""
    sequence = f"\x1b]52;c;{b64encode(text.encode()).decode()}\x1b\\"
    in_tmux = "TMUX" in environment or environment.get("TERM", "").startswith("tmux")
    return (sequence, passed_through(sequence)) if in_tmux else (sequence,)
