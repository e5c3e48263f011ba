"""Markets of days that reports described, made to the figures that those reports published. None is recorded data.

world: assets and venues · prices: a path through given prices, the rest drawn · totals: whole cents that sum exactly
orders: liquidations, in waves · quotes: tickers, books, candles · carry: funding and open interest · context: indices,
flows and metrics · status: what the feeds say · recipe: all of that from the figures of a day · DAY.toml and day_DAY:
the figures of each day, and what is done for it alone · reconstruction: a day's events as a timeline.
"""

from __future__ import annotations

from importlib import import_module

from deskmon.feedkit import Timeline

SPEED = 60.0
"""Desk time per real time at which a reconstruction plays: a day in 24 minutes. Its sources report once a minute."""

DAYS = {
    "2025-11-21": "the break of $85,000: $2.00B of liquidations in six waves, made to published figures; at 60× speed",
    "2026-02-06": "the worst day since FTX: −16.5 % in a week, implied volatility at its 99th percentile; at 60× speed",
}
"""Every reconstruction by name: what it shows."""


def reconstruct(name: str) -> Timeline:
    """The market of that day, from its own module. Raises KeyError for a day that isn't one of `DAYS`."""
    if name not in DAYS:
        raise KeyError(name)
    day: Timeline = import_module(f"deskmon.feeds.demo.reconstructions.day_{name.replace('-', '_')}").timeline()
    return day
