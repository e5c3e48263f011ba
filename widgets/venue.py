"""The page of one venue: how its feeds are, its liquidations by window and by asset, its symbols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deskmon.api import WINDOWS, Choice, Drill, Frame, Intent, Row, Section, TablePanel, figures, fmt
from deskmon.components.feed_health import (
    FEED_DEFINITIONS,
    GAP_COLUMNS,
    coverage_of,
    feed_columns,
    feed_row,
    gap_rows,
    gaps_by_feed,
    is_partial,
)
from deskmon.components.liquidations import breakdown_columns, breakdown_row, windows_of, windows_section
from deskmon.components.markets import MARKET_DEFINITIONS, contract, market_columns, market_row


class Venue(TablePanel):
    """Everything the desk knows of one venue; the first by name where none is named."""

    name = "venue"
    title = "Venue"
    topics = frozenset({"prices", "liquidations", "funding", "open_interest", "feeds", "clock"})
    definitions = (
        (
            "total, long, short",
            "liquidations on this venue, USD by side of the position closed; w chooses the window",
        ),
        ("≥", "a lower bound: the venue publishes only part of its liquidations"),
        *MARKET_DEFINITIONS,
        ("gap", "what a feed of this venue missed and for how long, the newest five of those that are held"),
        *FEED_DEFINITIONS,
    )

    window = Choice(tuple(WINDOWS), default="24h", window=True, note=None)

    class Options(TablePanel.Options, frozen=True):
        """venue: its short name (`bybit`)."""

        venue: str = ""

    def heading(self, frame: Frame) -> str:
        return self._venue(frame) or self.title

    def note_parts(self, frame: Frame) -> Iterable[str]:
        coverage = coverage_of(frame.model, frame.now, self._venue(frame))
        return (f"liquidations {coverage}" if coverage else "",)

    def sections(self, frame: Frame) -> Sequence[Section]:
        venue = self._venue(frame)
        return (
            *self._feeds(venue, frame),
            *self._liquidations(venue, frame),
            Section(
                "symbols",
                market_columns("symbol", contract=True),
                self._symbols(venue, frame),
                "no symbol of this venue yet",
            ),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        asset = fmt.base(row.key)
        return Drill("symbol", {"symbol": asset}, asset)

    @window.offered
    def _windows(self, frame: Frame) -> Sequence[str]:
        return windows_of(frame.model.liquidations.windows(frame.now))

    def _venue(self, frame: Frame) -> str:
        if self.options.venue:
            return self.options.venue
        prices = frame.model.prices.figures(frame.now).values()
        return min((venue for price in prices for venue in price.venues), default="")

    def _feeds(self, venue: str, frame: Frame) -> tuple[Section, ...]:
        feeds = frame.model.feeds.figures(frame.now)
        own = {name: feed for name, feed in feeds.items() if venue in (name, feed.venue)}
        gaps = gaps_by_feed(frame.model, own)
        coverage = coverage_of(frame.model, frame.now, venue)
        rows = [feed_row(name, feed, gaps[name], coverage) for name, feed in own.items()]
        missed = gap_rows(frame.model, own, frame.now)
        return (
            Section("feeds", feed_columns(own.values(), gaps), rows, "no feed of this venue", selectable=False),
            Section("gaps", GAP_COLUMNS, missed, selectable=False),
        )

    def _liquidations(self, venue: str, frame: Frame) -> Sequence[Section]:
        liquidations, now = frame.model.liquidations, frame.now
        windows = liquidations.windows(now)
        sums: dict[str, figures.Sums] = {
            name: window.by_venue.get(venue) or liquidations.nothing(name, now, venue)
            for name, window in windows.items()
        }
        if not any(window.count for window in sums.values()):
            heard = any(window.count is not None for window in sums.values())
            words = "no liquidations of this venue" if heard else "nobody listens to liquidations of this venue"
            return (Section("windows", (), (), words, selectable=False),)
        partial = is_partial(venue, coverage_of(frame.model, frame.now, venue))
        since = {name: window.counts_from for name, window in windows.items() if window.warming_up}
        bounds = dict.fromkeys(windows, partial)
        chosen = self.window if self.window in windows else windows_of(windows)[-1]
        assets = frame.model.liquidations.of_venue(venue, chosen, frame.now)
        rows = [
            breakdown_row(name, name, asset, sums[chosen].usd, lower_bound=partial)
            for name, asset in sorted(assets.items(), key=lambda item: (-item[1].usd, item[0]))
        ]
        columns, quiet = breakdown_columns("asset", chosen), f"no liquidations in {chosen}"
        return (
            windows_section(sums, frame.now, chosen=chosen, lower_bounds=bounds, since=since),
            Section("assets", columns, rows, quiet, sorted_by="total"),
        )

    def _symbols(self, venue: str, frame: Frame) -> Iterable[Row]:
        model, now = frame.model, frame.now
        parts: tuple[Mapping[str, Any], ...] = (
            model.prices.figures(now), model.funding.figures(now), model.open_interest.figures(now)
        )  # fmt: skip
        for symbol in sorted({symbol for part in parts for symbol, figure in part.items() if venue in figure.venues}):
            yield market_row(symbol, fmt.base(symbol), contract(symbol), symbol, venue, model, now)
