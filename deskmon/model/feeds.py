"""Feed health: each feed's newest status, its rate, and the gaps it left."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import msgspec

from deskmon.clock import SECOND
from deskmon.events import MAX_TEXT, FeedStatus, Gap
from deskmon.model.figures import FeedFigure
from deskmon.model.part import WENT_BACK, Part, real, stamp

RATE_OVER = 10 * SECOND
"""Stretch of counters from which the rate is taken (ms)."""

GAPS_HELD = 1_000
MODEL = "model"
"""Name under which the model itself stands among the feeds, once it left something out."""


def is_none(words: str) -> bool:
    """Whether a feed's words on a channel say that its source doesn't have it: `none`, or `none: WHY`."""
    return words.partition(":")[0] == "none"


def hears_liquidations(feed: FeedStatus | FeedFigure) -> bool:
    """Whether a feed is live and its source has liquidations, or doesn't say what it has."""
    if feed.state != "live" or feed.service:
        return False
    return not feed.channels or not is_none(feed.channels.get("liquidations", "none"))


class Feeds(Part[dict[str, FeedFigure]]):
    """Folds feed statuses and gaps."""

    def clear(self) -> None:
        self.revision += 1
        self._status: dict[str, FeedStatus] = {}
        self._counters: dict[str, list[tuple[int, int]]] = {}
        self._missed: dict[str, int] = {}
        self._gaps: deque[Gap] = deque(maxlen=GAPS_HELD)
        self._refused, self._why = 0, ""

    def refuse(self, why: str) -> None:
        """Count an event that the model can't fold."""
        self.revision += 1
        self._refused, self._why = self._refused + 1, why[:MAX_TEXT]

    @property
    def gaps(self) -> Sequence[Gap]:
        """The gaps that came last, newest last."""
        return self._gaps

    @property
    def names(self) -> list[str]:
        """Labels of the feeds that said something of themselves, by name; services of the hub aren't among them."""
        return sorted(feed for feed, status in self._status.items() if not status.service)

    def fold(self, event: FeedStatus | Gap) -> None:
        if type(event) is Gap:
            self.revision += 1
            self._gaps.append(event)
            self._missed[event.feed] = self._missed.get(event.feed, 0) + event.dropped
        elif type(event) is FeedStatus:
            self.fold_status(event)

    def fold_status(self, status: FeedStatus) -> None:
        """Take a status, where it isn't a little older than the one held. One that is much older is of a clock that
        went back."""
        self.revision += 1
        feed, ts = status.feed, stamp(status)
        held = self._status.get(feed)
        if status.state == "removed":
            for known in (self._status, self._counters, self._missed):
                known.pop(feed, None)
        elif held is None or not 0 < stamp(held) - ts <= WENT_BACK:
            self._status[feed] = status
            self._count(feed, ts, status.events)

    def checkpoint(self) -> Any:
        held = [list(self._status.values()), self._counters, self._missed, list(self._gaps)]
        return msgspec.to_builtins([*held, self._refused, self._why])

    def restore(self, data: Any) -> None:
        self.clear()
        statuses, counters, missed, gaps, refused, why = data
        self._status = {status.feed: status for status in msgspec.convert(statuses, list[FeedStatus])}
        self._counters = msgspec.convert(counters, dict[str, list[tuple[int, int]]])
        self._missed = msgspec.convert(missed, dict[str, int])
        self._gaps.extend(msgspec.convert(gaps, list[Gap]))
        self._refused, self._why = int(refused), str(why)

    def _count(self, feed: str, ts: int, events: int) -> None:
        """Keep the counter's course; a counter that went back is another run of the feed."""
        course = self._counters.get(feed)
        if course is None:
            course = self._counters[feed] = []
        if course and events < course[-1][1]:
            course.clear()
        if course and ts == course[-1][0]:
            course.pop()
        course.append((ts, events))
        while len(course) > 2 and course[1][0] <= ts - RATE_OVER:
            del course[0]

    def _compute(self, now: int) -> dict[str, FeedFigure]:
        found = {feed: self._figure(self._status[feed], now) for feed in sorted(self._status)}
        return {**found, MODEL: self._model()} if self._refused else found

    def _model(self) -> FeedFigure:
        """What the model itself left out, as a row among the feeds."""
        return FeedFigure(
            state="live", detail=f"impossible, left out: {self._why}", venue=None, age_ms=None, events=0, dropped=0,
            rejected=self._refused, reconnects=0, lag_ms=None, blocked_ms=None, rate=None, channels={}, service=True,
        )  # fmt: skip

    def _figure(self, status: FeedStatus, now: int) -> FeedFigure:
        (start, first), (end, last) = self._counters[status.feed][0], self._counters[status.feed][-1]
        return FeedFigure(
            state=status.state, detail=status.detail, venue=status.venue,
            age_ms=None if status.last_event is None else self.age(now, status.last_event),
            events=status.events, dropped=max(status.dropped, self._missed.get(status.feed, 0)),
            rejected=status.rejected, reconnects=status.reconnects, lag_ms=real(status.lag_ms),
            blocked_ms=real(status.blocked_ms),
            rate=(last - first) * SECOND / (end - start) if end > start else None,
            channels=status.channels or {}, service=status.service,
        )  # fmt: skip
