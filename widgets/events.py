"""Events: what happened on this desk, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

from deskmon.api import (
    DAY,
    Choice,
    Column,
    Frame,
    Intent,
    LookAt,
    Notify,
    Row,
    Section,
    TablePanel,
    action,
    figures,
    fmt,
)
from deskmon.components.headlines import text_lines
from deskmon.components.log import log_key, log_page, log_style, log_words

LINES = 3
"""Lines of one event at most."""
KIND, BESIDE = 9, 2
ROOMY = 60
"""Cells from which on there is a column of kinds, and earlier days have their time."""
KINDS: tuple[str, ...] = ("all", *get_args(figures.LogKind))


class Events(TablePanel):
    """Waves, levels, funding that turned, flows, faults and gaps of feeds, headlines, and what traders noted."""

    name = "events"
    title = "Events"
    topics = frozenset({"log", "clock"})
    most_rows = 600
    stay_on_first = True
    has_live_figures = False
    definitions = (
        ("waves", "a wave builds, crests, fades and is over; each is told once"),
        ("levels", "a close broke a level, reclaimed it, or turned it from support to resistance or back"),
        ("funding", "a symbol's mean funding by open interest changed its sign; 0.001 % per 8 h at least"),
        ("flows", "what the funds of an asset reported of their newest day; later reports complete the line"),
        ("feeds", "a feed is stale, reconnecting or down, and live again"),
        ("gaps", "what the desk missed, and for how long"),
        ("notes", "what a trader noted with n, the symbol and its price then"),
        ("alerts", "a rule fires, can't be told any more, or is over; a trader acknowledged or snoozed it"),
        ("held", "the newest: 400 waves, levels and feeds each, 500 notes and alerts, 100 flows, 200 of the others"),
    )  # fmt: skip
    kind = Choice(
        KINDS, key="o", help="All kinds of events, or one of them", note=lambda kind: "" if kind == "all" else kind
    )

    def sections(self, frame: Frame) -> Sequence[Section]:
        time = 12 if frame.width >= ROOMY else 8
        room = max(1, frame.width - BESIDE - time - BESIDE)
        columns = [Column("time", "time", time, "right", 1)]
        if frame.width >= ROOMY and self.kind == "all":
            columns.append(Column("kind", "kind", KIND, priority=2))
            room -= KIND + BESIDE
        columns.append(Column("text", "event", room, least=1))
        return (Section("events", columns, self._lines(room, frame), self._nothing(), header=frame.height > 3),)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        line = self._behind(row, frame)
        return None if line is None else log_page(line, frame.model, frame.now)

    @action("moment", key="m", help="The whole desk as it was when this happened; @ and Enter lead back to now")
    def moment(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        line = None if row is None else self._behind(row, frame)
        return Notify("no event to go to", "warn") if line is None else LookAt(line.ts)

    def _behind(self, row: Row, frame: Frame) -> figures.LogFigure | None:
        key = row.key.partition(" ")[2]
        return next((each for each in reversed(frame.model.log.figures(frame.now)) if log_key(each) == key), None)

    def _nothing(self) -> str:
        return "nothing has happened yet" if self.kind == "all" else f"no {self.kind} yet"

    def _lines(self, room: int, frame: Frame) -> Iterable[Row]:
        for each in reversed(frame.model.log.figures(frame.now)):
            if self.kind not in ("all", each.kind):
                continue
            key, style, words = log_key(each), log_style(each), log_words(each)
            for n, text in enumerate(text_lines(words, room, LINES)):
                cells = {"text": (text, style)}
                if n == 0:
                    cells |= {"time": (_time(each.ts, frame), "muted"), "kind": (each.kind, "faint")}
                yield Row(f"{n} {key}", cells, text=f"{each.kind} {words}", continues=n > 0)


def _time(ts: int, frame: Frame) -> str:
    """14:32:07 within a day, before that 21 Nov 14:32, the day alone where there is no room."""
    is_old = frame.now - ts >= DAY
    return f"{fmt.day(ts)} {fmt.clock(ts)[:5]}" if is_old and frame.width >= ROOMY else fmt.moment(ts, frame.now)
