"""The engine: judges rules and paths of scenarios at moments of the desk clock, and says what changed.

It has no clock and no loop of its own, and never sends anything. `watch` calls it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from deskmon.alerts.judging import Bases, Judged, judge, opposite, step_of
from deskmon.alerts.legs import Leg
from deskmon.alerts.level_turns import LevelTurns
from deskmon.alerts.machine import Memory, step
from deskmon.alerts.reading import Read, reader
from deskmon.alerts.rules import MOST, Rule, RuleBook
from deskmon.alerts.settings import AlertsConfig, ScenarioSettings
from deskmon.alerts.words import text_of
from deskmon.clock import MINUTE, SECOND
from deskmon.events import MAX_TS, Alert, AlertMark, AlertState, LegReading
from deskmon.model import Model
from deskmon.model.path_steps import Name

Marks = tuple[AlertMark | None, str | None, int | None]
"""(mark, by whom, until when in ms)."""
LEVELS = "levels"
WINDOWS = (Name("liquidations"), Name("windows"))
REFRESH = 5 * SECOND
"""Legs that changed while the state stayed are told at most so often (ms) of one rule."""
REFRESH_VALUES = MINUTE
"""The same of values and texts alone."""


class News(NamedTuple):
    """What there is to say of a rule: `is_transition` where its state changed or it fired anew, rather than its mark or
    a leg. A rule's first judgement is none, unless it calls for somebody."""

    alert: Alert
    is_transition: bool


class Engine:
    """Rules with what is remembered of them. `memories` by the rule's name."""

    def __init__(self, alerts: AlertsConfig, scenarios: Mapping[str, Mapping[str, ScenarioSettings]]) -> None:
        self._book = RuleBook(alerts, scenarios)
        self.memories: dict[str, Memory] = {}
        self._bases = Bases()
        self._told: dict[str, tuple[Alert, int]] = {}
        self._judged: dict[str, tuple[Judged, ...]] = {}
        self._content: dict[str, str] = {}
        self._legs: dict[str, Judged] = {}
        self._at: dict[str, int] = {}
        self._lost: OrderedDict[str, Memory] = OrderedDict()
        self._changes: tuple[Leg, ...] = ()
        self._turns = LevelTurns()
        self._texts: dict[str, Leg] = {}
        self._windows: frozenset[str] = frozenset()
        self._level_names: tuple[str, ...] = ()
        self._run = 0
        self._last: int | None = None

    @property
    def rules(self) -> Mapping[str, Rule]:
        """All that are judged, by name."""
        return self._book.rules

    @property
    def judged_at(self) -> int | None:
        """When (ms of the desk clock) rules were judged last; None where nobody has, or not for a while."""
        return self._last

    def take(self, alerts: AlertsConfig, scenarios: Mapping[str, Mapping[str, ScenarioSettings]]) -> None:
        """Go on with another configuration: what judges the same as before keeps its state."""
        for name in list(self.memories):
            self._part_with(name)
        self._book = RuleBook(alerts, scenarios)

    def forget(self) -> None:
        """Begin anew, as a replay does that jumped back."""
        for held in (self.memories, self._told, self._judged, self._legs, self._at, self._lost):
            held.clear()
        self._bases = Bases()
        self._turns.forget()
        self._last = None

    def rest(self) -> None:
        """Take note that nobody judged for a while: no clock counts that time, and nothing crossed anything in it."""
        self._last = None
        self._bases.rest()

    def wakes_at(self, model: Model, now: int) -> int:
        """The next whole second (ms) after `now` at which a clock ends, a value has to be kept or an order leaves a
        window, though no event comes; far ahead where there is none."""
        exits = [at for name in self._windows if (at := model.liquidations.next_exit(name, now)) is not None]
        steps = [now + step - now % step for step in {step_of(leg.span) for leg in self._changes}]
        clocks = [self._clock_ends(rule, now) for rule in self.rules.values()]
        return -(-min([*steps, *clocks, *exits], default=MAX_TS) // SECOND) * SECOND

    def judge(
        self, model: Model, now: int, moved: frozenset[str] | None = None, read: Read | None = None
    ) -> list[News]:
        """Judge all rules at desk time `now` (ms) and say what is new, in the order of the rules. Where `moved` names
        keys of the state, only what is under them is read, and only rules that name it are judged, or whose clock ends.
        """
        removed = self._follow(model, now)
        if now % SECOND == 0 and self._changes:
            for leg in self._changes:
                self._bases.note(leg, now, read or reader(model))
        elapsed = 0 if self._last is None else now - self._last
        if elapsed < 0:
            self.rest()
            elapsed = 0
        self._run += elapsed
        self._last = now
        due = self._due_legs(model, now, moved, read is not None)
        read = read or reader(model)
        self._legs |= {text: judge(self._texts[text], now, read, self._bases) for text in due}
        judged = [
            rule for rule in self.rules.values()
            if moved is None or not due.isdisjoint(rule.texts) or self._clock_ends(rule, now) <= now
        ]  # fmt: skip
        entered = {rule.name for rule in judged if self._step(rule, now)}
        return [*removed, *self._news(judged, entered, read, now)]

    def acknowledge(self, rule: str, by: str, now: int) -> list[News]:
        """Note that `by` has seen a rule that fires; what is new then. Nothing where it doesn't."""
        memory = self.memories.get(rule)
        if memory is None or not (memory.is_up or memory.is_lost):
            return []
        memory.acknowledged_by = by
        return self._marked(rule, now)

    def snooze(self, rule: str, by: str, until: int | None, now: int) -> list[News]:
        """Have a rule call nobody until `until` (ms), or until it is over; what is new then."""
        memory = self.memories.get(rule)
        if memory is None:
            return []
        memory.snoozed_by, memory.snoozed_until = by, until
        return self._marked(rule, now)

    def disown(self, model: Model, now: int) -> list[News]:
        """What to say of rules that another run told `model` of and that there are no more, as of a feed taken out."""
        self._follow(model, now)
        return [_gone(name, now) for name in model.alerts.rules if name not in self.rules]

    def saved(self) -> dict[str, Any]:
        """All that has to be remembered, as builtins."""
        held = dict(self._lost) | {self._content[name]: memory for name, memory in self.memories.items()}
        return {"rules": msgspec.to_builtins(held), "bases": self._bases.saved()}

    def restore(self, data: Any) -> None:
        """Remember what `saved` told: of rules that judge the same. Raises ValueError, TypeError, KeyError or
        AttributeError for anything else."""
        self._lost = OrderedDict(msgspec.convert(data["rules"], dict[str, Memory]))
        self._bases.restore(data["bases"])
        self.memories = {}
        self._last = None
        for rule in self.rules.values():
            self._recall(rule)

    def _follow(self, model: Model, now: int) -> list[News]:
        """Have the rules of what the market has by now; what to say of those that left."""
        if (self.rules and now % SECOND) or not self._book.follow(model):
            return []
        gone = [name for name in self._told if name not in self.rules]
        for name in gone:
            self._part_with(name)
            for held in (self._told, self._judged, self._at):
                held.pop(name, None)
        for rule in self.rules.values():
            if rule.name not in self.memories:
                self._recall(rule)
        legs = [leg for rule in self.rules.values() for leg in rule.all_legs]
        self._changes = tuple({(leg.path.text, leg.span): leg for leg in legs if leg.span}.values())
        self._texts = {leg.text: leg for leg in legs}
        self._level_names = tuple(sorted({leg.path.steps[1].text for leg in legs if leg.part == LEVELS}))
        windows = [leg.path.steps for leg in legs if leg.path.steps[:2] == WINDOWS]
        self._windows = frozenset(steps[2].text for steps in windows)
        self._bases.keep_only(legs)
        self._legs.clear()
        return [_gone(name, now) for name in gone]

    def _part_with(self, name: str) -> None:
        """Keep what is remembered of a rule that leaves, for one that judges the same."""
        memory = self.memories.pop(name, None)
        if memory is not None and self._content.get(name):
            self._lost[self._content[name]] = memory
            while len(self._lost) > MOST:
                self._lost.popitem(last=False)

    def _recall(self, rule: Rule) -> None:
        self._content[rule.name] = rule.content
        self.memories[rule.name] = self._lost.pop(rule.content, Memory())

    def _clock_ends(self, rule: Rule, now: int) -> int:
        """When (ms) a clock of the rule ends if nothing that it reads moves; far ahead where none runs."""
        memory = self.memories[rule.name]
        begun = now - (self._run - self._at.get(rule.name, self._run))
        ends = MAX_TS
        if memory.runs:
            ends = begun + (rule.wait if memory.stage == "pending" else rule.keep) - memory.held
        if memory.unknown_since is not None and rule.unknown_after is not None and not memory.is_lost:
            ends = min(ends, begun + rule.unknown_after - memory.unknown)
        if rule.expires is not None and not memory.done:
            ends = min(ends, rule.expires)
        return ends if memory.snoozed_until is None else min(ends, memory.snoozed_until)

    def _due_legs(self, model: Model, now: int, moved: frozenset[str] | None, all_levels: bool) -> frozenset[str]:
        """Texts of the legs that are to be read at `now`."""
        names: Iterable[str] = ()
        if all_levels:
            names = self._level_names
        elif now % SECOND == 0:
            names = self._turns.due(model, now, self._level_names)
        return frozenset(
            text for text, leg in self._texts.items()
            if text not in self._legs
            or (leg.path.steps[1].text in names if leg.part == LEVELS else moved is None or leg.part in moved)
        )  # fmt: skip

    def _step(self, rule: Rule, now: int) -> bool:
        """Judge one rule; whether it fired anew for another entry."""
        memory = self.memories[rule.name]
        if memory.snoozed_until is not None and now >= memory.snoozed_until:
            memory.snoozed_by = memory.snoozed_until = None
        if memory.done:
            return False
        judged = tuple(self._legs[leg.text] for leg in rule.legs)
        met = rule.holds(tuple(each.met for each in judged))
        clear = opposite(met) if rule.clear is None else self._legs[rule.clear.text].met
        elapsed = self._run - self._at.get(rule.name, self._run)
        was_up = memory.stage == "firing"
        step(rule, memory, now, elapsed, met, clear)
        self._at[rule.name] = self._run
        self._judged[rule.name] = judged
        if memory.stage != "firing" or not met:
            return False
        entry = repr([each.value for each in judged])
        anew = rule.every and was_up and entry != memory.entry
        if anew or not was_up:
            memory.entry = entry
        if anew:
            memory.since = memory.fired = now
            memory.acknowledged_by = None
        return anew

    def _news(self, judged: Iterable[Rule], anew: set[str], read: Read, now: int) -> Iterator[News]:
        muted = self._muted()
        rules = {rule.name: rule for rule in judged}
        for name, by in muted.items():
            before = self._told.get(name)
            if before is not None and (before[0].mark != "muted" or before[0].by != by):
                rules.setdefault(name, self.rules[name])
        rules |= {
            name: self.rules[name] for name, (alert, _) in self._told.items()
            if alert.mark == "muted" and name not in muted
        }  # fmt: skip
        for name in self.rules:  # in their order
            if name in rules and (news := self._said(rules[name], muted.get(name), name in anew, read, now)):
                yield news

    def _said(self, rule: Rule, muted_by: str | None, anew: bool, read: Read, now: int) -> News | None:
        """What is new of a rule since it was told last."""
        memory = self.memories[rule.name]
        before, told_at = self._told.get(rule.name, (None, 0))
        state, since = _state(memory, now)
        marks, judged = _mark(memory, muted_by, now), self._judged.get(rule.name, ())
        is_transition = _is_transition(memory, state) or anew
        if before is not None and not is_transition:
            known = (before.state, before.since, (before.mark, before.by, before.until))
            if known == (state, since, marks) and not _stirred(before, told_at, judged, now):
                return self._text_anew(rule, before, told_at, read, now)
        if memory.judged or memory.is_lost:
            memory.said = state
        alert = self._alert(rule, state, since, marks, read, now)
        self._told[rule.name] = alert, now
        return News(alert, is_transition)

    def _text_anew(self, rule: Rule, before: Alert, told_at: int, read: Read, now: int) -> News | None:
        """What a rule that stays as it was told says now, where a while later its text is another."""
        if before.text is None or now < told_at + REFRESH_VALUES:
            return None
        marks = before.mark, before.by, before.until
        alert = self._alert(rule, before.state, before.since, marks, read, now)
        is_news = alert.text != before.text
        self._told[rule.name] = alert if is_news else before, now
        return News(alert, False) if is_news else None

    def _alert(self, rule: Rule, state: AlertState, since: int, marks: Marks, read: Read, now: int) -> Alert:
        judged = self._judged.get(rule.name, ())
        deciding = _deciding(judged)
        calls = state in ("firing", "clearing") or (state == "unknown" and self.memories[rule.name].is_lost)
        legs = (
            LegReading(text=leg.text, met=each.met, value=each.value)
            for leg, each in zip(rule.legs, judged, strict=False)
        )  # fmt: skip
        mark, by, until = marks
        return Alert(
            ts=now, rule=rule.name, state=state, since=since, mark=mark, by=by, until=until, severity=rule.severity,
            value=None if deciding is None else judged[deciding].value, legs=tuple(legs), target=rule.target,
            text=text_of(rule, state, judged, deciding, read, now) if calls and judged else None,
        )  # fmt: skip

    def _marked(self, name: str, now: int) -> list[News]:
        """What is new of a rule whose mark somebody changed: the rest stays as it was told."""
        if name not in self._told:
            return []
        before, told_at = self._told[name]
        mark, by, until = _mark(self.memories[name], self._muted().get(name), now)
        alert = msgspec.structs.replace(before, ts=now, mark=mark, by=by, until=until)
        self._told[name] = alert, told_at
        return [News(alert, False)]

    def _muted(self) -> dict[str, str]:
        """By rule that calls nobody now, the rule that mutes it: one that fires, and isn't muted by itself."""
        muted: dict[str, str] = {}
        for rule in self.rules.values():
            if rule.mutes and self.memories[rule.name].is_up:
                for name in self.rules:
                    if name.partition("[")[0] in rule.mutes or name in rule.mutes:
                        muted.setdefault(name, rule.name)
        return {name: by for name, by in muted.items() if name != by and self.memories[name].stage != "ok"}


def _gone(rule: str, now: int) -> News:
    return News(Alert(ts=now, rule=rule, state="ok", since=now, removed=True), False)


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


def _stirred(before: Alert, told_at: int, judged: tuple[Judged, ...], now: int) -> bool:
    """Whether what the legs read is to be told though the state stays: where one holds that didn't, or the reverse;
    and a while later where any value moved, of a scenario and of a rule that isn't ok."""
    if now < told_at + REFRESH:
        return False
    if [leg.met for leg in before.legs] != [each.met for each in judged]:
        return True
    is_shown = before.scenario is not None or before.state != "ok"
    moved = [leg.value for leg in before.legs] != [each.value for each in judged]
    return is_shown and moved and now >= told_at + REFRESH_VALUES


def _mark(memory: Memory, muted_by: str | None, now: int) -> Marks:
    """(mark, by whom, until when): why nobody is called."""
    if memory.done:
        return "expired", None, None
    if memory.snoozes(now):
        return "snoozed", memory.snoozed_by, memory.snoozed_until
    if memory.acknowledged_by is not None:
        return "acknowledged", memory.acknowledged_by, None
    return (None, None, None) if muted_by is None else ("muted", muted_by, None)


def _deciding(judged: tuple[Judged, ...]) -> int | None:
    """The place of the leg that decided: the first that holds, else the first."""
    return next((at for at, each in enumerate(judged) if each.met), 0 if judged else None)
