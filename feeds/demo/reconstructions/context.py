"""What stands around the market: metrics, volatility indices, ETF flows, each at the time it became known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from deskmon.events import EtfFlow, Metric, VolatilityIndex
from deskmon.feedkit import DAY, HOUR
from deskmon.feeds.demo.reconstructions.prices import Knot, at

SOURCE = "reconstruction"


def metrics(name: str, unit: str, knots: Sequence[Knot], times: Iterable[int], digits: int) -> list[Metric]:
    """The series on the straight lines between `knots`, at each of `times` (ms)."""
    return [
        Metric(ts=ts, name=name, value=round(at(knots, ts), digits), unit=unit, source=SOURCE) for ts in times
    ]  # fmt: skip


def volatility(underlying: str, knots: Sequence[Knot], times: Iterable[int]) -> list[VolatilityIndex]:
    """Deribit's 30-day index, on the straight lines between `knots`, at each of `times` (ms)."""
    return [
        VolatilityIndex(ts=ts, venue="deribit", name="DVOL", underlying=underlying, value=round(at(knots, ts), 2))
        for ts in times
    ]


def etf_flows(asset: str, days: Mapping[str, float], funds: Mapping[str, float]) -> list[EtfFlow]:
    """Net flow of each day (USD millions) in the shares of `funds`, known at 02:00 UTC of the next day."""
    found = []
    for date, millions in days.items():
        known = int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000) + DAY + 2 * HOUR
        found += [
            EtfFlow(
                ts=known, asset=asset, fund=fund, date=date, usd=round(millions * share * 1e6), status="final",
                source=SOURCE,
            )
            for fund, share in funds.items()
        ]  # fmt: skip
    return found
