"""Changes to a config file that leave the rest of it as it is, and never half done."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tomlkit.exceptions import TOMLKitError

from deskmon.config.reading import read_bytes
from deskmon.config.sources import is_packaged, user_file
from deskmon.config.toml import FAULTS
from deskmon.errors import DeskError


def edit(path: Path, change: Callable[[str], str], remedy: str) -> Path:
    """Put `change` of its text in place of the file and return where it was written; one that doesn't exist is made.
    Atomic: whoever reads meanwhile finds the old file or the new one, whole.

    The packaged default isn't the operator's to change: the file in the user's config folder is, or becomes so.
    Raises DeskError, with `remedy`, where the file can't be read, changed or written; what is raised in `change`
    for what isn't TOML becomes one.
    """
    if is_packaged(path):
        path = user_file()
    path = path.resolve()
    try:
        before = read_bytes(path).decode() if path.exists() else ""
        after = change(before)
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, after)
    except UnicodeDecodeError as fault:
        raise DeskError(f"{path}: not UTF-8", remedy) from fault
    except (*FAULTS, TOMLKitError) as fault:
        raise DeskError(f"{path}: not valid TOML: {fault}", remedy) from fault
    except OSError as fault:
        raise DeskError(f"{path}: can't be written: {(fault.strerror or str(fault)).lower()}", remedy) from fault
    return path


def _replace(path: Path, text: str) -> None:
    """Put `text` in place of the file in one step; what it may be read and written by stays as it was."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, name)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
