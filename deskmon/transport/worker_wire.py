"""What a hub and the process of a feed say to each other, in frames of `deskmon.transport.wire`.

A frame holds lines, each a JSON object with a `type`: from the process an event or a `FromWorker`, from the hub a
`ToWorker`. The line of an event is what the hub hands on to screens, brokers and the journal.
"""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from deskmon.errors import DeskError
from deskmon.events import FeedEvent, FeedState
from deskmon.transport.wire import pack

EVENTS_A_FRAME = 500
"""Events in a frame at most."""
MAX_WORDS = 500
"""Characters of what a feed says, of a rejected message or of its fault."""
MAX_CHANNEL = 100
"""Characters of a channel's name."""
MOST_CHANNELS = 1_000
MAX_TRACE = 8_000
MAX_LEVEL = 100
"""Highest level of a line for the log; `logging.CRITICAL` is 50."""
MAX_LINE = 4_000
"""Characters of a line for the log."""
MOST_LINES = 200
"""Lines for the log in a turn at most."""
SAMPLES = 5
"""Rejected messages, and holds of the loop, in a turn at most."""

Words = Annotated[str, Meta(max_length=MAX_WORDS)]
Name = Annotated[str, Meta(max_length=MAX_CHANNEL)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
"""Of what happened in a turn."""
Seconds = Annotated[float, Meta(ge=0.0, le=1e9)]


class Job(msgspec.Struct, frozen=True, tag="job"):
    """The first frame: which feed to run.

    package: whose plug-in `type` names. log_level: of the hub's log. seed: of the feed's randomness. ahead: the desk
    clock minus the machine's steady clock, ms.
    """

    label: str
    kind: str
    package: str
    options: dict[str, Any]
    log_level: int
    seed: int
    ahead: int


class Time(msgspec.Struct, frozen=True, tag="time"):
    """How far the desk clock is ahead of the machine's steady clock now, ms."""

    ahead: int


class Watch(msgspec.Struct, frozen=True, tag="watch"):
    """What a screen looks at."""

    topics: list[str]


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """To the question of the same number: slots of time (ms), or yes or no."""

    number: int
    value: list[int] | bool


class Question(msgspec.Struct, frozen=True, tag="ask"):
    """A question of the feed, by the name that it has in `FeedContext`; `kind` is an event's type."""

    number: Annotated[int, Meta(ge=0, le=2**53)]
    what: Literal["stored_times", "claim_candles"]
    venue: Words
    symbol: Words
    kind: Words = ""
    timeframe: Words = ""
    wanted: bool = True


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The feed is made, and runs from now on."""

    quiet_s: Seconds


class StatedStatus(msgspec.Struct, frozen=True):
    """How the feed says it is."""

    state: FeedState
    detail: Words
    channels: Annotated[dict[Name, Words], Meta(max_length=MOST_CHANNELS)] | None = None


class LoopHold(msgspec.Struct, frozen=True):
    """How long the feed held its own loop: `deskmon.loop_watch.Hold`."""

    seconds: Seconds
    where: Words
    over: bool


class Line(msgspec.Struct, frozen=True):
    """A line for the hub's log."""

    level: Annotated[int, Meta(ge=0, le=MAX_LEVEL)]
    logger: Name
    text: Annotated[str, Meta(max_length=MAX_LINE)]


class Turn(msgspec.Struct, frozen=True, tag="turn"):
    """What else happened since the last one; comes four times a second at least.

    conflated, dropped: events that don't arrive, since a newer one took their place or there was no room. samples: of
    the rejected, each a message and the reason.
    """

    said: StatedStatus | None = None
    conflated: Count = 0
    dropped: Count = 0
    rejected: Count = 0
    samples: Annotated[list[tuple[Words, Words]], Meta(max_length=SAMPLES)] = []
    reconnects: Count = 0
    holds: Annotated[list[LoopHold], Meta(max_length=SAMPLES)] = []
    lines: Annotated[list[Line], Meta(max_length=MOST_LINES)] = []


class Ended(msgspec.Struct, frozen=True, tag="ended"):
    """The last frame: what the feed died of in words, "" where its source ended. final: trying again is no use."""

    words: Words
    final: bool
    trace: Annotated[str, Meta(max_length=MAX_TRACE)] = ""


FromWorker = Question | Ready | Turn | Ended
ToWorker = Job | Time | Watch | Answer

_REMEDY = "its process speaks another version, or something else writes into its pipe"
_encode = msgspec.json.Encoder().encode
_decode_from = msgspec.json.Decoder(FeedEvent | FromWorker).decode
_decode_to = msgspec.json.Decoder(ToWorker).decode


def pack_message(message: FromWorker | ToWorker) -> bytes:
    """One frame around a message."""
    return pack(_encode(message))


def pack_lines(lines: Iterable[bytes]) -> bytes:
    """One frame of events that are JSON objects already."""
    return pack(b"\n".join(lines))


def lines_of(payload: bytes) -> list[bytes]:
    """The lines of a frame."""
    return payload.split(b"\n")


def unpack_from_worker(line: bytes) -> FeedEvent | FromWorker:
    """An event or a message. Raises DeskError where it is neither, or says more than its bounds."""
    try:
        message: FeedEvent | FromWorker = _decode_from(line)
    except (ValueError, RecursionError) as fault:
        raise DeskError(f"what arrives from it is no event and no message: {fault}", _REMEDY) from fault
    return message


def unpack_to_worker(payload: bytes) -> ToWorker:
    """A message of the hub. Raises ValueError where it is none."""
    message: ToWorker = _decode_to(payload)
    return message
