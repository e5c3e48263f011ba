"""Reading a file that somebody wrote by hand: a plain file of sane size, never something that blocks or has no end."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

MOST_BYTES = 4 * 2**20
"""Far above what a person writes; reading and judging so much takes seconds."""


def read_bytes(path: Path) -> bytes:
    """What stands in the file. Raises OSError, with the reason as `strerror`, where it can't be read, is no plain file
    (a pipe would block, a device may have no end) or holds more than `MOST_BYTES`."""
    if "\0" in str(path):
        raise OSError(0, "no name of a file", str(path))
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(0, "no plain file", str(path))
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise OSError(0, f"larger than {MOST_BYTES // 2**20} MiB", str(path))
    return text


def exposed(path: Path) -> str:
    """Who else can change the file, and how to mend that; empty where nobody can. What a configuration names is run
    and read with its owner's rights."""
    folder = path.absolute().parent
    with suppress(OSError, ValueError):
        if path.stat().st_mode & stat.S_IWOTH:
            return f"anyone on this machine can write it; chmod o-w {path}"
        mode = folder.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            return f"anyone on this machine can replace it; chmod o-w {folder}"
    return ""


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
