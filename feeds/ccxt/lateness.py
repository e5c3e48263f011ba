"""Whether events are late, and why: the venue's clock is off, or the desk is behind. Times in ms."""

from __future__ import annotations

from collections import OrderedDict, deque
from statistics import median
from typing import ClassVar


class _Lags:
    """Of one connection: how late its newest frames came, what is usual for it, and what was found last."""

    def __init__(self, usual: int) -> None:
        self.newest: deque[int] = deque(maxlen=50)
        self.usual = usual
        self.found: int | None = None

    def least(self) -> int | None:
        """The smallest lag counts: a single late frame says nothing of the clock."""
        return min(self.newest, key=abs) if self.newest else None


class Lateness:
    """How far the newest frames of each connection lie behind the desk clock, and how late the desk's own timer fires,
    or how long it has been at work without a pause. A desk that keeps up with a calm connection may be behind a busy
    one.

    Both at once, and the frames later than they were in the calm: then the desk is behind. A desk on time whose frames
    are all off has a venue with another clock.
    """

    SKEW_MS: ClassVar[int] = 5_000
    """A transit of some seconds is no skew."""
    BEHIND_MS: ClassVar[int] = 2_000
    """A desk that is less behind is on time."""
    BUSY_MS: ClassVar[float] = 50.0
    """Median delay of the timer from which the loop can't keep up."""
    CALM_TICKS: ClassVar[int] = 60
    """So many ticks on time in a row, after the desk was behind, make frames that are late those of a venue whose clock
    was set. A machine that has little time for the desk lets its timer fire on time now and then."""
    STEADY_MS: ClassVar[int] = 500
    """A venue's clock is off by the same from tick to tick, to within it; frames that grow old are late."""
    MOST: ClassVar[int] = 64
    """Connections that are told apart; some venues have a new address for each."""
    CREEP_MS: ClassVar[int] = 20
    """By so much a tick what is usual may rise."""

    def __init__(self) -> None:
        self._connections: OrderedDict[str, _Lags] = OrderedDict()
        self._delays: deque[float] = deque(maxlen=5)
        self._calm = self.CALM_TICKS
        self._busy = False
        self.behind = 0

    def add(self, lag: int, url: str) -> None:
        """Note recv − ts of a frame of a connection, which says when it was sent. A row of the past says nothing of the
        clock."""
        lags = self._connections.get(url)
        if lags is None:
            lags = _Lags(self._usual())
            if len(self._connections) == self.MOST:
                self._connections.popitem(last=False)
            self._connections[url] = lags
        lags.newest.append(lag)

    def _usual(self) -> int:
        """The venue's clock is the same on all connections, a new one too."""
        return min((lags.usual for lags in self._connections.values()), key=abs, default=0)

    def tick(self, delay: float, busy: float = 0.0) -> None:
        """The desk's timer fired `delay` late, and the hub has been at work without a pause for `busy`: find how far
        the desk is behind."""
        self._delays.append(max(0.0, delay))
        self._busy = max(delay, median(self._delays)) >= self.BUSY_MS or busy >= self.BEHIND_MS
        self._calm += 1
        behind = max([round(delay), *map(self._rise, self._connections.values())])
        self.behind = behind if behind >= self.BEHIND_MS else 0
        if self.behind:
            for lags in self._connections.values():
                lags.newest.clear()
            self._calm = 0 if self._busy else self._calm

    def _rise(self, lags: _Lags) -> int:
        """By how much a connection's frames are later than is usual, where that is the desk's doing."""
        least = lags.least()
        if least is None:
            return 0
        rise = least - lags.usual
        if not self._busy:
            rise = self._on_time(lags, least, rise)
        lags.found = least
        return rise

    def _on_time(self, lags: _Lags, least: int, rise: int) -> int:
        """The timer is on time: learn what is usual. By how much the frames are later than that, where it is the desk
        that is behind."""
        if rise < self.BEHIND_MS:
            lags.usual = min(least, lags.usual + self.CREEP_MS)
        elif self._calm < self.CALM_TICKS:
            return rise
        elif lags.found is None or abs(least - lags.found) <= self.STEADY_MS:
            lags.usual = least
        return 0

    def words(self) -> str:
        """What to say of it, or nothing."""
        if self.behind:
            return f"the desk is {_span(self.behind)} behind"
        off = self._usual()
        if abs(off) <= self.SKEW_MS:
            return ""
        return f"clock skew: its events are stamped {_span(abs(off))} {'behind' if off > 0 else 'ahead of'} this clock"


def _span(ms: float) -> str:
    for unit, name in ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min")):
        if ms >= 0.99 * unit:
            return f"{ms / unit:.2g} {name}" if ms < 99 * unit else f"{ms / unit:,.0f} {name}"
    return f"{ms / 1000:.0f} s"
