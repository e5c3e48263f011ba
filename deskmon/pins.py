"""The levels that an operator pinned, as events: those of the configuration, and those that a key added since."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon.analytics.level_settings import Pinned
from deskmon.events import PinnedLevel

Place = tuple[str, tuple[float, float]]
"""What makes two pins the same: their symbol and their edges."""


class OperatorPins:
    """Whoever runs a market keeps one: a hub, and a screen for the pins that its hub isn't told of."""

    def __init__(self, configured: Iterable[Pinned]) -> None:
        self._configured = _by_place(configured)
        self._added: dict[Place, Pinned] = {}

    @property
    def added(self) -> tuple[Pinned, ...]:
        """Those that a key added and that the configuration doesn't have."""
        return tuple(self._added.values())

    def events(self, ts: int) -> list[PinnedLevel]:
        """All pins, for a model that knows none of them, as of desk time `ts` (ms)."""
        return [_event(pin, ts) for pin in self._all.values()]

    def add(self, pin: Pinned, ts: int) -> list[PinnedLevel]:
        """Add a pin, or give the one at its place another label; what became different."""
        place = pin.symbol, pin.edges
        if self._all.get(place) == pin:
            return []
        self._added[place] = pin
        return [_event(pin, ts)]

    def follow(self, configured: Iterable[Pinned], ts: int) -> list[PinnedLevel]:
        """Take another configuration's pins in place of those it had; what became different. Added ones stay until the
        configuration has them."""
        before = self._all
        self._configured = _by_place(configured)
        self._added = {place: pin for place, pin in self._added.items() if place not in self._configured}
        after = self._all
        gone = [_event(pin, ts, removed=True) for place, pin in before.items() if place not in after]
        return gone + [_event(pin, ts) for place, pin in after.items() if before.get(place) != pin]

    @property
    def _all(self) -> dict[Place, Pinned]:
        return self._configured | self._added


def _by_place(pins: Iterable[Pinned]) -> dict[Place, Pinned]:
    return {(pin.symbol, pin.edges): pin for pin in pins}


def _event(pin: Pinned, ts: int, *, removed: bool = False) -> PinnedLevel:
    return PinnedLevel(
        ts=ts, symbol=pin.symbol, price=pin.price, low=pin.low, high=pin.high, label=pin.label, removed=removed
    )
