"""What the header tells: of the market, of the hub, of the terminal, of the desk's own files."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING

import msgspec

from deskmon.components.panel import Line, Span
from deskmon.config.schema import DeskConfig
from deskmon.config.zones import zone
from deskmon.events import Mode, Pulse, Source

if TYPE_CHECKING:
    from deskmon.components.alerts import AlertWords
    from deskmon.model.figures import WaveFigure


class Status(msgspec.Struct):
    """What the header tells, besides the market.

    zone: whose time stands beside UTC. controls: the hub plays its market for this screen alone, so its keys pause and
    seek it. begins, ends: the moments (ms) between which they do, None where it has no such one. target: the moment
    (ms) that the screen is on its way to. live_now: the clock of its live desk, while it looks back, too. silence: why
    no feed is live, in words; "" while one is, or while all of them still connect. late_ms: the worst delay of the
    hub's loop in the last minute, late_by: the feed that held it. ticker: the
    paths of its figures, told: what it shows.
    undelivered: why alerts reach nobody, in words. alert: the gravest rule that fires, alerts_seen: how many do that a
    trader acknowledged or snoozed.
    """

    name: str
    symbol: str
    now: int
    zone: tzinfo | None = None
    mode: Mode | None = None
    source: Source = "live"
    note: str = ""
    speed: float = 1.0
    paused: bool = False
    seeking: bool = False
    begins: int | None = None
    ends: int | None = None
    target: int | None = None
    live_now: int | None = None
    link: str = "connecting"
    link_detail: str = ""
    frozen_ms: int | None = None
    editing: bool = False
    controls: bool = False
    feeds_live: int = 0
    feeds: int = 0
    silence: str = ""
    lag_ms: float | None = None
    late_ms: float | None = None
    late_by: str = ""
    fps: float | None = None
    kib_s: float | None = None
    say: Span | None = None
    trouble: str = ""
    undelivered: str = ""
    alert: AlertWords | None = None
    alerts_seen: int = 0
    wave: WaveFigure | None = None
    news: str = ""
    ticker: tuple[str, ...] = ()
    told: list[Line] = []
    observed: int = 0

    @property
    def awaited(self) -> str:
        """What panels wait for while there is no whole market."""
        if self.mode == "look_back":
            return "looking back"
        if self.seeking:
            return "seeking" if self.controls else "the hub is seeking"
        return "loading the market" if self.controls else "waiting for the hub"

    @property
    def remembered(self) -> bool:
        """Whether all that a live desk shows is from before its hub began: its feeds still connect."""
        return self.mode == "live" and self.feeds > 0 and not self.feeds_live and not self.silence

    def configure(self, desk: DeskConfig) -> None:
        """Take what the configuration says of it."""
        self.name, self.zone, self.ticker = desk.name, zone(desk.timezone), desk.ticker
        self.observed = 0

    def beat(self, pulse: Pulse) -> None:
        """Take what the hub's heartbeat says."""
        self.mode, self.speed, self.paused, self.seeking = pulse.mode, pulse.speed, pulse.paused, pulse.seeking
        journal = None if pulse.hub is None else pulse.hub.journal
        self.begins = journal.oldest if pulse.begins is None and journal is not None else pulse.begins
        self.ends = pulse.ends
        self.late_ms, self.late_by = pulse.late_ms, pulse.late_by
