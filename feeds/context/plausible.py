"""What can't be: values of a year ago as the newest, and values that jumped a thousandfold because a unit changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import fsum
from statistics import median

from deskmon.events import EtfFlow, Event, Holding, Metric
from deskmon.feedkit import DAY
from deskmon.feeds.context.answers import Unreadable

JUMP = 300.0
"""So many times what was usual is another unit, not another value."""
NEWEST = 8
HELD = 40

Series = tuple[str, ...]


class Plausible:
    """Remembers the newest values of each series of one source."""

    def __init__(self, stale_days: int) -> None:
        self._stale_days = stale_days
        self._usual: dict[Series, list[float]] = {}

    def check(self, events: Sequence[Event], now: int) -> None:
        """Take the events of one reading. Raises Unreadable where they can't be; then none is taken."""
        if not events:
            return
        newest = max(event.ts for event in events)
        if now - newest > self._stale_days * DAY:
            raise Unreadable(f"its newest value is of {datetime.fromtimestamp(newest / 1000, UTC):%Y-%m-%d}")
        values = _values(events)
        for series, found in values.items():
            usual = self._usual.get(series) or [size for size in found[:-NEWEST] if size]
            lately = [size for size in found[-NEWEST:] if size]
            if not usual or not lately:
                continue
            middle = median(usual)
            if max(lately) > JUMP * middle:
                raise Unreadable(f"{series[-1]} jumped {max(lately) / middle:,.3g}-fold: another unit?")
            if series[0] == "holding" and min(lately) * JUMP < middle:
                raise Unreadable(f"{series[-1]} fell to {min(lately) / middle:,.3g} of what it was: another unit?")
        for series, found in values.items():
            known = [size for size in found if size][-HELD:]
            if known:
                self._usual[series] = known


def _values(events: Iterable[Event]) -> dict[Series, list[float]]:
    """Absolute values by series, oldest first; flows of all funds by the day."""
    found: defaultdict[Series, list[float]] = defaultdict(list)
    days: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for event in events:
        if isinstance(event, Metric):
            found["metric", event.name].append(abs(event.value))
        elif isinstance(event, Holding):
            found["holding", event.asset, event.entity].append(event.amount)
        elif isinstance(event, EtfFlow):
            days[event.asset, event.date].append(event.usd)
    for (asset, _), flows in sorted(days.items()):
        found["flow", asset].append(abs(fsum(flows)))
    return dict(found)
