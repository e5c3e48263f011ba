"""What may happen thousands of times and is written to the log some times a minute."""

from __future__ import annotations

from collections import deque


class RateLimit:
    """Allows `most` times within a time, and no more."""

    def __init__(self, most: int, within: float) -> None:
        """`within` in the unit of the times that `allows` is asked with."""
        self._within = within
        self._times: deque[float] = deque(maxlen=most)

    def allows(self, now: float) -> bool:
        """Whether one more may be written."""
        if len(self._times) == self._times.maxlen and now - self._times[0] < self._within:
            return False
        self._times.append(now)
        return True
