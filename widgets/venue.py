"""The page of one venue: how its feeds are, its liquidations, its symbols."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import (
    FEED_COLUMNS,
    MARKET_DEFINITIONS,
    Drill,
    Frame,
    Intent,
    Row,
    Section,
    TablePanel,
    coverage_of,
    feed_row,
    figures,
    fmt,
    market_columns,
    market_row,
    venues_of,
    windows_section,
)


class Venue(TablePanel):
    """Everything the desk knows of one venue; the first by name where none is named."""

    name = "venue"
    title = "Venue"
    topics = frozenset({"prices", "liquidations", "funding", "open_interest", "feeds", "clock"})
    definitions = (
        ("total, long, short", "liquidations on this venue over all assets, in USD, by side of the position closed"),
        ("≥", "a lower bound: the venue publishes only part of its liquidations"),
        *MARKET_DEFINITIONS,
        ("dropped, rejected", "events lost because the desk couldn't take them; messages that made no valid event"),
    )

    class Options(TablePanel.Options):
        """venue: its short name (`bybit`)."""

        venue: str = ""

    def heading(self, frame: Frame) -> str:
        return self._venue(frame) or self.title

    def note(self, frame: Frame) -> str:
        coverage = coverage_of(frame.model, frame.now, self._venue(frame))
        return " · ".join(filter(None, (super().note(frame), f"liquidations {coverage}" if coverage else "")))

    def sections(self, frame: Frame) -> Sequence[Section]:
        venue = self._venue(frame)
        return (
            Section("feeds", FEED_COLUMNS, self._feeds(venue, frame), "no feed of this venue", selectable=False),
            self._liquidations(venue, frame),
            Section("symbols", market_columns("symbol"), self._symbols(venue, frame), "no symbol of this venue yet"),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        asset = fmt.base(row.key)
        return Drill("symbol", {"symbol": asset}, asset)

    def _venue(self, frame: Frame) -> str:
        if self.options.venue:
            return str(self.options.venue)
        prices = frame.model.prices.figures(frame.now).values()
        return min((venue for price in prices for venue in price.venues), default="")

    def _feeds(self, venue: str, frame: Frame) -> Iterable[Row]:
        for name, feed in frame.model.feeds.figures(frame.now).items():
            if venue in (name, feed.venue):
                yield feed_row(name, feed, coverage_of(frame.model, frame.now, venue))

    def _liquidations(self, venue: str, frame: Frame) -> Section:
        windows = frame.model.liquidations.figures(frame.now).windows
        sums: dict[str, figures.SideSums] = {
            name: window.by_venue[venue] for name, window in windows.items() if venue in window.by_venue
        }
        if not sums:
            return Section("windows", (), (), f"no liquidations of {venue} in 7d", selectable=False)
        sampled = coverage_of(frame.model, frame.now, venue) == "sampled"
        nothing = figures.SideSums(usd=0.0, long_usd=0.0, short_usd=0.0, count=0)
        return windows_section(
            {name: sums.get(name, nothing) for name in windows},
            frame.now,
            lower_bounds=dict.fromkeys(windows, sampled),
            since={name: window.since for name, window in windows.items() if window.warming_up},
        )

    def _symbols(self, venue: str, frame: Frame) -> Iterable[Row]:
        model, now = frame.model, frame.now
        known = {*model.prices.figures(now), *model.funding.figures(now), *model.open_interest.figures(now)}
        for symbol in sorted(known):
            if venue in venues_of(model, now, symbol):
                yield market_row(symbol, symbol, "", symbol, venue, model, now)
