"""What one user's desks know together: the newest answer of each address, and how often each provider was asked.

Twenty desks of one user ask no more often than one: each looks here first. It survives restarts, so a desk shows what
was known before, with its true age, before anything is asked.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import mkstemp
from time import sleep

import msgspec

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
MOST_BYTES = 32 * 1024 * 1024
TRIES, PAUSE_S = 20, 0.05
"""The counts are locked for as long as it takes to write them: who can't have them by then goes on without."""


class Kept(msgspec.Struct, frozen=True):
    """An answer: when it was last confirmed (ms), and what tells the server that it is known."""

    url: str
    at: int
    content_type: str
    etag: str
    last_modified: str
    content: bytes


class Shelf:
    """Files in `folder`, each replaced in one step, readable by their owner alone. Blocking: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def kept(self, url: str) -> Kept | None:
        """The newest answer of an address; None where there is none, or none that can be read."""
        try:
            found = msgspec.msgpack.decode(_read(self._path(url)), type=Kept)
        except (OSError, msgspec.DecodeError):
            return None
        return found if found.url == url else None

    def keep(self, answer: Kept) -> None:
        """Put an answer in the place of the one before. A full disk costs the memory only."""
        self._write(self._path(answer.url), msgspec.msgpack.encode(answer))

    def may_ask(self, provider: str, now: int, limits: Mapping[int, int]) -> bool:
        """Count a request to a provider, unless as many as `limits` allow were counted in so many hours, 24 at most."""
        path = self._folder / "requests.json"
        with self._locked("requests"):
            try:
                counts = msgspec.json.decode(_read(path), type=dict[str, list[int]])
            except (OSError, msgspec.DecodeError):
                counts = {}
            counts = {name: [at for at in asked if now - DAY_MS < at <= now] for name, asked in counts.items()}
            asked = counts.setdefault(provider, [])
            if any(sum(at > now - hours * HOUR_MS for at in asked) >= limit for hours, limit in limits.items()):
                return False
            asked.append(now)
            self._write(path, msgspec.json.encode({name: asked for name, asked in counts.items() if asked}))
            return True

    @contextmanager
    def asking(self, url: str) -> Iterator[bool]:
        """Whether this desk may ask for `url` just now: no other one does."""
        with self._locked(self._path(url).stem, wait=False) as free:
            yield free

    @contextmanager
    def _locked(self, name: str, wait: bool = True) -> Iterator[bool]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:  # nobody can be asked to wait where nothing can be written
            yield True
            return
        try:
            yield _lock(file, TRIES if wait else 1) or wait
        finally:
            os.close(file)

    def _path(self, url: str) -> Path:
        return self._folder / f"{sha256(url.encode()).hexdigest()[:24]}.answer"

    def _write(self, path: Path, content: bytes) -> None:
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number, beside = mkstemp(prefix=path.stem, dir=self._folder)  # mode 0600, and nobody knows its name before
            try:
                with os.fdopen(number, "wb") as file:
                    file.write(content)
                os.replace(beside, path)
            except OSError:
                os.unlink(beside)
                raise


def _lock(file: int, tries: int) -> bool:
    """Whether the lock is had. A file system without locks has no others to wait for."""
    for left in range(tries - 1, -1, -1):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left:
                sleep(PAUSE_S)
        except OSError:
            return True
        else:
            return True
    return False


def _read(path: Path) -> bytes:
    """A plain file of ours, whatever stands in its place. Raises OSError."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(f"{path} is no plain file")
        return file.read(MOST_BYTES)
