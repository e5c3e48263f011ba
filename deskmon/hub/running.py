"""What it takes to run a feed, in the hub's own process as in one of the feed's: make it, run it once, judge what it
emits, and say in words what it died of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import islice
from typing import Any, get_args

import msgspec

from deskmon.errors import DeskError
from deskmon.events import Book, Encoded, Event, FeedEvent, FeedState, Ticker, Trade, encode_event, event_of
from deskmon.events.checks import encodable
from deskmon.feedkit import Feed, FeedContext, TimelineFeed
from deskmon.plugins import construct
from deskmon.transport.worker_wire import MAX_CHANNEL, MAX_WORDS, MOST_CHANNELS, StatedStatus

_EXACT = frozenset({Ticker, Book, Trade})
"""Kinds that say themselves whether their JSON is read back as it is."""
_DECODERS = {kind: msgspec.json.Decoder(kind).decode for kind in get_args(FeedEvent)}


def construct_live(label: str, kind: type[Feed], options: dict[str, Any]) -> Feed:
    """The same for a feed of a desk of several. Raises DeskError also for one that plays a whole market."""
    if issubclass(kind, TimelineFeed):
        raise DeskError(f"{kind.name} has a desk to itself", "disable the other feeds, or this one")
    return construct(label, kind, options)


async def run_once(run: Any, context: FeedContext) -> BaseException | None:
    """Run a feed once, by its `run`; what it died of, None where its source ended."""
    task = asyncio.current_task()
    assert task is not None
    before = task.cancelling()  # a task group of Python 3.11 that failed in an earlier run leaves its own cancellation
    try:
        await run(context)
    except asyncio.CancelledError as fault:
        if task.cancelling() > before:
            raise
        return fault  # a cancelled future of the feed's own library, not an order to stop
    except (Exception, SystemExit) as fault:  # noqa: BLE001 - a feed may raise anything
        return fault
    return None


def validated(event: Event) -> Encoded:
    """`event` as every screen and journal will read it. Raises ValueError, TypeError, OverflowError or RecursionError
    where they couldn't (`INVALID`)."""
    kind = type(event)
    decode = _DECODERS.get(kind)
    if decode is None:
        raise ValueError(f"a feed can't emit a {kind.__name__}")
    is_exact = kind in _EXACT and event.is_exact()  # type: ignore[attr-defined]
    if is_exact and kind is not Trade:
        return Encoded(event)  # valid as it is; its JSON is made when it leaves, unless a newer one came before
    json = encode_event(event)
    if is_exact:
        return Encoded(event, json)  # reading it again would take three times as long, and give the same
    try:
        valid: Event = decode(json)
    except msgspec.ValidationError:
        return Encoded(event_of(msgspec.json.decode(json), kind))
    return Encoded(valid, json)


INVALID = (ValueError, TypeError, OverflowError, RecursionError)


def emitter(take: Callable[[Encoded], None], reject: Callable[[Any, str], None]) -> Callable[[Event], None]:
    """`FeedContext.emit`: what is valid goes to `take`, all else to `reject`."""

    def emit(event: Event) -> None:
        try:
            valid = validated(event)
        except INVALID as fault:
            reject(event, str(fault))
        else:
            take(valid)

    return emit


def said(state: FeedState, detail: str = "", channels: dict[str, str] | None = None) -> StatedStatus:
    """What a feed says by `FeedContext.status`. Raises ValueError for a state that isn't one."""
    if state not in get_args(FeedState):
        raise ValueError(f"status: {state!r} is none of {', '.join(get_args(FeedState))}")
    if channels is not None:
        some = islice(channels.items(), MOST_CHANNELS)
        channels = {encodable(str(name)[:MAX_CHANNEL]): encodable(str(words)[:MAX_WORDS]) for name, words in some}
    return StatedStatus(state, encodable(str(detail)[:MAX_WORDS]), channels)


def excerpt(raw: Any) -> str:
    """The beginning of a bad message, for the log."""
    try:
        return encodable(f"{raw!r:.300}")
    except Exception:  # noqa: BLE001 - of a class of its feed's, which may raise anything
        return encodable(f"a {type(raw).__name__}"[:MAX_WORDS])


def describe_fault(fault: BaseException) -> str:
    """A fault in one line that a trader can read."""
    try:
        text = encodable(" ".join(str(fault).split())[:300])
    except Exception:  # noqa: BLE001 - of a class of its feed's, which may raise anything
        text = ""
    if isinstance(fault, DeskError):
        return text
    kind = encodable(type(fault).__name__[:100])
    return f"{kind}: {text}" if text else kind
