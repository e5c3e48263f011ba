"""When requests may be sent to a venue that asked to be left alone."""

from __future__ import annotations

from deskmon.feedkit import FeedContext


class Limiter:
    """One for all requests of a run."""

    def __init__(self, context: FeedContext) -> None:
        self._context = context
        self._rest_at = 0

    def limit(self, seconds: float) -> None:
        """Send no request to the venue for `seconds`."""
        self._rest_at = max(self._rest_at, self._context.clock.now() + round(seconds * 1000))

    async def cool_down(self) -> None:
        """Wait until requests may be sent again."""
        waiting = self._rest_at - self._context.clock.now()
        if waiting > 0:
            await self._context.sleep(waiting / 1000)
