"""When a route says what: what happens at once is one message, and a cascade of hours is one a minute."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from deskmon.clock import MINUTE, SECOND
from deskmon.delivery.notice import Notice

WAIT = 2 * SECOND
"""The first notice waits so long (ms) for what comes with it."""
STEP = 4
"""Each further message of a burst waits this many times as long: 2 s, 8 s, 32 s, then a minute. So however many rules
fire, and however spread out, a route says three things in the first minute of a cascade."""
EVERY = MINUTE
"""A rule's group that was told of is told of again after so long (ms), and a quiet minute ends a burst."""
_MOST_GROUPS = 1_000

Item = TypeVar("Item")


class Grouping(Generic[Item]):
    """Collects what waits for one route. An item is what the outbox calls a notice by; times are ms."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Item, Notice]] = []
        self._told: dict[str, int] = {}
        self._wait = WAIT
        self._last: int | None = None
        self._due: int | None = None

    def add(self, item: Item, notice: Notice, now: int) -> None:
        """Take a notice at `now`."""
        if not self._waiting and self._last is not None and now - self._last >= EVERY:
            self._wait, self._last = WAIT, None
        told = self._told.get(_group(notice))
        due = now + self._wait if told is None else max(told + EVERY, now)
        self._due = due if self._due is None else min(self._due, due)
        self._waiting.append((item, notice))

    @property
    def due(self) -> int | None:
        """When the next message is due; None while nothing waits."""
        return self._due

    def take(self, now: int) -> Sequence[tuple[Item, Notice]]:
        """All that waits, where a message is due at `now`: it then counts as told."""
        if self._due is None or now < self._due:
            return ()
        taken, self._waiting, self._due = self._waiting, [], None
        self._wait, self._last = min(self._wait * STEP, EVERY), now
        self._told = {group: at for group, at in self._told.items() if now - at < EVERY}
        for _, notice in taken[:_MOST_GROUPS]:
            self._told[_group(notice)] = now
        return taken


def _group(notice: Notice) -> str:
    return notice.group or notice.rule
