"""What a desk says of itself: gaps, feeds, waves and levels that it found, levels that were pinned, notes."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from itertools import chain
from typing import Literal, get_args

import msgspec

from deskmon.events import checks
from deskmon.events.base import Event
from deskmon.events.checks import LIMIT, MAX_TEXT, MAX_TS, MIN_TS, are_times, encodable, known_names

FeedState = Literal["connecting", "live", "stale", "reconnecting", "down", "removed"]
"""`removed`: the feed left the configuration, and nobody shows it any more."""
_FEED_STATES = get_args(FeedState)
WaveState = Literal["building", "cresting", "fading", "over"]
LevelKind = Literal["support", "resistance"]
LevelStatus = Literal["holding", "testing", "broken", "reclaimed", "flipped"]


class Gap(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="gap"):
    """A stretch of a feed's channel that the desk missed: from `since` to `until` (ms), `dropped` events if counted."""

    feed: str
    venue: str
    channel: str
    since: int
    until: int
    dropped: int

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("feed", self.feed)
        checks.name("venue", self.venue)
        checks.name("channel", self.channel)
        if not MIN_TS <= self.since <= self.until <= MAX_TS:
            raise ValueError(f"since: {self.since!r} to {self.until!r} is not a stretch of time in ms")
        checks.not_negative(dropped=self.dropped)


class Wave(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="wave"):
    """A liquidation wave as it stood at `ts`, when its state changed: said by a hub, found anew by whoever replays.

    `start`, `peak`, `end` in ms, `by_venue` and `by_symbol` in US dollars, the rest as in `figures.WaveFigure`.
    """

    id: int
    group: str
    state: WaveState
    start: int
    peak: int
    usd: float
    long_usd: float
    short_usd: float
    count: int
    peak_usd_per_min: float
    lead: str
    by_venue: dict[str, float]
    by_symbol: dict[str, float]
    lower_bound: bool
    end: int | None = None
    price_move_pct: float | None = None
    open_interest_change_pct: float | None = None
    provisional: bool = False

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.member("state", self.state, ("building", "cresting", "fading", "over"))
        checks.name("group", self.group)
        checks.name("lead", self.lead)
        for time in (self.start, self.peak, self.end):
            if time is not None and not MIN_TS <= time <= MAX_TS:
                raise ValueError(f"start, peak, end: {time!r} is not a time in ms between 2000 and 2100")
        checks.not_negative(usd=self.usd, long_usd=self.long_usd, short_usd=self.short_usd, count=self.count)
        checks.not_negative(peak_usd_per_min=self.peak_usd_per_min)
        checks.finite(price_move_pct=self.price_move_pct, open_interest_change_pct=self.open_interest_change_pct)


class Level(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="level"):
    """A support or resistance zone changed its status with the `close` of a candle of `timeframe` that ended at `ts`:
    said by a hub, found anew by whoever replays.

    `id` names the zone of a symbol, `price` is its own, [`low`, `high`] its edges; more in `figures.LevelFigure`.
    """

    symbol: str
    id: str
    price: float
    low: float
    high: float
    kind: LevelKind
    status: LevelStatus
    before: LevelStatus
    close: float
    timeframe: str
    score: float
    sources: tuple[str, ...] = ()
    label: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("symbol", self.symbol)
        checks.name("timeframe", self.timeframe)
        checks.member("kind", self.kind, get_args(LevelKind))
        checks.member("status", self.status, get_args(LevelStatus))
        checks.member("before", self.before, get_args(LevelStatus))
        checks.positive(price=self.price, low=self.low, high=self.high, close=self.close)
        checks.not_negative(score=self.score)
        for text in (self.id, self.label, *self.sources):
            checks.text("id, label, sources", text)


class PinnedLevel(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="pin"):
    """An operator pinned a level of an asset (`BTC`) or a unified symbol: a `price`, or a zone from `low` to `high`.
    One at the same prices gets the new `label`; `removed` takes it away."""

    symbol: str
    price: float | None = None
    low: float | None = None
    high: float | None = None
    label: str = ""
    removed: bool = False

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("symbol", self.symbol)
        checks.positive(price=self.price, low=self.low, high=self.high)
        checks.text("label", self.label)
        if (self.price is None) == (self.low is None) or (self.low is None) != (self.high is None):
            raise ValueError("price: a pin has either a price or both low and high")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError("low: above high")

    @property
    def edges(self) -> tuple[float, float]:
        """(low, high), the same where the pin is a price."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        assert self.price is not None
        return self.price, self.price


class Note(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="note"):
    """What the trader `by` noted at `ts`, where it is about a `symbol` with its `price` then, in the quote currency."""

    text: str
    by: str
    symbol: str | None = None
    price: float | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        if not self.text.strip():
            raise ValueError("text: says nothing")
        checks.text("text", self.text)
        checks.name("by", self.by)
        if self.symbol is not None:
            checks.name("symbol", self.symbol)
        checks.positive(price=self.price)


class FeedStatus(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="feed_status"):
    """What a feed says of itself. Counters run from the feed's start; `lag_ms` is recv − ts of its newest events.

    `blocked_ms`: the longest time in the last minute for which the feed kept its loop from all else, 0 where that was
    never over 200 ms. `service`: no feed but a part of the hub that brings no market data, such as its journal or its
    broker. Words that can't be encoded are mended, not refused: they may tell of the fault that made them.
    """

    feed: str
    state: FeedState
    detail: str
    venue: str | None = None
    last_event: int | None = None
    events: int = 0
    dropped: int = 0
    rejected: int = 0
    reconnects: int = 0
    lag_ms: float | None = None
    blocked_ms: float | None = None
    channels: dict[str, str] | None = None
    service: bool = False

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.feed in known_names
            and self.state in _FEED_STATES
            and len(self.detail) <= MAX_TEXT
            and self.detail.isascii()
            and ((lag_ms := self.lag_ms) is None or -LIMIT < lag_ms < LIMIT)
            and ((blocked_ms := self.blocked_ms) is None or -LIMIT < blocked_ms < LIMIT)
            and ((channels := self.channels) is None or all(map(str.isascii, chain(channels, channels.values()))))
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong, and mends words."""
        Event.__post_init__(self)
        if (detail := encodable(self.detail)) != self.detail:
            msgspec.structs.force_setattr(self, "detail", detail)
        if self.channels is not None and not all(map(str.isascii, chain(self.channels, self.channels.values()))):
            channels = {encodable(name): encodable(words) for name, words in self.channels.items()}
            if channels != self.channels:
                msgspec.structs.force_setattr(self, "channels", channels)
        checks.name("feed", self.feed)
        checks.member("state", self.state, _FEED_STATES)
        checks.text("detail", self.detail)
        checks.finite(lag_ms=self.lag_ms, blocked_ms=self.blocked_ms)
