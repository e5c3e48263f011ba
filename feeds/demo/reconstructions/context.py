"""What stands around the market: metrics, volatility indices, ETF flows, each at the time it became known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

from deskmon.events import EtfFlow, Metric, VolatilityIndex
from deskmon.feedkit import DAY, HOUR
from deskmon.feeds.demo.reconstructions.figures import Managed, Series
from deskmon.feeds.demo.reconstructions.prices import Knot, Path, at

SOURCE = "reconstruction"
SESSION = 3 * HOUR
"""A session in New York is known so long before the midnight (UTC) after it."""


def metrics(series: Series, path: Path, times: Iterable[int]) -> list[Metric]:
    """The series at each of `times` (ms): on the straight lines between its values, moved with `path`."""
    early = SESSION if series.every == "sessions" else 0
    return [
        Metric(
            ts=ts - early, name=series.name, value=round(_value(series, path, ts), series.digits), unit=series.unit,
            source=SOURCE,
        )
        for ts in times
    ]  # fmt: skip


def _value(series: Series, path: Path, ts: int) -> float:
    value = at(series.values, ts)
    if series.beta:
        value *= (path.held(ts) / _between_knots(series.values, path, ts)) ** series.beta
    if series.noise and all(known != ts for known, _ in series.values):
        value *= math.exp(series.noise * Random(f"{series.name} {ts}").gauss(0, 1))
    return value


def _between_knots(knots: Sequence[Knot], path: Path, ts: int) -> float:
    """What `path` would be at `ts` (ms) on straight lines, in its logarithm, between the times of the knots."""
    return math.exp(at([(known, math.log(path.held(known))) for known, _ in knots], ts))


def capitalisation(asset: str, coins: float, path: Path, times: Iterable[int]) -> list[Metric]:
    """Coins there are, and what they are worth at each of `times` (ms)."""
    name, found = asset.lower(), list[Metric]()
    for ts in times:
        worth = round(coins * path.at(ts))
        found.append(Metric(ts=ts, name=f"market_cap_{name}", value=worth, unit="USD", source=SOURCE))
    first = Metric(ts=found[0].ts, name=f"supply_{name}", value=coins, unit=asset, source=SOURCE)
    return [first, *found]


def volatility(underlying: str, knots: Sequence[Knot], times: Iterable[int]) -> list[VolatilityIndex]:
    """Deribit's 30-day index, on the straight lines between `knots`, at each of `times` (ms)."""
    return [
        VolatilityIndex(ts=ts, venue="deribit", name="DVOL", underlying=underlying, value=round(at(knots, ts), 2))
        for ts in times
    ]


def by_days(weeks: Mapping[str, float]) -> dict[str, float]:
    """Sums of weeks by their Mondays as five days each, alike."""
    return {
        (date.fromisoformat(monday) + timedelta(days=number)).isoformat(): millions / 5
        for monday, millions in weeks.items()
        for number in range(5)
    }


def etf_flows(
    asset: str, days: Mapping[str, float], funds: Mapping[str, float], managed: Managed | None = None
) -> list[EtfFlow]:
    """Net flow of each day (USD millions) in the shares of `funds`, known at 02:00 UTC of the next day; what they
    manage in all at the end of one of the days, in the same shares."""
    found = []
    for day, millions in days.items():
        known = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000) + DAY + 2 * HOUR
        found += [
            EtfFlow(
                ts=known, asset=asset, fund=fund, date=day, usd=round(millions * share * 1e6), status="final",
                source=SOURCE, aum_usd=managed.usd * share if managed and managed.date == day else None,
            )
            for fund, share in funds.items()
        ]  # fmt: skip
    return found
