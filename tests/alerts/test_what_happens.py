"""The second table of docs/alert-states.md: what becomes of a rule when the desk restarts, its clock steps, its
configuration is read anew, traders speak, or another hub takes over; and that the tests exist that the page names."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from deskmon.alerts.engine import Engine
from deskmon.alerts.reading import Reading
from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.alerts.telling import News
from deskmon.alerts.trial import START, series
from deskmon.clock import HOUR, SECOND
from deskmon.events import Alert
from deskmon.model import Model
from deskmon.model.figure_path import FigurePath, parse

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "alert-states.md").read_text(encoding="utf-8")
PRICE = "prices.BTC.last"
BEGIN = START + HOUR
STATES = {"ok": ".", "pending": "p", "firing": "F", "clearing": "c", "unknown": "?"}
MARKS = {"acknowledged": "a", "snoozed": "z", "muted": "m", "expired": "x"}
ROW = r"^\| ([a-z][^|]+) \| (`[^|]+) \| `([\d._ ]+)` \|([^|]*)\| `([-.pFc?azmx ]+)` \|$"
ROWS = re.findall(ROW, PAGE, re.MULTILINE)


def settings(words: str) -> dict[str, dict[str, object]]:
    """`< 85`, for 2s, muted by `< 80` → the rule r, and the one that mutes it."""
    first, *others = (part.strip() for part in words.replace("`", "").split(","))
    rule: dict[str, object] = {"when": f"{PRICE} {first}", "unknown_after": "2s"}
    rules = {"r": rule}
    for other in others:
        key, _, value = other.partition(" ")
        if key == "muted":
            rules["mute"] = {"when": f"{PRICE} {value.removeprefix('by ')}", "mutes": ["r"]}
        elif key == "expires":
            rule[key] = datetime.fromtimestamp(BEGIN / 1000 + int(value[:-1]), UTC).isoformat()
        else:
            rule[key] = True if key == "once" else f"{PRICE} {value}" if key == "clear" else value
    return rules


def alerts(rules: dict[str, dict[str, object]]) -> AlertsConfig:
    return AlertsConfig(rules=msgspec.convert(rules, dict[str, RuleSettings]))


class Desk:
    """A desk whose one price is a series; what is told of the rule r."""

    def __init__(self, rules: dict[str, dict[str, object]], prices: str) -> None:
        self.rules, self.engine = rules, Engine(alerts(rules), {})
        self.next: Engine | None = None
        self.model, self.values = Model(), series(parse(PRICE), prices)
        self.offset = 0
        self.told: dict[int, Alert] = {}

    def judge(self, second: int) -> str:
        now = BEGIN + (second + self.offset) * SECOND
        value = self.values[second]

        def read(path: FigurePath, now: int) -> Reading:
            return Reading(value)

        for engine in filter(None, (self.engine, self.next)):
            self.note(engine, engine.judge(self.model, now, read=read))
        alert = self.told.get(id(self.engine))
        return "-" if alert is None else MARKS[alert.mark] if alert.mark else STATES[alert.state]

    def note(self, engine: Engine, news: list[News]) -> None:
        """Remember what an engine says of the rule r."""
        self.told |= {id(engine): each.alert for each in news if each.alert.rule == "r"}

    def hear(self, words: str, second: int) -> None:
        """Let one thing happen before second `second` is judged."""
        now = BEGIN + (second + self.offset) * SECOND
        number = int(found[0]) if (found := re.findall(r"(\d+)s", words)) else 0
        if words.startswith("restart"):
            saved = msgspec.json.decode(msgspec.json.encode(self.engine.saved()))
            self.engine = Engine(alerts(self.rules), {})
            self.engine.restore(saved)
        elif words.startswith("the clock"):
            self.offset += number if "on" in words.split() else -number
            self.engine.rest()  # as the watch does where a machine slept
        elif words.startswith("reload"):
            other = {"other": {"when": "mode = demo"}}
            changed = {"r": {**self.rules["r"], "for": f"{number}s"}} if "for" in words else other
            self.engine.take(alerts(self.rules | changed), {})
        elif words.startswith("ann acknowledges"):
            self.note(self.engine, self.engine.acknowledge("r", "ann", now))
        elif words.startswith("ann snoozes"):
            self.note(self.engine, self.engine.snooze("r", "ann", now + number * SECOND, now))
        elif words.startswith("another hub"):
            self.next = Engine(alerts(self.rules), {})
            self.judge(second - 1)
            shared = self.engine.shared(leads=True, at=now - SECOND)
            self.note(self.next, self.next.succeed(shared, self.model, now - SECOND, anew=True))
        else:
            assert words.startswith("the leader dies") and self.next is not None
            shared = self.engine.shared(leads=True, at=now - SECOND)
            self.engine, self.next = self.next, None
            self.note(self.engine, self.engine.succeed(shared, self.model, now, anew=False))


@pytest.mark.parametrize(("case", "words", "prices", "happens", "states"), ROWS)
def test_the_second_table_of_the_page(case: str, words: str, prices: str, happens: str, states: str) -> None:
    desk, seen = Desk(settings(words), prices), []
    for second in range(len(prices.split())):
        for each in filter(None, (part.strip() for part in happens.split(";"))):
            what, _, at = each.rpartition(" at ")
            if int(at) == second:
                desk.hear(what, second)
        seen.append(desk.judge(second))
    assert " ".join(seen) == states, case


def test_the_page_has_all_its_cases() -> None:
    named = {case for case, *_ in ROWS} | set(re.findall(r"^\| ([a-z][^|]+) \| `tests/", PAGE, re.MULTILINE))
    wanted = {
        "restart while ok", "restart while pending", "restart while firing", "restart while clearing",
        "restart while unknown", "restart once expired", "clock goes back", "clock goes on", "reload of this rule",
        "reload of another", "inhibition", "expiry", "acknowledgement", "snooze", "leader change", "reconnect",
        "grouping", "digest", "look-back beside a live alert",
    }  # fmt: skip
    assert wanted <= named


def test_each_test_that_the_page_names_is_there() -> None:
    found = re.findall(r"`(tests/[\w/]+\.py)`: `(\w+)`", PAGE)
    assert len(found) >= 4
    for file, test in found:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), test
