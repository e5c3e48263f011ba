"""`deskmon init`: a deskmon.toml to begin with, and where it goes."""

from __future__ import annotations

import os
import uuid
from argparse import Namespace
from pathlib import Path
from typing import Any

from deskmon.cli.text import complain, say
from deskmon.errors import DeskError, UsageError

REMEDY = "`deskmon check` judges it; to begin anew, move it away first"


def add(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser("init", help="write a commented deskmon.toml into this folder, or where --config says")
    parser.add_argument("--user", action="store_true", help="into your config folder, where every folder finds it")
    parser.set_defaults(run=run)


def run(args: Namespace) -> int:
    """Write it, and say what reads it. Raises UsageError where a file is there already, DeskError where none can be
    written."""
    from deskmon.config.sources import FILE_NAME, find, given, user_file
    from deskmon.config.starter import text

    if args.user and args.config is not None:
        raise UsageError("--user and --config name two places", "choose one")
    path = user_file() if args.user else given(FILE_NAME if args.config is None else args.config, "--config")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _create(path, text())
    except FileExistsError:
        raise UsageError(f"{path} is there already", REMEDY) from None
    except OSError as fault:
        raise DeskError(f"{path}: can't be written: {(fault.strerror or str(fault)).lower()}") from fault
    say(f"wrote {path}; `deskmon check` finds mistakes in it, `deskmon` shows its desk")
    used = find(args.config)
    if used.path.resolve() != path.resolve():
        complain(f"in use here is still {used.path} ({used.how})")
    return 0


def _create(path: Path, text: str) -> None:
    """Write a file that is whole or isn't there, as a disk may be full: first beside it, then in its place in one step.
    Raises FileExistsError where there is one already, OSError where none can be written."""
    if os.path.lexists(path):
        raise FileExistsError(path)
    draft = path.with_name(f".deskmon-{uuid.uuid4().hex[:8]}")
    try:
        with open(draft, "x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        open(path, "x").close()  # claimed: who else begins one here now is refused
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
