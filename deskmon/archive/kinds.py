"""Kinds of events by the names of their tables: the plural of their type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from deskmon.errors import UsageError, nearest
from deskmon.events import Event, MarketEvent

_OWN = {
    "funding": "funding", "open_interest": "open_interest", "calendar": "calendar", "feed_status": "feed_statuses",
    "volatility_index": "volatility_indices",
}  # fmt: skip
"""By type: names that no `s` makes."""


def _plural(kind: type[Event]) -> str:
    tag = str(kind.__struct_config__.tag)
    return _OWN.get(tag, f"{tag}s")


KINDS: Mapping[str, type[Event]] = {_plural(kind): kind for kind in get_args(MarketEvent)}
"""Every kind of event that a journal holds, by the name of its table: `trades`, `liquidations`, …"""


def kind_named(name: str) -> type[Event]:
    """The kind that a table's name means. Raises UsageError with the nearest name where it means none."""
    if name in KINDS:
        return KINDS[name]
    close = nearest(name, KINDS)
    raise UsageError(
        f"no kind of event is called {name!r}",
        f"did you mean {close!r}?" if close else f"write some of {', '.join(KINDS)}",
    )
