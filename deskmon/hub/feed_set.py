"""The feeds of a live desk: a supervisor and a task each; they come, go and change while the hub runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from deskmon.config.schema import FeedConfig
from deskmon.events import Encoded, FeedStatus
from deskmon.hub.supervisor import Supervisor


class FeedSet:
    """Keeps what `change` asked for last running, while `run` runs.

    make: the supervisor of a label and its config. put: takes the status of a feed that was taken out.
    """

    def __init__(
        self, make: Callable[[str, FeedConfig], Supervisor], put: Callable[[Encoded], bool], clock: Callable[[], int]
    ) -> None:
        self._make, self._put, self._clock = make, put, clock
        self._configs: dict[str, FeedConfig] = {}
        self._running: dict[str, Supervisor] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    @property
    def supervisors(self) -> list[Supervisor]:
        """Of the feeds there are."""
        return list(self._running.values())

    @property
    def unended(self) -> list[str]:
        """Labels of feeds that were told to end and haven't."""
        return [task.get_name() for task in (*self._tasks.values(), *self._ending) if not task.done()]

    def change(self, feeds: Mapping[str, FeedConfig]) -> None:
        """Have exactly these: a new one begins, one that left ends, one with other options begins anew."""
        for label in [label for label in self._running if feeds.get(label) != self._configs[label]]:
            supervisor = self._running.pop(label)
            if task := self._tasks.pop(label, None):
                task.cancel()
                self._ending.add(task)
            if label not in feeds:
                # The newest of its statuses, so that whoever shows feeds forgets this one.
                gone = FeedStatus(ts=self._clock(), feed=supervisor.label, state="removed", detail="taken out")
                self._put(Encoded(gone))
        for label, config in feeds.items():
            if label not in self._running:
                self._configs[label], self._running[label] = config, self._make(label, config)
        self._changed.set()

    async def run(self) -> None:
        """Run the feeds until cancelled; then end them all, and return when they have. Raises what a supervisor
        raises, which is a fault of ours."""
        try:
            while True:
                self._changed.clear()
                for label, supervisor in self._running.items():
                    if label not in self._tasks:
                        self._tasks[label] = asyncio.create_task(supervisor.run(), name=label)
                await self._wait()
        finally:
            left = {*self._tasks.values(), *self._ending}
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left)

    async def _wait(self) -> None:
        """Wait for a change, or for a task that ends by itself."""
        changed = asyncio.create_task(self._changed.wait())
        try:
            while not self._changed.is_set():
                alive = {task for task in self._tasks.values() if not task.done()}
                done, _ = await asyncio.wait({changed, *alive}, return_when=asyncio.FIRST_COMPLETED)
                for task in done - {changed}:
                    if not task.cancelled():
                        task.result()
        finally:
            changed.cancel()
            self._ending = {task for task in self._ending if not task.done()}
