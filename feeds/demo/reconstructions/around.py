"""What stands around any market, from its figures: metrics, flows, holders, dates, headlines; and its timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Generic, TypeVar

from deskmon.events import CalendarEntry, Event, Headline, Holding, HoldingTrade, Metric
from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.demo.reconstructions import SPEED, context
from deskmon.feeds.demo.reconstructions.figures import Series, Surroundings
from deskmon.feeds.demo.reconstructions.prices import Path
from deskmon.feeds.demo.reconstructions.reconstruction import Reconstruction
from deskmon.feeds.demo.reconstructions.status import statuses
from deskmon.feeds.demo.reconstructions.world import Asset

Paths = Mapping[str, Path]
_HOURLY = 33 * DAY
Known = TypeVar("Known", bound=Surroundings)


class Around(Generic[Known]):
    """Nothing here is drawn from a generator that others use."""

    def __init__(self, figures: Known) -> None:
        self._figures = figures
        self.assets: dict[str, Asset] = {asset.name: asset for asset in figures.assets}

    def timeline(self, events: list[Event], feeds: Sequence[str], pace: int = SPEED) -> Reconstruction:
        """The market of these events, with what `feeds` say of themselves; its sources report `pace` times more seldom
        than live ones."""
        figures, by_time = self._figures, attrgetter("ts")
        events.sort(key=by_time)
        events += statuses(feeds, events, figures.start, figures.end, pace)
        events.sort(key=by_time)
        return Reconstruction(figures.note, figures.listened_since, figures.start, figures.end, tuple(events), pace)

    def volatility(self, name: str, since: int) -> list[Event]:
        """DVOL by the day from `since` (ms), by the hour of the week before, closely from start to end."""
        figures = self._figures
        days, hours = range(since, figures.listened_since, DAY), range(figures.listened_since, figures.start, HOUR)
        closely = range(figures.start, figures.end + 1, 5 * MINUTE)
        return [*context.volatility(name, figures.dvol[name], sorted({*days, *hours, *closely}))]

    def metrics(self, paths: Paths) -> list[Event]:
        """Each series from its first value on, as often as it is told; of coins their supply and capitalisation."""
        found: list[Metric] = []
        for series in self._figures.metrics:
            found += context.metrics(series, paths[series.of], self._known(series))
        since, end = self._figures.listened_since, self._figures.end
        for asset, coins in self._figures.supplies.items():
            found += context.capitalisation(asset, coins, paths[asset], range(since, end + 1, HOUR))
        return [*found]

    def _known(self, series: Series) -> list[int]:
        """When a series is told (ms). By the hour for a month at most: what is older counts by the day."""
        first, end = series.values[0][0], self._figures.end
        if series.every != "hours":
            days = range(first, end + 1, 7 * DAY if series.every == "weeks" else DAY)
            return [ts for ts in days if series.every != "sessions" or _is_working_day(ts - DAY)]
        closely = max(first, first + (self._figures.start - _HOURLY - first) // DAY * DAY)
        return [*range(first, closely, DAY), *range(closely, end + 1, HOUR)]

    def etf_flows(self) -> list[Event]:
        """Net flow of the spot funds by asset and day; of earlier weeks, of which no days are told, by equal days."""
        figures, found = self._figures, list[Event]()
        for asset, millions in figures.etf_millions.items():
            days = {**context.by_days(figures.etf_weeks.get(asset, {})), **millions}
            found += context.etf_flows(asset, days, figures.funds[asset], figures.aum.get(asset))
        return found

    def calendar(self) -> list[Event]:
        """What was due then, known from the first."""
        known = self._figures.listened_since
        return [
            CalendarEntry(ts=known, time=time, text=text, source=context.SOURCE)
            for time, text in self._figures.calendar
        ]

    def holdings(self, ts: int) -> list[Event]:
        """Who holds BTC, known at `ts` (ms)."""
        return [
            Holding(
                ts=ts, entity=holder.entity, asset="BTC", amount=holder.amount, average_cost=holder.average_cost,
                note=context.SOURCE,
            )
            for holder in self._figures.holdings
        ]  # fmt: skip

    def trades(self) -> list[Event]:
        """What holders bought and sold."""
        return [
            HoldingTrade(ts=trade.at, entity=trade.entity, asset="BTC", amount=trade.amount, usd=trade.usd)
            for trade in self._figures.trades
        ]

    def headlines(self) -> list[Event]:
        """Lines of the reports, marked as reconstructed."""
        return [Headline(ts=ts, text=text, source=context.SOURCE) for ts, text in self._figures.headlines]


def _is_working_day(ts: int) -> bool:
    """Whether the day that begins at `ts` (ms) is none of a weekend; 1970-01-01 was a Thursday."""
    return (ts // DAY + 3) % 7 < 5
