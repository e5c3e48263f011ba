"""A machine that slept: nobody was there to judge, so that time counts for no rule, and it costs one judgement."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from deskmon.alerts.engine import Engine
from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.alerts.watch import Watch
from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.events import Event, Ticker
from deskmon.model import Model

T0 = 1_760_054_400_000
BELOW = msgspec.convert({"when": "prices.BTC.last < 85", "for": "10m"}, RuleSettings)

Wake = Callable[["Desk", int], None]


def price(now: int) -> Event:
    return Ticker(ts=now, recv=now, venue="bybit", symbol="BTC/USDT:USDT", last=84.0)


class Desk:
    """A watch of a live market whose price stays below, and when its rule fired."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.engine, self.fired = Engine(AlertsConfig(rules={"low": BELOW}), {}), list[int]()
        self.judged = list[int]()
        judge = self.engine.judge
        monkeypatch.setattr(self.engine, "judge", lambda *about: self.judged.append(about[1]) or judge(*about))
        model = Model()
        self.watch = Watch(self.engine, lambda: model, live=True)

    def hear(self, now: int) -> None:
        for _, news in self.watch.fold([price(now)]):
            self.note(news)

    def tick(self, now: int) -> None:
        self.note(self.watch.advance(now))

    def note(self, news) -> None:
        self.fired += [each.alert.ts for each in news if each.is_transition and each.alert.state == "firing"]

    def awake(self, start: int, end: int) -> None:
        for now in range(start, end + 1, SECOND):
            self.hear(now)
            self.tick(now)


@pytest.mark.parametrize("wake", [Desk.hear, Desk.tick], ids=["an event comes first", "the clock comes first"])
@pytest.mark.parametrize("slept", [2 * MINUTE, 8 * HOUR, 3 * DAY])
def test_what_a_machine_slept_counts_for_no_rule_and_is_judged_once(
    monkeypatch: pytest.MonkeyPatch, wake: Wake, slept: int
) -> None:
    desk = Desk(monkeypatch)
    desk.awake(T0, T0 + 4 * MINUTE)
    woke = T0 + 4 * MINUTE + slept
    desk.judged.clear()
    wake(desk, woke)
    assert len(desk.judged) == 1 and woke - SECOND <= desk.judged[0] <= woke
    desk.awake(woke, woke + 7 * MINUTE)
    assert len(desk.fired) == 1 and desk.fired[0] - woke == pytest.approx(6 * MINUTE, abs=2 * SECOND)


def test_a_turn_that_took_half_a_minute_counts_and_each_second_of_it_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch)
    desk.awake(T0, T0 + 4 * MINUTE)
    desk.judged.clear()
    desk.tick(T0 + 4 * MINUTE + 30 * SECOND)
    assert len(desk.judged) == 30
    desk.awake(T0 + 4 * MINUTE + 30 * SECOND, T0 + 11 * MINUTE)
    assert desk.fired == [T0 + 10 * MINUTE]
