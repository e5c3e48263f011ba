"""Websockets of venues read without ccxt: the hot channels of the venues that matter.

ccxt stays for markets, requests, history, and every venue and channel without a file here. Which path a channel takes
is decided by the method of ccxt's that `feeds.ccxt.offers` names for it: a venue's file streams in place of some of
these methods, and the plan of a run opens its stream where one is named. `native = false` on a feed takes ccxt's.

A venue is one file with a constant `VENUE` (`Venue`, see `venue.py`) and one line in `VENUES` below. The file says:

- `streams`: by ccxt's method, the topic of a market and the place where it is asked for. A place is a name of the
  file's own, such as "linear/public"; markets' ids are unique within a place.
- `address(urls, place)`: the websocket's address from ccxt's `urls["api"]`, so that a mirror, a proxy and a test set
  one table.
- `serves(market)`: whether the file reads this ccxt market. Others take ccxt's path.
- `subscribe(topics, number)` and `unsubscribe(topics, number)`: the message as text. `number` counts messages.
- `ping`: the venue's own ping, None where it answers those of the websocket protocol; `ping_s` between two of them.
- `unpack(frame)`: what is in a frame that comes packed. `answer(frame)`: the pong to a ping of the venue's own.
- `per_message`, `per_connection`: how many topics the venue takes in one message and on one connection.
- `asks`, `asks_in_all`, `openings`: how many messages that ask for topics the venue takes on one connection and on all,
  and how many connections may be opened, within how many seconds (`pacing.Limit`), each with its source.
- `parse(frame, markets, recv)`: the readings of one frame, a pure function from bytes. `markets[id]` is the
  `Instrument`, or None where none is listed. `recv` is the time of arrival, ms. It decodes by a typed msgspec struct
  (`strict=False` reads numbers in strings at no cost) and returns a sequence of what `readings.py` holds: trades in the
  venue's words (`Print`, decoded as such), and parts of what is put together from several frames: `Quote`, `Rate`,
  `Interest`, `Forced`, `Change`. Of a venue that counts the frames of a connection, `Count` comes first. A frame that
  says nothing for the desk (an acknowledgement, a pong) gives `()`; a refused subscription `Refusal`. What can't be
  read raises ValueError (msgspec's errors are): then the frame is tried without its empty texts, and then each item of
  its list (`items`: its path) alone, so that a bad item costs itself.
- `takers`: the taker's side by what a trade says of its side.
- `snapshots`: whether books are only changes, which follow a book that is asked for by request. A `Change` says what
  it follows (`before`) and its own number (`after`); the rules are `book.py`'s, so a file needs none of its own.

Everything else is the same as on ccxt's path, since it is the same code: the session that makes events whole and drops
what came twice (`intake.py` hands it the readings, `newest.py` those of the present at the end of a slice), health,
silence and gaps (`Monitor`), units of amounts (`Instrument`), sides of liquidations (`feeds.ccxt.liquidations`), pauses
after a fault. `link.py` is one websocket, `links.py` those of a run.

A venue's tests: frames recorded or of its documentation through both paths give equal events (`tests/native`), and the
fault tests of `tests/ccxt`, which run on both.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deskmon.feeds.native.venue import Venue

VENUES: dict[str, str] = {
    "aster": "aster",
    "binancecoinm": "binance",
    "binanceusdm": "binance",
    "bitget": "bitget",
    "bitmex": "bitmex",
    "bybit": "bybit",
    "coinbase": "coinbase",
    "deribit": "deribit",
    "gate": "gate",
    "htx": "htx",
    "hyperliquid": "hyperliquid",
    "okx": "okx",
}
"""The module of each exchange that has one, by its id in ccxt."""


def venue_of(exchange: str) -> Venue | None:
    """The venue behind an exchange's id, None where it has no file here."""
    module = VENUES.get(exchange)
    if module is None:
        return None
    found: Venue = importlib.import_module(f"deskmon.feeds.native.{module}").VENUE
    return found
