"""How sections write sums of dollars, percentages, days and lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from deskmon import format as fmt
from deskmon.model.path_steps import Name, write_path

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def path_of(part: str, *names: str) -> str:
    """`flows`, BTC, `day_usd` → `flows.BTC.day_usd`; a name with a dot or a blank is quoted."""
    path = part
    for name in names:
        path = write_path(path, Name(name))
    return path


def usd(value: float) -> str:
    """A sum of dollars to two digits after the point: 107.65B."""
    return fmt.amount(value, digits=2)


def signed_usd(value: float) -> str:
    """A flow of dollars or a gain: −817.90M, +2.50M."""
    return fmt.amount(value, plus=True, digits=2)


def signed_percent(value: float) -> str:
    """A change: −16.5%, +0.4%."""
    return fmt.percent(value, 1)


def share(value: float) -> str:
    """A fraction as a percentage: 0.065 → 6.5%."""
    return fmt.fraction(value, 1)


def coins(value: float) -> str:
    """An amount of coins in full: 649,870, 0.5."""
    text = f"{value:,.8f}".rstrip("0").rstrip(".")
    return text.replace("-", fmt.MINUS)


def weekday(ts: int) -> str:
    """A day (ms UTC) by name: Thu 29 Jan 2026."""
    at = datetime.fromtimestamp(ts / 1000, UTC)
    return f"{WEEKDAYS[at.weekday()]} {fmt.day(ts)} {at.year}"


def listed(names: Sequence[str]) -> str:
    """BTC, ETH and SOL."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
