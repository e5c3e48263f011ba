"""All that authors of feeds need: `from deskmon.feedkit import Feed, FeedContext, events`.

A feed is an async source that emits events, says how it is, and can be cancelled at any await. The supervisor runs
`run` and restarts it after an exception with capped exponential backoff and jitter. A feed never blocks the loop, never
keeps unbounded data, and never raises for one bad message: it calls `reject`.

The desk's own feeds import this module, `deskmon.events` (the types of events) and `deskmon.journal` (journals as
timelines), and nothing else of the desk.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

import msgspec

from deskmon import background, events
from deskmon.assets import main_symbols
from deskmon.background import backoff
from deskmon.clock import DAY, HOUR, MINUTE, SECOND, Clock, ManualClock, WallClock
from deskmon.configurable import Configurable
from deskmon.errors import DeskError, UsageError
from deskmon.events import Event, FeedState, Mode
from deskmon.secrets import is_reference, read_secret
from deskmon.timeline import Moment, Timeline, parse_time
from deskmon.turns import Slice, Turns

__all__ = [
    "DAY",
    "HOUR",
    "MINUTE",
    "SECOND",
    "ClaimCandles",
    "Clock",
    "DeskError",
    "Event",
    "Feed",
    "FeedContext",
    "FeedState",
    "ManualClock",
    "Mode",
    "Moment",
    "Slice",
    "StoredTimes",
    "Tape",
    "Timeline",
    "TimelineFeed",
    "Turns",
    "UsageError",
    "WallClock",
    "background",
    "backoff",
    "events",
    "is_reference",
    "main_symbols",
    "parse_time",
    "read_secret",
]


class StoredTimes(Protocol):
    """Times that the desk has stored of a series: see `FeedContext.stored_times`."""

    def __call__(self, kind: type[Event], venue: str, symbol: str, timeframe: str = "") -> Sequence[int]: ...


class ClaimCandles(Protocol):
    """One venue's claim to fetch a symbol's candles: see `FeedContext.claim_candles`."""

    def __call__(self, venue: str, symbol: str, wanted: bool = True) -> bool: ...


class Tape(Protocol):
    """Who hears what goes between a feed and its venue, as it was said. No call raises or blocks."""

    def answered(
        self, method: str, url: str, body: str | None, headers: Iterable[str], status: int, answer: str
    ) -> None:
        """An answer to a request: its address, what was sent with it, and the names of its headers."""
        ...

    def connected(self, url: str) -> int:
        """A websocket opened; its number."""
        ...

    def sent(self, connection: int, message: Any) -> None:
        """A message to the venue: text, or what is sent as JSON."""
        ...

    def received(self, connection: int, data: str | bytes, text: str | None) -> None:
        """A frame as it came, and the text in it, None where it holds none."""
        ...


def nothing_stored(kind: type[Event], venue: str, symbol: str, timeframe: str = "") -> Sequence[int]:
    """A desk that stores nothing."""
    return ()


def claim_granted(venue: str, symbol: str, wanted: bool = True) -> bool:
    """A desk where each venue fetches its own candles."""
    return True


class FeedContext(msgspec.Struct):
    """The world as a feed sees it. Time, randomness and sleep are injected.

    emit: takes one event; never blocks (the mailbox is bounded and counts what it drops).
    status: `status(state, detail, channels=None)`, in words; repeated equal calls are free.
    reject: `reject(raw, reason)` counts a bad message and keeps a sample.
    reconnected: counts one reconnect.
    clock: `clock.now()` is the desk's time, ms UTC. rng: the source of chance. sleep: `await sleep(seconds)`.
    stored_times: `stored_times(kind, venue, symbol)` lists the slots of time that the desk has of a series, by their
        starts (ms, ascending): hours of OpenInterest, times of settled Funding, with a timeframe open times of Candle.
        A feed need not fetch those again.
    claim_candles: `claim_candles(venue, symbol)` is whether this venue is the one of the desk's that fetches a symbol's
        candles of years; with `wanted` false the claim is given up, and another venue may have it.
    turns: the loop's time, shared with all other feeds: `async with context.turns as part:`, and work until
        `part.over`. For a feed that has much to do at once, such as some hundred frames.
    tape: who is to be told what the venue says, while it is captured (`deskmon capture`); None at other times.
    """

    emit: Callable[[Event], None]
    status: Callable[..., None]
    reject: Callable[[Any, str], None]
    reconnected: Callable[[], None]
    clock: Clock = msgspec.field(default_factory=WallClock)
    rng: random.Random = msgspec.field(default_factory=random.Random)
    sleep: Callable[[float], Any] = asyncio.sleep
    stored_times: StoredTimes = nothing_stored
    claim_candles: ClaimCandles = claim_granted
    turns: Turns = msgspec.field(default_factory=Turns)
    tape: Tape | None = None


class Feed(Configurable):
    """Base of every feed. Subclass it in a file of its own, name it in the entry points of group `deskmon.feeds`.

    A subclass declares what deskmon.toml may tell it: `class Options(Feed.Options, frozen=True)`. `self.options` is of
    that type, for type checkers too.
    """

    name: ClassVar[str]
    """Entry-point name, file name and the `type` in deskmon.toml."""
    title: ClassVar[str]
    """What it brings, in one line, for `deskmon list feeds`."""
    quiet_s: ClassVar[float] = 60.0
    """Seconds without an event after which a live feed counts as stale: longer than its slowest ordinary pause."""

    def __init__(self, label: str, options: msgspec.Struct | None = None) -> None:
        """`label` is the feed's own name on the desk (`[feeds.LABEL]`)."""
        super().__init__(options)
        self.label = label

    @classmethod
    def venues(cls) -> Sequence[str]:
        """What this feed can be pointed at, for `deskmon list venues`; empty where that is moot. Quick, offline."""
        return ()

    @classmethod
    def derivatives_of(cls, venue: str) -> str:
        """The one of `venues` under which `venue`, another of them, lists its perpetuals and futures: what the desk
        adds where a trader names the venue. Quick, offline."""
        return venue

    @classmethod
    def validate_options(cls, options: Any) -> Sequence[tuple[str, str]]:
        """(option, what is wrong with it) for options of the right type that can't work, such as an unknown exchange.

        `deskmon check` lists them; the desk starts all the same and the feed says so itself. Quick, offline.
        """
        return ()

    @classmethod
    def assets(cls, options: Any) -> Collection[str] | None:
        """Assets such as `BTC` that a feed with these options, of the right type, can bring prices, options or flows
        of; None where only its source knows. `deskmon check` warns of what no feed of a desk has. Quick, offline."""
        return None

    def watch(self, topics: frozenset[str]) -> None:
        """What a private screen looks at just now, as its panels name it (`Panel.follow_closely`): what a feed may
        follow more closely meanwhile. Called when that changes, and before `run`; quick."""

    async def run(self, context: FeedContext) -> None:
        """Emit events until cancelled; return only when the source is exhausted. Raises UsageError for what can never
        work: the feed is then not started again."""
        raise NotImplementedError


class TimelineFeed(Feed):
    """A feed whose whole market is a timeline: it is alone on its desk, and the desk's clock is the timeline's."""

    mode: ClassVar[Mode]

    def timeline(self) -> Timeline:
        """The market to play. Raises DeskError where it can't be opened."""
        raise NotImplementedError

    def market(self) -> str:
        """Names the market, where the same name stands for the same events, to the last digit: a desk may then keep
        what it is at its start from run to run. "" where that isn't so."""
        return ""

    def begin(self, timeline: Timeline) -> int:
        """Desk time (ms) at which playing begins, the timeline's start unless the options say otherwise."""
        return timeline.start

    def speed(self) -> float:
        """Desk time per real time when playing begins; infinite is as fast as it goes."""
        return 1.0

    def moments(self) -> Sequence[Moment]:
        """Moments of the market, in order of time, that keys lead to and a tour walks through."""
        return ()

    def examples(self) -> Mapping[str, Any]:
        """Tables of deskmon.toml that a desk on this market begins with: `alerts.rules` and `scenarios`. The desk's own
        of the same name win."""
        return {}
