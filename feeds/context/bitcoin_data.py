"""bitcoin-data.com: SOPR, the profit at which coins were moved on a day; a day behind."""

from __future__ import annotations

from collections.abc import Iterator

from deskmon.events import Metric
from deskmon.feeds.context.answers import Answer, Unreadable, decoded, member, number, rows, seconds

PROVIDER = "bitcoin-data.com"
SERIES = {"sthSopr": "sopr_sth", "lthSopr": "sopr_lth"}


def sopr(answer: Answer) -> Iterator[Metric]:
    """The ratio of each day, of short-term or long-term holders. `NaN` is a day without one. Raises
    Unreadable."""
    data = decoded(answer)
    for row in rows(data) if isinstance(data, list) else [data]:
        known = [key for key in SERIES if isinstance(row, dict) and key in row]
        if not known:
            raise Unreadable(f"it has none of {', '.join(SERIES)}")
        for key in known:
            value = number(row[key])
            if value is not None:
                ts = seconds(member(row, "unixTs"))
                yield Metric(ts=ts, name=SERIES[key], value=value, unit="ratio", source=PROVIDER)
