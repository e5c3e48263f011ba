"""Events and journals by hand, for these tests."""

from __future__ import annotations

import json

from deskmon.events import Journal, Liquidation, Reset, Ticker, Trade
from deskmon.timeline import Opening

T0 = 1_767_614_400_000
HEADER = Journal(version=1, source="recorded", note="by hand", started=T0)


def ticker(ts, recv=None, last=100.0, symbol="BTC/USDT:USDT", venue="bybit"):
    return Ticker(ts=ts, recv=recv, venue=venue, symbol=symbol, last=last)


def trade(ts, recv=None, id=None):
    return Trade(ts=ts, recv=recv, venue="okx", symbol="ETH/USDT:USDT", price=2_000.0, amount=1.5, side="buy", id=id)


def liquidation(ts, recv=None, usd=1_000.0, id=None, symbol="BTC/USDT:USDT"):
    return Liquidation(
        ts=ts,
        recv=recv,
        venue="bybit",
        symbol=symbol,
        side="long",
        price=100.0,
        amount=usd / 100.0,
        usd=usd,
        id=id,
    )


def header_line(**changes):
    fields = {"type": "journal", "version": 1, "source": "recorded", "note": "", "started": T0, **changes}
    return json.dumps(fields).encode() + b"\n"


class Fixed:
    """A timeline from a list of events."""

    mode = "replay"
    header = HEADER

    def __init__(self, events, start=T0, end=None, endless=False):
        self._events = list(events)
        self.start = start
        last = max((event.arrival for event in self._events), default=start)
        self.end = None if endless else last if end is None else end

    def events(self):
        return iter(self._events)


class Checkpointed(Fixed):
    """The same with a checkpoint after every fifth event."""

    def events_from(self, at):
        known = sum(event.arrival <= at for event in self._events) // 5 * 5
        if not known:
            return None
        events = self._events[:known]
        newest = events[-1].arrival
        return Opening([Reset(ts=newest), self.header, *events], newest, iter(self._events[known:]))
