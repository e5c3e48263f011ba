"""The numbers of a hub for a monitoring system, in OpenMetrics. docs/hub-metrics.md names each; a test compares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

from deskmon.clock import SECOND
from deskmon.errors import DeskError
from deskmon.events import AlertState, HubStatus, JournalFiles
from deskmon.hub.hub import Hub
from deskmon.model.figures import FeedFigure

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"

HUB: Mapping[str, tuple[str, Callable[[HubStatus], float | None]]] = {
    "deskmon_hub_start_time_seconds": ("start of the hub, seconds since 1970", lambda hub: hub.started / SECOND),
    "deskmon_hub_screens": ("screens on pipe, socket and broker", lambda hub: hub.screens),
    "deskmon_hub_memory_bytes": (
        "memory of the hub's process",
        lambda hub: None if hub.memory_mb is None else hub.memory_mb * 1e6,
    ),
}
"""Gauges of the hub: what each says, and its value, None where that is unknown."""

JOURNAL: Mapping[str, tuple[str, Callable[[JournalFiles], float]]] = {
    "deskmon_journal_bytes": ("size of the journal's files", lambda journal: journal.bytes),
    "deskmon_journal_segments": ("number of the journal's files", lambda journal: journal.segments),
    "deskmon_journal_oldest_timestamp_seconds": (
        "first time in the journal, seconds since 1970", lambda journal: journal.oldest / SECOND,
    ),
}  # fmt: skip
"""Gauges of a hub that writes a journal."""

FEED: Mapping[str, tuple[str, Callable[[FeedFigure], float | None]]] = {
    "deskmon_feed_live": ("1 while the feed is live, else 0", lambda feed: float(feed.state == "live")),
    "deskmon_feed_age_seconds": ("age of the feed's newest event", lambda feed: _seconds(feed.age_ms)),
    "deskmon_feed_lag_seconds": ("delay from venue to arrival", lambda feed: _seconds(feed.lag_ms)),
    "deskmon_feed_blocked_seconds": (
        "longest time in the last minute that the feed held its loop", lambda feed: _seconds(feed.blocked_ms),
    ),
}  # fmt: skip
"""Gauges of each feed."""

COUNTED: Mapping[str, tuple[str, Callable[[FeedFigure], float]]] = {
    "deskmon_feed_events": ("events taken", lambda feed: feed.events),
    "deskmon_feed_dropped": ("events dropped", lambda feed: feed.dropped),
    "deskmon_feed_rejected": ("messages and events that couldn't be read", lambda feed: feed.rejected),
    "deskmon_feed_reconnects": ("connections made anew", lambda feed: feed.reconnects),
}
"""Counters of each feed, from its start; a name ends in `_total` where it is read."""

ALERT_STATES: tuple[AlertState, ...] = ("ok", "pending", "firing", "clearing", "unknown")


class HubCollector:
    """Makes the metrics of a hub as it is now. Call it in the hub's loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def collect(self) -> Iterable[Metric]:
        """All of them; a sample that is unknown is left out."""
        from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

        hub, status = self._hub, self._hub.status
        yield InfoMetricFamily("deskmon_hub", "version of deskmon", {"version": status.version})
        known = {name: (words, value(status)) for name, (words, value) in HUB.items()}
        if (journal := status.journal) is not None:
            known |= {name: (words, value(journal)) for name, (words, value) in JOURNAL.items()}
        known["deskmon_hub_loop_lag_seconds"] = ("worst delay of the loop in the last minute", hub.late_ms / SECOND)
        known["deskmon_hub_desk_time_seconds"] = ("the desk clock, seconds since 1970", hub.now / SECOND)
        known["deskmon_hub_events_waiting"] = ("events that wait to be folded", float(len(hub.mailbox)))
        known["deskmon_hub_leads"] = ("1 while this hub leads the desk on its broker, else 0", _leads(hub))
        for name, (words, number) in known.items():
            if number is not None:
                yield GaugeMetricFamily(name, words, number)
        yield from self._feeds()
        alerts = Counter(each.state for each in hub.stream.model.alerts.figures(hub.now).values())
        family = GaugeMetricFamily("deskmon_alerts", "rules by state", labels=("state",))
        for state in ALERT_STATES:
            family.add_metric((state,), alerts[state])
        yield family

    def _feeds(self) -> Iterable[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        feeds = self._hub.stream.model.feeds.figures(self._hub.now)
        for kind, families in ((GaugeMetricFamily, FEED), (CounterMetricFamily, COUNTED)):
            for name, (words, value) in families.items():
                family = kind(name, words, labels=("feed",))
                for label, feed in feeds.items():
                    number = value(feed)
                    if number is not None:
                        family.add_metric((label,), number)
                yield family


def look_for_client() -> None:
    """Raises DeskError where prometheus-client isn't installed."""
    if find_spec("prometheus_client") is None:
        raise DeskError("--metrics needs prometheus-client", "pip install 'deskmon[metrics]'")


def expositor(hub: Hub) -> Callable[[], bytes]:
    """What writes the hub's metrics as OpenMetrics text; `look_for_client` says whether that can be."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.openmetrics.exposition import generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(HubCollector(hub))
    return lambda: generate_latest(registry)


def _leads(hub: Hub) -> float | None:
    return None if hub.on_broker is None else float(hub.on_broker.leads)


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else ms / SECOND
