"""What there is to say of rules: an alert where a state, a mark or a comparison is another than was told last."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from deskmon.alerts.judging import Judged
from deskmon.alerts.machine import Memory
from deskmon.alerts.reading import Read
from deskmon.alerts.rules import Rule
from deskmon.alerts.words import text_of
from deskmon.clock import MINUTE, SECOND
from deskmon.events import Alert, AlertMark, AlertState, LegReading

Marks = tuple[AlertMark | None, str | None, int | None]
"""(mark, by whom, until when in ms)."""
REFRESH = 5 * SECOND
"""Legs that changed while the state stayed are told at most so often (ms) of one rule."""
REFRESH_VALUES = MINUTE
"""The same of values and texts alone."""


class News(NamedTuple):
    """What there is to say of a rule: `is_transition` where its state changed or it fired anew, rather than its mark or
    a leg. A rule's first judgement is none, unless it calls for somebody."""

    alert: Alert
    is_transition: bool


class Standing(NamedTuple):
    """How a rule stands: what is remembered of it, its legs with the times (ms) since which they are so, and the rule
    that mutes it."""

    rule: Rule
    memory: Memory
    judged: tuple[Judged, ...]
    times: tuple[int, ...]
    muted_by: str | None


class Telling:
    """Remembers what was told of each rule, and when (ms)."""

    def __init__(self) -> None:
        self._told: dict[str, tuple[Alert, int]] = {}

    def names(self) -> list[str]:
        """Rules of which something was told."""
        return list(self._told)

    def mark(self, name: str) -> tuple[AlertMark | None, str | None] | None:
        """The mark that was told of a rule, and by whom; None where nothing was told."""
        told = self._told.get(name)
        return None if told is None else (told[0].mark, told[0].by)

    def forget(self, name: str | None = None) -> None:
        """Have told nothing of one rule, or of any."""
        if name is None:
            self._told.clear()
        else:
            self._told.pop(name, None)

    def said(self, standing: Standing, anew: bool, read: Read, now: int) -> News | None:
        """What is new of a rule at desk time `now` (ms); `anew`: it fired for another entry."""
        rule, memory = standing.rule, standing.memory
        before, told_at = self._told.get(rule.name, (None, 0))
        state, since = _state(memory, now)
        marks = _mark(standing, now)
        is_transition = _is_transition(memory, state) or anew
        if before is not None and not is_transition:
            known = (before.state, before.since, (before.mark, before.by, before.until))
            if known == (state, since, marks) and not _stirred(before, told_at, standing, now):
                return self._text_anew(standing, before, told_at, read, now)
        if memory.judged or memory.is_lost:
            memory.said = state
        alert = _alert(standing, state, since, marks, read, now)
        self._told[rule.name] = alert, now
        return News(alert, is_transition)

    def marked(self, standing: Standing, now: int) -> list[News]:
        """What is new of a rule whose mark somebody changed: the rest stays as it was told."""
        if standing.rule.name not in self._told:
            return []
        before, told_at = self._told[standing.rule.name]
        mark, by, until = _mark(standing, now)
        alert = msgspec.structs.replace(before, ts=now, mark=mark, by=by, until=until)
        self._told[standing.rule.name] = alert, told_at
        return [News(alert, False)]

    def _text_anew(self, standing: Standing, before: Alert, told_at: int, read: Read, now: int) -> News | None:
        """What a rule that stays as it was told says now, where a while later its text is another."""
        if before.text is None or now < told_at + REFRESH_VALUES:
            return None
        marks = before.mark, before.by, before.until
        alert = _alert(standing, before.state, before.since, marks, read, now)
        is_news = alert.text != before.text
        self._told[standing.rule.name] = alert if is_news else before, now
        return News(alert, False) if is_news else None


def gone(rule: str, now: int) -> News:
    """What is said of a rule that left the configuration."""
    return News(Alert(ts=now, rule=rule, state="ok", since=now, removed=True), False)


def _alert(standing: Standing, state: AlertState, since: int, marks: Marks, read: Read, now: int) -> Alert:
    rule, judged = standing.rule, standing.judged
    deciding = _deciding(judged)
    calls = state in ("firing", "clearing") or (state == "unknown" and standing.memory.is_lost)
    legs = (
        LegReading(text=leg.text, met=each.met, value=each.value, since=time)
        for leg, each, time in zip(rule.legs, judged, standing.times, strict=False)
    )  # fmt: skip
    mark, by, until = marks
    return Alert(
        ts=now, rule=rule.name, state=state, since=since, mark=mark, by=by, until=until, severity=rule.severity,
        value=None if deciding is None else judged[deciding].value, legs=tuple(legs), target=rule.target,
        text=text_of(rule, state, judged, deciding, read, now) if calls and judged else None,
    )  # fmt: skip


def _state(memory: Memory, now: int) -> tuple[AlertState, int]:
    """(state, since in ms) as it is told."""
    if memory.is_lost or not (memory.judged or memory.done):
        return "unknown", now if memory.unknown_since is None else memory.unknown_since
    return memory.stage, memory.since or now


def _is_transition(memory: Memory, state: AlertState) -> bool:
    """Whether a state is another than the one that was said last; the first is one, if it calls for somebody."""
    if not (memory.judged or memory.is_lost):
        return False
    return state != memory.said and not (memory.said is None and state == "ok")


def _stirred(before: Alert, told_at: int, standing: Standing, now: int) -> bool:
    """Whether what the legs read is to be told though the state stays: where one holds that didn't, or the reverse;
    and a while later where any value moved, of a scenario and of a rule that isn't ok."""
    if now < told_at + REFRESH:
        return False
    stands = [(each.met, time) for each, time in zip(standing.judged, standing.times, strict=True)]
    if [(leg.met, leg.since) for leg in before.legs] != stands:
        return True
    is_shown = before.scenario is not None or before.state != "ok"
    moved = [leg.value for leg in before.legs] != [each.value for each in standing.judged]
    return is_shown and moved and now >= told_at + REFRESH_VALUES


def _mark(standing: Standing, now: int) -> Marks:
    """(mark, by whom, until when): why nobody is called."""
    memory = standing.memory
    if memory.done:
        return "expired", None, None
    if memory.snoozes(now):
        return "snoozed", memory.snoozed_by, memory.snoozed_until
    if memory.acknowledged_by is not None:
        return "acknowledged", memory.acknowledged_by, None
    return (None, None, None) if standing.muted_by is None else ("muted", standing.muted_by, None)


def _deciding(judged: tuple[Judged, ...]) -> int | None:
    """The place of the leg that decided: the first that holds, else the first."""
    return next((at for at, each in enumerate(judged) if each.met), 0 if judged else None)
