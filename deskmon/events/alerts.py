"""What a desk says of its rules and scenarios: how each stands, and what its legs read."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Literal, get_args

import msgspec

from deskmon.events import checks
from deskmon.events.base import Event
from deskmon.events.checks import MAX_TS, MIN_TS

AlertState = Literal["ok", "pending", "firing", "clearing", "unknown"]
AlertMark = Literal["acknowledged", "snoozed", "muted", "expired"]
Severity = Literal["info", "warn", "page"]

MOST_LEGS = 32
SCENARIO = "scenarios."
"""Begins the rule of an alert that is about a path of a scenario: `scenarios.SET.PATH`. No rule's name has a dot."""


class LegReading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One comparison of a rule: as it is written, whether it holds (None: can't tell), and the value that it read; of a
    change the change. `since` (ms): from when it is so."""

    text: str
    met: bool | None = None
    value: bool | float | str | None = None
    since: int | None = None


class Alert(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="alert"):
    """How a rule stands at `ts`: said by a hub when the state or the mark changed, or a leg's truth while both stay.

    `since` (ms): from when the state is. `mark` says why nobody is called, `by` whom or what, `until` (ms) how long.
    `value` is what the leg that decided read. `text` is what a message says. `target` belongs to a path of a scenario.
    `removed`: the rule left the configuration.
    """

    rule: str
    state: AlertState
    since: int
    mark: AlertMark | None = None
    by: str | None = None
    until: int | None = None
    value: bool | float | str | None = None
    legs: tuple[LegReading, ...] = ()
    severity: Severity | None = None
    text: str | None = None
    target: str | None = None
    removed: bool = False

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("rule", self.rule)
        checks.member("state", self.state, get_args(AlertState))
        if self.mark is not None:
            checks.member("mark", self.mark, get_args(AlertMark))
        if self.severity is not None:
            checks.member("severity", self.severity, get_args(Severity))
        for time in (self.since, self.until, *(leg.since for leg in self.legs)):
            if time is not None and not MIN_TS <= time <= MAX_TS:
                raise ValueError(f"since, until: {time!r} is not a time in ms between 2000 and 2100")
        if len(self.legs) > MOST_LEGS:
            raise ValueError(f"legs: more than {MOST_LEGS}")
        for text in (self.by, self.text, self.target, *(leg.text for leg in self.legs)):
            checks.text("by, text, target, legs", text)
        for value in (self.value, *(leg.value for leg in self.legs)):
            if isinstance(value, str):
                checks.text("value", value)
            elif value is not None:
                checks.finite(value=value)

    @property
    def scenario(self) -> tuple[str, str] | None:
        """(set, path) of a scenario; None of a rule."""
        if not self.rule.startswith(SCENARIO):
            return None
        kind, _, path = self.rule.removeprefix(SCENARIO).partition(".")
        return kind, path
