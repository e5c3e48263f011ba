"""The model of a timeline at one moment, folded without a hub: for `deskmon state` and `deskmon snapshot`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice, takewhile
from typing import NamedTuple

from deskmon.alerts.engine import Engine
from deskmon.alerts.telling import News
from deskmon.alerts.watch import Watch
from deskmon.cli.past import warn_of
from deskmon.clock import DAY
from deskmon.config.schema import Config
from deskmon.configured_model import new_model
from deskmon.events import MAX_TS, Event
from deskmon.feedkit import TimelineFeed
from deskmon.garbage import no_collections
from deskmon.hub.level_announcer import unsaid
from deskmon.journal import FolderTimeline, JournalTimeline, OutOfOrder
from deskmon.model import Model
from deskmon.past import market
from deskmon.past.market import JUDGED_BEFORE, timeline_feed
from deskmon.past.start_cache import KnownMarket, StartCache
from deskmon.pins import OperatorPins
from deskmon.timeline import Timeline, following, parse_time

CHUNK = 1_000


@no_collections()
def model_at(config: Config, at: int | str | None, *, judge: bool = True) -> tuple[Model, int]:
    """The model of the config's one timeline at desk time `at` (ms, or as people write it), and that time: what arrived
    by then is in it, and what its rules come to, where they are to be judged.

    Where `at` is None: the end of the timeline, or three minutes into one without end. Raises UsageError where the
    config's feed is no timeline, DeskError where it can't be opened.
    """
    feed = timeline_feed(config)
    timeline = StartCache(config).open(feed) or feed.timeline()
    moment = _moment(at, timeline, market.INTO_ENDLESS)
    if not isinstance(timeline, JournalTimeline):
        return _folded(config, feed, timeline, moment, judge)
    timeline.unread = timeline.near = True
    with suppress(OutOfOrder):
        return _folded(config, feed, timeline, moment, judge)
    again = feed.timeline()  # the first knows by now how far the journal goes, which nobody who begins does
    assert isinstance(again, JournalTimeline)
    again.unread = True
    return _folded(config, feed, again, moment, judge)


def _folded(config: Config, feed: TimelineFeed, timeline: Timeline, at: int | None, judge: bool) -> tuple[Model, int]:
    """What `model_at` tells of a timeline that is open."""
    model = new_model(config)
    limit = MAX_TS if at is None else at
    if feed.market() and limit >= timeline.start:
        events = _from_start(config, feed, timeline, model)
    else:
        events = _from(feed.timeline() if isinstance(timeline, KnownMarket) else timeline, model, limit)
    events = _until(timeline, events, limit)
    model.apply(OperatorPins(config.levels.pins).events(timeline.start))
    has_rules = bool(config.alerts.rules or config.scenarios)
    watch = Watch(Engine(config.alerts, config.scenarios), lambda: model, live=False) if judge and has_rules else None
    if watch is None:
        model.takes_alerts = not judge  # what was said of them is left out, as a watch does
        model.apply(events)
    else:
        until = (timeline.end or timeline.start) if at is None else at
        watch.begin = until  # as a screen that begins there
        watch.start = max(timeline.start, until - JUDGED_BEFORE)
        for _ in judged(watch, events):
            pass
    # The end is asked for last: a journal may hold later events than its last lines say.
    now = timeline.end if at is None and timeline.end is not None else limit
    for changes in unsaid(model, now):
        model.apply(changes)
    if watch is not None:
        watch.advance(now)
    warn_of(timeline)
    return model, now


class BackTest(NamedTuple):
    """What rules say along a timeline, up to `end` (ms)."""

    news: Iterator[News]
    end: int


def back_test(config: Config, at: str | None) -> BackTest:
    """What the config's rules say along its one timeline, from its start up to the moment `at`; without one to its end,
    or for a day of one without end. Raises as `model_at`."""
    timeline = timeline_feed(config).timeline()
    until = _moment(at, timeline, DAY)
    limit = MAX_TS if until is None else until
    end = timeline.end if until is None and timeline.end is not None else limit
    model = new_model(config)
    watch = Watch(Engine(config.alerts, config.scenarios), lambda: model, live=False)
    watch.start = timeline.start

    def news() -> Iterator[News]:
        model.apply([timeline.header, *OperatorPins(config.levels.pins).events(timeline.start)])
        yield from judged(watch, _until(timeline, timeline.events(), limit))
        yield from watch.advance(end)
        warn_of(timeline)

    return BackTest(news(), end)


def _moment(at: int | str | None, timeline: Timeline, into_endless: int) -> int | None:
    """The moment that is asked for (ms); None for a timeline's end, which may be later than its last lines say."""
    if isinstance(at, str):
        return parse_time(at, timeline.start, timeline.end or timeline.start)
    return timeline.start + into_endless if at is None and timeline.end is None else at


def _until(timeline: Timeline, events: Iterator[Event], limit: int) -> Iterator[Event]:
    """Those of `events` that arrive up to `limit` (ms)."""
    if limit >= MAX_TS:
        return events
    if timeline.mode == "replay" and timeline.end is not None:  # the lines of a journal may be in any order
        return (event for event in events if event.arrival <= limit)
    return takewhile(lambda event: event.arrival <= limit, events)


def judged(watch: Watch, events: Iterator[Event]) -> Iterator[News]:
    """Fold events, and say what there is to say of alerts on the way."""
    while some := list(islice(events, CHUNK)):
        for _, news in watch.fold(some):
            yield from news


def _from(timeline: Timeline, model: Model, limit: int) -> Iterator[Event]:
    """Fold what a model begins with, and return the events that follow: a folder's from its checkpoint before `limit`
    (ms) on, where there is one."""
    opened = timeline.events_from(limit) if isinstance(timeline, FolderTimeline) else None
    model.apply([timeline.header] if opened is None else opened.known)
    return timeline.events() if opened is None else opened.events


def _from_start(config: Config, feed: TimelineFeed, timeline: Timeline, model: Model) -> Iterator[Event]:
    """Fold what an embedded market knows at its start, and return the events that follow; what was made is kept."""
    if isinstance(timeline, KnownMarket):
        model.apply(timeline.known())
        return timeline.following()
    earlier = takewhile(lambda event: event.arrival <= timeline.start, timeline.events())
    model.apply(chain([timeline.header], earlier))
    if (starts := StartCache.of(config)) is not None:
        hub = new_model(config)
        hub.apply(known := model.snapshot())
        for changes in unsaid(hub, timeline.start):
            hub.apply(changes)
        starts.keep(feed, timeline, known, hub.log.checkpoint())
    return following(timeline)
