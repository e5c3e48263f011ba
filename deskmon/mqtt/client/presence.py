"""Which hubs of a desk are up, and which of them leads: screens follow it, and it takes what other programs publish.

Every hub and every screen finds the leader by the same rule from the same retained messages: nothing is negotiated.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from deskmon.events import HubStatus, Mode
from deskmon.mqtt.client.topics import is_name

REFRESH_S = 5.0
"""A hub says this often that it is up."""
EXPIRY_S = 15
"""Seconds after which a hub that says nothing any more counts as gone, if the broker didn't say so before."""
_HELD = 64


class Presence(msgspec.Struct, frozen=True):
    """What a hub says of itself; its last will says `dead`. `started` in ms UTC, `status` as its pulses have it."""

    hub: str
    name: str
    state: Literal["up", "dead"]
    started: int
    mode: Mode
    version: str = ""
    status: HubStatus | None = None


_decode = msgspec.json.Decoder(Presence).decode


class Presences:
    """The hubs that are up. `now` is seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._up: dict[str, tuple[Presence, float]] = {}

    def take(self, hub: str, payload: bytes, now: float) -> Presence | None:
        """What came from the topic of `hub`; None where it makes no sense, which then says nothing."""
        try:
            presence = _decode(payload)
        except ValueError:
            return None
        if presence.hub != hub or not (is_name(hub) and is_name(presence.name)):
            return None
        if presence.state == "dead":
            self._up.pop(hub, None)
        elif hub in self._up or len(self._up) < _HELD:
            self._up[hub] = (presence, now)
        return presence

    def up(self, now: float) -> dict[str, Presence]:
        """Hubs that are up, by id."""
        self._up = {hub: held for hub, held in self._up.items() if now - held[1] <= EXPIRY_S}
        return {hub: presence for hub, (presence, _) in self._up.items()}

    def leader(self, now: float) -> Presence | None:
        """A live market before any other, then who is up for longest, since it knows most."""
        return min(self.up(now).values(), key=lambda hub: (hub.mode != "live", hub.started, hub.hub), default=None)
