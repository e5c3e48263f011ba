"""What a screen asks of a hub, one struct a kind. `do` names the kind, `id` is the screen's own and comes back in the
reply, `by` is the trader at the screen.

Any screen may send a kind of this file. `Control` is for the hub that a screen started for itself.
"""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Annotated, Any, Literal, get_args

import msgspec
from msgspec import Meta

from deskmon.analytics.level_settings import Pinned
from deskmon.errors import DeskError

MALFORMED = (ValueError, RecursionError)  # msgspec.DecodeError and UnicodeDecodeError are ValueErrors

MAX_BYTES = 4_096
"""Bytes of the largest request that any screen may send."""

Name = Annotated[str, Meta(max_length=64)]
MOST_WORDS = 500
"""Characters of a note."""
Words = Annotated[str, Meta(max_length=MOST_WORDS)]
FASTEST_LOOK = 1_000.0
"""How fast time may pass for who looks back."""
Moment = Annotated[int, Meta(ge=946_684_800_000, le=4_102_444_800_000)]
"""Desk time in ms, between 2000 and 2100."""


class Request(msgspec.Struct, frozen=True, kw_only=True, tag_field="do"):
    """Base of what any screen may ask."""

    id: int
    by: Name = ""


class Snapshot(Request, frozen=True, tag="snapshot"):
    """All that the hub's model knows: on a broker, where a screen sees by the numbers that it lacks something."""


class Here(Request, frozen=True, tag="here"):
    """The screen is still there: said each half minute on a broker, where a hub sees no connection of its own."""


class Look(Request, frozen=True, tag="look"):
    """The desk as it was at `at` (ms), where time passes `speed` times as fast as it did; 0: it stands. Without `at`
    another speed from where this screen looks; with neither, back to now."""

    at: Moment | None = None
    speed: Annotated[float, Meta(ge=0, le=FASTEST_LOOK)] | None = None


class Missed(Request, frozen=True, tag="missed"):
    """What arrived after `since` (ms), for another hub of the desk, which didn't run. It comes in parts as a look back
    does; the last one is empty."""

    since: Moment


class Note(Request, frozen=True, tag="note"):
    """A trader's words, about a symbol and a price where they are."""

    text: Annotated[str, Meta(min_length=1, max_length=MOST_WORDS)]
    symbol: Name | None = None
    price: Annotated[float, Meta(gt=0)] | None = None


class Acknowledge(Request, frozen=True, tag="acknowledge"):
    """A trader saw that the alert `rule` fires."""

    rule: Annotated[str, Meta(min_length=1, max_length=200)]


class Snooze(Request, frozen=True, tag="snooze"):
    """The alert `rule` is to be still until a moment (ms); without one until it is over."""

    rule: Annotated[str, Meta(min_length=1, max_length=200)]
    until: Moment | None = None


MOST_RINGS = 20
ANOTHER_RINGS = "another screen rings"
"""What a hub says where another screen of the trader rings for all of them."""


class Ring(Request, frozen=True, tag="ring"):
    """May this screen ring for `alerts`, each a rule and since when (ms) it fires? Of a trader's screens the first to
    ask does."""

    alerts: Annotated[
        tuple[tuple[Annotated[str, Meta(min_length=1, max_length=200)], Moment], ...],
        Meta(min_length=1, max_length=MOST_RINGS),
    ]


class Find(Request, frozen=True, tag="find"):
    """What a private hub finds for its screen as of desk time `at` (ms), by its key in `deskmon.model.finder`: the
    reply's text is JSON of `deskmon.transport.findings`, or "" where the screen has to find it itself."""

    what: Annotated[tuple[Name, ...], Meta(min_length=2, max_length=4)]
    at: Moment


ControlDo = Literal["pause", "play", "step", "seek", "shift", "speed", "faster", "watch", "pin", "reload"]
Asked = float | str | Pinned | None


class Control(msgspec.Struct, frozen=True):
    """What a screen asks of its private hub. `seek` leads to a moment, `shift` as far (ms) from where the market stands
    or is on its way to; `faster` is as many times the present speed; `watch` names what it looks at in a live market,
    apart by blanks; `pin` is a level that a key pinned, `reload` a configuration as JSON; to the others the player
    gives `value` its meaning."""

    do: ControlDo
    value: float | str | None = None
    pin: Pinned | None = None
    id: int = 0


class Reply(msgspec.Struct, frozen=True):
    """What a hub says to a request, or to one who connects: whether it is done, else why not. `id` is the request's."""

    ok: bool
    text: str = ""
    id: int | None = None


class Head(msgspec.Struct, frozen=True):
    """What every request begins with."""

    id: int
    do: str


def control(do: str, value: Asked = None) -> Control:
    """What asks the private hub for something. Raises DeskError where no hub could know it."""
    if do not in get_args(ControlDo):
        raise DeskError(f"a hub can't {do!r}", f"it can {', '.join(get_args(ControlDo))}")
    given: dict[str, Any] = {"pin" if isinstance(value, Pinned) else "value": value}
    return Control(do=do, **given)  # type: ignore[arg-type]


_decode_reply = msgspec.json.Decoder(Reply).decode


def unpack_reply(payload: bytes) -> Reply | None:
    """The reply in one payload, None where it is none."""
    try:
        return _decode_reply(payload)
    except MALFORMED:
        return None
