"""What is sent: one transition of an alert is a notice, the notices of one moment are a message."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

import msgspec

from deskmon.components.text import clean, one_line
from deskmon.digest import digest

Severity = Literal["info", "warn", "page"]
SEVERITIES: tuple[Severity, ...] = ("info", "warn", "page")
"""From the least to the gravest."""

MOST_NOTICES = 500
"""Notices that one message carries; of more, which takes a cascade of hours on a dead route, only the number."""
MOST_LINES = 40
MOST_TEXT = 3_500
"""Characters of a message's text: the least that a channel in use takes is 4,096 bytes."""
_MOST_WORDS = 160
_WORDS = {"firing": "FIRING", "ok": "ok again", "unknown": "can't tell"}


class Notice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A transition of an alert, as a route tells it. `ts` and `since` in ms; `legs` in words, each with ✓, ✗ or ?.
    `body`: what stands below the lines where there is room, a report's text."""

    rule: str
    state: str
    ts: int
    since: int
    severity: Severity = "warn"
    text: str = ""
    value: float | str | None = None
    legs: tuple[str, ...] = ()
    group: str = ""
    body: str = ""

    @property
    def key(self) -> str:
        """The same for the same transition, whichever hub says so and however often."""
        return f"{self.rule} {self.state} {self.since}"

    def line(self) -> str:
        """The notice in one line, with nothing that a terminal or a phone would obey."""
        words = one_line(self.text).removeprefix(f"{one_line(self.rule)}: ")[:_MOST_WORDS]
        state = _WORDS.get(self.state, self.state)
        return f"{_time(self.ts)} {one_line(self.rule)}: {state}" + (f" · {words}" if words else "")


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """What goes out at once. `id` is that of its notices: a repetition has the same one."""

    id: str
    route: str
    at: int
    severity: Severity
    title: str
    text: str
    kind: Literal["alerts", "digest", "trouble", "test"] = "alerts"
    desk: str = ""
    alerts: tuple[Notice, ...] = ()
    more: int = 0
    """Notices that were left out of `alerts`."""


def message(
    route: str, notices: Sequence[Notice], at: int, desk: str, kind: Literal["alerts", "digest", "trouble", "test"]
) -> Message:
    """The message that tells of `notices` on a route, at `at` (ms)."""
    kept = tuple(notices[:MOST_NOTICES])
    more = len(notices) - len(kept)
    return Message(
        id=identity(route, notices), route=route, at=at, kind=kind, desk=desk, alerts=kept, more=more,
        severity=gravest(notice.severity for notice in notices), title=_title(notices, desk), text=_text(notices),
    )  # fmt: skip


def identity(route: str, notices: Iterable[Notice]) -> str:
    """The id of a message: it depends on nothing but the route and what is told."""
    keys = "\n".join([route, *(notice.key for notice in notices)])
    return digest(keys)[:20]


def gravest(severities: Iterable[Severity]) -> Severity:
    """The gravest of them, `info` where there is none."""
    return max(severities, key=SEVERITIES.index, default="info")


def _title(notices: Sequence[Notice], desk: str) -> str:
    first = max(notices, key=lambda notice: (notice.state == "firing", SEVERITIES.index(notice.severity)))
    rest = len({notice.rule for notice in notices} - {first.rule})
    more = f" +{rest} more" if rest else ""
    state = _WORDS.get(first.state, first.state)
    return f"{one_line(desk)}: {one_line(first.rule)} {state}{more}".removeprefix(": ")


def _text(notices: Sequence[Notice]) -> str:
    """A line each while there is room, then the names of the other rules, then how many there are besides."""
    lines: list[str] = []
    length = 0
    for notice in notices[:MOST_LINES]:
        line = notice.line()
        if length + len(line) + 1 > MOST_TEXT * 3 // 4:
            break
        lines.append(line)
        length += len(line) + 1
    rest = notices[len(lines) :]
    if rest:
        lines.append(_named(rest, MOST_TEXT - length))
    return "\n".join([*lines, *_bodies(notices, MOST_TEXT - sum(len(line) + 1 for line in lines))])


def _bodies(notices: Sequence[Notice], room: int) -> list[str]:
    """Whole lines of what notices carry, as far as there is room, each without what a terminal would obey."""
    shown: list[str] = []
    for line in (clean(line) for notice in notices if notice.body for line in ["", *notice.body.split("\n")]):
        if sum(len(each) + 1 for each in shown) + len(line) + 6 > room:
            return [*shown, "…"]
        shown.append(line)
    return shown


def _named(notices: Sequence[Notice], room: int) -> str:
    names = list(dict.fromkeys(one_line(notice.rule) for notice in notices))
    head = f"+{len(notices)} more: "
    shown: list[str] = []
    for name in names:
        if len(head) + sum(len(each) + 2 for each in shown) + len(name) > room - 16:
            break
        shown.append(name)
    left = len(names) - len(shown)
    return head + ", ".join(shown) + (f" and {left} rules" if left else "")


def _time(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%H:%M:%SZ")
