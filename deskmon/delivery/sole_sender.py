"""Of all hubs that share an outbox one sends: the one that holds a lock, which ends with its process."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

AGAIN_S = 1.0


class SoleSender:
    """The lock beside an outbox."""

    def __init__(self, outbox: Path) -> None:
        self._path = outbox.with_suffix(".lock")
        self._descriptor: int | None = None

    @property
    def holds(self) -> bool:
        """Whether this process sends."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Try to become the one that sends. Blocks; raises OSError where the file can't be made."""
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
        return True

    async def wait(self) -> None:
        """Wait until this process is the one that sends. Raises OSError as `take`."""
        while not await asyncio.to_thread(self.take):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(AGAIN_S)

    def release(self) -> None:
        """Let another send."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
