"""The file of what the desk remembers from run to run: one event per series and slot of time, in SQLite.

SQLite rather than the journal's format, because here the newest of a slot replaces the older ones, old slots leave,
and two hubs may share the file: with lines at the end of a file each of these would be code of ours.

Every call opens the file, blocks, and closes it: call it in a thread. A batch is one transaction in write-ahead mode,
so whatever kills the process, the file holds whole batches.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deskmon.database_file import DatabaseFile, Kind
from deskmon.events import Event, decode_event, encode_event
from deskmon.hub.kept import KEPT, Key

if TYPE_CHECKING:
    import sqlite3

HeldSlots = dict[Key, "array[int]"]
"""Starts of the slots (ms) that something is held of, ascending."""

VERSION = 1
CHUNK = 5_000
_TABLE = """CREATE TABLE IF NOT EXISTS event (
    kind TEXT, venue TEXT, symbol TEXT, slot INTEGER, ts INTEGER, line BLOB,
    PRIMARY KEY (kind, venue, symbol, slot))"""
_PUT = """INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET ts = excluded.ts, line = excluded.line WHERE excluded.ts >= ts"""


_KIND = Kind(
    version=VERSION, tables=[_TABLE], afresh="history begins",
    remedy="the desk goes on without; name another file in [history] path, or set enabled = false there",
    newer="use that one, or name another file in [history] path",
)  # fmt: skip


class Store:
    """The store at `path`, made where there is none. Every method raises DeskError, in words, where it can't be used;
    Damaged where it could but for its content."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = DatabaseFile(path, _KIND)

    def read(self, since: int) -> Iterator[tuple[list[Event], HeldSlots]]:
        """Events with `ts` from `since` (ms) on, and all of the kinds of `KEPT`, oldest first, in chunks, each with the
        slots that it adds; what can't be understood is left out."""
        with self._opened() as database:
            kept = ", ".join("?" * len(KEPT))
            rows = database.execute(
                f"SELECT kind, venue, symbol, slot, line FROM event WHERE ts >= ? OR kind IN ({kept}) ORDER BY ts",
                (since, *KEPT),
            )
            while chunk := rows.fetchmany(CHUNK):
                events: list[Event] = []
                held: HeldSlots = {}
                for kind, venue, symbol, slot, line in chunk:
                    with suppress(msgspec.DecodeError, UnicodeDecodeError, TypeError):
                        events.append(decode_event(line))
                        held.setdefault((kind, venue, symbol), array("q")).append(slot)
                yield events, held

    def write(self, events: Mapping[tuple[Key, int], Event], before: int, now: int = 0) -> None:
        """Put events under their series and slots, where they aren't older than what is there; forget what is from
        before `before` (ms), and of the kinds of `KEPT` what is older at the time `now`."""
        rows = [(*key, slot, event.ts, encode_event(event)) for (key, slot), event in sorted(events.items())]
        with self._opened() as database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(_PUT, rows)
            others = ", ".join("?" * len(KEPT))
            database.execute(f"DELETE FROM event WHERE ts < ? AND kind NOT IN ({others})", (before, *KEPT))
            for kind, kept in KEPT.items():
                database.execute("DELETE FROM event WHERE kind = ? AND ts < ?", (kind, now - kept))
            database.execute("COMMIT")

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._file.faults(), closing(self._file.open()) as database:
            yield database
