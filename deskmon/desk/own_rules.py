"""Rules of a trader whose screen is attached to another's hub: the screen judges them by itself, for itself alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from deskmon.alerts.engine import Engine
from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.alerts.telling import News
from deskmon.alerts.watch import ASLEEP
from deskmon.clock import SECOND
from deskmon.errors import DeskError
from deskmon.events import Alert
from deskmon.model import Model
from deskmon.transport.requests import Acknowledge, Request, Snooze


class OwnRules:
    """Judges rules of this screen's configuration that the hub doesn't have by their name. Says what the model is to be
    told; the hub never hears of it."""

    def __init__(self, config: AlertsConfig) -> None:
        self._config = config
        self._engine = Engine(replace(config, rules={}), {})
        self._judged: Mapping[str, RuleSettings] = {}
        self._said: dict[str, Alert] = {}
        self._second = 0

    def follow(self, config: AlertsConfig, model: Model) -> Sequence[Alert]:
        """Take the rules of another configuration."""
        self._config = config
        return self.begin(model)

    def begin(self, model: Model) -> Sequence[Alert]:
        """The stream began with a snapshot, maybe of another hub's: what it lacks of what was said, what it is to
        forget."""
        hubs = {rule.partition("[")[0] for rule in model.alerts.rules if rule not in self._said}
        own = {name: rule for name, rule in self._config.rules.items() if name not in hubs}
        if own != self._judged:
            self._judged = own
            self._engine.take(replace(self._config, rules=own), {})
        self._engine.rest()
        gone = [alert for rule, alert in self._said.items() if rule.partition("[")[0] not in own]
        for alert in gone:
            del self._said[alert.rule]
        return [*self._said.values(), *(replace(alert, removed=True) for alert in gone)]

    def judge(self, model: Model, now: int) -> Sequence[Alert]:
        """Judge once a second of the desk clock `now` (ms); what is new."""
        second = now - now % SECOND
        if not self._judged or second == self._second:
            return ()
        if second > self._second + ASLEEP:
            self._engine.rest()
        self._second = second
        return self._told(self._engine.judge(model, second))

    def ask(self, request: Request, now: int) -> Sequence[Alert] | None:
        """Acknowledge or snooze a rule of this screen; None for a request that is the hub's. Raises DeskError where the
        rule doesn't fire."""
        if not isinstance(request, Acknowledge | Snooze) or request.rule not in self._engine.rules:
            return None
        if isinstance(request, Snooze):
            return self._told(self._engine.snooze(request.rule, request.by, request.until, now))
        news = self._engine.acknowledge(request.rule, request.by, now)
        if not news:
            raise DeskError(f"{request.rule} doesn't fire")
        return self._told(news)

    def _told(self, news: Sequence[News]) -> list[Alert]:
        for each in news:
            if each.alert.removed:
                self._said.pop(each.alert.rule, None)
            else:
                self._said[each.alert.rule] = each.alert
        return [each.alert for each in news]
