"""Watches over the lines of a feed: what is heard, lost, silent or void, and the gaps that this leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar

from deskmon.events import FeedState, Gap
from deskmon.feedkit import FeedContext
from deskmon.feeds.ccxt.channels import ChannelName
from deskmon.feeds.ccxt.health import QUIET, Channel, Line, summary
from deskmon.feeds.ccxt.lateness import Lateness
from deskmon.feeds.ccxt.resubscribe import Subscription


class Monitor:
    """The channels of one run, and the lines that bring them. `elapsed` tells seconds that no setting of a clock moves.

    Times in ms of the desk clock.
    """

    TICK_MS: ClassVar[int] = 1_000
    """How often `tick` is called."""
    STEP_MS: ClassVar[int] = 2_000
    """A clock that went this much farther than time did was set."""
    RUNNING_MS: ClassVar[int] = 5_000
    """A neighbour that was heard within it runs."""

    def __init__(
        self,
        label: str,
        venue: str,
        context: FeedContext,
        channels: Iterable[ChannelName],
        elapsed: Callable[[], float],
    ) -> None:
        self.label, self.venue, self.context = label, venue, context
        self.channels: dict[ChannelName, Channel] = {name: Channel(name) for name in channels}
        self.notes: list[str] = []
        self.lateness = Lateness()
        self._elapsed = elapsed
        self._ticked: tuple[float, int] | None = None
        self._lines: dict[tuple[Subscription, ChannelName, str], Line] = {}
        self._streams: dict[ChannelName, dict[str, list[Line]]] = {name: {} for name in self.channels}
        self._open: set[str] = set()
        self._asked_for: Counter[str] = Counter()

    # What is subscribed and polled

    def asked(self, subscription: Subscription, url: str, symbols: Iterable[str]) -> None:
        """`subscription` asks at `url` for `symbols`; of none: for all."""
        now = self.context.clock.now()
        for name in subscription.channels:
            channel = self.channels.get(name)
            if channel is None:
                continue
            for symbol in list(symbols) or [""]:
                line = self._lines.get((subscription, name, symbol))
                if line is None:
                    line = Line(name, symbol, now, carried=name != subscription.channels[0])
                    self._lines[subscription, name, symbol] = line
                    self._streams[name].setdefault(symbol, []).append(line)
                    channel.lines.append(line)
                line.url, line.asked = url, True
                if url in self._open:
                    self._listen(line, now)

    def polled(self, name: ChannelName, interval: float, *, recovers: bool = False) -> Line:
        """A line that is polled every `interval` seconds. `recovers`: an answer brings what was missed before it."""
        line = Line(name, "", self.context.clock.now(), polled=True, recovers=recovers)
        self.channels[name].lines.append(line)
        self.channels[name].interval = interval
        return line

    def forget(self, subscription: Subscription) -> None:
        """A subscription is given up: its lines are nobody's."""
        for key in [key for key in self._lines if key[0] is subscription]:
            line = self._lines.pop(key)
            self._streams[line.channel][line.symbol].remove(line)
            self.channels[line.channel].lines.remove(line)

    def drop(self, line: Line) -> None:
        """A poll is given up."""
        self.channels[line.channel].lines.remove(line)

    def line(self, name: ChannelName, symbol: str) -> tuple[Subscription, Line] | None:
        """The stream that brings a symbol's `name`."""
        return next(((key[0], line) for key, line in self._lines.items() if key[1:] == (name, symbol)), None)

    # What happens to them

    def heard(self, name: ChannelName, symbol: str, url: str, at: int | None = None) -> None:
        """An event of a channel came by the connection of `url` (empty: by any), at its time of arrival (now)."""
        channel, streams = self.channels[name], self._streams[name]
        channel.told = told = channel.told + 1
        changed, now = told == 1, self.context.clock.now() if at is None else at
        for line in streams.get(symbol) or streams.get("") or ():
            if (line.heard == now and line.state == "live") or (url and line.url != url):
                continue  # heard of at this very moment already, or another connection's
            changed = changed or line.state != "live"
            since = line.hear(now)
            if since is not None:
                self._mend(line, since, now)
        if changed:
            self.report()

    def answered(self, line: Line) -> None:
        """A poll was answered."""
        was, now = line.state, self.context.clock.now()
        self._mend(line, line.hear(now), now)
        if was != "live":
            self.report()

    def broke(self, lines: Iterable[Line], state: FeedState, words: str, since: int | None = None) -> None:
        """Lines broke at `since`; without it a stream broke now, and a poll after its last answer."""
        now = self.context.clock.now()
        for line in lines:
            start = since if since is not None else now
            line.broke(now, state, words, (line.heard or line.started) if line.polled else start)
        self.report()

    def lines_of(self, subscription: Subscription) -> list[Line]:
        """The lines that a subscription brings."""
        return [line for (owner, _, _), line in self._lines.items() if owner is subscription]

    @contextmanager
    def asking_for(self, symbol: str) -> Iterator[None]:
        """A symbol's book is asked for, and begins with the answer. The request may wait until the venue's limit allows
        it: of thirty books at once the last waits for half a minute, which is no silence of the venue."""
        self._asked_for[symbol] += 1
        try:
            yield
        finally:
            self._asked_for[symbol] -= 1
            self.spoke(symbol)

    def spoke(self, symbol: str) -> None:
        """The venue tells a symbol's book, though nothing yet that the desk can tell on."""
        now = self.context.clock.now()
        for line in self._streams["book"].get(symbol, ()):
            line.checked = now

    def void(self, symbol: str, words: str) -> None:
        """A symbol's book can't be trusted until it is begun afresh."""
        found = self.line("book", symbol)
        if found is not None and not found[1].void:
            line = found[1]
            line.void = True
            self.broke([line], "stale", words, line.heard)

    def retried(self, name: ChannelName, symbol: str) -> None:
        """A line is being subscribed again by others: leave it alone for a while."""
        found = self.line(name, symbol)
        if found is not None:
            found[1].retry(self.context.clock.now())

    def lost(self, url: str, state: FeedState, words: str, since: int) -> None:
        """The connection of `url` was lost at `since`."""
        self._open.discard(url)
        lines = [line for line in self._lines.values() if line.url == url]
        for line in lines:
            line.asked, line.excused = False, True
        self.broke(lines, state, words, since)

    def missed(self, url: str, since: int, now: int) -> None:
        """Frames of the open connection of `url` are missing between two that came, `since` and `now`: what is never
        told again has a gap, whatever they held. The two may have come in one millisecond."""
        for name in sorted({line.channel for line in self._lines.values() if line.url == url} & QUIET):
            self._tell_gap(name, since, max(now, since + 1), now)

    def connected(self, url: str) -> None:
        """A connection opened: what was asked for is sent at once."""
        now = self.context.clock.now()
        self._open.add(url)
        for line in self._lines.values():
            if line.url == url and line.asked:
                self._listen(line, now)
        self.report()

    def _listen(self, line: Line, now: int) -> None:
        if line.channel in QUIET and line.state != "live":
            self._mend(line, line.listen(now), now)

    def _mend(self, line: Line, since: int | None, now: int) -> None:
        """Say what was missed. A figure that is polled is whole again with the next answer, so it has no gaps."""
        if since is None or (line.polled and (line.recovers or line.channel not in QUIET)):
            return
        self._tell_gap(line.channel, min(since, now), now, now)

    def _tell_gap(self, name: ChannelName, since: int, until: int, now: int) -> None:
        missed = self.channels[name].untold(since, until)
        if missed is not None:
            start, end = missed
            self.context.emit(
                Gap(ts=now, recv=now, feed=self.label, venue=self.venue, channel=name, since=start, until=end,
                    dropped=0)
            )  # fmt: skip

    # What is due

    @property
    def is_late(self) -> bool:
        """Whether the desk is behind, or will be found to be when the tick comes that is overdue."""
        if self.lateness.behind:
            return True
        if self._ticked is None:
            return False
        return (self._elapsed() - self._ticked[0]) * 1000 - self.TICK_MS >= self.lateness.BEHIND_MS

    def tick(self) -> None:
        """A second passed, or more where the desk is behind: then no line is called silent for what the desk itself
        hasn't read yet. A clock that was set moves all times with it."""
        now, elapsed = self.context.clock.now(), self._elapsed()
        if self._ticked is not None:
            passed = round((elapsed - self._ticked[0]) * 1000)
            step = now - self._ticked[1] - passed
            if abs(step) >= self.STEP_MS:
                for line in self._all():
                    line.shift(step)
            turns = self.context.turns
            self.lateness.tick(max(passed - self.TICK_MS, turns.held_s * 1000), turns.busy_s * 1000)
        self._ticked = (elapsed, now)
        if self.lateness.behind:
            for line in self._all():
                line.excuse(now)

    def due(self) -> list[tuple[Subscription, Line]]:
        """Streams to subscribe again: those silent for longer than is usual for them, and those of void books."""
        if self.lateness.behind:
            return []
        now = self.context.clock.now()
        found: list[tuple[Subscription, Line]] = []
        for (subscription, _, _), line in self._lines.items():
            if not line.asked or line.channel not in line.FLOORS or not line.may_retry(now):
                continue
            if line.channel == "book" and self._asked_for[line.symbol]:
                continue
            if self._is_silent(line, now):
                since = line.heard or line.started
                line.broke(now, "stale", f"silent for {(now - since) / 1000:.3g} s", since)
            elif not line.void:
                continue
            found.append((subscription, line))
        return found

    def alone(self, line: Line) -> bool:
        """Whether nothing else came by its connection in the later half of its silence."""
        silent_from = ((line.heard or line.started) + self.context.clock.now()) / 2
        return not any(
            other is not line and other.url == line.url and other.heard is not None and other.heard > silent_from
            for other in self._lines.values()
        )

    def report(self) -> None:
        """Say how the feed is; saying the same again costs nothing."""
        late = self.lateness.words()
        state, detail, words = summary(self.channels, [*([late] if late else []), *self.notes])
        self.context.status(state, detail, words)

    def _is_silent(self, line: Line, now: int) -> bool:
        """Whether a line is silent for longer than is bearable, considering whether its neighbours are heard."""
        if line.silence(now, neighbours_run=True) is None:
            return False
        neighbours_run = any(
            other is not line
            and (other.channel == line.channel or other.url == line.url)
            and other.heard is not None
            and now - other.heard < self.RUNNING_MS
            for other in self._lines.values()
        )
        return neighbours_run or line.silence(now) is not None

    def _all(self) -> Iterable[Line]:
        return (line for channel in self.channels.values() for line in channel.lines)
