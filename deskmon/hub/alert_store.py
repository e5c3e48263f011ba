"""What is remembered of alerts from run to run: a small file in the user's state folder, replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec

from deskmon.errors import DeskError

VERSION = 2
LARGEST = 16 * 1024 * 1024
"""Bytes of the largest file that is read."""


class AlertStore:
    """The file at `path`; without one `alerts.json` in the user's state folder. Every call blocks: call it in a
    thread."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @property
    def path(self) -> Path:
        """Where it is."""
        if self._path is not None:
            return self._path
        import platformdirs

        return platformdirs.user_state_path("deskmon") / "alerts.json"

    def read(self) -> Any:
        """What `write` was given last; None where there is nothing. Raises DeskError where it can't be read."""
        try:
            with self.path.open("rb") as file:
                text = file.read(LARGEST + 1)
            held = msgspec.json.decode(text, type=dict[str, Any])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError) as fault:
            raise DeskError(f"{self.path}: {fault}", "it is written anew") from fault
        if held.get("version") != VERSION:
            raise DeskError(f"{self.path}: kept by another version of deskmon", "it is written anew")
        return held.get("alerts")

    def write(self, data: Any) -> None:
        """Keep `data`, builtins alone. Raises DeskError where the disk doesn't take it."""
        aside = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(aside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(msgspec.json.encode({"version": VERSION, "alerts": data}))
                file.flush()
                os.fsync(file.fileno())
            os.replace(aside, self.path)
        except OSError as fault:
            aside.unlink(missing_ok=True)
            remedy = "name another file in [alerts] path"
            raise DeskError(f"{self.path}: {fault.strerror or fault}", remedy) from fault
