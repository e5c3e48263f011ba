"""The model of a timeline at one moment, folded without a hub: for `deskmon state` and `deskmon snapshot`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from deskmon import plugins
from deskmon.clock import MINUTE
from deskmon.config.schema import Config
from deskmon.configured_model import new_model
from deskmon.errors import UsageError
from deskmon.events import MAX_TS, Event
from deskmon.feedkit import TimelineFeed
from deskmon.hub.level_announcer import unsaid
from deskmon.hub.running import construct
from deskmon.journal import JournalTimeline
from deskmon.model import Model
from deskmon.pins import OperatorPins
from deskmon.timeline import Timeline

INTO_ENDLESS = 3 * MINUTE
"""How far into a market without end the moment lies where none is asked for (ms)."""


def model_at(config: Config, at: int | None) -> tuple[Model, int]:
    """The model of the config's one timeline at desk time `at` (ms), and that time: what arrived by then is in it.

    Where `at` is None: the end of the timeline, or three minutes into one without end. Raises UsageError where the
    config's feed is no timeline, DeskError where it can't be opened.
    """
    enabled = [(label, feed) for label, feed in config.feeds.items() if feed.enabled]
    kinds = {label: plugins.load_feed(feed.type) for label, feed in enabled}
    if len(enabled) != 1 or not issubclass(kind := kinds[enabled[0][0]], TimelineFeed):
        raise UsageError("this desk has no timeline to look into", "name one with --demo or --replay FILE")
    label, feed = enabled[0]
    timeline = construct(label, kind, feed.options).timeline()
    if at is None and timeline.end is None:
        at = timeline.start + INTO_ENDLESS
    model = new_model(config)
    limit = MAX_TS if at is None else at
    known, events = _from(timeline, limit)
    model.apply(known)
    if timeline.mode == "replay" and timeline.end is not None:  # the lines of a journal may be in any order
        model.apply(event for event in events if event.arrival <= limit)
    else:
        model.apply(takewhile(lambda event: event.arrival <= limit, events))
    model.apply(OperatorPins(config.levels.pins).events(timeline.start))
    # The end is asked for last: a journal may hold later events than its last lines say.
    now = timeline.end if at is None and timeline.end is not None else limit
    for changes in unsaid(model, now):
        model.apply(changes)
    return model, now


def _from(timeline: Timeline, limit: int) -> tuple[Sequence[Event], Iterator[Event]]:
    """Events to begin a model with, and those that follow them: a folder's from its checkpoint before `limit` (ms) on,
    where there is one."""
    opened = timeline.events_from(limit) if isinstance(timeline, JournalTimeline) else None
    return ([timeline.header], timeline.events()) if opened is None else (opened.known, opened.events)
