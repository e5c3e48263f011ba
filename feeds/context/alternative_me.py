"""alternative.me: the Fear & Greed index, a value a day."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.events import Metric
from deskmon.feeds.context.answers import Answer, Unreadable, decoded, mapping, member, needed, rows, seconds

PROVIDER = "alternative.me"


def fear_greed(answer: Answer) -> Iterator[Metric]:
    """The index of each day, 0 (extreme fear) to 100 (extreme greed). Raises Unreadable."""
    data = mapping(decoded(answer))
    fault = (data.get("metadata") or {}).get("error")
    if fault:
        raise Unreadable(f"it refuses: {fault!s:.80}")
    for row in sorted(rows(data, "data"), key=lambda row: seconds(member(row, "timestamp"))):
        value = needed(member(row, "value"), "value")
        if not 0 <= value <= 100:
            raise Unreadable(f"an index of {value:g} is none of 0 to 100")
        yield Metric(ts=seconds(row["timestamp"]), name="fear_greed", value=value, unit="index", source=PROVIDER)
