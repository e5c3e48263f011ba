"""The engine says what a slow evaluator says, written from the definitions; batches and restarts change nothing."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from deskmon.alerts.engine import Engine
from deskmon.alerts.reading import Read, Reading
from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.alerts.trial import START
from deskmon.alerts.watch import Watch
from deskmon.events import Alert, Event, Journal, Liquidation, Ticker
from deskmon.model import Model
from deskmon.model.figure_path import FigurePath

A, B = "prices.BTC.last", "prices.ETH.last"
Values = list[tuple[float | None, float | None]]


class Case(NamedTuple):
    """A rule on two prices, with its times in seconds."""

    high: float
    low: float
    wait: int
    keep: int
    any: bool
    clear: float | None

    @property
    def settings(self) -> dict[str, object]:
        legs = [f"{A} > {self.high}", f"{B} < {self.low}"]
        clear = {} if self.clear is None else {"clear": f"{A} < {self.clear}"}
        times = {"for": f"{self.wait}s", "keep": f"{self.keep}s", "unknown_after": "never"}
        return {("any" if self.any else "all"): legs, **times, **clear}


def slow(case: Case, values: Values) -> list[str]:
    """State at each second: every clock is counted anew from the whole past."""
    states: list[str] = []
    for now in range(len(values)):
        before = states[-1] if states else "ok"
        met, over = truth(case, values[now])
        if before in ("ok", "pending"):
            if met is None:
                states.append(before)
            elif not met:
                states.append("ok")
            else:
                first = now
                while first and states[first - 1] == "pending":
                    first -= 1
                ran = sum(truth(case, values[at])[0] is truth(case, values[at - 1])[0] is True
                          for at in range(first + 1, now + 1))  # fmt: skip
                states.append("firing" if ran >= case.wait else "pending")
        elif met:
            states.append("firing")
        elif over is None or (met is None and not over):
            states.append(before)
        else:
            first = now
            while first and states[first - 1] == "clearing":
                first -= 1
            held = 0
            for at in range(first, now + 1):
                ends = over_at(case, values[at])
                was = at > first and over_at(case, values[at - 1]) is True
                held = 0 if ends is False else held + (ends is True and was)
            states.append("ok" if over and held >= case.keep else "clearing")
    return states


def truth(case: Case, pair: tuple[float | None, float | None]) -> tuple[bool | None, bool | None]:
    """(whether the condition holds, whether what ends it does)."""
    one = None if pair[0] is None else pair[0] > case.high
    two = None if pair[1] is None else pair[1] < case.low
    if case.any:
        met = True if True in (one, two) else None if None in (one, two) else False
    else:
        met = False if False in (one, two) else None if None in (one, two) else True
    if case.clear is None:
        return met, None if met is None else not met
    return met, None if pair[0] is None else pair[0] < case.clear


def over_at(case: Case, pair: tuple[float | None, float | None]) -> bool | None:
    """What ends it, at a second in which the condition doesn't hold; one that nobody can tell of counts nothing."""
    met, over = truth(case, pair)
    return None if met is None and over is False else over


def reads(values: Values) -> Read:
    def read(path: FigurePath, now: int) -> Reading:
        pair = values[(now - START) // 1_000]
        return Reading(pair[0] if path.text == A else pair[1])

    return read


def fresh(case: Case) -> Engine:
    return Engine(AlertsConfig(rules={"r": msgspec.convert(case.settings, RuleSettings)}), {})


numbers = st.none() | st.integers(0, 6).map(float)
cases = st.builds(
    Case, st.integers(1, 4).map(float), st.integers(2, 5).map(float), st.integers(0, 3), st.integers(0, 3),
    st.booleans(), st.none() | st.integers(0, 3).map(float),
)  # fmt: skip


@given(cases, st.lists(st.tuples(numbers, numbers), min_size=1, max_size=25), st.sets(st.integers(0, 24), max_size=3))
def test_the_engine_says_what_the_definitions_say_restarts_or_not(case: Case, values: Values, killed: set[int]) -> None:
    engine, model, found = fresh(case), Model(), []
    for second in range(len(values)):
        engine.judge(model, START + second * 1_000, read=reads(values))
        found.append(engine.memories["r"].stage)
        if second in killed:  # right after it was saved
            saved = msgspec.json.decode(msgspec.json.encode(engine.saved()))
            engine = fresh(case)
            engine.restore(saved)
            engine.judge(model, START + second * 1_000, read=reads(values))
    assert found == slow(case, values)


T = START + 3_600_000
arrivals = st.lists(
    st.tuples(st.integers(0, 900), st.sampled_from(["price", "liquidation"]), st.integers(1, 9)), max_size=30
)


def market(steps: list[tuple[int, str, int]]) -> list[Event]:
    events: list[Event] = [Journal(version=1, source="recorded", started=START, ts=START)]
    now = T
    for index, (gap, kind, size) in enumerate(steps):
        now += gap
        where = {"ts": now, "venue": "bybit", "symbol": "BTC/USDT:USDT"}
        if kind == "price":
            events.append(Ticker(**where, last=float(size)))
        else:
            events.append(Liquidation(**where, side="long", price=1.0, amount=1.0, usd=size * 1e6, id=str(index)))
    return events


@given(arrivals, st.sets(st.integers(0, 30), max_size=8))
def test_batches_change_nothing_that_is_said(steps: list[tuple[int, str, int]], cuts: set[int]) -> None:
    events = market(steps)
    assert said(events, []) == said(events, sorted(cuts)) == said(events, list(range(31)))


def said(events: list[Event], cuts: list[int]) -> list[Alert]:
    rules = {
        "price": {"when": f"{A} > 5", "for": "1s"}, "cross": {"when": f"{A} crosses above 4"},
        "burst": {"when": "liquidations.windows.1m.usd > 12M", "keep": "2s"},
    }  # fmt: skip
    model = Model()
    watch = Watch(
        Engine(AlertsConfig(rules=msgspec.convert(rules, dict[str, RuleSettings])), {}), lambda: model, live=False
    )
    alerts: list[Alert] = []
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        for _, news in watch.fold(events[start:end]):
            alerts += [each.alert for each in news]
    return alerts + [each.alert for each in watch.advance(T + 65_000)]


def test_a_liquidation_is_judged_when_it_arrives_and_the_end_of_its_window_at_a_whole_second() -> None:
    alerts = said(market([(300, "liquidation", 9), (400, "liquidation", 9), (1_300, "price", 1)]), [])
    burst = [(alert.ts - T, alert.state) for alert in alerts if alert.rule == "burst"]
    assert burst == [(300, "ok"), (700, "firing"), (61_000, "clearing"), (63_000, "ok")]
