"""The outbox: what is to be sent, in a SQLite file, until somebody has answered for it; and a log of what was sent.

Every call blocks: make it in a thread; any number may. Each is one transaction, so whatever kills the process, a notice
is either not yet known here, or it will be sent. A message is doubled only where the process was
killed between the answer and its record: then the log has a try without an outcome, and the next try has the same id.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from deskmon.clock import DAY
from deskmon.database_file import DatabaseFile, Kind
from deskmon.delivery.notice import Message, Notice
from deskmon.delivery.shared_outbox import MOST_BYTES, MOST_DONE, MOST_KNOWN, MOST_LOOSE, SAME_MS, SharedOutbox

KEPT = DAY
"""A message that no route took for so long (ms) is given up, and the log says so."""
LOG_KEPT = 30 * DAY
MOST_LOGGED = 10_000
"""Lines of the log of sends, at most."""
MOST_NOTICES = 20_000
"""Transitions that are remembered as known, so that none is told twice."""
VERSION = 1
UNKNOWN_OUTCOME = "unknown: the desk ended before it recorded the answer; the next try may be a double"
_TABLES = (
    """CREATE TABLE notice (number INTEGER PRIMARY KEY AUTOINCREMENT, route TEXT, rule TEXT, state TEXT, since INTEGER,
        line BLOB, message TEXT, UNIQUE (route, rule, state, since))""",
    "CREATE INDEX newest ON notice (rule, number)",
    """CREATE TABLE message (id TEXT PRIMARY KEY, route TEXT, at INTEGER, due INTEGER, tries INTEGER, state TEXT,
        line BLOB)""",
    "CREATE INDEX waiting ON message (route, state, at)",
    """CREATE TABLE send (number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, route TEXT, message TEXT, try INTEGER,
        outcome TEXT)""",
)
_KIND = Kind(
    version=VERSION, tables=_TABLES, afresh="the outbox begins",
    remedy="alerts are not sent; make room, or repair or remove that file", newer="use that one, or remove the file",
)  # fmt: skip

_notice = msgspec.json.Decoder(Notice).decode
_message = msgspec.json.Decoder(Message).decode


ELSEWHERE = "elsewhere"
"""Stands for the message of a transition that another hub told of."""
_PUT = """INSERT INTO notice (route, rule, state, since, line, message) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING"""
_TOLD_ELSEWHERE = f"""SELECT 1 FROM notice WHERE route = ? AND rule = ? AND state = ? AND message = '{ELSEWHERE}'
    AND abs(since - ?) <= {SAME_MS}"""

_LOOSE_ELSEWHERE = f"""UPDATE notice SET message = '{ELSEWHERE}' WHERE message IS NULL AND route = ? AND rule = ?
    AND state = ?"""


class Pending(msgspec.Struct, frozen=True):
    """A message that waits: tried `tries` times, to be tried again at `due` (ms)."""

    message: Message
    due: int
    tries: int


class Sent(msgspec.Struct, frozen=True):
    """A line of the log of sends. No `outcome`: the answer isn't there yet."""

    at: int
    route: str
    message: str
    tries: int
    outcome: str | None


class Outbox:
    """The outbox at `path`, made where there is none. Every method raises DeskError, in words, where it can't be
    used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = DatabaseFile(path, _KIND)
        self._database: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        with self._lock:
            self._close()

    def begin(self) -> None:
        """Say of tries that an earlier run left without an outcome that it isn't known."""
        with self._transaction() as database:
            database.execute("UPDATE send SET outcome = ? WHERE outcome IS NULL", (UNKNOWN_OUTCOME,))

    def add(self, notices: Iterable[tuple[str, Notice]]) -> list[tuple[int, str, Notice]]:
        """Keep notices, each with its route; those that are new, with their numbers. One that is known is none."""
        added = []
        with self._transaction() as database:
            for route, notice in notices:
                row = (route, notice.rule, notice.state, notice.since)
                if database.execute(_TOLD_ELSEWHERE, row).fetchone() is None:
                    values = (*row, msgspec.json.encode(notice))
                    found = database.execute(f"{_PUT} RETURNING number", (*values, None)).fetchone()
                    added += [(found[0], route, notice)] if found is not None else []
            database.execute(
                "DELETE FROM notice WHERE message IS NOT NULL AND number <= (SELECT max(number) FROM notice) - ?",
                (MOST_NOTICES,),
            )
        return added

    def loose(self) -> list[tuple[int, str, Notice]]:
        """Notices that are in no message yet, oldest first."""
        with self._opened() as database:
            rows = database.execute("SELECT number, route, line FROM notice WHERE message IS NULL ORDER BY number")
            return [(number, route, _notice(line)) for number, route, line in rows]

    def states(self) -> dict[str, str]:
        """By rule the state that was told last."""
        newest = "SELECT max(number) FROM notice GROUP BY rule"
        with self._opened() as database:
            return dict(database.execute(f"SELECT rule, state FROM notice WHERE number IN ({newest})"))

    def put(self, message: Message, numbers: Sequence[int] = (), due: int | None = None) -> None:
        """Make a message of notices. One with that id is there already where the process was killed after it was."""
        with self._transaction() as database:
            _insert(database, message, message.at if due is None else due)
            database.executemany("UPDATE notice SET message = ? WHERE number = ?", [(message.id, n) for n in numbers])

    def merge(self, parts: Sequence[Message], digest: Message, due: int) -> None:
        """Put one message in the place of several that wait."""
        with self._transaction() as database:
            _insert(database, digest, due)
            for part in parts:
                if part.id != digest.id:
                    database.execute("UPDATE message SET state = ? WHERE id = ?", (f"in {digest.id}", part.id))
                    _log(database, digest.at, part, 0, f"goes out in {digest.id}")

    def waiting(self, route: str) -> list[Pending]:
        """What waits on a route, oldest first."""
        with self._opened() as database:
            rows = database.execute(
                "SELECT line, due, tries FROM message WHERE route = ? AND state = 'waiting' ORDER BY at, rowid",
                (route,),
            )
            return [Pending(_message(line), due, tries) for line, due, tries in rows]

    def trying(self, pending: Pending, now: int) -> None:
        """Record that a message is being sent, before it is."""
        with self._transaction() as database:
            database.execute("UPDATE message SET tries = tries + 1 WHERE id = ?", (pending.message.id,))
            _log(database, now, pending.message, pending.tries + 1, None)

    def answered(self, message: Message, outcome: str, *, again_at: int | None) -> None:
        """Record what became of the last try; again_at: when it is tried again (ms), None where it was taken."""
        with self._transaction() as database:
            if again_at is None:
                database.execute("UPDATE message SET state = 'sent' WHERE id = ?", (message.id,))
            else:
                database.execute("UPDATE message SET due = ? WHERE id = ?", (again_at, message.id))
            database.execute("UPDATE send SET outcome = ? WHERE message = ? AND outcome IS NULL", (outcome, message.id))

    def tidy(self, now: int, routes: Iterable[str]) -> list[Message]:
        """Give up what waited too long or whose route is no more, and shorten the log; what was given up."""
        kept = set(routes)
        given_up = []
        with self._transaction() as database:
            rows = database.execute("SELECT route, at, line FROM message WHERE state = 'waiting'").fetchall()
            for route, at, line in rows:
                if route in kept and now - at <= KEPT:
                    continue
                message = _message(line)
                why = "waited for a day" if route in kept else "its route is no more"
                database.execute("UPDATE message SET state = 'given up' WHERE id = ?", (message.id,))
                _log(database, now, message, 0, f"given up: {why}")
                given_up.append(message)
            database.execute("DELETE FROM message WHERE state != 'waiting' AND at < ?", (now - LOG_KEPT,))
            database.execute("DELETE FROM send WHERE at < ?", (now - LOG_KEPT,))
            database.execute("DELETE FROM send WHERE number <= (SELECT max(number) FROM send) - ?", (MOST_LOGGED,))
        return given_up

    def log(self, most: int = 100) -> list[Sent]:
        """The newest lines of the log of sends, oldest first."""
        with self._opened() as database:
            rows = database.execute(
                "SELECT at, route, message, try, outcome FROM send ORDER BY number DESC LIMIT ?", (most,)
            ).fetchall()
        return [Sent(*row) for row in reversed(rows)]

    def counts(self) -> Mapping[str, int]:
        """How many messages wait, by route."""
        with self._opened() as database:
            return dict(database.execute("SELECT route, count(*) FROM message WHERE state = 'waiting' GROUP BY route"))

    def share(self, now: int) -> SharedOutbox:
        """What another hub has to know to go on from here, at `now` (ms)."""
        with self._opened() as database:
            known = database.execute(
                "SELECT route, rule, state, since FROM notice ORDER BY number DESC LIMIT ?", (MOST_KNOWN,)
            ).fetchall()
            done = database.execute(
                "SELECT id FROM message WHERE state != 'waiting' ORDER BY rowid DESC LIMIT ?", (MOST_DONE,)
            ).fetchall()
            lines = database.execute("SELECT line FROM message WHERE state = 'waiting' ORDER BY rowid DESC")
            waiting, room = [], MOST_BYTES
            for (line,) in lines:
                room -= len(line)
                if room < 0:
                    break
                waiting.append(_message(line))
            lines.close()
            loose = database.execute(
                "SELECT route, line FROM notice WHERE message IS NULL ORDER BY number DESC LIMIT ?", (MOST_LOOSE,)
            ).fetchall()
        return SharedOutbox(
            at=now, known=tuple(known), done=tuple(id for (id,) in done), waiting=tuple(waiting),
            loose=tuple((route, _notice(line)) for route, line in reversed(loose)),
        )  # fmt: skip

    def adopt(self, shared: SharedOutbox, routes: Iterable[str], now: int) -> None:
        """Take over, at `now` (ms), what another hub hadn't sent on these routes, and know what it had."""
        here, loose = set(routes), {(route, *_key(notice)) for route, notice in shared.loose}
        with self._transaction() as database:
            for row in reversed(shared.known):
                if row not in loose:
                    database.execute(_PUT, (*row, b"", ELSEWHERE))
                    database.execute(f"{_LOOSE_ELSEWHERE} AND abs(since - ?) <= {SAME_MS}", row)
            for id in shared.done:
                database.execute("UPDATE message SET state = 'sent' WHERE id = ? AND state = 'waiting'", (id,))
            for message in shared.waiting:
                if message.route in here:
                    _insert(database, message, now)
        self.add((route, notice) for route, notice in shared.loose if route in here)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._opened() as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """The database, for one call at a time. After a fault it is opened anew, which rolls back what was begun."""
        with self._lock, self._file.faults():
            try:
                if self._database is None:
                    self._database = self._file.open()
                yield self._database
            except (sqlite3.Error, OSError):
                self._close()
                raise

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _key(notice: Notice) -> tuple[str, str, int]:
    return notice.rule, notice.state, notice.since


def _insert(database: sqlite3.Connection, message: Message, due: int) -> None:
    row = (message.id, message.route, message.at, due, msgspec.json.encode(message))
    database.execute("INSERT INTO message VALUES (?, ?, ?, ?, 0, 'waiting', ?) ON CONFLICT DO NOTHING", row)


def _log(database: sqlite3.Connection, at: int, message: Message, tries: int, outcome: str | None) -> None:
    row = (at, message.route, message.id, tries, outcome)
    database.execute("INSERT INTO send (at, route, message, try, outcome) VALUES (?, ?, ?, ?, ?)", row)
