"""Whether a terminal repeats the last character when told to (REP).

It is asked: it is given a line, told to repeat it, and asked where the cursor is then. terminfo doesn't tell, as it has
REP for whatever calls itself xterm. mosh does, and has no REP; tmux before 3.5 repeats ASCII alone. A terminal that
gives no answer isn't told to repeat anything, unless its name says which one it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual import events

_NAMED = ("alacritty", "foot", "xterm-ghostty", "xterm-kitty")
"""Values of TERM that only terminals with REP have: on a slow link the answer comes after the first screen."""

_ROW = 2
"""In the first row, the answer would look like a key: F3 with a modifier."""

_REPEATED = 3
"""More than one, as some terminals draw the line two cells wide."""

QUESTION = f"\x1b[{_ROW}H─\x1b[{_REPEATED}b\x1b[6n\x1b[2K"

YES = f"\x1b[{_ROW};{_REPEATED + 2}R"
"""The answer of a terminal that repeats."""


def is_named(environment: Mapping[str, str]) -> bool:
    """Whether the terminal's name alone says that it repeats."""
    return environment.get("TERM", "").startswith(_NAMED)


def repeats(answer: events.CursorPosition) -> bool | None:
    """What `answer` says; None where it is none to `QUESTION`."""
    return answer.x == _REPEATED + 1 if answer.y == _ROW - 1 else None
