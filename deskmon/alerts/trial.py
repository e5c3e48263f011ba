"""Trial runs on series written by hand: `[[tests]]` of deskmon.toml, as promtool has them for Prometheus."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from deskmon.alerts.engine import Engine
from deskmon.alerts.legs import Value, words_of
from deskmon.alerts.reading import UNKNOWN, Read, Reading
from deskmon.alerts.settings import AlertsConfig, AlertTest, ScenarioSettings, length
from deskmon.alerts.telling import News
from deskmon.alerts.values import number
from deskmon.clock import SECOND
from deskmon.errors import UsageError
from deskmon.events import MIN_TS, Alert
from deskmon.model import Model
from deskmon.model.figure_path import FigurePath, parse

START = MIN_TS
"""Desk time (ms) at which a trial run begins."""
LONGEST = 31 * 86_400
"""Steps and seconds of a trial run at most."""
_TOKEN = re.compile(r'(?P<first>"[^"]*"|[^\s*"]+?)(?:\.\.(?P<last>[^\s*]+))?(?:\*(?P<times>\d+))?(?=\s|$)')

Series = Mapping[str, Sequence[Value | None]]


class Failure(Exception):
    """What a trial run expected and what came out, in one line; `said`: what the rules had said by then."""

    def __init__(self, message: str, said: list[News]) -> None:
        super().__init__(message)
        self.said = said


def series(path: FigurePath, text: str) -> list[Value | None]:
    """`1M*5 20M..30M*3 _` → the values, one a step: five of a million, three from 20 to 30 million, one that nobody
    knows. Raises UsageError for what can't be read."""
    values: list[Value | None] = []
    for token in text.split():
        match = _TOKEN.fullmatch(token)
        if match is None or len(values) > LONGEST:
            raise UsageError(f"{token[:40]!r} is no value of a series", "write it like 1M, 1M*5, 1M..3M*3 or _")
        times = int(match["times"] or 1)
        if not 0 < times <= LONGEST:
            raise UsageError(f"{token[:40]!r} repeats {times} times", f"1 to {LONGEST:,} times")
        values += _spread(path, match["first"], match["last"], times)
    if not values:
        raise UsageError("a series has at least one value", "write it like 1M, 1M*5, 1M..3M*3 or _")
    return values


def _spread(path: FigurePath, first: str, last: str | None, times: int) -> list[Value | None]:
    if first == "_":
        return [None] * times
    if last is None:
        return [_value(path, first)] * times
    low, high = number(first, path.unit), number(last, path.unit)
    return [low + (high - low) * at / max(1, times - 1) for at in range(times)]


def _value(path: FigurePath, text: str) -> Value:
    if path.is_number:
        return number(text, path.unit)
    if path.type is bool:
        return text == "true"
    words = words_of(path)
    if words and text not in words:
        raise UsageError(f"{path.text} is never {text!r}", f"valid: {' '.join(words)}")
    return text.strip('"')


def reading(values: Series, step: int) -> Read:
    """Reads series, of which one value lasts `step` ms; the last one stays. What has no series nobody knows."""

    def read(path: FigurePath, now: int) -> Reading:
        known = values.get(path.text)
        if known is None:
            return UNKNOWN
        value = known[min((now - START) // step, len(known) - 1)]
        return UNKNOWN if value is None else Reading(value)

    return read


def play(engine: Engine, read: Read, seconds: int, begin: int = 0) -> Iterator[News]:
    """What an engine says at each whole second after `begin` seconds, up to `seconds`."""
    model = Model()
    for second in range(begin, seconds + 1):
        now = START + second * SECOND
        yield from engine.judge(model, now, read=read)


def run(test: AlertTest, alerts: AlertsConfig, scenarios: Mapping[str, Mapping[str, ScenarioSettings]]) -> list[News]:
    """What the rules said in a trial run. Raises Failure where that isn't what was expected, UsageError where the test
    can't be read."""
    step = length("step", test.step) or SECOND
    values = {path.text: series(path, text) for name, text in test.series.items() for path in (parse(name),)}
    expected = sorted((length("at", each.at) or 0, each) for each in test.expect)
    engine, read = Engine(alerts, scenarios), reading(values, step)
    if expected[-1][0] > LONGEST * SECOND:
        raise UsageError(f"test {test.name!r} runs for too long", "31 days at most")
    said: list[News] = []
    told: dict[str, Alert] = {}
    at = 0
    for moment, each in expected:
        second = moment // SECOND
        for news in play(engine, read, second, at):
            told[news.alert.rule] = news.alert
            said.append(news)
        at = max(at, second + 1)
        found = told.get(each.rule)
        if found is None:
            raise UsageError(f"test {test.name!r} expects something of {each.rule!r}", "there is no such rule")
        if found.state != each.state:
            raise Failure(f"at {each.at} {each.rule} is {found.state}, expected {each.state}", said)
    return said
