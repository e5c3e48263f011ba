"""Rules along a journal: a back-test says the same up to any moment, and what a replay knows where it begins."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.cli.timeline_model import back_test, model_at
from deskmon.clock import HOUR, MINUTE
from deskmon.config.schema import Config, FeedConfig
from deskmon.hub.hub import Hub
from tests.hub.waiting import until

T0 = 1_760_054_400_000
"""A midnight."""
RULES = {
    "low": {"when": "prices.BTC.last < 90", "for": "10m"},
    "spike": {"when": "prices.BTC.last > 150", "clear": "prices.BTC.last < 50"},
    "first": {"when": "prices.BTC.last > 120", "once": True},
}
STEPS = [
    (0, 100), (HOUR, 130), (HOUR + MINUTE, 100),              # `first` fires, and is over
    (20 * HOUR + 30_000, 160), (20 * HOUR + 50_000, 100),     # 20 seconds between two minutes
    (22 * HOUR, 80),                                          # `low` from here on
]  # fmt: skip
LAST = 26 * HOUR
HEARD = {0: 1, HOUR: 1, 20 * HOUR: 1, 22 * HOUR: 11, LAST - 2 * MINUTE: 2}
"""From these moments on a price is told for so many minutes."""


def price_at(after: int) -> float:
    return next(price for at, price in reversed(STEPS) if at <= after)


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A day and two hours of one price, told each half minute of some stretches and where it changes."""
    path = tmp_path_factory.mktemp("moments") / "three.jsonl"
    told = (at for begin, minutes in HEARD.items() for at in range(begin, begin + minutes * MINUTE, MINUTE // 2))
    moments = sorted({*told, *(at for at, _ in STEPS), LAST})
    lines = [
        {"type": "ticker", "ts": T0 + at, "venue": "bybit", "symbol": "BTC/USDT:USDT", "last": price_at(at)}
        for at in moments
    ]
    head = {"type": "journal", "version": 1, "source": "recorded", "started": T0}
    path.write_bytes(b"\n".join(map(msgspec.json.encode, [head, *lines])))
    return path


def config(journal: Path, at: str | None = None) -> Config:
    feeds = {"replay": FeedConfig(type="replay", options={"path": str(journal), "at": at})}
    return Config(feeds=feeds, alerts=AlertsConfig(rules=msgspec.convert(RULES, dict[str, RuleSettings])))


def transitions(journal: Path, at: str | None) -> list[tuple[int, str, str]]:
    news = back_test(config(journal), at).news
    return [(each.alert.ts - T0, each.alert.rule, each.alert.state) for each in news if each.is_transition]


def test_a_back_test_says_the_same_whatever_moment_it_ends_at(journal: Path) -> None:
    whole = transitions(journal, None)
    assert {rule for _, rule, state in whole if state == "firing"} == set(RULES)
    for at in (HOUR - 1, HOUR, 20 * HOUR + 40_000, 22 * HOUR + 5 * MINUTE):
        assert transitions(journal, str(T0 + at)) == [each for each in whole if each[0] <= at]


async def test_a_replay_knows_of_the_day_before_what_held_for_a_minute_and_commands_say_the_same(
    journal: Path,
) -> None:
    known = {each.alert.rule: each.alert for each in back_test(config(journal), None).news}
    hub = Hub(config(journal, at=str(T0 + LAST - 1_000)))
    running = asyncio.create_task(hub.run())
    await until(lambda: hub.stream.begun.is_set() and hub.stream.model.alerts.told("low"))
    begun = {rule: hub.stream.model.alerts.told(rule) for rule in RULES}
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    model, _ = model_at(config(journal), T0 + LAST - 1_000)
    assert (begun["low"].state, begun["low"].since) == ("firing", known["low"].since)
    assert known["low"].since == T0 + 22 * HOUR + 10 * MINUTE
    assert (known["spike"].state, begun["spike"].state) == ("clearing", "ok"), "twenty seconds between two minutes"
    assert (known["first"].mark, begun["first"].mark) == ("expired", None), "more than a day before"
    assert {rule: (each.state, each.since) for rule, each in begun.items()} == {
        rule: (each.state, each.since) for rule in RULES if (each := model.alerts.told(rule))
    }


def test_at_the_moment_that_is_asked_for_rules_are_judged_by_what_is_known_then(journal: Path) -> None:
    model, _ = model_at(config(journal), T0 + 20 * HOUR + 40_000)
    spike = model.alerts.told("spike")
    assert spike is not None and (spike.state, spike.value) == ("firing", 160), "ten seconds after the price came"


def test_without_rules_a_replay_leaves_out_what_was_said_of_alerts_as_with_some(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    ticker = {"type": "ticker", "ts": T0 + 1, "venue": "bybit", "symbol": "BTC/USDT:USDT", "last": 100.0}
    said = {"type": "alert", "ts": T0 + 2, "rule": "old", "state": "firing", "since": T0}
    head = {"type": "journal", "version": 1, "source": "recorded", "started": T0}
    path.write_bytes(b"\n".join(map(msgspec.json.encode, [head, ticker, said])) + b"\n")
    for desk in (config(path), msgspec.structs.replace(config(path), alerts=AlertsConfig())):
        assert model_at(desk, None)[0].alerts.told("old") is None
        assert model_at(desk, None, judge=False)[0].alerts.told("old") is not None
