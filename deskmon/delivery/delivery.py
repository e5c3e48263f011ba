"""What a hub's alerts become for people who look at no screen: each transition goes to every route that wants it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable

from deskmon.background import keep_running
from deskmon.clock import HOUR
from deskmon.delivery.notice import Notice
from deskmon.delivery.outbox import Outbox
from deskmon.delivery.route import Route
from deskmon.errors import DeskError
from deskmon.events import Alert, FeedState, FeedStatus

log = logging.getLogger(__name__)

FEED = "alerts"
"""Name under which delivery stands among the feeds."""
REPORT_MS = 5_000
MOST_WAITING = 10_000
"""Transitions that wait for the outbox's disk, at most."""
_TIDY_S = HOUR / 1000
_TOLD = ("firing", "ok", "unknown")


class Delivery:
    """Takes alerts, keeps them in the outbox, and runs the routes."""

    def __init__(self, outbox: Outbox, now: Callable[[], int]) -> None:
        """`now` tells the desk's time (ms)."""
        self._routes: dict[str, Route] = {}
        self._outbox, self._now = outbox, now
        self._incoming: deque[tuple[str, Notice]] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()
        self._states: dict[str, str] = {}
        self._reported: FeedStatus | None = None
        self.trouble = ""
        """Why the outbox can't be used, in words."""

    def add(self, route: Route) -> None:
        """Deliver to this route, too, which is to call `route_changed`."""
        self._routes[route.name] = route

    def take(self, alert: Alert, group: str = "") -> None:
        """Tell of an alert where it became another thing than it was: that it fires, that it is over, that nobody can
        tell."""
        before, self._states[alert.rule] = self._states.get(alert.rule), alert.state
        if alert.removed:
            del self._states[alert.rule]
        if alert.mark is not None or alert.removed or alert.scenario is not None or alert.state not in _TOLD:
            return
        if alert.state == "ok" and before not in ("firing", "clearing", "unknown"):
            return
        self.tell(notice_of(alert, group))

    def test(self, notice: Notice, route: str) -> None:
        """Send a notice on one route whatever it wants."""
        self._incoming.append((route, notice))
        self._wake.set()

    def route_changed(self, route: Route) -> None:
        """Have the other routes tell that one fails, or works again."""
        since = route.failing_since or self._now()
        words = f"{route.words}; {route.waiting} messages wait" if route.failing else "works again"
        notice = Notice(
            rule=f"route {route.name}", state="firing" if route.failing else "ok", ts=self._now(), since=since,
            severity="page" if route.failing else "warn", text=words,
        )  # fmt: skip
        self._incoming.extend((name, notice) for name in self._routes if name != route.name)
        self._wake.set()

    def tell(self, notice: Notice) -> None:
        """Tell every route that wants its severity."""
        wanting = (name for name, route in self._routes.items() if notice.severity in route.rules.severities)
        self._incoming.extend((name, notice) for name in wanting)
        self._wake.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        await self.begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_running(self._keep, "outbox"))
            tasks.create_task(keep_running(self._tidy, "outbox"))
            for route in self._routes.values():
                tasks.create_task(keep_running(route.run, f"route {route.name}"))

    async def begin(self) -> None:
        """Take up what an earlier run left, once the outbox can be used."""
        while True:
            try:
                await asyncio.to_thread(self._outbox.begin)
                left = await asyncio.to_thread(self._outbox.loose)
                self.trouble = ""
                break
            except DeskError as fault:
                self._fail(fault)
                await asyncio.sleep(REPORT_MS / 1000)
        self._hand_over(left)

    async def _keep(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush()

    async def flush(self) -> None:
        """Put what came into the outbox, and hand it to the routes. What the disk doesn't take is kept for later."""
        notices = list(self._incoming)
        if not notices:
            return
        try:
            added = await asyncio.shield(asyncio.to_thread(self._outbox.add, notices))
        except DeskError as fault:
            self._fail(fault)
            await asyncio.sleep(1.0)
            self._wake.set()
            return
        self.trouble = ""
        for _ in notices:
            self._incoming.popleft()
        self._hand_over(added)

    def _hand_over(self, kept: Iterable[tuple[int, str, Notice]]) -> None:
        for number, name, notice in kept:
            if name in self._routes:
                self._routes[name].add(number, notice)

    async def _tidy(self) -> None:
        while True:
            for message in await asyncio.to_thread(self._outbox.tidy, self._now(), list(self._routes)):
                log.error("route %s: message %s was never sent: %s", message.route, message.id, message.title)
            await asyncio.sleep(_TIDY_S)

    def _fail(self, fault: DeskError) -> None:
        if not self.trouble:
            log.error("outbox: %s", fault)
        self.trouble = str(fault)

    def report(self, now: int) -> FeedStatus | None:
        """How delivery is: at each change and every five seconds."""
        failing = [route for route in self._routes.values() if route.failing]
        state: FeedState = "down" if failing or self.trouble else "live"
        words = "; ".join(f"route {route.name}: {route.words}, {route.waiting} wait" for route in failing)
        detail = (self.trouble or words or f"{len(self._routes)} routes")[:500]
        last = self._reported
        if last is not None and (last.state, last.detail) == (state, detail) and 0 <= now - last.ts < REPORT_MS:
            return None
        self._reported = FeedStatus(ts=now, feed=FEED, state=state, detail=detail, service=True)
        return self._reported


def notice_of(alert: Alert, group: str) -> Notice:
    """What a route tells of an alert."""
    value = alert.value if isinstance(alert.value, float | str) or alert.value is None else str(alert.value)
    return Notice(
        rule=alert.rule, state=alert.state, ts=alert.ts, since=alert.since, severity=alert.severity or "warn",
        text=alert.text or "", value=value, group=group,
        legs=tuple(f"{_MARKS[leg.met]} {leg.text} ({leg.value})" for leg in alert.legs),
    )  # fmt: skip


_MARKS = {True: "✓", False: "✗", None: "?"}
