"""One market of the past: its events between two moments, and how a model of it begins."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import dropwhile, takewhile
from typing import NamedTuple

from deskmon import plugins
from deskmon.clock import DAY, MINUTE
from deskmon.config.schema import Config
from deskmon.errors import UsageError
from deskmon.events import MAX_TS, MIN_TS, Event
from deskmon.feedkit import TimelineFeed
from deskmon.journal import FolderTimeline, JournalTimeline
from deskmon.past.start_cache import KnownMarket, StartCache
from deskmon.pins import OperatorPins
from deskmon.timeline import Opening, Timeline, following, parse_duration, parse_time

INTO_ENDLESS = 3 * MINUTE
"""How much of a market without end is taken where nobody says how much (ms)."""

JUDGED_BEFORE = DAY
"""How long before the moment that is looked at alerts are judged (ms): a journal holds a past of weeks."""


class Span(NamedTuple):
    """A stretch of desk time, both ends in it (ms UTC)."""

    start: int
    end: int


class PastMarket:
    """The one market of `config`. Raises UsageError where its feeds are none, DeskError where it can't be opened.

    judge: its alerts are what the rules of `config` say; else what the hub that recorded it said.
    """

    def __init__(self, config: Config, *, judge: bool = True) -> None:
        self.config = config
        self.judge = judge
        self._feed = timeline_feed(config)
        self.timeline: Timeline = self._feed.timeline()

    @property
    def whole(self) -> Span:
        """From the start to the last arrival; of a market without end its first minutes (INTO_ENDLESS)."""
        start, end = self.timeline.start, self.timeline.end
        return Span(start, start + INTO_ENDLESS if end is None else end)

    def moment(self, text: str, *, bare_is_ago: bool = False) -> int:
        """A moment as people write it (ms); what is relative counts from the start, or back from the end. bare_is_ago:
        `2h` is `2h ago`. Raises UsageError."""
        start, end = self.whole
        if bare_is_ago:
            try:
                return end - parse_duration(text)
            except UsageError:
                pass
        return parse_time(text, start, end)

    def span(self, since: str | None = None, until: str | None = None) -> Span:
        """The stretch between two moments as people write them, cut at the end of the market. Without `since` it
        begins at the market's start. Raises UsageError for what is no moment, or no stretch."""
        whole = self.whole
        start = whole.start if since is None else self.moment(since)
        end = whole.end if until is None else self.moment(until)
        if end < start:
            raise UsageError("the stretch ends before it begins", "write the earlier time first")
        return Span(start, end if self.timeline.end is None else min(end, whole.end))

    def events(self, span: Span | None = None) -> Iterator[Event]:
        """The events that arrived within the span, in order of arrival; without one all, the history before the start
        too. Of a folder only segments that were written then are read, so an event that its desk remembered later isn't
        among them."""
        start, end = span or Span(MIN_TS, MAX_TS if self.timeline.end is not None else self.whole.end)
        if isinstance(self.timeline, JournalTimeline):
            return self.timeline.between(start, end)
        earlier = takewhile(lambda event: event.arrival <= end, self._feed.timeline().events())
        return dropwhile(lambda event: event.arrival < start, earlier)

    def opening(self, at: int) -> Opening:
        """How a model begins that is to know what arrived by `at` (ms): from a journal's checkpoint before it, or from
        what was kept of an embedded market's start; without either from the market's first event."""
        kept = StartCache(self.config).open(self._feed) if at >= self.timeline.start else None
        timeline = self.timeline if kept is None else kept
        if isinstance(timeline, JournalTimeline):
            timeline.unread = True
        opened = timeline.events_from(at) if isinstance(timeline, FolderTimeline) else None
        if isinstance(timeline, KnownMarket):
            opened = Opening(timeline.known(), timeline.start, following(timeline))
        if opened is None:
            opened = Opening([timeline.header], MIN_TS, timeline.events())
        pins = OperatorPins(self.config.levels.pins).events(timeline.start)
        return opened._replace(known=[*opened.known, *pins])


def timeline_feed(config: Config) -> TimelineFeed:
    """The config's one feed that plays a market. Raises UsageError where it has none."""
    enabled = [(label, feed) for label, feed in config.feeds.items() if feed.enabled]
    kinds = {label: plugins.load_feed(feed.type) for label, feed in enabled}
    if len(enabled) != 1 or not issubclass(kind := kinds[enabled[0][0]], TimelineFeed):
        raise UsageError("this desk has no timeline to look into", "name one with --demo or --replay FILE")
    label, configured = enabled[0]
    return plugins.construct(label, kind, configured.options)
