"""Of all hubs of a user one sends, and one writes down how rules stand: the one that holds the lock of a file, which
ends with its process."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

AGAIN_S = 1.0


class SoleHolder:
    """The lock beside a file."""

    def __init__(self, file: Path) -> None:
        self._path = file.with_suffix(".lock")
        self._descriptor: int | None = None

    @property
    def holds(self) -> bool:
        """Whether this process has it."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Try to become the one. Blocks; raises OSError where the file can't be made."""
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
        """Wait until this process is the one. Raises OSError as `take`."""
        while not await asyncio.to_thread(self.take):  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(AGAIN_S)

    def release(self) -> None:
        """Let another have it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
