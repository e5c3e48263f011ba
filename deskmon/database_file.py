"""A SQLite file of the desk: made where there is none, its owner's alone, of one version, put aside where damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deskmon.errors import DeskError

if TYPE_CHECKING:
    import sqlite3  # a megabyte, which a hub that remembers nothing does without

BUSY_S = 5.0
"""Seconds to wait for another process that writes."""


class Damaged(DeskError):
    """The file was no database any more; it was put aside, the next call begins a new one."""


class Kind(NamedTuple):
    """What is in a file. `tables`: the statements that make it. The rest are words: `remedy` where it can't be used,
    `newer` where a newer deskmon has written it, `afresh` for what begins anew where it was damaged."""

    version: int
    tables: Sequence[str]
    remedy: str
    newer: str
    afresh: str


class DatabaseFile:
    """The database at `path`. Every call blocks: make it in a thread."""

    def __init__(self, path: Path, kind: Kind) -> None:
        self.path = path
        self._kind = kind
        self._inode: int | None = None

    def open(self) -> sqlite3.Connection:
        """A connection that any thread may use, one at a time, and whose transactions its user begins. Raises what
        `faults` puts into words."""
        import sqlite3

        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))  # SQLite would let others read
        database = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            self._inode = self.path.stat().st_ino
            self._prepare(database)
        except BaseException:
            database.close()
            raise
        return database

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Raise DeskError, in words, for what goes wrong with the file in the block; Damaged where it was put aside. No
        connection may be open once the block is left."""
        import sqlite3

        damaged = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        try:
            yield
        except sqlite3.Error as fault:
            if getattr(fault, "sqlite_errorcode", 0) & 0xFF in damaged:
                raise Damaged(f"{self.path} was damaged", self._put_aside()) from fault
            raise DeskError(f"{self.path}: {fault}", self._kind.remedy) from fault
        except OSError as fault:
            raise DeskError(f"{self.path}: {fault.strerror or fault}", self._kind.remedy) from fault

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Make the tables of a new file. Raises DeskError for one of another version."""
        database.execute("PRAGMA synchronous = NORMAL")  # of a file in write-ahead mode no batch is torn by it
        if self._version(database) == self._kind.version:
            return
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("BEGIN IMMEDIATE")
        if self._version(database) == 0:  # else another process was first
            for statement in self._kind.tables:
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {self._kind.version}")
        database.execute("COMMIT")

    def _version(self, database: sqlite3.Connection) -> int:
        version: int = database.execute("PRAGMA user_version").fetchone()[0]
        if version > self._kind.version:
            raise DeskError(f"{self.path}: kept by a newer deskmon", self._kind.newer)
        return version

    def _put_aside(self) -> str:
        """Rename the damaged file, unless another process has; what was done, in words."""
        aside = self.path.with_name(f"{self.path.name}.damaged")
        with suppress(FileNotFoundError):
            if self.path.stat().st_ino == self._inode:
                os.replace(self.path, aside)
                for part in ("-wal", "-shm"):
                    with suppress(FileNotFoundError):
                        os.replace(f"{self.path}{part}", f"{aside}{part}")
        return f"it is now {aside.name}, {self._kind.afresh} afresh"
