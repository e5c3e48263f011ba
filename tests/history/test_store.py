"""The store: what was written survives whatever ends the process, of a slot the newest, nothing older than asked."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import DAY, HOUR
from deskmon.database_file import Damaged
from deskmon.errors import DeskError
from deskmon.events import Funding, OpenInterest
from deskmon.hub.kept import places
from deskmon.hub.store import VERSION, Store
from tests.hub.market import ticker

T = 1_760_000_000_000 - 1_760_000_000_000 % HOUR


def interest(usd, ts=T, venue="bybit", symbol="BTC/USDT:USDT"):
    return OpenInterest(ts=ts, recv=ts + 5, venue=venue, symbol=symbol, amount=usd / 2, usd=usd)


def funding(rate, ts=T, kind="settled"):
    return Funding(ts=ts, recv=ts + 5, venue="okx", symbol="BTC/USDT:USDT", rate=rate, interval_hours=8, kind=kind)


def place(event):
    """The one place of an event, None where it isn't kept."""
    found = places(event)
    return found[0] if found else None


def slots(events):
    return {place: event for event in events for place in places(event)}


def stored(store, since=T - 400 * DAY):
    return [event for events, _ in store.read(since) for event in events]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "deep" / "history.db")


def test_open_interest_is_kept_by_the_hour_settled_funding_each_and_nothing_else():
    assert place(interest(1.0, T + 1)) == place(interest(2.0, T + HOUR - 1)) != place(interest(2.0, T + HOUR))
    assert place(funding(0.1, T)) != place(funding(0.1, T + 1))
    assert place(funding(0.1, kind="predicted")) is None
    assert place(ticker(1.0)) is None


def test_what_is_read_is_what_was_written_oldest_first_with_its_slots(store):
    written = [interest(3.0, T + HOUR + 7), funding(-0.001, T + 3), interest(1.0), interest(2.0, venue="okx")]
    store.write(slots(written), 0)
    assert stored(store) == sorted(written, key=lambda event: event.ts)
    ((_, held),) = store.read(0)
    assert {key: list(starts) for key, starts in held.items()} == {
        ("open_interest", "bybit", "BTC/USDT:USDT"): [T, T + HOUR],
        ("open_interest", "okx", "BTC/USDT:USDT"): [T],
        ("funding", "okx", "BTC/USDT:USDT"): [T + 3],
    }
    assert stored(store, T + 3) == [funding(-0.001, T + 3), interest(3.0, T + HOUR + 7)]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 5 * HOUR), st.sampled_from(["bybit", "okx"])), max_size=8), max_size=5)
)
def test_of_a_slot_the_newest_stays_in_whatever_order_it_is_written(tmp_path_factory, batches):
    store = Store(tmp_path_factory.mktemp("store") / "history.db")
    expected = {}
    for number, batch in enumerate(batches):
        events = {}
        for offset, venue in batch:
            event = interest(float(number + 1), T + offset, venue)
            former = events.get(place(event))
            if former is None or event.ts >= former.ts:
                events[place(event)] = event
        store.write(events, 0)
        for slot, event in events.items():
            if slot not in expected or event.ts >= expected[slot].ts:
                expected[slot] = event
    assert {place(event): event for event in stored(store)} == expected


def test_what_is_older_than_asked_leaves(store):
    store.write(slots([interest(1.0), interest(2.0, T + DAY), funding(0.1, T + 2 * DAY)]), 0)
    store.write(slots([interest(3.0, T + 3 * DAY)]), T + DAY)
    assert [event.ts - T for event in stored(store)] == [DAY, 2 * DAY, 3 * DAY]


def test_two_hubs_on_one_store_lose_nothing_and_read_each_other(tmp_path):
    one, two = Store(tmp_path / "history.db"), Store(tmp_path / "history.db")
    one.write(slots([interest(1.0)]), 0)
    reading = two.read(0)
    assert next(reading)[0] == [interest(1.0)]
    one.write(slots([interest(2.0, T + 1), interest(5.0, T + HOUR)]), 0)
    reading.close()
    two.write(slots([interest(1.5), interest(9.0, venue="okx")]), 0)
    assert stored(one) == stored(two) == [interest(9.0, venue="okx"), interest(2.0, T + 1), interest(5.0, T + HOUR)]


def test_a_store_that_another_holds_says_so(store, monkeypatch):
    monkeypatch.setattr("deskmon.database_file.BUSY_S", 0.01)
    store.write(slots([interest(1.0)]), 0)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DeskError, match=r"history\.db: database is locked; the desk goes on without"):
            store.write(slots([interest(2.0, T + HOUR)]), 0)
        assert stored(store) == [interest(1.0)], "who reads needn't wait"
    store.write(slots([interest(2.0, T + HOUR)]), 0)
    assert len(stored(store)) == 2


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be one" * 50, "torn"])
def test_a_damaged_file_is_put_aside_and_the_next_call_begins_anew(store, content):
    store.write(slots([interest(float(n + 1), T + n * HOUR) for n in range(2_000)]), 0)
    whole = store.path.read_bytes()
    store.path.write_bytes(
        whole[:8192] + random.Random(7).randbytes(len(whole) - 8192) if content == "torn" else content
    )
    damaged = store.path.read_bytes()
    with pytest.raises(Damaged, match=r"was damaged; it is now history\.db\.damaged, history begins afresh"):
        stored(store)
    assert (store.path.parent / "history.db.damaged").read_bytes() == damaged
    assert stored(store) == []
    store.write(slots([interest(1.0)]), 0)
    assert stored(store) == [interest(1.0)]


def test_rows_that_nobody_understands_are_left_out_and_not_held(store):
    store.write(slots([interest(1.0), interest(2.0, T + HOUR), interest(3.0, T + 2 * HOUR)]), 0)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as database:
        database.execute("UPDATE event SET line = ? WHERE slot = ?", (b'{"type":"open_interest","new":1}', T))
        database.execute("UPDATE event SET line = NULL WHERE slot = ?", (T + HOUR,))
    ((events, held),) = store.read(0)
    assert events == [interest(3.0, T + 2 * HOUR)]
    assert [list(starts) for starts in held.values()] == [[T + 2 * HOUR]]


def test_a_file_of_a_newer_deskmon_is_left_alone(store):
    store.write(slots([interest(1.0)]), 0)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as database:
        database.execute(f"PRAGMA user_version = {VERSION + 1}")
    for use in (lambda: stored(store), lambda: store.write({}, 0)):
        with pytest.raises(DeskError, match="newer deskmon"):
            use()
    assert [path.name for path in store.path.parent.iterdir() if "damaged" in path.name] == []


def test_a_place_that_can_not_be_written_says_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DeskError, match="the desk goes on without"):
        Store(tmp_path / "file" / "history.db").write({}, 0)
    with pytest.raises(DeskError, match="the desk goes on without"):
        Store(tmp_path).write({}, 0)


WRITER = """
import sys
from pathlib import Path
from tests.history.test_store import BATCH, HOUR, T, Store, interest, slots
store = Store(Path(sys.argv[1]))
for batch in range(100_000):
    store.write(slots([interest(1.0, T + batch * HOUR, f"v{n}") for n in range(BATCH)]), 0)
    print(batch, flush=True)
"""
BATCH = 200


def test_a_store_whose_writer_was_killed_holds_whole_batches_and_every_finished_one(store):
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(store.path)], stdout=subprocess.PIPE, text=True, cwd=os.getcwd()
    )
    with child:
        lines = iter(child.stdout)
        for line in lines:
            if int(line) == 20:
                break
        child.send_signal(signal.SIGKILL)
        finished = max([20, *(int(line) for line in lines if line.endswith("\n"))])
    with closing(sqlite3.connect(store.path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    events = stored(store)
    assert len(events) % BATCH == 0
    assert len(events) // BATCH in (finished + 1, finished + 2)


def test_what_a_desk_remembers_is_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "history.db"
    Store(path).write({}, before=0)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.iterdir()} == {0o600}
