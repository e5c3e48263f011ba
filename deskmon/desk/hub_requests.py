"""What a screen wants of its hub: what it looks at followed closely, and the levels that were pinned in the market."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from deskmon.analytics.level_settings import Pinned
from deskmon.events import PinnedLevel
from deskmon.pins import OperatorPins


class HubRequests:
    """Asks a hub of the screen's own by `command`, which is None on another's: there the screen folds its pins itself,
    and methods that say what became different return them; else they return nothing."""

    def __init__(self, command: Callable[[str, Any], None] | None, configured: tuple[Pinned, ...]) -> None:
        self._command = command
        self._pins = OperatorPins(configured)
        self._watched = frozenset[str]()

    def begin(self, ts: int) -> list[PinnedLevel]:
        """The stream began with a snapshot, maybe that of another hub: ask again, as of desk time `ts` (ms)."""
        if self._command is None:
            return self._pins.events(ts)
        for pin in self._pins.added:
            self._command("pin", pin)
        self._watched = frozenset()
        return []

    def watch(self, watched: frozenset[str]) -> None:
        """Have these followed closely, and no others."""
        if self._command is not None and watched != self._watched:
            self._watched = watched
            self._command("watch", " ".join(sorted(watched)))

    def pin(self, pin: Pinned, ts: int) -> list[PinnedLevel]:
        """Have a level pinned; what became different."""
        changed = self._pins.add(pin, ts)
        if self._command is None:
            return changed
        if changed:
            self._command("pin", pin)
        return []

    def follow(self, configured: tuple[Pinned, ...], ts: int) -> list[PinnedLevel]:
        """Take the pins of another configuration, which a hub of one's own has by itself; what became different."""
        changed = self._pins.follow(configured, ts)
        return changed if self._command is None else []
