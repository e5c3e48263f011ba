"""What a line of the session log holds."""

from __future__ import annotations

from typing import Literal

from deskmon.model.figure import Figure

LogKind = Literal["waves", "levels", "funding", "flows", "feeds", "gaps", "headlines", "notes", "alerts"]


class LogFigure(Figure):
    """One thing that happened, at `ts` (ms), in words.

    `symbol` is an asset or a unified symbol; `price` that of a level, or a note's, in the quote currency; `usd` of a
    wave or a day's flow. `subject` names what it is about: the number of a wave, the id of a level, a symbol's funding,
    `ASSET DATE` of a flow, a feed, a rule. `state` is its new state. `by`: who noted or marked it, or a headline's
    source."""

    ts: int
    kind: LogKind
    text: str
    symbol: str | None = None
    price: float | None = None
    usd: float | None = None
    subject: str | None = None
    state: str | None = None
    by: str | None = None
