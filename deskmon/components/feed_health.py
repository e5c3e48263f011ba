"""The health of feeds, one row each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

from deskmon import format as fmt
from deskmon.components.columns import Cell, Column, Row, Text
from deskmon.components.text import JOINT
from deskmon.model.coverage import is_partial
from deskmon.model.feeds import hears_liquidations, is_none
from deskmon.model.figures import FeedFigure
from deskmon.model.log_lines import of_gap
from deskmon.model.view import ModelView

__all__ = [
    "FEED_DEFINITIONS",
    "GAP_COLUMNS",
    "coverage_of",
    "feed_columns",
    "feed_row",
    "gap_rows",
    "gaps_by_feed",
    "is_partial",
    "listening",
    "shown_name",
    "silence",
    "who_listens",
]

STATES: dict[str, tuple[str, str]] = {
    "live": ("● live", "ok"),
    "connecting": ("◌ connecting", "muted"),
    "stale": ("◐ stale", "warn"),
    "reconnecting": ("◐ reconnecting", "warn"),
    "down": ("○ down", "error"),
}
SHORT_STATES = {"connecting": "◌ conn.", "reconnecting": "◐ reconn."}
"""Where a column is too narrow for the whole word."""
FEED_DEFINITIONS = (
    ("state", "● live, ◌ connecting, ◐ stale (silent for too long) or reconnecting, ○ down"),
    ("age", "time since the feed's last event"),
    ("/s", "events a second, lately"),
    ("lag", "our receipt minus the venue's time of the newest events, ms"),
    ("blocked", "longest time in the last minute for which the feed let nothing else run in its process, ms"),
    (
        "gaps",
        "how often it missed something of a channel, among the newest 1,000 of all feeds; its venue's page and the "
        "panel events tell when",
    ),
    ("dropped", "events lost because the desk couldn't take them; each loss is a gap in the journal"),
    ("rejected", "messages that made no valid event; a sample of them is kept"),
    ("events, reconn.", "events since the feed began; how often it had to connect again"),
    ("liq", "how much of its liquidations the venue publishes; blank where it has told none yet"),
    ("detail", "what the feed says of itself, or what is wrong"),
)
"""What figures of feeds mean, for the help page."""
GAP_COLUMNS = (Column("time", "until", 8, "right"), Column("gap", "gap", 40, least=12, most=120))
"""Columns of `gap_rows`."""
MOST_GAPS = 5
"""Gaps in `gap_rows`."""
_WORST_FIRST = ("down", "reconnecting", "stale", "connecting", "live")


def gaps_by_feed(model: ModelView, feeds: Collection[str]) -> Counter[str]:
    """How many of the gaps that are held each of some feeds left; those of a hub or a journal are no feed's."""
    return Counter(gap.feed for gap in model.feeds.gaps if gap.feed in feeds)


def feed_columns(feeds: Collection[FeedFigure], gaps: Mapping[str, int]) -> tuple[Column, ...]:
    """Columns of feeds, with `gaps` where one left some. Where one isn't live or has blocked its process, what it says
    comes before its counters."""
    blocked = any(feed.blocked_ms for feed in feeds)
    trouble = blocked or any(feed.state != "live" for feed in feeds)
    return (
        Column("feed", "feed", 12, least=11, most=20, order="up"),
        Column("state", "state", 14, priority=0, least=10, order="up"),
        Column("age", "age", 4, "right", 2),
        Column("rate", "/s", 6, "decimal", 4, order="down"),
        Column("lag", "lag ms", 6, "right", 5, order="down"),
        *((Column("blocked", "blocked", 7, "right", 5, order="down"),) if blocked else ()),
        *((Column("gaps", "gaps", 4, "right", 1, order="down"),) if gaps else ()),
        Column("events", "events", 6, "right", 10, order="down"),
        Column("dropped", "dropped", 7, "right", 6, order="down"),
        Column("rejected", "rejected", 8, "right", 8, order="down"),
        Column("reconnects", "reconn.", 7, "right", 9, order="down"),
        Column("coverage", "liq", 8, priority=11),
        Column("detail", "detail", 26, priority=3 if trouble else 7, least=24 if trouble else 16, most=90),
    )


def gap_rows(model: ModelView, feeds: Collection[str], now: int) -> list[Row]:
    """The newest gaps of some feeds, in the log's words; `GAP_COLUMNS` are theirs."""
    newest = islice((gap for gap in reversed(model.feeds.gaps) if gap.feed in feeds), MOST_GAPS)
    return [
        Row(f"gap {n}", {"time": (fmt.moment(gap.until, now), "muted"), "gap": (of_gap(gap).text, "warn")})
        for n, gap in enumerate(newest)
    ]


def shown_name(name: str, feeds: Mapping[str, FeedFigure]) -> str:
    """A feed's name; of a source that stands below its feed, such as `context sopr`, the source's own: `·sopr`."""
    feed, _, source = name.partition(" ")
    return f"·{source}" if source and feed in feeds and not feeds[feed].service else name


def feed_row(name: str, feed: FeedFigure, gaps: int, coverage: str = "", shown: str = "") -> Row:
    """One feed that left so many `gaps`, called `shown` or else by its name; `coverage` is that of its venue's
    liquidations, "" where it is unknown."""
    fine = feed.state in ("live", "connecting")
    cells: dict[str, Cell] = {
        "feed": (shown or name, "text"),
        "state": (_state_words(feed.state), STATES[feed.state][1]),
        "age": (fmt.age(feed.age_ms), "muted"),
        "rate": (_rate(feed.rate), "text flash"),
        "lag": (fmt.price(feed.lag_ms, 0), "text flash"),
        "blocked": _blocked(feed.blocked_ms),
        "gaps": _fault(gaps, "warn"),
        "events": (fmt.amount(feed.events), "muted flash"),
        "dropped": _fault(feed.dropped, "error"),
        "rejected": _fault(feed.rejected, "warn"),
        "reconnects": _fault(feed.reconnects, "warn"),
        "coverage": (coverage, "muted" if coverage == "full" else "warn"),
        "detail": (feed.detail, "muted" if fine else STATES[feed.state][1]),
    }
    sort = {
        "feed": name, "state": _WORST_FIRST.index(feed.state), "rate": feed.rate, "lag": feed.lag_ms,
        "blocked": feed.blocked_ms, "gaps": gaps,
        "events": feed.events, "dropped": feed.dropped, "rejected": feed.rejected, "reconnects": feed.reconnects,
    }  # fmt: skip
    text = f"{name} {feed.venue or ''} {feed.state} {feed.detail}"
    return Row(name, cells, sort, age_ms=feed.age_ms, text=text)


def _state_words(state: str) -> Text:
    words, _ = STATES[state]
    short = SHORT_STATES.get(state)
    return words if short is None else lambda width: words if len(words) <= width else short


def _rate(rate: float | None) -> str:
    """Events a second to three figures, at most two of them behind the point: 0.07, 12.3, 144, 1.23K."""
    if rate is None or rate >= 999.5:
        return fmt.amount(rate)
    return f"{rate:.{2 if rate < 9.995 else 1 if rate < 99.95 else 0}f}"


def _blocked(blocked_ms: float | None) -> Cell:
    """Longest time for which it kept its loop from all else: quiet while it is short."""
    if blocked_ms is None:
        return "—", "faint"
    return fmt.price(blocked_ms, 0), "warn flash" if blocked_ms else "faint"


def _fault(count: int, style: str) -> Cell:
    """A count that should be 0: quiet while it is."""
    return fmt.amount(count), f"{style} flash" if count else "faint"


def coverage_of(model: ModelView, now: int, venue: str | None) -> str:
    """How much of its liquidations `venue` publishes; `none` where the desk's feeds of it can't hear them, "" where it
    has told none yet."""
    if not venue:
        return ""
    windows = model.liquidations.windows(now).values()
    told = next((sums.by_venue[venue].coverage for sums in windows if venue in sums.by_venue), "")
    said = [feed.channels.get("liquidations") for feed in model.feeds.figures(now).values() if feed.venue == venue]
    words = [each for each in said if each is not None]
    return told or ("none" if words and all(map(is_none, words)) else "")


def listening(model: ModelView, now: int) -> str:
    """The venues whose liquidations a live feed listens to, in words; "" where there is none."""
    live = {feed.venue or name for name, feed in model.feeds.figures(now).items() if hears_liquidations(feed)}
    return ", ".join(sorted(live))


def who_listens(model: ModelView, now: int) -> str:
    """Who listens to liquidations, in words, and where nobody does, why: `bybit listening`."""
    heard = listening(model, now)
    if heard:
        return f"{heard} listening"
    reason = silence([feed for feed in model.feeds.figures(now).values() if not feed.service])
    return f"no feed listening: {reason}" if reason else "no feed listening"


def is_heard(feed: FeedFigure) -> bool:
    """Whether a feed is live, or told anything since its hub began."""
    return feed.state == "live" or feed.events > 0


def silence(feeds: Sequence[FeedFigure]) -> str:
    """The commonest reason why no feed is live, and of how many; "" where one is, or where none has failed yet."""
    if any(feed.state == "live" for feed in feeds) or all(feed.state == "connecting" for feed in feeds):
        return ""
    (reason, count), *_ = Counter(feed.detail for feed in feeds if feed.state != "connecting").most_common(1)
    return f"{reason}{JOINT}{count} of {len(feeds)} feeds" if len(feeds) > 1 else reason
