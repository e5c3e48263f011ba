"""Feeds: what each source says of itself."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon.api import Cell, Column, Drill, Frame, Intent, Row, TablePanel, figures, fmt

STATES: dict[str, Cell] = {
    "live": ("● live", "ok"),
    "connecting": ("◌ connecting", "muted"),
    "stale": ("◐ stale", "warn"),
    "reconnecting": ("◐ reconnecting", "warn"),
    "down": ("○ down", "error"),
}
WORST = ("down", "reconnecting", "stale", "connecting", "live")


def counted(value: int, style: str) -> Cell:
    """A count of something that should be 0: quiet while it is."""
    return fmt.amount(value), f"{style} flash" if value else "faint"


def feed_row(name: str, feed: figures.FeedFigure, coverage: str) -> Row:
    """One feed as a row; `coverage` is that of its venue's liquidations, "" where it has none."""
    trouble = "text" if feed.state in ("live", "connecting") else STATES[feed.state][1]
    cells: dict[str, Cell] = {
        "feed": (name, "text"),
        "state": STATES[feed.state],
        "age": (fmt.age(feed.age_ms), "muted"),
        "rate": (fmt.UNKNOWN if feed.rate is None else fmt.amount(feed.rate), "text flash"),
        "lag": (fmt.UNKNOWN if feed.lag_ms is None else f"{feed.lag_ms:,.0f}".replace("-", fmt.MINUS), "text flash"),
        "events": (fmt.amount(feed.events), "muted flash"),
        "dropped": counted(feed.dropped, "error"),
        "rejected": counted(feed.rejected, "warn"),
        "reconnects": counted(feed.reconnects, "warn"),
        "coverage": (coverage, "muted" if coverage == "full" else "warn"),
        "detail": (feed.detail, trouble),
    }
    sort = {
        "feed": name, "state": WORST.index(feed.state), "rate": feed.rate, "lag": feed.lag_ms, "events": feed.events,
        "dropped": feed.dropped, "rejected": feed.rejected, "reconnects": feed.reconnects,
    }  # fmt: skip
    stale = feed.state == "stale"
    return Row(name, cells, sort, age_ms=feed.age_ms, text=f"{name} {feed.venue or ''} {feed.state} {feed.detail}", stale=stale)


def coverage_of(frame: Frame, venue: str | None) -> str:
    """How much of its liquidations `venue` publishes, "" where the desk has none of it."""
    windows = frame.model.liquidations.figures(frame.now).windows.values()
    return next((sums.by_venue[venue].coverage for sums in windows if venue in sums.by_venue), "") if venue else ""


class Feeds(TablePanel):
    """State, age and losses of every feed, in words where something is wrong."""

    name = "feeds"
    title = "Feeds"
    topics = frozenset({"feeds", "clock"})
    definitions = (
        ("state", "● live, ◌ connecting, ◐ stale (silent for too long) or reconnecting, ○ down"),
        ("age", "time since the feed's last event"),
        ("rate", "events a second over the last stretch"),
        ("lag", "our receipt minus the venue's time of the newest events, ms"),
        ("dropped", "events lost because the desk couldn't take them; each loss is a gap in the journal"),
        ("rejected", "messages that made no valid event; a sample of each is kept"),
        ("liq", "how much of its liquidations the venue publishes"),
    )
    columns = (
        Column("feed", "feed", 12, least=6, most=20, order="up"),
        Column("state", "state", 14, priority=0, least=6, order="up"),
        Column("age", "age", 4, "right", 1),
        Column("rate", "/s", 5, "right", 2, order="down"),
        Column("lag", "lag ms", 6, "right", 3, order="down"),
        Column("events", "events", 6, "right", 7, order="down"),
        Column("dropped", "dropped", 7, "right", 4, order="down"),
        Column("rejected", "rejected", 8, "right", 6, order="down"),
        Column("reconnects", "reconn.", 7, "right", 6, order="down"),
        Column("coverage", "liq", 8, priority=8),
        Column("detail", "detail", 20, priority=5, least=8, most=90),
    )

    def empty(self, frame: Frame) -> str:
        return "no feed has reported yet"

    def rows(self, frame: Frame) -> Iterable[Row]:
        feeds = frame.model.feeds.figures(frame.now)
        return [feed_row(name, feed, coverage_of(frame, feed.venue)) for name, feed in feeds.items()]

    def note(self, frame: Frame) -> str:
        feeds = frame.model.feeds.figures(frame.now).values()
        live = sum(feed.state == "live" for feed in feeds)
        gaps = len(frame.model.feeds.gaps)
        parts = (super().note(frame), f"{live}/{len(feeds)} live", f"{gaps} gaps" if gaps else "")
        return " · ".join(filter(None, parts))

    def open(self, row: Row, frame: Frame) -> Intent | None:
        venue = frame.model.feeds.figures(frame.now)[row.key].venue
        return Drill("venue", {"venue": venue}, venue) if venue else None
