"""The engine: judges rules and paths of scenarios at moments of the desk clock, and says what changed.

It has no clock and no loop of its own, and never sends anything. `watch` calls it.
"""

from __future__ import annotations

import pickle
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from deskmon.alerts.judging import Bases, Judged, judge, opposite, step_of
from deskmon.alerts.leg_times import LegTimes
from deskmon.alerts.legs import Leg
from deskmon.alerts.level_turns import LevelTurns
from deskmon.alerts.machine import Memory, step
from deskmon.alerts.reading import Read, reader
from deskmon.alerts.rules import Rule, RuleBook
from deskmon.alerts.settings import AlertsConfig, ScenarioSettings
from deskmon.alerts.succession import SharedRules, succeeded, take_marks
from deskmon.alerts.telling import News, Standing, Telling, gone
from deskmon.clock import SECOND
from deskmon.events import MAX_TS
from deskmon.model import Model
from deskmon.model.path_steps import Name

LEVELS = "levels"
WINDOWS = (Name("liquidations"), Name("windows"))
MOST_LEFT = 1_000
"""Rules that left and are remembered in case they come back."""


class Engine:
    """Rules with what is remembered of them. `memories` by the rule's name."""

    def __init__(self, alerts: AlertsConfig, scenarios: Mapping[str, Mapping[str, ScenarioSettings]]) -> None:
        self._book = RuleBook(alerts, scenarios)
        self.memories: dict[str, Memory] = {}
        self._bases = Bases()
        self._times = LegTimes()
        self._telling = Telling()
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
        for held in (self.memories, self._judged, self._legs, self._at, self._lost):
            held.clear()
        self._book.followed = None, {}
        self._telling.forget()
        self._bases, self._times = Bases(), LegTimes()
        self._turns.forget()
        self._last = None

    def checkpoint(self) -> Any:
        """All that is remembered, for `go_on`: nobody changes it later. A desk holds hundreds of these, so what a copy
        would be is packed: a tenth of its size. It never leaves the process."""
        held = {name: value for name, value in vars(self).items() if name != "_book"}
        return self._book, self._book.followed, zlib.compress(pickle.dumps(held, pickle.HIGHEST_PROTOCOL), 1)

    def go_on(self, data: Any) -> None:
        """Remember what `checkpoint` gave and nothing else; nothing where the configuration has changed since."""
        book, followed, held = data
        self.forget()
        if book is self._book:
            self._book.followed = followed
            vars(self).update(pickle.loads(zlib.decompress(held)))

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
        for text in due:
            judged = self._legs[text] = judge(self._texts[text], now, read, self._bases)
            self._times.note(text, judged.met, now)
        stirred = [
            rule for rule in self.rules.values()
            if moved is None or not due.isdisjoint(rule.texts) or self._clock_ends(rule, now) <= now
        ]  # fmt: skip
        entered = {rule.name for rule in stirred if self._step(rule, now)}
        return [*removed, *self._news(stirred, entered, read, now)]

    def acknowledge(self, rule: str, by: str, now: int) -> list[News]:
        """Note that `by` has seen a rule that fires; what is new then. Nothing where it doesn't."""
        memory = self.memories.get(rule)
        if memory is None or not (memory.is_up or memory.is_lost):
            return []
        memory.acknowledged_by, memory.marked_at = by, now
        return self._marked(rule, now)

    def snooze(self, rule: str, by: str, until: int | None, now: int) -> list[News]:
        """Have a rule call nobody until `until` (ms), or until it is over; what is new then."""
        memory = self.memories.get(rule)
        if memory is None:
            return []
        memory.snoozed_by, memory.snoozed_until, memory.marked_at = by, until, now
        return self._marked(rule, now)

    def shared(self, *, leads: bool, at: int) -> SharedRules:
        """What the desk's other hubs have to know to go on from `at` (ms)."""
        held = {self._content[name]: memory for name, memory in self.memories.items()}
        return SharedRules(at, leads, held, self._times.by_text, self._bases.saved())

    def take_marks(self, shared: SharedRules, now: int) -> list[News]:
        """Take what traders said to another hub; what is new then."""
        news: list[News] = []
        for name, memory in self.memories.items():
            theirs = shared.rules.get(self._content[name])
            if theirs is not None and take_marks(memory, theirs):
                news += self._marked(name, now)
        return news

    def succeed(self, shared: SharedRules, model: Model, now: int, *, anew: bool) -> list[News]:
        """Go on with rules where another hub ended; what is new then. anew: this hub has only begun, so that the other
        one knows all of it better."""
        for name, own in self.memories.items():
            theirs = shared.rules.get(self._content[name])
            if theirs is not None:
                self.memories[name] = succeeded(own, theirs, MAX_TS if anew else shared.at)
                self._at[name] = self._run
        if anew:
            self._times.take(shared.legs)
        if anew and shared.bases is not None:
            self._bases.take(shared.bases)
            self._bases.keep_only(leg for rule in self.rules.values() for leg in rule.all_legs)
        judged = [rule for rule in self.rules.values() if rule.name in self._judged]
        return list(self._news(judged, set(), reader(model), now))

    def disown(self, model: Model, now: int) -> list[News]:
        """What to say of rules that another run told `model` of and that there are no more, as of a feed taken out."""
        self._follow(model, now)
        return [gone(name, now) for name in model.alerts.rules if name not in self.rules]

    def saved(self) -> dict[str, Any]:
        """All that has to be remembered, as builtins."""
        held = dict(self._lost) | {self._content[name]: memory for name, memory in self.memories.items()}
        legs = msgspec.to_builtins(self._times.by_text)
        return {"at": self._last, "rules": msgspec.to_builtins(held), "legs": legs, "bases": self._bases.saved()}

    def restore(self, data: Any) -> None:
        """Remember what `saved` told: of rules that judge the same. Raises ValueError, TypeError, KeyError or
        AttributeError for anything else."""
        self._lost = OrderedDict(msgspec.convert(data["rules"], dict[str, Memory]))
        self._bases.restore(data["bases"])
        self._times.restore(data["legs"])
        self.memories = {}
        self._last = None
        for rule in self.rules.values():
            self._recall(rule)

    def _follow(self, model: Model, now: int) -> list[News]:
        """Have the rules of what the market has by now; what to say of those that left."""
        if (self.rules and now % SECOND) or not self._book.follow(model):
            return []
        left = [name for name in self._telling.names() if name not in self.rules]
        for name in left:
            self._part_with(name)
            self._telling.forget(name)
            self._judged.pop(name, None)
            self._at.pop(name, None)
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
        self._times.keep_only(self._texts)
        self._legs.clear()
        return [gone(name, now) for name in left]

    def _part_with(self, name: str) -> None:
        """Keep what is remembered of a rule that leaves, for one that judges the same."""
        memory = self.memories.pop(name, None)
        if memory is not None and self._content.get(name):
            self._lost[self._content[name]] = memory
            while len(self._lost) > MOST_LEFT:
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
        muted, rules = self._muted(), {rule.name for rule in judged}
        for name in self._telling.names():
            told = self._telling.mark(name)
            by = muted.get(name)
            if told is not None and (told != ("muted", by) if by is not None else told[0] == "muted"):
                rules.add(name)
        for name, rule in self.rules.items():  # in their order
            if name in rules:
                news = self._telling.said(self._standing(rule, muted.get(name)), name in anew, read, now)
                if news is not None:
                    yield news

    def _standing(self, rule: Rule, muted_by: str | None) -> Standing:
        judged = self._judged.get(rule.name, ())
        times = tuple(self._times.since(leg.text) for leg in rule.legs) if judged else ()
        return Standing(rule, self.memories[rule.name], judged, times, muted_by)

    def _marked(self, name: str, now: int) -> list[News]:
        """What is new of a rule whose mark somebody changed."""
        return self._telling.marked(self._standing(self.rules[name], self._muted().get(name)), now)

    def _muted(self) -> dict[str, str]:
        """By rule that calls nobody now, the rule that mutes it: one that fires, and isn't muted by itself."""
        muted: dict[str, str] = {}
        for rule in self.rules.values():
            if rule.mutes and self.memories[rule.name].is_up:
                for name in self.rules:
                    if name.partition("[")[0] in rule.mutes or name in rule.mutes:
                        muted.setdefault(name, rule.name)
        return {name: by for name, by in muted.items() if name != by and self.memories[name].stage != "ok"}
