"""How a rule goes from ok over pending, firing and clearing to ok: one step for each moment at which it is judged.

Clocks (`for`, `keep`, `unknown_after`) count the time between two judgements in a row that both say the same. What
nobody can tell moves no state and adds to no clock but that of `unknown_after`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from deskmon.alerts.rules import Rule

Stage = Literal["ok", "pending", "firing", "clearing"]


class Memory(msgspec.Struct, omit_defaults=True):
    """What is remembered of a rule, across restarts too. Times ms.

    `stage` since `since`; `fired`: when it fired, whether or not it was clearing since; `held`: how long the clock of
    the stage has run; `runs`: whether it ran at the last judgement. `unknown`: for how long nobody can tell, from
    `unknown_since` on; `is_lost`: for too long. `judged`: whether anybody could ever tell. `entry`: what the legs read
    when it fired. `done`: it has expired. `said`: the state that was said last. `marked_at`: when somebody acknowledged
    or snoozed it last.
    """

    stage: Stage = "ok"
    since: int = 0
    fired: int = 0
    held: int = 0
    runs: bool = False
    unknown: int = 0
    unknown_since: int | None = None
    is_lost: bool = False
    judged: bool = False
    entry: str = ""
    said: str | None = None
    done: bool = False
    acknowledged_by: str | None = None
    snoozed_by: str | None = None
    snoozed_until: int | None = None
    marked_at: int = 0

    @property
    def is_up(self) -> bool:
        """Whether it has fired and isn't over."""
        return self.stage in ("firing", "clearing")

    def snoozes(self, now: int) -> bool:
        """Whether somebody snoozed it; without a time that is until it is over."""
        return self.snoozed_by is not None and (self.snoozed_until is None or now < self.snoozed_until)


def step(rule: Rule, memory: Memory, now: int, elapsed: int, met: bool | None, clear: bool | None) -> None:
    """Take one judgement at desk time `now` (ms), `elapsed` ms after the one before: whether the condition is `met`,
    and `clear` whether what ends it is. Changes `memory`."""
    if now >= (rule.expires or now + 1):
        _enter(memory, "ok", now)
        memory.done = True
        return
    _note_unknown(rule, memory, now, elapsed, met)
    if memory.is_up:
        _end(rule, memory, now, elapsed, met, clear)
    else:
        _begin(rule, memory, now, elapsed, met)


def _begin(rule: Rule, memory: Memory, now: int, elapsed: int, met: bool | None) -> None:
    """A step of a rule that is ok or pending."""
    if met is None:
        memory.runs = False
    elif not met:
        _enter(memory, "ok", now)
    else:
        _enter(memory, "pending", now)
        if _run(memory, elapsed, rule.wait):
            _enter(memory, "firing", now)


def _end(rule: Rule, memory: Memory, now: int, elapsed: int, met: bool | None, clear: bool | None) -> None:
    """A step of a rule that is firing or clearing."""
    if met:
        _enter(memory, "firing", now)
    elif clear is None or (met is None and not clear):
        memory.runs = False
    else:
        _enter(memory, "clearing", now)
        if not clear:
            memory.held, memory.runs = 0, False
        elif _run(memory, elapsed, rule.keep):
            _enter(memory, "ok", now)
            memory.done = rule.once


def _run(memory: Memory, elapsed: int, length: int) -> bool:
    """Let the clock of the stage run; whether it has run for `length` ms."""
    if memory.runs:
        memory.held += elapsed
    memory.runs = True
    return memory.held >= length


def _enter(memory: Memory, stage: Stage, now: int) -> None:
    if memory.stage == stage:
        return
    if stage == "firing" and memory.stage != "clearing":
        memory.fired = now
    memory.since = memory.fired if stage == "firing" else now
    memory.stage, memory.held, memory.runs = stage, 0, False
    if stage == "ok":
        memory.acknowledged_by = None
        if memory.snoozed_until is None:
            memory.snoozed_by = None


def _note_unknown(rule: Rule, memory: Memory, now: int, elapsed: int, met: bool | None) -> None:
    """Count for how long nobody can tell."""
    if met is not None:
        memory.unknown, memory.unknown_since, memory.is_lost = 0, None, False
        if not memory.judged:
            memory.judged, memory.since = True, now
        return
    if memory.unknown_since is None:
        memory.unknown_since = now
    elif not memory.is_lost:
        memory.unknown += elapsed
    if rule.unknown_after is not None and memory.unknown >= rule.unknown_after:
        memory.is_lost = True
