"""What a hub's alerts become for people who look at no screen: each transition goes to every route that wants it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from deskmon.background import keep_running
from deskmon.clock import HOUR
from deskmon.components.legs import MET, leg_words
from deskmon.delivery.notice import Notice
from deskmon.delivery.outbox import Outbox
from deskmon.delivery.route import Route
from deskmon.delivery.shared_outbox import SharedOutbox
from deskmon.errors import DeskError
from deskmon.events import Alert, FeedState, FeedStatus

log = logging.getLogger(__name__)

FEED = "alerts"
"""Name under which delivery stands among the feeds."""
RETRY_S = 5.0
MOST_WAITING = 10_000
"""Transitions that wait for the outbox's disk, at most."""
_TIDY_S = HOUR / 1000
_TOLD = ("firing", "ok", "unknown")


class Delivery:
    """Takes alerts, keeps them in the outbox, and runs the routes."""

    def __init__(
        self, outbox: Outbox, now: Callable[[], int], remember: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        """`now` tells the desk's time (ms). `remember` writes down how the rules stand: before a transition goes into
        the outbox, so that a hub that is killed doesn't find the same one again and call it another."""
        self._routes: dict[str, Route] = {}
        self._outbox, self._now, self._remember = outbox, now, remember
        self._incoming: deque[tuple[str, Notice]] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()
        self._told: dict[str, str] = {}
        self.trouble = ""
        """Why the outbox can't be used, in words."""

    def add(self, route: Route) -> None:
        """Deliver to this route, too, which is to call `route_changed`."""
        self._routes[route.name] = route

    def take(self, alert: Alert, group: str = "") -> None:
        """Tell that an alert fires, that nobody can tell, and that what was told is over. To take the same one twice
        does nothing: the outbox knows what it was given."""
        if alert.mark is not None or alert.removed or alert.scenario is not None or alert.state not in _TOLD:
            return
        before = self._told.get(alert.rule)
        if alert.state == "ok" and before in (None, "ok"):
            return
        if alert.state == "unknown" and alert.text is None:
            return  # not yet, or not for long enough
        self._told[alert.rule] = alert.state
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
        """Deliver until cancelled, once `begin` is done."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep_running(self._keep, "outbox"))
            tasks.create_task(keep_running(self._tidy, "outbox"))
            for route in self._routes.values():
                tasks.create_task(keep_running(route.run, f"route {route.name}"))

    async def begin(self) -> None:
        """Take up what an earlier run left, once the outbox can be used. To be done before `take`."""
        while True:
            try:
                await asyncio.to_thread(self._outbox.begin)
                await self.take_up()
                self.trouble = ""
                return
            except DeskError as fault:
                self._fail(fault)
                await asyncio.sleep(RETRY_S)

    async def take_up(self) -> None:
        """Go on with what is in the outbox by now. Raises DeskError where it can't be used."""
        self._told = await asyncio.to_thread(self._outbox.states)
        left = await asyncio.to_thread(self._outbox.loose)
        for route in self._routes.values():
            route.forget()
        self._hand_over(left)

    async def _keep(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush()
            if self.trouble:
                await asyncio.sleep(RETRY_S)
                self._wake.set()

    async def flush(self) -> None:
        """Put what came into the outbox, and hand it to the routes. What the disk doesn't take is kept for later."""
        notices = list(self._incoming)
        if not notices:
            return
        if self._remember is not None:
            await self._remember()
        try:
            added = await asyncio.shield(asyncio.to_thread(self._outbox.add, notices))
        except DeskError as fault:
            self._fail(fault)
            return
        self.trouble = ""
        for _ in notices:
            self._incoming.popleft()
        self._hand_over(added)

    async def adopt(self, shared: SharedOutbox) -> None:
        """Know what another hub knew, until `take_up` goes on with it. Raises DeskError where the outbox can't be
        used."""
        await asyncio.to_thread(self._outbox.adopt, shared, list(self._routes), self._now())

    async def know(self, alert: Alert) -> None:
        """Tell nobody of an alert that another hub told of. Raises DeskError where the outbox can't be used."""
        known = [(route, alert.rule, alert.state, alert.since) for route in self._routes]
        await asyncio.to_thread(self._outbox.adopt, SharedOutbox(known=tuple(known)), (), self._now())

    async def share(self) -> SharedOutbox:
        """What another hub has to know to go on from here. Raises DeskError where the outbox can't be used."""
        return await asyncio.to_thread(self._outbox.share, self._now())

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

    def status(self, now: int) -> FeedStatus:
        """How delivery is."""
        failing = [route for route in self._routes.values() if route.failing]
        state: FeedState = "down" if failing or self.trouble else "live"
        words = "; ".join(f"route {route.name}: {route.words}, {route.waiting} wait" for route in failing)
        routes = "1 route" if len(self._routes) == 1 else f"{len(self._routes)} routes"
        return FeedStatus(ts=now, feed=FEED, state=state, detail=(self.trouble or words or routes)[:500], service=True)


def notice_of(alert: Alert, group: str) -> Notice:
    """What a route tells of an alert."""
    value = alert.value if isinstance(alert.value, float | str) or alert.value is None else str(alert.value)
    return Notice(
        rule=alert.rule, state=alert.state, ts=alert.ts, since=alert.since, severity=alert.severity or "warn",
        text=alert.text or "", value=value, group=group,
        legs=tuple(f"{MET[leg.met][0]} {leg_words(leg).words}" for leg in alert.legs),
    )  # fmt: skip
