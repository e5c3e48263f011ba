"""What a venue's parser makes of a frame: trades in the venue's words, and parts of what is put together from several
frames.

A market is the `Instrument`; times are ms of the venue's clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from deskmon.feeds.ccxt.instruments import Instrument
from deskmon.feeds.ccxt.liquidations import Order
from deskmon.feeds.ccxt.quotes import Prices
from deskmon.feeds.ccxt.units import Unit

Levels = Sequence[tuple[float, ...]]
"""Prices and amounts as the venue counts them, and what else it tells of a level; an amount of 0 takes a price away."""


class Print(msgspec.Struct, gc=False):
    """A public trade as the venue tells it, in its units: decoded at once as the venue's own kind of it, whose fields
    have these names. `name`: the venue's id of the market. `side`: a key of `Venue.takers`. `id`: a number or text that
    is the trade's own within its market."""

    name: str
    ts: int
    price: float
    amount: float
    side: Any
    id: Any


class Quote(msgspec.Struct, frozen=True, gc=False):
    """Prices and figures of 24 hours that a frame tells, in the venue's unit of the base. `partial`: the frame tells
    only what changed since the one before, so whatever the venue told in such frames is as new as this one."""

    market: Instrument
    ts: int
    prices: Prices
    partial: bool = False


class Rate(msgspec.Struct, frozen=True, gc=False):
    """A predicted funding rate, a fraction of the position. `due`: when it is paid. `after`: when the one after it is.
    `hours`: the interval, where the frame tells it. None is unchanged, for venues that tell only what changed. `ts` is
    0 where the frame has no time."""

    market: Instrument
    ts: int
    rate: float | None
    due: int | None = None
    after: int | None = None
    hours: float | None = None


class Interest(msgspec.Struct, frozen=True, gc=False):
    """An open interest as the venue counts it. `price`: what it is valued at, where that isn't the mark price.
    `stand_in`: only where no other figure of this market was told."""

    market: Instrument
    ts: int
    value: float
    unit: Unit
    price: float | None = None
    stand_in: bool = False


class Forced(msgspec.Struct, frozen=True, gc=False):
    """A liquidation in the venue's units. Without a listed market it is rejected."""

    market: Instrument | None
    order: Order


class Change(msgspec.Struct, frozen=True, gc=False):
    """A change of an order book, or a `whole` one. Numbers of the venue: `before`, of the change that this one follows,
    None where the venue counts none; `after`, its own; `first`, the first one that is in it."""

    market: Instrument
    ts: int
    bids: Levels
    asks: Levels
    after: int | None = None
    before: int | None = None
    first: int | None = None
    whole: bool = False


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """The venue refuses what was asked for, in its words: a topic, or all of the message with this number; where it
    names neither, all that is asked for on the connection."""

    words: str
    topic: str | None = None
    number: int | None = None


class Count(msgspec.Struct, gc=False):
    """The number of a frame among all of its connection, counted by one. Where one is missing, it may have changed any
    book and held any trade that comes by the connection. A venue's frames may be decoded as kinds of it."""

    number: int


class Stranger(msgspec.Struct, frozen=True, gc=False):
    """The venue tells of a market that isn't listed."""

    identity: str


Reading = Print | Quote | Rate | Interest | Forced | Change | Refusal | Count | Stranger


def kinds(kind: type[Any]) -> Iterator[type[Any]]:
    """The kind itself and all that venues have of it."""
    yield kind
    for each in kind.__subclasses__():
        yield from kinds(each)
