"""Markets of days that reports described, made to the figures that those reports published. None is recorded data.

world: assets and venues · prices: a path through given prices, the rest drawn · totals: whole cents that sum exactly
orders: liquidations, in waves · quotes: tickers, books, candles · carry: funding and open interest · context: indices,
flows and metrics · status: what the feeds say · recipe: all of that from the figures of a day · DAY.toml and day_DAY:
the figures of each day, and what is done for it alone · reconstruction: a day's events as a timeline.
"""

from __future__ import annotations

from importlib import import_module

import msgspec

from deskmon.feedkit import Timeline

SPEED = 60
"""Desk time per real time at which a day plays: it lasts 24 minutes. Its sources report once a minute."""


class Shown(msgspec.Struct, frozen=True):
    """What a reconstruction shows, and at which speed it plays: the sources of a week report still more seldom."""

    shows: str
    speed: int = SPEED


DAYS = {
    "2025-11-20": Shown("triple pressure: funds lose for six weeks, leverage gone, books thin"),
    "2025-11-21": Shown("the break of $85,000: $2.00B of liquidations in six waves"),
    "2026-01-29": Shown("the funds' largest outflow since November: −$817.9M in a day"),
    "2026-02-06": Shown("the worst day since FTX: −16.5 % in seven days, volatility at its 99th percentile"),
    "2026-06": Shown("the worst week since FTX: −17.3 %, $7B of liquidations in two stresses", 300),
}
"""Every reconstruction by name, made to the figures that a report published."""
_OWN = ("2025-11-21", "2026-02-06")
"""Those with a module of their own."""


def reconstruct(name: str) -> Timeline:
    """The market of that name. Raises KeyError for one that isn't in `DAYS`."""
    if name not in DAYS:
        raise KeyError(name)
    package = "deskmon.feeds.demo.reconstructions"
    if name in _OWN:
        own: Timeline = import_module(f"{package}.day_{name.replace('-', '_')}").timeline()
        return own
    made: Timeline = import_module(f"{package}.spans").timeline(name, DAYS[name].speed)
    return made
