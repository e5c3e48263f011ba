"""Rules and paths of scenarios, ready to be judged: their legs read, their times in ms, one for each pin or asset."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from deskmon.alerts.judging import both, either, opposite
from deskmon.alerts.legs import Leg, parse_leg
from deskmon.alerts.settings import (
    MOST_COMPARISONS,
    MOST_RULES,
    AlertsConfig,
    Condition,
    RuleSettings,
    ScenarioSettings,
    length,
    moment,
)
from deskmon.assets import main_symbols
from deskmon.digest import digest
from deskmon.errors import UsageError
from deskmon.events import MAX_NAME, SCENARIO, Severity
from deskmon.format import base
from deskmon.model import Model
from deskmon.model.path_steps import quoted

log = logging.getLogger(__name__)

Words = Mapping[str, str]
"""What stands for the words in braces of a template's legs."""


class Rule(msgspec.Struct, frozen=True, dict=True):
    """A rule that can be judged. `legs` in the order `when`, `all`, `any`, `not`, so many of each as `groups` says;
    times in ms. `content` tells rules apart by what they judge: memory is kept by it."""

    name: str
    legs: tuple[Leg, ...]
    groups: tuple[int, int, int]
    clear: Leg | None
    wait: int
    keep: int = 0
    severity: Severity | None = None
    mutes: tuple[str, ...] = ()
    once: bool = False
    expires: int | None = None
    every: bool = False
    text: str | None = None
    unknown_after: int | None = None
    target: str | None = None

    @cached_property
    def parts(self) -> frozenset[str]:
        """Keys of the state that its legs are under."""
        return frozenset(leg.part for leg in self.all_legs)

    @cached_property
    def all_legs(self) -> tuple[Leg, ...]:
        """Its legs and that of `clear`."""
        return self.legs if self.clear is None else (*self.legs, self.clear)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The same as they are written."""
        return frozenset(leg.text for leg in self.all_legs)

    @cached_property
    def content(self) -> str:
        """The same for two rules that judge the same."""
        judged = [[leg.text for leg in self.all_legs], self.groups, self.clear is None, self.wait, self.keep]
        return digest(msgspec.json.encode([judged, self.once, self.expires, self.every]))

    def holds(self, met: tuple[bool | None, ...]) -> bool | None:
        """Whether the whole condition does, where its legs are `met`."""
        needed, some, none = self.groups
        truths = [both(met[:needed])] if needed else []
        if some:
            truths.append(either(met[needed : needed + some]))
        if none:
            truths.append(opposite(either(met[needed + some :])))
        return both(truths)


def make(name: str, settings: Condition, unknown_after: str, words: Words | None = None) -> Rule:
    """The rule that settings mean; `words` stand for those in braces of a template. Raises UsageError for legs that
    can't be read."""

    def read(text: str) -> Leg:
        for word, value in (words or {}).items():
            text = text.replace(f"{{{word}}}", value)
        return parse_leg(text)

    needed = ([settings.when] if settings.when is not None else []) + list(settings.all)
    written = [*needed, *settings.any, *settings.not_]
    rule = Rule(
        name=name, legs=tuple(map(read, written)), groups=(len(needed), len(settings.any), len(settings.not_)),
        clear=None if settings.clear is None else read(settings.clear), wait=length("for", settings.for_) or 0,
    )  # fmt: skip
    if isinstance(settings, ScenarioSettings):
        return msgspec.structs.replace(rule, target=settings.target)
    assert isinstance(settings, RuleSettings)
    patience = settings.unknown_after or unknown_after
    return msgspec.structs.replace(
        rule, keep=length("keep", settings.keep) or 0, severity=settings.severity, mutes=settings.mutes,
        once=settings.once, expires=None if settings.expires is None else moment("expires", settings.expires),
        every=settings.every, text=_filled(settings.text, words), unknown_after=length("unknown_after", patience),
    )  # fmt: skip


def _filled(text: str | None, words: Words | None) -> str | None:
    for word, value in (words or {}).items() if text else ():
        text = text.replace(f"{{{word}}}", value)  # type: ignore[union-attr]
    return text


Followed = Mapping[str, tuple[tuple[str, Words], ...]]
"""By kind of template what the market has."""


class RuleBook:
    """All rules of a configuration. Templates give one for each pin, asset or feed that the market has."""

    def __init__(self, alerts: AlertsConfig, scenarios: Mapping[str, Mapping[str, ScenarioSettings]]) -> None:
        self._settings = alerts
        self._scenarios = scenarios
        self._left_out = 0
        self._of: Followed | None = None
        self.rules: dict[str, Rule] = {}

    @property
    def followed(self) -> tuple[Followed | None, dict[str, Rule]]:
        """What the market had, and the rules of that: neither is changed later. Whoever sets it goes back to it."""
        return self._of, self.rules

    @followed.setter
    def followed(self, value: tuple[Followed | None, dict[str, Rule]]) -> None:
        self._of, self.rules = value

    def follow(self, model: Model) -> bool:
        """Have a rule for all that the market has by now; True where that is news."""
        kinds: set[str | None] = {each.each for each in self._settings.rules.values() if each.enabled}
        found = {kind: named(model) for kind, named in _INSTANCES.items() if kind in kinds}
        if found == self._of:
            return False
        self._of = found
        self.rules, texts, left_out = {}, set[str](), 0
        for rule in self._made(found):
            if len(self.rules) >= MOST_RULES or len(texts | rule.texts) > MOST_COMPARISONS:
                left_out += 1
            else:
                self.rules[rule.name] = rule
                texts |= rule.texts
        if left_out != self._left_out:
            self._left_out = left_out
            if left_out:
                log.warning(
                    "%d rules are not judged: more than %d rules or %d comparisons; name assets in place of each",
                    left_out, MOST_RULES, MOST_COMPARISONS,
                )  # fmt: skip
        return True

    def _made(self, found: Mapping[str, tuple[tuple[str, Words], ...]]) -> Iterator[Rule]:
        patience = self._settings.unknown_after
        for name, settings in self._settings.rules.items():
            if not settings.enabled:
                continue
            if settings.each is None:
                yield make(name, settings, patience)
            else:
                for label, words in found[settings.each]:
                    try:
                        yield make(f"{name}[{label}]"[:MAX_NAME], settings, patience, words)
                    except UsageError:
                        continue  # a name of the market's that no path can hold
        for kind, paths in self._scenarios.items():
            for path, scenario in paths.items():
                yield make(f"{SCENARIO}{kind}.{path}", scenario, patience)


def _pins(model: Model) -> Iterator[tuple[str, Words]]:
    for pin in model.levels.pins:
        low, high = pin.edges
        price = f"{(low + high) / 2:.12g}"
        yield f"{base(pin.symbol)} {price}", {"symbol": quoted(pin.symbol), "price": price}


def _assets(model: Model) -> Iterator[tuple[str, Words]]:
    for asset in main_symbols(model.prices.symbols):
        yield asset, {"asset": quoted(asset)}


def _feeds(model: Model) -> Iterator[tuple[str, Words]]:
    for feed in model.feeds.names:
        yield feed, {"feed": quoted(feed)}


def _sorted(pairs: Iterable[tuple[str, Words]]) -> tuple[tuple[str, Words], ...]:
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


_INSTANCES: Mapping[str, Callable[[Model], tuple[tuple[str, Words], ...]]] = {
    "pin": lambda model: _sorted(_pins(model)),
    "asset": lambda model: _sorted(_assets(model)),
    "feed": lambda model: _sorted(_feeds(model)),
}
