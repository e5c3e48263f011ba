"""Feeds: what each source says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from deskmon.api import Drill, Frame, Intent, Notify, Row, Section, TablePanel
from deskmon.components.alerts import called_about
from deskmon.components.feed_health import (
    FEED_DEFINITIONS,
    coverage_of,
    feed_columns,
    feed_row,
    gaps_by_feed,
    shown_name,
)


class Feeds(TablePanel):
    """State, age and losses of every feed, in words where something is wrong."""

    name = "feeds"
    title = "Feeds"
    topics = frozenset({"feeds", "clock"})
    min_interval_ms = 3_000
    definitions = FEED_DEFINITIONS

    def sections(self, frame: Frame) -> Sequence[Section]:
        feeds = frame.model.feeds.figures(frame.now)
        gaps = gaps_by_feed(frame.model, feeds)
        rows = [
            feed_row(name, feed, gaps[name], coverage_of(frame.model, frame.now, feed.venue), shown_name(name, feeds))
            for name, feed in feeds.items()
        ]
        columns = feed_columns(feeds.values(), gaps)
        return (Section("feeds", columns, rows, "no feed has reported yet", sorted_by="feed"),)

    def note_parts(self, frame: Frame) -> Iterable[str]:
        feeds = [feed for feed in frame.model.feeds.figures(frame.now).values() if not feed.service]
        live = sum(feed.state == "live" for feed in feeds)
        gaps = len(frame.model.feeds.gaps)
        missed = "" if not gaps else "1 gap" if gaps == 1 else f"{gaps} gaps"
        return f"{live} of {len(feeds)} live" if feeds else "", missed

    def marked(self, frame: Frame) -> Mapping[str, str]:
        return called_about(frame.model, "feeds")

    def open(self, row: Row, frame: Frame) -> Intent | None:
        feed = frame.model.feeds.figures(frame.now)[row.key]
        if feed.venue:
            return Drill("venue", {"venue": feed.venue}, feed.venue)
        return Notify(f"{row.key}: {feed.detail}") if feed.detail else None
