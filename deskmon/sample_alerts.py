"""Alerts of the sample markets: rules in every state, three paths of a scenario."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.events import SCENARIO, Alert, LegReading


def full_alerts(now: int) -> Iterator[Alert]:
    """Of a whole market at `now` (ms): comparisons stand as they do for as long as their rule or path."""
    for alert in (*_rules(now), *_paths(now)):
        yield replace(alert, legs=tuple(replace(leg, since=leg.since or alert.since) for leg in alert.legs))


def _rules(now: int) -> Iterator[Alert]:
    yield Alert(
        ts=now - 5 * MINUTE, rule="cascade", state="firing", since=now - 5 * MINUTE, severity="page", value=23.4e6,
        legs=(_leg("liquidations.windows.5m.long_usd > 20M", True, 23.4e6),),
    )  # fmt: skip
    yield Alert(
        ts=now - 10 * MINUTE, rule="lost85", state="clearing", since=now - 10 * MINUTE, severity="warn", value=84_812.5,
        text="BTC lost 85,000: it is at 84,812.5", legs=(_leg("prices.BTC.last < 85000", True, 84_812.5),),
    )  # fmt: skip
    yield Alert(
        ts=now - 9 * MINUTE, rule="level85", state="firing", since=now - 9 * MINUTE, severity="warn", mark="muted",
        by="lost85", legs=(_leg("levels.BTC[85000].status in broken reclaimed", True, "broken"),),
    )  # fmt: skip
    yield Alert(
        ts=now - 18 * MINUTE, rule="eth", state="firing", since=now - 25 * HOUR, severity="warn", mark="snoozed",
        by="ann", until=now + 42 * MINUTE, legs=(_leg("prices.ETH.last < 2800", True, 2_771.2),),
    )  # fmt: skip
    yield Alert(
        ts=now - 20 * SECOND, rule="fear", state="pending", since=now - 20 * SECOND, severity="info",
        legs=(
            _leg("options.BTC.constant_maturity.30d.rr25 change 4h < -2", True, -2.4),
            _leg("options.BTC.dvol_percentile > 95", False, 91.0, now - 3 * HOUR),
        ),
    )  # fmt: skip
    yield Alert(
        ts=now - 40 * SECOND, rule="deaf", state="unknown", since=now - 40 * SECOND, severity="info",
        legs=(_leg("feeds.kraken.age_ms > 30s", None, None), _leg("feeds.kraken.age_ms unknown", None, None)),
    )  # fmt: skip
    yield Alert(
        ts=now - 3 * HOUR, rule="funding_flips", state="ok", since=now - 3 * HOUR, severity="info",
        legs=(_leg("funding.BTC.mean_8h crosses below 0", False, 0.000_12),),
    )  # fmt: skip


def _paths(now: int) -> Iterator[Alert]:
    price = 84_812.5
    legs = {
        "base": (_leg("prices.BTC.last > 80000", True, price), _leg("prices.BTC.last < 85000", True, price)),
        "bear": (
            _leg("prices.BTC.last < 80000", False, price), _leg("flows.BTC.day_usd < 0", True, -238e6),
            _leg("liquidations.windows.24h.long_share > 0.8", True, 0.91),
        ),
        "bull": (
            _leg("levels.BTC[85000].status in reclaimed holding", False, "broken"),
            _leg("prices.BTC.last > 85500", False, price), _leg("flows.BTC.day_usd > 0", False, -238e6),
            _leg("options.BTC.constant_maturity.30d.rr25 change 24h > 0", None, None),
        ),
    }  # fmt: skip
    states = {"base": "pending", "bear": "ok", "bull": "ok"}
    targets = {"base": "80000-85000", "bear": "74000-76000", "bull": "90000-94000"}
    for path, readings in legs.items():
        yield Alert(
            ts=now - 50 * MINUTE, rule=f"{SCENARIO}break85.{path}", state=states[path], since=now - 50 * MINUTE,  # type: ignore[arg-type]
            legs=readings, target=targets[path],
        )  # fmt: skip


def odd_alerts(now: int) -> Iterator[Alert]:
    """Names of 64 characters, texts made to mislead a terminal, values of any size, comparisons that are none."""
    trick = "\x1b]52;c;aGk=\x07\x1b[2J \u202edesrever\u202c 柴犬 [red]x[/]"
    readings = (
        _leg("w" * 300, None, None), _leg(trick, True, trick), _leg("prices.柴犬.last < 1e-9", True, 9.9e17),
        _leg("levels.BTC[", False, True), _leg("= =", None, -1e-12),
    )  # fmt: skip
    for number, state in enumerate(("firing", "pending", "clearing", "unknown", "ok")):
        yield Alert(
            ts=now, rule=f"{number}{'r' * 63}", state=state, since=now, severity="page", text=trick * 9,  # type: ignore[arg-type]
            by="b" * 64, mark="acknowledged" if number == 2 else None, legs=readings,
        )  # fmt: skip
    yield Alert(ts=now, rule=f"{SCENARIO}火币.{'p' * 40}", state="unknown", since=now, target=trick, legs=readings)
    yield Alert(ts=now, rule=f"{SCENARIO}火币.none", state="ok", since=now)


def _leg(text: str, met: bool | None, value: bool | float | str | None, since: int | None = None) -> LegReading:
    return LegReading(text=text, met=met, value=value, since=since)
