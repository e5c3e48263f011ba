"""Figures of rules and scenarios. Units as in `figures`."""

from __future__ import annotations

from deskmon.events import AlertMark, AlertState, Severity
from deskmon.model.figure import Figure


class LegFigure(Figure):
    """One comparison: as it is written, whether it holds (None: can't tell), the value it read last, and from when
    (`since`, ms) it is so."""

    text: str
    met: bool | None
    value: bool | float | str | None
    since: int | None


class AlertFigure(Figure):
    """A rule's `state` since `since` (ms), the value that decided, its legs. `mark` (`acknowledged`, `snoozed`,
    `muted`, `expired`): why nobody is called, `by` whom or which rule, `until` (ms). `text`: what its message says."""

    state: AlertState
    since: int
    value: bool | float | str | None
    legs: list[LegFigure]
    severity: Severity | None
    mark: AlertMark | None
    by: str | None
    until: int | None
    text: str | None


class ScenarioFigure(Figure):
    """A path of a scenario: `state` since `since` (ms), its legs, and the `target` that whoever wrote it names."""

    state: AlertState
    since: int
    legs: list[LegFigure]
    target: str | None
