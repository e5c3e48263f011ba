"""How each channel is, and the feed with it: last heard, usual silence, what broke and since when."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from deskmon.events import FeedState
from deskmon.feeds.ccxt.options import ChannelName

QUIET: frozenset[ChannelName] = frozenset({"liquidations", "trades"})
"""Channels that may be silent for hours without a fault: an open socket is all there is to see of them."""

SEVERITY: dict[FeedState, int] = {"live": 0, "connecting": 1, "stale": 2, "reconnecting": 3, "down": 4}


@dataclass(slots=True)
class Channel:
    """One channel. Times in ms of the desk clock.

    `usual` follows the longest silences between events: it rises to each longer one and decays slowly, so a channel is
    only called silent after several times what is normal for it, within the bounds of its kind.
    """

    name: ChannelName
    started: int
    streamed: bool = False
    state: FeedState = "connecting"
    words: str = "waiting for the first event"
    heard: int | None = None
    checked: int = 0
    usual: float = 0.0
    broken_since: int | None = None
    finished: bool = False
    count: int = 0
    urls: set[str] = field(default_factory=set)

    FACTOR: ClassVar[float] = 4.0
    FLOORS: ClassVar[dict[ChannelName, float]] = {
        "ticker": 15_000, "book": 15_000, "trades": 60_000, "funding": 120_000, "open_interest": 300_000,
        "candles": 180_000, "liquidations": 1_800_000,
    }  # fmt: skip
    CAP_FLOORS: ClassVar[float] = 8.0

    def patience(self) -> float:
        """Silence (ms) that is bearable: several times the usual, between the floor of its kind and 8 floors."""
        floor = self.FLOORS[self.name]
        return min(max(floor, self.FACTOR * self.usual), self.CAP_FLOORS * floor)

    def hear(self, now: int, url: str) -> int | None:
        """Count an event; the time since which events were missed, if it is the first after a break."""
        since, self.broken_since = self.broken_since, None
        if self.heard is not None and since is None:
            silence = now - self.heard
            self.usual = silence if silence > self.usual else self.usual + (silence - self.usual) * 0.01
        self.heard = self.checked = now
        self.count += 1
        if self.state != "live":
            self.state = "live"
            self.words = "live"
        if url:
            self.urls.add(url)
        return since

    def broke(self, now: int, state: FeedState, words: str) -> None:
        """Note a break; it began when the last event came."""
        if self.broken_since is None:
            self.broken_since = min(now, self.started if self.heard is None else self.heard)
        self.state, self.words = state, words
        self.checked = now

    def listen(self, now: int) -> int | None:
        """Subscribed again: enough for a channel where nothing may happen for hours. Returns as `hear` does."""
        since, self.broken_since = self.broken_since, None
        self.state, self.words, self.checked = "live", "listening", now
        return since

    def finish(self, words: str) -> None:
        """The venue doesn't have it, and won't."""
        self.finished, self.state, self.words = True, "down", words

    def silence(self, now: int) -> float | None:
        """Silence (ms) if it is longer than bearable, else None. Only streams are watched; a poll reports itself."""
        if not self.streamed or self.finished:
            return None
        quiet = now - max(self.checked, self.started)
        return quiet if quiet > self.patience() else None


class Skew:
    """How far the venue's clock is from ours, from the newest events. A transit of some seconds is no skew."""

    SKEW_MS: ClassVar[int] = 5_000

    def __init__(self) -> None:
        self._lags: deque[int] = deque(maxlen=50)

    def add(self, lag: int) -> None:
        """Note recv − ts of one event (ms)."""
        self._lags.append(lag)

    def words(self) -> str:
        """What to say of it, or nothing. The smallest lag counts: a single late event says nothing of the clock."""
        if not self._lags:
            return ""
        least = min(self._lags, key=abs)
        if abs(least) <= self.SKEW_MS:
            return ""
        return (
            f"clock skew: its events are stamped {_span(abs(least))} {'behind' if least > 0 else 'ahead of'} this clock"
        )


def _span(ms: float) -> str:
    for unit, name in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min")):
        if ms >= 0.99 * unit:
            return f"{ms / unit:.2g} {name}" if ms < 99 * unit else f"{ms / unit:,.0f} {name}"
    return f"{ms / 1000:.0f} s"


def summary(channels: Mapping[ChannelName, Channel], notes: list[str]) -> tuple[FeedState, str, dict[str, str]]:
    """State, detail and words per channel of the whole feed: as bad as its worst channel that hasn't been given up."""
    words: dict[str, str] = {name: channel.words for name, channel in channels.items()}
    going = [channel for channel in channels.values() if not channel.finished]
    if not going:
        return "down", "; ".join(["this venue has none of the channels asked for", *notes]), words
    started = [channel for channel in going if channel.state != "connecting"]
    troubled = [channel for channel in started if channel.state != "live"]
    if not started:
        return "connecting", "; ".join(["subscribed, waiting for the first event", *notes]), words
    if not troubled:
        return "live", "; ".join(notes) or "live", words
    worst = max(troubled, key=lambda channel: SEVERITY[channel.state])
    state = worst.state
    if state == "down" and any(channel.state == "live" for channel in going):
        state = "reconnecting"
    same = [channel.name for channel in troubled if channel.words == worst.words]
    return state, "; ".join([f"{', '.join(same)}: {worst.words}", *notes]), words
