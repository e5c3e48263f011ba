"""How each line of a feed is, each channel with its lines, and the feed with its channels. Times in ms, desk clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from deskmon.events import FeedState
from deskmon.feeds.ccxt.channels import ChannelName

QUIET: frozenset[ChannelName] = frozenset({"liquidations", "trades"})
"""Channels that may be silent for hours without a fault: to be subscribed is all there is to see of them."""

SEVERITY: dict[FeedState, int] = {"live": 0, "connecting": 1, "stale": 2, "reconnecting": 3, "down": 4}

WAITING = "waiting for the first event"


@dataclass(slots=True, eq=False)
class Line:
    """What one subscription brings of one channel and symbol (empty: of all symbols), or what one poll brings.

    `usual` follows the longest silences between events: it rises to each longer one and decays slowly. A line is called
    silent after several times what is usual for it.
    """

    channel: ChannelName
    symbol: str
    started: int
    url: str = ""
    polled: bool = False
    recovers: bool = False
    """Whether an answer brings what was missed before it."""
    carried: bool = False
    """Whether it comes in the frames of another channel: until it was heard nobody can say that it should come."""
    state: FeedState = "connecting"
    words: str = WAITING
    heard: int | None = None
    checked: int = 0
    asked: bool = False
    listened: bool = False
    usual: float = 0.0
    moments: int = 0
    broken_since: int | None = None
    excused: bool = False
    """Whether this silence says nothing of its pace: the connection was lost, or the desk was behind."""
    void: bool = False
    tries: int = 0
    retried: int = 0

    FACTOR: ClassVar[float] = 4.0
    FLOORS: ClassVar[dict[ChannelName, float]] = {
        "ticker": 15_000, "book": 15_000, "trades": 60_000, "funding": 120_000, "open_interest": 300_000,
        "candles": 180_000,
    }  # fmt: skip
    """A line of another channel may be silent for ever."""
    CAP_FLOORS: ClassVar[float] = 8.0
    LEARNT: ClassVar[int] = 20
    """Moments at which something came, after which the pace of a line is known."""
    CURED_MS: ClassVar[int] = 60_000
    """A line that was heard this long after it was subscribed again is cured."""

    def patience(self, *, neighbours_run: bool = False) -> float | None:
        """Silence (ms) that is bearable: several times the usual, between the floor of its channel and 8 floors. While
        its neighbours run the venue and the network do too, so a third of the floor is enough where the pace is known.
        None: any silence is bearable."""
        floor = self.FLOORS.get(self.channel)
        if floor is None:
            return None
        known, pace, cap = self.moments > self.LEARNT, self.FACTOR * self.usual, self.CAP_FLOORS * floor
        if self.channel in QUIET and not (known and pace <= cap):
            return None
        return min(max(floor / 3 if known and neighbours_run else floor, pace), cap)

    def hear(self, now: int) -> int | None:
        """Count an event; the time since which events were missed, if it is the first after a break."""
        since, self.broken_since = self.broken_since, None
        if self.heard is None or now > self.heard:
            self.moments += 1
        if self.heard is not None and not self.excused:
            silence = now - self.heard
            self.usual = silence if silence > self.usual else self.usual + (silence - self.usual) * 0.01
        self.heard = self.checked = now
        self.excused, self.listened, self.void, self.state, self.words = False, True, False, "live", "live"
        if now - self.retried > self.CURED_MS:
            self.tries = 0
        return since

    def listen(self, now: int) -> int | None:
        """Subscribed: enough for a channel where nothing may happen for hours. Returns as `hear` does."""
        since, self.broken_since = self.broken_since, None
        self.state, self.words, self.checked, self.listened = "live", "listening", now, True
        return since

    def broke(self, now: int, state: FeedState, words: str, since: int) -> None:
        """Note a break that began at `since`, or when the line was made if it never brought anything."""
        if self.broken_since is None:
            self.broken_since = min(now, since if self.listened else self.started)
        self.state, self.words, self.checked = state, words, now
        self.excused = self.excused or state != "stale"

    def excuse(self, now: int) -> None:
        """The desk is behind: what it hasn't read yet may be anything."""
        self.checked, self.excused = now, True

    def silence(self, now: int, *, neighbours_run: bool = False) -> float | None:
        """Silence (ms) if it is longer than bearable, else None. A poll reports itself."""
        if self.polled or (self.carried and self.heard is None):
            return None
        patience = self.patience(neighbours_run=neighbours_run)
        quiet = now - max(self.checked, self.started)
        return quiet if patience is not None and quiet > patience else None

    def may_retry(self, now: int) -> bool:
        """Whether to subscribe again: at once the first time, then later each time until the line is cured."""
        floor = self.FLOORS[self.channel]
        pause: float = min(floor / 3 * (2.0**self.tries - 1), self.CAP_FLOORS * floor)
        return now - self.retried >= pause

    def retry(self, now: int) -> None:
        """Note that it is subscribed again now."""
        self.retried = self.checked = now
        self.tries = min(self.tries + 1, 16)

    def shift(self, ms: int) -> None:
        """The desk clock was set on by `ms`: so are its times."""
        self.started += ms
        self.checked += ms
        self.retried += ms
        self.heard = None if self.heard is None else self.heard + ms
        self.broken_since = None if self.broken_since is None else self.broken_since + ms


@dataclass(slots=True)
class Channel:
    """One channel: as bad as the worst of its lines. `told` counts its events."""

    name: ChannelName
    streamed: bool = False
    lines: list[Line] = field(default_factory=list)
    told: int = 0
    why_none: str | None = None
    interval: float | None = None
    gap: tuple[int, int] = (0, 0)

    NAMED: ClassVar[int] = 3

    @property
    def finished(self) -> bool:
        """Whether the venue doesn't have it, and won't."""
        return self.why_none is not None

    def finish(self, words: str) -> None:
        """The venue doesn't have it, and won't; `words` say why."""
        self.why_none = words

    def _troubled(self) -> list[Line]:
        return [line for line in self.lines if SEVERITY[line.state] > SEVERITY["connecting"]]

    @property
    def state(self) -> FeedState:
        """State of the worst line in trouble, else `live` where something was told or is listened to."""
        if self.finished:
            return "down"
        troubled = self._troubled()
        if troubled:
            return max((line.state for line in troubled), key=SEVERITY.__getitem__)
        heard = self.told or self.name in QUIET
        return "live" if heard and any(line.state == "live" for line in self.lines) else "connecting"

    @property
    def words(self) -> str:
        """What to say of it: the trouble, and of which symbols where not of all."""
        if self.why_none is not None:
            return self.why_none
        troubled = self._troubled()
        if not troubled:
            if self.state == "connecting":
                return WAITING
            polled = self.interval is not None and not self.streamed
            return f"polled every {self.interval:g} s" if polled else "live" if self.told else "listening"
        worst = max(troubled, key=lambda line: SEVERITY[line.state])
        same = [line.symbol for line in troubled if line.words == worst.words and line.symbol]
        if len(troubled) == len(self.lines) or not same:
            return worst.words
        named = ", ".join(dict.fromkeys(same[: self.NAMED]))
        more = len(same) - self.NAMED
        return f"{named}{f' and {more} more' if more > 0 else ''}: {worst.words}"

    def untold(self, since: int, until: int) -> tuple[int, int] | None:
        """The part of a stretch that was missed of which no gap told yet, or None."""
        start, end = self.gap
        if start <= since < end:
            since = end
        if since >= until:
            return None
        self.gap = (since, until)
        return since, until


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
