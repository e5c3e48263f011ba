"""What the header tells: of the market, of the hub, of the terminal, of the desk's own files."""

from __future__ import annotations

import msgspec

from deskmon.clock import SECOND
from deskmon.events import Mode, Source
from deskmon.model import Model
from deskmon.model.figures import WaveFigure
from deskmon.panel import Span
from deskmon.pieces.news import news

RATES_EVERY = 5 * SECOND
"""How often the header's rates are renewed: they jitter, and each costs a change of colours."""


class Status(msgspec.Struct):
    """What the header tells, besides the market."""

    name: str
    symbol: str
    now: int
    mode: Mode | None = None
    source: Source = "live"
    note: str = ""
    speed: float = 1.0
    paused: bool = False
    link: str = "connecting"
    link_detail: str = ""
    frozen_ms: int | None = None
    feeds_live: int = 0
    feeds: int = 0
    lag_ms: float | None = None
    fps: float | None = None
    kib_s: float | None = None
    say: Span | None = None
    trouble: str = ""
    wave: WaveFigure | None = None
    news: str = ""
    observed: int = 0

    def observe(self, model: Model, now: int) -> None:
        """Take from the model what the header shows of it, at most once a second."""
        if model.header is not None:
            self.source, self.note = model.header.source, model.header.note
        if 0 <= now - self.observed < SECOND:
            return
        self.observed = now
        feeds = list(model.feeds.figures(now).values())
        lags = sorted(f.lag_ms for f in feeds if f.lag_ms is not None)
        self.feeds = len(feeds)
        self.feeds_live = sum(f.state == "live" for f in feeds)
        if self.lag_ms is None or now % RATES_EVERY < SECOND:
            self.lag_ms = lags[len(lags) // 2] if lags else None
        self.wave = model.waves.current(now)
        self.news = news(model, now)
