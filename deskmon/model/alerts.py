"""Alerts: how each rule and each path of a scenario stands, as the hub that evaluates them said last."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec
from msgspec.structs import replace

from deskmon.events import Alert
from deskmon.model.alert_figures import AlertFigure, LegFigure, ScenarioFigure
from deskmon.model.part import Part

HELD = 5_000
"""Rules that are held; a further one takes the place of the one that was told longest ago."""


class Alerts(Part[dict[str, AlertFigure]]):
    """Folds alerts. It evaluates nothing."""

    def clear(self) -> None:
        self.revision += 1
        self._told: OrderedDict[str, Alert] = OrderedDict()

    def fold(self, event: Alert) -> None:
        """Take what was said of a rule, in place of what was said before."""
        self.revision += 1
        self._told.pop(event.rule, None)
        if not event.removed:
            self._told[event.rule] = replace(event, recv=None)
            while len(self._told) > HELD:
                self._told.popitem(last=False)

    def checkpoint(self) -> Any:
        return msgspec.to_builtins(list(self._told.values()))

    def restore(self, data: Any) -> None:
        self.clear()
        self._told = OrderedDict((alert.rule, alert) for alert in msgspec.convert(data, list[Alert]))

    def told(self, rule: str) -> Alert | None:
        """What was said of a rule last."""
        return self._told.get(rule)

    @property
    def rules(self) -> list[str]:
        """All rules and paths that something was said of, by name."""
        return sorted(self._told)

    def scenarios(self, now: int) -> dict[str, dict[str, ScenarioFigure]]:
        """The paths of scenarios, by set and path."""
        found: dict[str, dict[str, ScenarioFigure]] = {}
        for rule in self.rules:
            alert = self._told[rule]
            if alert.scenario is not None:
                kind, path = alert.scenario
                found.setdefault(kind, {})[path] = ScenarioFigure(
                    state=alert.state, since=alert.since, legs=_legs(alert), target=alert.target
                )
        return found

    def _compute(self, now: int) -> dict[str, AlertFigure]:
        alerts = (self._told[rule] for rule in self.rules)
        return {alert.rule: _figure(alert) for alert in alerts if alert.scenario is None}


def _figure(alert: Alert) -> AlertFigure:
    return AlertFigure(
        state=alert.state, since=alert.since, value=_whole(alert.value), legs=_legs(alert), severity=alert.severity,
        mark=alert.mark, by=alert.by, until=alert.until, text=alert.text,
    )  # fmt: skip


def _legs(alert: Alert) -> list[LegFigure]:
    return [LegFigure(text=leg.text, met=leg.met, value=_whole(leg.value), since=leg.since) for leg in alert.legs]


def _whole(value: bool | float | str | None) -> bool | float | str | None:
    """The value, a number as a float: a rule may read a whole one, which JSON would print otherwise than after a
    journey."""
    return float(value) if type(value) is int else value
