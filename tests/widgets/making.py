"""Panels with options, frames, and the events that tests of panels are made of."""

from __future__ import annotations

import msgspec

from deskmon.api import DAY, Frame, events
from deskmon.plugins import load_panel
from deskmon.testing import NOW

BTC, ETH = "BTC/USDT:USDT", "ETH/USDT:USDT"


def make(name, **options):
    panel = load_panel(name)
    return panel(msgspec.convert(options, panel.Options))


def frame(model, width=100, height=30, symbol="BTC"):
    return Frame(model, NOW, width, height, symbol, True)


def ticker(last, *, ago=0, symbol=BTC, venue="binance", **more):
    return events.Ticker(ts=NOW - ago, venue=venue, symbol=symbol, last=last, **more)


def liquidation(usd, side="long", *, ago=0, symbol=BTC, venue="bybit", price=100.0, **more):
    return events.Liquidation(
        ts=NOW - ago, venue=venue, symbol=symbol, side=side, price=price, amount=usd / price, usd=usd, **more
    )


def header(ago=8 * DAY):
    return events.Journal(version=1, source="recorded", ts=NOW - ago, started=NOW - ago)


def words(line):
    return line.strip("▸▐ ").split()


def find(lines, first):
    return next(words(line) for line in lines if words(line)[:1] == [first])
