"""The session log: what happened on this desk, in order, within bounds."""

from __future__ import annotations

from bisect import insort_right
from collections.abc import Mapping
from datetime import date
from heapq import merge
from operator import attrgetter
from typing import Any, get_args

import msgspec

from deskmon.clock import DAY, MINUTE, SECOND
from deskmon.events import Alert, AlertState, Event, FeedStatus, Funding, Gap, Headline, Level, Note, WaveState
from deskmon.model import log_lines
from deskmon.model.figures import LogFigure, LogKind
from deskmon.model.flows import Flows
from deskmon.model.funding import FundingRates
from deskmon.model.part import WENT_BACK, Part
from deskmon.model.waves import Waves

HELD = {
    "waves": 400, "levels": 400, "funding": 200, "flows": 100, "feeds": 400, "gaps": 200, "headlines": 200,
    "notes": 500, "alerts": 500,
}  # fmt: skip
"""Lines that are held of each kind, the newest."""

STEP = 10 * SECOND
"""Waves, funding and flows are looked at as often (ms of arrival times), the length of a wave's bucket."""

FLIP = 1e-5
"""A sign of mean funding counts from so much per 8 h on, 0.001 %: around 0 it would flip with every quote."""

NEWS = 5 * DAY
"""A day's flow that was reported so long (ms) ago, or is of a day so long ago, is history."""

WAVE_STATES: tuple[WaveState, ...] = ("building", "cresting", "fading", "over")
"""A wave is logged once in each, in this order: between two of them it may go back and forth every ten seconds."""

DECIDED = ("broken", "reclaimed", "flipped")
"""A level is logged when it comes into one of these: it is tested, and holds, with nearly every candle."""

TURNS: dict[AlertState, tuple[AlertState, ...]] = {
    "ok": ("firing",), "firing": ("ok", "unknown"), "unknown": ("ok", "firing"),
}  # fmt: skip
"""The states of an alert that are logged, by the one that was logged before."""

BY_HAND = ("acknowledged", "snoozed")
"""Marks that a trader makes."""

FAULTS = ("stale", "reconnecting", "down")
"""States of a feed that are logged, and its return to live from them."""

_time = attrgetter("ts")


_DATE_EPOCH = date(1970, 1, 1).toordinal()


class SessionLog(Part[list[LogFigure]]):
    """Folds what is said in the stream (changes of levels, feeds, gaps, headlines, notes), and at each tenth second of
    arrival times looks at waves, funding and flows. So the same stream gives the same log, however it is cut.

    Its figures are the oldest first. due: the arrival time (ms) at which it looks next.
    """

    def __init__(self, waves: Waves, funding: FundingRates, flows: Flows) -> None:
        self._waves, self._funding, self._flows = waves, funding, flows
        super().__init__()

    def clear(self) -> None:
        self.revision += 1
        self._lines: dict[str, list[LogFigure]] = {kind: [] for kind in get_args(LogKind)}
        self.due = self._funding_due = 0
        self._said: dict[int, int] | None = None
        self._seen: Mapping[int, WaveState] | None = None
        self._signs: dict[str, int] = {}
        self._feeds: dict[str, str] = {}
        self._alerts: dict[str, AlertState] = {}
        self._funded: set[str] = set()
        self._flowed: set[str] = set()

    def reach(self, arrival: int) -> None:
        """Say that the stream has come to an arrival time (ms), before the event that arrived then is folded."""
        if not self.due - WENT_BACK < arrival < self.due:
            now = arrival - arrival % STEP
            self.due = now + STEP
            self._look(now)

    def fold(self, event: Event) -> None:
        """Take a change of a level, a headline that is new, a note, a gap, a status; of funding and flows, that there
        is something to look at."""
        match event:
            case Funding():
                self._funded.add(event.symbol)
            case FeedStatus():
                self.fold_status(event)
            case Level():
                if event.status in DECIDED:
                    self._add(log_lines.of_level(event))
            case Gap():
                self._add(log_lines.of_gap(event))
            case Headline():
                self._add(log_lines.of_headline(event))
            case Note():
                self._add(log_lines.of_note(event))
            case _:
                raise ValueError(f"{type(event).__name__} isn't logged")

    def fold_alert(self, alert: Alert, before: Alert | None) -> None:
        """Take how a rule stands, and how it stood before: it fires, can't be told any more, is over, or a trader
        marked it. Between firing and clearing it may go back and forth, and what was never told is no news."""
        said = self._alerts.get(alert.rule, "ok")
        is_marked = alert.mark in BY_HAND and (before is None or before.mark != alert.mark)
        turned = alert.state in TURNS.get(said, ())
        if alert.removed or alert.state == "ok":
            self._alerts.pop(alert.rule, None)
        elif turned:
            self._alerts[alert.rule] = alert.state
        if (turned or is_marked) and not alert.removed:
            self._add(log_lines.of_alert(alert))

    def flowed(self, asset: str) -> None:
        """Say that a fund of an asset reported."""
        self._flowed.add(asset)

    def checkpoint(self) -> Any:
        return {
            "lines": msgspec.to_builtins(self.figures(0)), "due": [self.due, self._funding_due],
            "signs": dict(self._signs),
            "said": None if self._said is None else list(self._said.items()), "feeds": dict(self._feeds),
            "alerts": dict(self._alerts),
            "funded": sorted(self._funded), "flowed": sorted(self._flowed),
        }  # fmt: skip

    def restore(self, data: Any) -> None:
        self.clear()
        for line in msgspec.convert(data["lines"], list[LogFigure]):
            self._lines[line.kind].append(line)
        self.due, self._funding_due = (int(due) for due in data["due"])
        self._said = None if data["said"] is None else msgspec.convert(dict(data["said"]), dict[int, int])
        self._signs = msgspec.convert(data["signs"], dict[str, int])
        self._feeds = msgspec.convert(data["feeds"], dict[str, str])
        self._alerts = msgspec.convert(data["alerts"], dict[str, AlertState])
        self._funded, self._flowed = set(data["funded"]), set(data["flowed"])

    def _compute(self, now: int) -> list[LogFigure]:
        return list(merge(*self._lines.values(), key=_time))

    def _add(self, line: LogFigure) -> None:
        lines = self._lines[line.kind]
        insort_right(lines, line, key=_time)
        if len(lines) > HELD[line.kind]:
            del lines[0]
        self.revision += 1

    def fold_status(self, status: FeedStatus) -> None:
        """Log a fault, once, and the return from it."""
        known = self._feeds.get(status.feed, "")
        if status.state in FAULTS and status.state != known:
            self._feeds[status.feed] = status.state
            self._add(log_lines.of_feed(status))
        elif status.state in ("live", "removed") and known:
            del self._feeds[status.feed]
            self._add(log_lines.of_feed(status))

    def _look(self, now: int) -> None:
        self._look_at_waves(now)
        if self._funded and not self._funding_due - MINUTE < now < self._funding_due:
            self._funding_due = now + MINUTE
            self._look_at_funding(now)
        if self._flowed:
            self._look_at_flows(now)

    def _look_at_waves(self, now: int) -> None:
        """Log each wave that came further than at the last look. Without a look before, such as after a checkpoint
        of a version that had no log, waves are as they were."""
        seen = self._waves.states(now)
        if seen is self._seen:
            return
        self._seen = seen
        states = {wave: WAVE_STATES.index(state) for wave, state in seen.items()}
        said, self._said = self._said, states
        if said is None or states == said:
            return
        for wave in self._waves.figures(now):
            furthest = said.get(wave.id, -1)
            if states[wave.id] > furthest:
                self._add(log_lines.of_wave(wave, now))
            states[wave.id] = max(states[wave.id], furthest)

    def _look_at_funding(self, now: int) -> None:
        for symbol in sorted(self._funded):
            mean = self._funding.mean_8h(symbol, now)
            if mean is None or abs(mean) < FLIP:
                continue
            sign = 1 if mean > 0 else -1
            if self._signs.get(symbol, sign) != sign:
                self._add(log_lines.of_funding(symbol, mean, now))
            self._signs[symbol] = sign
        self._funded.clear()

    def _look_at_flows(self, now: int) -> None:
        """Log the newest day of each asset whose funds reported; a later report of that day takes the line's place."""
        flows = self._flows.figures(now)
        for asset in sorted(self._flowed & flows.keys()):
            line = log_lines.of_flow(asset, flows[asset])
            held = self._lines["flows"]
            if line.ts <= now - NEWS or _days_ago(flows[asset].date, now) > NEWS or line in held:
                continue
            self._lines["flows"] = [each for each in held if each.subject != line.subject]
            self._add(line)
        self._flowed.clear()


def _days_ago(day: str, now: int) -> int:
    """How long before `now` (ms) a day of YYYY-MM-DD began, ms."""
    return now - (date.fromisoformat(day).toordinal() - _DATE_EPOCH) * DAY
