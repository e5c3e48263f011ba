"""Which of a trader's screens rings for an alert, wherever they stand: the first that asks the hub."""

from __future__ import annotations

from collections import OrderedDict

from deskmon.errors import DeskError
from deskmon.transport.requests import ANOTHER_RINGS, Ring

MOST = 10_000
"""Alerts that were rung for, by trader; the oldest are forgotten first."""


class CallClaims:
    """Remembers who was rung for what."""

    def __init__(self) -> None:
        self._rung: OrderedDict[tuple[str, str, int], None] = OrderedDict()

    def take(self, request: Ring) -> str:
        """The places of the alerts that this screen is the first to ask for, apart by blanks. Raises DeskError where
        another screen of the trader rings for all of them."""
        keys = [(request.by, rule, since) for rule, since in request.alerts]
        first = [place for place, key in enumerate(keys) if key not in self._rung]
        self._rung.update(dict.fromkeys(keys))
        while len(self._rung) > MOST:
            self._rung.popitem(last=False)
        if not first:
            raise DeskError(ANOTHER_RINGS)
        return " ".join(map(str, first))
