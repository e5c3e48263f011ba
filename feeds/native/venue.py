"""What a venue's file says of its websocket: see the package's docstring. Imports no ccxt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from deskmon.events import Side
from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.native.pacing import Limit
from deskmon.feeds.native.readings import Reading

Market = Mapping[str, Any]
"""A market as ccxt lists it."""


class Markets(Protocol):
    """Instruments of one place by the venue's ids; None for what isn't listed there."""

    def __getitem__(self, identity: str, /) -> Instrument | None: ...


Parse = Callable[[bytes, Markets, int], Sequence[Reading]]


@dataclass(frozen=True, slots=True)
class Stream:
    """What is streamed in place of a method of ccxt's. `topic(market, levels)`: what to ask for, with as many price
    levels of a book as the operator wants. `place(market)`: where. One topic of a `whole` stream brings every market
    of its place."""

    topic: Callable[[Market, int], str]
    place: Callable[[Market], str]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Venue:
    """How one venue's websocket speaks. Times in seconds. `identity`: what frames call a market, where that isn't its
    id in ccxt. `takers`: the taker's side by what a trade says of its side. `unpack` raises OSError, EOFError or
    zlib.error.

    What the venue's documentation limits: `asks`, the messages that ask for topics or take them back on one connection;
    `asks_in_all`, those on all connections together; `openings`, of connections. Pings aren't held back by it."""

    streams: Mapping[str, Stream]
    serves: Callable[[Market], bool]
    address: Callable[[Mapping[str, Any], str], str]
    subscribe: Callable[[Sequence[str], int], str]
    unsubscribe: Callable[[Sequence[str], int], str]
    parse: Parse
    takers: Mapping[Any, Side] = field(default_factory=dict)
    items: tuple[str, ...] = ("data",)
    ping: str | None = None
    ping_s: float = 20.0
    per_message: int = 50
    per_connection: int = 200
    snapshots: bool = False
    asks: tuple[Limit, ...] = ()
    asks_in_all: tuple[Limit, ...] = ()
    openings: tuple[Limit, ...] = ()
    unpack: Callable[[bytes], bytes] | None = None
    identity: Callable[[Market], str] | None = None
    answer: Callable[[bytes], str | None] | None = None
