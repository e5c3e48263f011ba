"""When the screen paints a frame: with the heartbeats of its hub, or by its own timer."""

from __future__ import annotations

from collections.abc import Callable

HEARTBEATS = 4.0
"""Heartbeats of a hub a second."""
EARLY_S = 0.06
"""By so much a heartbeat may come early and bring a frame all the same: not each comes on the moment."""
LATE = 1.5
"""So long after the last frame, in lengths of a frame, the timer paints one that a heartbeat should have brought."""


class FramePace:
    """At most `fps` frames a second. A heartbeat brings all that came before it, so a frame is painted with it: the
    screen wakes once for both. The timer paints where no heartbeat comes, or frames are wanted more often."""

    def __init__(self, fps: float, monotonic: Callable[[], float]) -> None:
        self.fps = fps
        self._monotonic = monotonic
        self._at = float("-inf")

    @property
    def follows_heartbeats(self) -> bool:
        """Whether heartbeats come as often as frames are wanted."""
        return self.fps <= HEARTBEATS

    def is_due(self, after_heartbeat: bool, follows: bool) -> bool:
        """Whether a frame is painted now, after a heartbeat or by the timer. follows: frames follow heartbeats; else
        they follow the timer alone."""
        if not follows:
            return not after_heartbeat
        now, length = self._monotonic(), 1 / self.fps
        if now - self._at < (length - EARLY_S if after_heartbeat else LATE * length):
            return False
        self._at = now
        return True
