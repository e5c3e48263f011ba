"""Reads from the model what the header and the ticker show of it. Apart from the header itself, which a screen's first
frame has before there is a market."""

from __future__ import annotations

from functools import lru_cache

from deskmon.clock import SECOND
from deskmon.components.alerts import alert_headline, seen_count, undelivered
from deskmon.components.feed_health import silence
from deskmon.components.news import news
from deskmon.desk.status import Status
from deskmon.desk.ticker import Ticker
from deskmon.model import Model

RATES_EVERY = 5 * SECOND
"""How often the header's rates are renewed: they jitter, and each costs a change of colours."""


def observe(status: Status, model: Model, now: int) -> None:
    """Take from the model what the header shows of it, at most once a second; a wave with each frame, as its panel."""
    if model.header is not None:
        status.source, status.note = model.header.source, model.header.note
    status.wave = model.waves.current(now)
    if 0 <= now - status.observed < SECOND:
        return
    status.observed = now
    feeds = [feed for feed in model.feeds.figures(now).values() if not feed.service]
    lags = sorted(feed.lag_ms for feed in feeds if feed.lag_ms is not None)
    status.feeds = len(feeds)
    status.feeds_live = sum(feed.state == "live" for feed in feeds)
    status.silence = silence(feeds)
    if status.lag_ms is None or now % RATES_EVERY < SECOND:
        status.lag_ms = lags[len(lags) // 2] if lags else None
    status.alert = alert_headline(model, now, with_info=status.wave is None)
    status.alerts_seen, status.undelivered = seen_count(model), undelivered(model, now)
    status.news = news(model, now)
    status.told = _ticker(status.ticker).items(model, now)


@lru_cache(maxsize=1)
def _ticker(paths: tuple[str, ...]) -> Ticker:
    """The ticker of these figures, whose paths are read once."""
    return Ticker(paths)
