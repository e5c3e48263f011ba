"""Secrets: deskmon.toml names where they are and never holds one."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from deskmon.errors import ConfigError

FORM = 'write "env:NAME" or "file:PATH"'
_MOST = 4_096


def read_secret(reference: str, key: str, environ: Mapping[str, str] = os.environ) -> str:
    """The secret that `env:NAME` or `file:PATH` names, for the config's `key`. Raises ConfigError, without it."""
    kind, _, place = reference.partition(":")
    if not is_reference(reference):
        raise _unusable(f"{key}: a secret doesn't stand in a config", FORM)
    if kind == "env":
        secret = environ.get(place, "")
        if not secret:
            raise _unusable(f"{key}: ${place} is not set", f"export {place}, or use file:PATH")
        return secret
    path = Path(place).expanduser()
    check_mode(path, key, secret=True)
    try:
        lines = path.read_bytes()[:_MOST].decode().splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        raise _unusable(f"{key}: {path} can't be read ({fault})", "put the secret alone on its first line") from None
    if not lines or not lines[0]:
        raise _unusable(f"{key}: {path} is empty", "put the secret alone on its first line")
    return lines[0]


def is_reference(text: str) -> bool:
    """Whether this names where a secret is."""
    kind, _, place = text.partition(":")
    return kind in ("env", "file") and bool(place.strip())


def check_mode(path: Path, key: str, *, secret: bool) -> None:
    """Raises ConfigError for what is no file, and for a secret that others can read."""
    try:
        mode = path.stat().st_mode
    except OSError as fault:
        reason = (fault.strerror or str(fault)).lower()
        raise _unusable(f"{key}: {path}: {reason}", "name a file that is there") from None
    if not stat.S_ISREG(mode):
        raise _unusable(f"{key}: {path} is no file", "name a file")
    if secret and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise _unusable(f"{key}: {path} can be read by others", f"chmod 600 {path}")


def _unusable(message: str, remedy: str) -> ConfigError:
    return ConfigError([f"{message}; {remedy}"])
