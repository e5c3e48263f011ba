"""Plays a timeline on a clock it winds itself: pause, step, seek both ways, any speed. No loop, no sleep.

Whoever drives it says how much real time went by (`tick`) and gets the events that arrived meanwhile, in slices
small enough that an event loop stays responsive: at top speed, too, and while seeking through a large journal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from deskmon.clock import HOUR, MINUTE, SECOND, ManualClock
from deskmon.events import MAX_TS, Book, Checkpoint, Event, Reset
from deskmon.timeline import CheckpointedTimeline, Timeline, following

SLICE = 250
"""Events that one `tick` or one slice of a seek returns at most: some 10 to 30 ms of folding."""
LEVELS = 100
"""So many levels of a book take as long as another event."""
NEAR = 5 * MINUTE
"""A moment ahead (ms) that is folded to, whatever checkpoints there are."""
STRETCH = HOUR
"""Desk time (ms) that a slice of a seek covers at most: of a market that plays sixty times as fast its few events would
cover days, in which there is much to judge."""
MADE_UP_MS = 250.0
"""Real time (ms) that full slices may be behind; what they leave beyond it is lost, and the desk's time runs slower."""
SLOWEST = 0.1
MAX_SPEED = math.inf


class Player:
    """Steps through `timeline` and sets `clock` to the desk time reached.

    At any moment the events returned since the last Reset are the timeline's header and all its events that
    arrived up to `clock.now()`, in order; only while a slice was full are some of the newest still to come.
    The first slice ever returned, and the first after a seek backwards, opens with Reset and the header; the history
    from before the timeline's start follows with it, while the clock stands at the start. A seek to a timeline's
    checkpoint opens with that in place of all events before it.
    `speed` is desk time per real time, `MAX_SPEED` as fast as it is driven; `paused` stops `tick` alone.
    """

    def __init__(
        self, timeline: Timeline, clock: ManualClock, *, speed: float = 1.0, paused: bool = False, begun: bool = False
    ) -> None:
        """begun: what arrives by the timeline's start was taken already, so that the first slice has what follows."""
        self.timeline = timeline
        self.clock = clock
        self.paused = paused
        self.speed = speed
        self.is_behind = False
        """Whether the newest slice was full, so that more may have arrived by then."""
        self._iterator: Iterator[Event]
        self._next: Event | None
        self._prelude: list[Event]
        self._fraction: float
        """Desk time (ms) that went by and isn't played yet."""
        if begun:
            self._begin(timeline.start, [], following(timeline))
        else:
            self._restart()

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, value: float) -> None:
        """Raises ValueError for what is no speed; below 0.1 becomes 0.1."""
        if not value > 0:
            raise ValueError(f"{value!r} is not a speed above 0")
        self._speed = max(SLOWEST, value)

    @property
    def ended(self) -> bool:
        """True once nothing is left to arrive. The player then stays where it is, paused, until it seeks back."""
        return self._next is None

    def tick(self, elapsed_ms: float) -> list[Event]:
        """Play on by `elapsed_ms` of real time and return what arrived, at most a slice.

        What a full slice leaves behind comes with the next ones, up to MADE_UP_MS of real time: only what can't be
        folded at the speed asked runs slower.
        """
        if self.paused:
            return []
        if math.isinf(self._speed):
            events = self.advance(MAX_TS, SLICE)
        else:
            self._fraction = min(self._fraction, MADE_UP_MS * self._speed) + max(0.0, elapsed_ms) * self._speed
            whole = int(self._fraction)
            self._fraction -= whole
            due = self.clock.now() + whole
            events = self.advance(due, SLICE)
            self._fraction = min(self._fraction + due - self.clock.now(), MADE_UP_MS * self._speed)
        self.paused = self.ended
        return events

    def advance(self, now: int, limit: int | None = None) -> list[Event]:
        """Move the clock on to desk time `now` (ms) and return what arrived by then.

        Never beyond the end of the timeline. With a `limit` at most that many events, fewer where there are large books
        among them, and then the clock stands at the last of them. A time that has passed already moves nothing.
        """
        events, self._prelude = self._prelude, []
        room = MAX_TS if limit is None else limit
        now = max(now, self.clock.now())
        upcoming = self._next
        while upcoming is not None and upcoming.arrival <= now and room > 0:
            events.append(upcoming)
            room -= _cost(upcoming)
            self._reached = upcoming.arrival
            upcoming = self._pull()
        self._next, self.is_behind = upcoming, room <= 0
        if upcoming is None or upcoming.arrival <= now:
            now = self._reached
        self.clock.set(max(now, self.clock.now()))
        return events

    def step(self) -> list[Event]:
        """Move to the next moment at which something arrives, and return all that arrives then. Empty at the end."""
        if self._next is None:
            return self.advance(self.clock.now())
        return self.advance(max(self._next.arrival, self.clock.now()))

    def seek(self, ts: int) -> Iterator[list[Event]]:
        """Go to desk time `ts` (ms), within the timeline: yields slices to fold, so that the caller can let others run.

        Backwards, or far ahead, the timeline is read from its checkpoint before that moment on, else backwards again
        from its beginning. A seek that is abandoned between two slices leaves the player at the moment it had reached.
        """
        ts = max(ts, self.timeline.start)
        if self.timeline.end is not None:
            ts = min(ts, self.timeline.end)
        self._fraction = 0.0
        now = self.clock.now()
        if not now <= ts <= now + NEAR:
            if self._jump(ts):
                known, self._prelude = self._prelude, []
                yield from _parts(known)  # before the clock moves on: others may look at it between two parts
            elif ts < now:
                self._restart()
        while True:
            following = ts if self._next is None else self._next.arrival
            events = self.advance(min(ts, max(self.clock.now() + STRETCH, following)), SLICE)
            if events:
                yield from _parts(events)
            if self._next is None or self._next.arrival > ts:
                self.advance(ts)
                return

    def _restart(self) -> None:
        self._begin(self.timeline.start, [Reset(ts=self.timeline.start), self.timeline.header], self.timeline.events())

    def _jump(self, ts: int) -> bool:
        """Begin anew at the timeline's checkpoint before the second of `ts`, so that what is judged at that second is
        judged of nothing later; False where there is none that is nearer."""
        timeline = self.timeline
        found = timeline.events_from(ts // SECOND * SECOND) if isinstance(timeline, CheckpointedTimeline) else None
        if found is None:
            return False
        if found.at <= self.clock.now() <= ts:
            return False
        self._begin(max(found.at, timeline.start), [*found.known], found.events)
        return True

    def _begin(self, at: int, known: list[Event], events: Iterator[Event]) -> None:
        self._iterator = events
        self._next = self._pull()
        self._prelude = known
        self._reached = at
        self._fraction = 0.0
        self.clock.set(at)

    def _pull(self) -> Event | None:
        event = next(self._iterator, None)
        end = self.timeline.end
        return None if event is None or (end is not None and event.arrival > end) else event


def _parts(events: list[Event]) -> Iterator[list[Event]]:
    """A slice, in which each checkpoint of a part stands alone: one of them takes as long as a slice."""
    first = next((at for at, event in enumerate(events) if type(event) is Checkpoint), None)
    while first is not None:
        if first:
            yield events[:first]
        yield events[first : first + 1]
        events = events[first + 1 :]
        first = next((at for at, event in enumerate(events) if type(event) is Checkpoint), None)
    if events:
        yield events


def _cost(event: Event) -> int:
    """As how many events it counts in a slice."""
    return 1 + (len(event.bids) + len(event.asks)) // LEVELS if type(event) is Book else 1
