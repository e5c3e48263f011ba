"""A timeline: a market with a beginning, known in order of arrival. A journal is one, a simulated market is one.

Here too: how people write a moment of one (`parse_time`) and a length of time (`parse_duration`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, runtime_checkable

from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.errors import UsageError
from deskmon.events import MAX_TS, MIN_TS, Event, Journal, Mode
from deskmon.weekly import DAYS


class Timeline(Protocol):
    """A stream that can be read again from its start, so that a player can seek."""

    header: Journal
    mode: Mode
    start: int
    """Desk time (ms UTC) at which playing begins; events that arrived by then are the history."""

    @property
    def end(self) -> int | None:
        """Desk time (ms UTC) of the last arrival, or None for a market without end."""
        ...

    def events(self) -> Iterator[Event]:
        """All events from the beginning, in order of arrival. Each call starts afresh and yields the same."""
        ...


class Moment(NamedTuple):
    """A desk time (ms UTC) at which a market has something to see: its name, and what that is in one line."""

    at: int
    name: str
    text: str


class Opening(NamedTuple):
    """A timeline from a checkpoint on. `known`: events that make any model one that knows all that had arrived by `at`
    (ms); `events`: those that follow."""

    known: Sequence[Event]
    at: int
    events: Iterator[Event]


@runtime_checkable
class CheckpointedTimeline(Timeline, Protocol):
    """A timeline that can begin near any of its moments."""

    def events_from(self, at: int) -> Opening | None:
        """What begins at the newest checkpoint of what had arrived by `at` (ms). None where there is no such one."""
        ...


@runtime_checkable
class Resumable(Protocol):
    """A timeline that can begin at its start, without making what came before."""

    def following(self) -> Iterator[Event]:
        """The events that arrive after the start, in order of arrival."""
        ...


def following(timeline: Timeline) -> Iterator[Event]:
    """The events of a timeline that arrive after its start, in order of arrival."""
    if isinstance(timeline, Resumable):
        return timeline.following()
    return (event for event in timeline.events() if event.arrival > timeline.start)


_UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+", re.ASCII)
_SAID = (
    rf"(?:(?P<day>today|yesterday|{'|'.join(DAYS)})(?: (?=\d)|$))?"
    r"(?:(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?z?)?"
)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)


def parse_duration(text: str) -> int:
    """A length of time such as 90s, 10m, 1h30m, 1.5h, 250ms, 7d → ms. Raises UsageError."""
    written = text.strip().lower()
    if not _DURATION.fullmatch(written) or len(written) > 64:
        raise UsageError(f"{text[:80]!r} is not a length of time", "write it like 90s, 10m, 1h30m or 7d")
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(written))
    if not 0 < total <= MAX_TS - MIN_TS:
        raise UsageError(f"{text[:80]!r} is not a length of time", "it must lie above zero and below a century")
    return max(1, round(total))


def parse_time(text: str, start: int, now: int, *, ahead: bool = False) -> int:
    """A moment as people write it → ms UTC. Raises UsageError that says which forms there are.

    ISO 8601 (UTC where no zone is given), epoch ms, `+15m` from `start` (ms); before `now` (ms): `2h ago`, `14:05` and
    `monday 14:05` (the newest past one), `today` and `yesterday 21:00`, `monday` (its beginning), `now`. ahead: the
    market goes on after `now`, so that a time of day before `start` is the next one where that is nearer.
    """
    written = text.strip()
    if written.startswith("+"):
        return _in_range(start + parse_duration(written[1:]), text) if written[1:].strip() != "0" else start
    if written.isascii() and written.isdigit() and len(written) >= 9:
        return _in_range(int(written[:20]), text)
    said = _said(" ".join(written.lower().split()), now)
    if said is not None:
        is_time = written[:1].isdigit() and not written.endswith("ago")
        is_ahead = ahead and is_time and said < start and said + DAY - now < now - said
        return _in_range(said + DAY if is_ahead else said, text)
    try:
        moment = datetime.fromisoformat(written.upper() if written.endswith("z") else written)
    except ValueError:
        raise UsageError(
            f"{text[:80]!r} is not a time",
            "write ISO 8601 like 2026-01-05T12:00:00Z, epoch milliseconds, 2h ago, 14:05, yesterday 21:00, monday, now "
            "or +15m from the start",
        ) from None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return _in_range(round(moment.timestamp() * 1000), text)


def _said(written: str, now: int) -> int | None:
    """A moment before `now`, None where the text is no such one. Raises UsageError for a length of time that is
    none."""
    if written == "now":
        return now
    if written.endswith(" ago"):
        return now - parse_duration(written.removesuffix(" ago"))
    named = re.fullmatch(_SAID, written, re.ASCII)
    if named is None or not written:
        return None
    day, hours, minutes, seconds = named["day"], named["h"], named["m"], named["s"]
    if hours is not None and not (int(hours) < 24 and int(minutes) < 60 and int(seconds or 0) < 60):
        return None
    into = 0 if hours is None else int(hours) * HOUR + int(minutes) * MINUTE + int(seconds or 0) * SECOND
    midnight = now - now % DAY
    if day in ("today", "yesterday"):
        return midnight + into - (DAY if day == "yesterday" else 0)
    if day is None:
        return midnight + into - (DAY if midnight + into > now else 0)
    weekday = datetime.fromtimestamp(midnight / 1000, UTC).weekday()
    then = midnight - (weekday - DAYS.index(day)) % 7 * DAY + into
    return then - (7 * DAY if then > now else 0)


def _in_range(ts: int, text: str) -> int:
    if not MIN_TS <= ts <= MAX_TS:
        raise UsageError(f"{text[:80]!r} is not a time between 2000 and 2100", "epoch times are in milliseconds")
    return ts
