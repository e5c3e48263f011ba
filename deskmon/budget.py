"""How often something may happen: so many times a second in the long run, so many at once."""

from __future__ import annotations

from collections.abc import Callable


class Budget:
    """A bucket of `burst` tokens that gets `rate` a second back."""

    __slots__ = ("_at", "_burst", "_clock", "_left", "_rate")

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        """`clock` tells seconds."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._left = burst
        self._at = clock()

    def spend(self) -> bool:
        """Take one; False where there is none."""
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
