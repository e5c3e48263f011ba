"""The one door for what screens ask of a hub, by pipe, by socket and by broker.

Each kind of request has one handler. Each screen is held to its own limits and to its level of trust. Whatever is no
request is ignored and counted; no handler here changes feeds, rules or files for anyone but the hub's own screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NamedTuple, Protocol, TypeVar, get_args

import msgspec

from deskmon.budget import Budget
from deskmon.errors import DeskError
from deskmon.events import FeedStatus
from deskmon.transport.requests import MALFORMED, MAX_BYTES, Control, ControlDo, Find, Head, Reply, Request

FEED = "requests"
"""Name under which the requests of pipe and socket stand among the feeds, once one of them was refused."""
RATE = 2.0
"""Requests a second of one screen in the long run."""
BURST = 20.0
"""Requests of one screen at once."""
REPORT_MS = 5_000

Outcome = Literal["taken", "ignored", "over"]
R = TypeVar("R", bound=Request | Control)


class ScreenEnd(Protocol):
    """The hub's end of the way to one screen. None of these may block."""

    def reply(self, reply: Reply) -> None:
        """Bring an answer to the screen."""
        ...

    def restart(self) -> None:
        """Have the screen start again from a snapshot of the market as it is now."""
        ...

    async def show(self, look: int, frame: bytes) -> None:
        """Show a frame of what the screen's request number `look` looks back at, in place of the hub's stream; returns
        when there is room for more."""
        ...

    def live(self) -> None:
        """Show the hub's own stream again, from a snapshot on."""
        ...


class Visitor:
    """One screen at the door. `is_owner`: the hub is its own, so that it may ask for everything, as often as it
    likes. `lease_s`: what it looks back at ends where it asks nothing for so many seconds; None where its end is known
    otherwise."""

    __slots__ = ("budget", "end", "is_owner", "lease_s", "told")

    def __init__(
        self, end: ScreenEnd, clock: Callable[[], float], *, is_owner: bool = False, lease_s: float | None = None
    ) -> None:
        """`clock` tells seconds."""
        self.end = end
        self.lease_s = lease_s
        self.is_owner = is_owner
        self.budget = None if is_owner else Budget(RATE, BURST, clock)
        self.told = False
        """Whether the screen knows that it asks too much."""


class _Kind(NamedTuple):
    decode: Callable[[bytes], Any]
    handle: Callable[[Any, Visitor], str | None]
    for_owner: bool


class Door:
    """Knows who handles what. `taken`, `ignored` and `over` count the requests of pipe and socket."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._counts: dict[Outcome, int] = {"taken": 0, "ignored": 0, "over": 0}
        self._reported: FeedStatus | None = None
        self.leave: Callable[[Visitor], None] = lambda visitor: None
        """Called with each screen that is gone."""

    def handle(self, kind: type[R], handler: Callable[[R, Visitor], str | None]) -> None:
        """Have `handler` take every request of a kind. It returns words for the reply, or raises DeskError or
        ValueError with the words why the request isn't done."""
        entry = _Kind(msgspec.json.Decoder(kind).decode, handler, kind in (Control, Find))
        names = get_args(ControlDo) if kind is Control else [str(kind.__struct_config__.tag)]
        self._kinds.update(dict.fromkeys(names, entry))

    def take(self, payload: bytes, visitor: Visitor) -> Outcome:
        """Do what a screen asks in one payload, and answer it."""
        budget = visitor.budget
        if budget is not None and not budget.spend():
            if not visitor.told:
                visitor.told = True
                words = f"asks more than {RATE:g} a second and {BURST:g} at once; wait"
                visitor.end.reply(Reply(ok=False, text=words, id=_number(payload)))
            return "over"
        visitor.told = False
        if budget is not None and len(payload) > MAX_BYTES:
            return "ignored"
        try:
            kind = self._kinds.get(_head(payload).do)
            if kind is None or (kind.for_owner and not visitor.is_owner):
                return "ignored"
            request = kind.decode(payload)
        except MALFORMED:
            return "ignored"
        visitor.end.reply(self._done(kind, request, visitor))
        return "taken"

    def visit(self, payload: bytes, visitor: Visitor) -> None:
        """The same for a screen at pipe or socket, whose requests are counted here."""
        self._counts[self.take(payload, visitor)] += 1

    def ignore(self) -> None:
        """Count what isn't even a frame."""
        self._counts["ignored"] += 1

    def report(self, now: int) -> FeedStatus | None:
        """How many requests of pipe and socket were refused, once there is one: at each change and every five
        seconds."""
        counts = self._counts
        if not counts["ignored"] + counts["over"]:
            return None
        status = FeedStatus(
            ts=now, feed=FEED, state="live", detail="of screens on pipe and socket", events=counts["taken"],
            rejected=counts["ignored"], dropped=counts["over"], service=True,
        )  # fmt: skip
        last = self._reported
        if last is not None and 0 <= now - last.ts < REPORT_MS:
            return None
        self._reported = status
        return status

    def _done(self, kind: _Kind, request: Any, visitor: Visitor) -> Reply:
        try:
            words = kind.handle(request, visitor)
        except (DeskError, ValueError) as fault:
            return Reply(ok=False, text=str(fault), id=request.id)
        return Reply(ok=True, text=words or "", id=request.id)


def _number(payload: bytes) -> int:
    """The id in a payload, 0 where it has none."""
    try:
        return _head(payload[:MAX_BYTES]).id
    except MALFORMED:
        return 0


_head = msgspec.json.Decoder(Head).decode
