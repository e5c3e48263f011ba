"""The journal is written beside the loop: a slow or full disk costs the journal, and it says what."""

from __future__ import annotations

import asyncio
import threading

import pytest

from deskmon.clock import ManualClock
from deskmon.errors import DeskError
from deskmon.events import Checkpoint, Encoded, Gap, Journal, Pulse, Reset, encode_event
from deskmon.hub import journal_files, recorder
from deskmon.hub.journal_files import JournalFile
from deskmon.hub.recorder import Recorder
from deskmon.journal import JournalWriter, ReadReport, free_path, read_events
from tests.hub.market import T0, trade
from tests.hub.waiting import until

HEADER = Journal(version=1, source="live", started=T0)


def recording(path, clock, **more):
    return Recorder(JournalFile(lambda started: free_path(path, started), HEADER), clock, **more)


def write(scribe, *events):
    scribe.write([Encoded(event) for event in events])


def events_of(path):
    report = ReadReport()
    events = list(read_events(path, report))
    assert report.rejected == 0 and not report.cut
    return events


@pytest.mark.parametrize("name", ["desk.jsonl", "desk.jsonl.zst"])
async def test_what_was_flushed_is_on_disk_and_signals_are_not(tmp_path, name):
    path, scribe = tmp_path / name, recording(tmp_path / name, ManualClock(T0))
    signals = [Reset(ts=T0), HEADER, Checkpoint(ts=T0, part="tape", data=[1]), Pulse(ts=T0, seq=1, mode="live")]
    write(scribe, trade(1), *signals, trade(2))
    await scribe.flush()
    report = ReadReport()
    assert list(read_events(path, report)) == [trade(1), trade(2)]
    await scribe.close()
    assert events_of(path) == [trade(1), trade(2)]
    assert scribe.report(T0) is None


class FullDisk(JournalWriter):
    """Writes until `full` is set."""

    full = False

    def _put(self, data):
        if type(self).full:
            raise DeskError(f"{self.path}: the journal stopped (No space left on device)")
        super()._put(data)


async def test_a_full_disk_is_told_and_a_new_file_begun_when_there_is_room(tmp_path, monkeypatch):
    monkeypatch.setattr(journal_files, "JournalWriter", FullDisk)
    monkeypatch.setattr(FullDisk, "full", False)
    clock = ManualClock(T0)
    scribe = recording(tmp_path / "desk.jsonl", clock)
    write(scribe, trade(1))
    await scribe.flush()

    FullDisk.full = True
    write(scribe, trade(2))
    await scribe.flush()
    told = scribe.report(T0)
    assert (told.feed, told.state) == ("journal", "down")
    assert "No space left" in told.detail
    assert [scribe.report(T0 + ms) is not None for ms in (1_000, 5_000)] == [False, True]

    FullDisk.full = False
    write(scribe, trade(3))
    clock.advance(29_000)
    await scribe.flush()
    assert scribe.trouble is not None, "it waits half a minute before it tries again"
    clock.advance(2_000)
    await scribe.flush()
    write(scribe, trade(4, ts=T0 + 31_000))
    await scribe.close()
    assert scribe.report(clock.now()).state == "live"
    first, second = sorted(tmp_path.iterdir(), key=lambda path: len(path.name))
    assert events_of(first) == [trade(1)]
    assert events_of(second) == [trade(4, ts=T0 + 31_000)]


async def test_a_slow_disk_never_holds_the_loop_and_what_did_not_fit_is_a_gap(tmp_path, monkeypatch):
    stuck, entered = threading.Event(), threading.Event()

    class SlowDisk(JournalWriter):
        def append(self, lines):
            entered.set()
            assert stuck.wait(30)
            super().append(lines)

    monkeypatch.setattr(journal_files, "JournalWriter", SlowDisk)
    monkeypatch.setattr(recorder, "WAITING_BYTES", sum(len(encode_event(trade(n))) for n in range(1, 11)))
    clock = ManualClock(T0)
    scribe = recording(tmp_path / "desk.jsonl", clock)
    write(scribe, trade(0))
    flushing = asyncio.create_task(scribe.flush())
    await until(entered.is_set)
    clock.advance(100)
    write(scribe, *map(trade, range(1, 14)))
    clock.advance(100)
    stuck.set()
    await flushing
    await scribe.close()
    *kept, gap = events_of(tmp_path / "desk.jsonl")
    assert [event.id for event in kept] == [str(number) for number in range(11)]
    assert gap == Gap(
        ts=T0 + 200, feed="journal", venue="journal", channel="all", since=T0 + 100, until=T0 + 200, dropped=3
    )


async def test_a_recording_that_is_needed_fails_loudly(tmp_path):
    path = tmp_path / "taken.jsonl"
    path.write_text("mine")
    scribe = Recorder(JournalFile(lambda _: path, HEADER), ManualClock(T0), needed=True)
    with pytest.raises(DeskError, match="exists already"):
        await scribe.run()
    with pytest.raises(DeskError, match="exists already"):
        await scribe.close()
    assert path.read_text() == "mine"


async def test_a_flush_that_is_interrupted_loses_nothing(tmp_path, monkeypatch):
    entered, go = threading.Event(), threading.Event()

    class SlowDisk(JournalWriter):
        def append(self, lines):
            entered.set()
            assert go.wait(30)
            super().append(lines)

    monkeypatch.setattr(journal_files, "JournalWriter", SlowDisk)
    scribe = recording(tmp_path / "desk.jsonl", ManualClock(T0))
    write(scribe, trade(1))
    running = asyncio.create_task(scribe.run())
    await until(entered.is_set)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    write(scribe, trade(2))
    closing = asyncio.create_task(scribe.close())
    go.set()
    await closing
    assert events_of(tmp_path / "desk.jsonl") == [trade(1), trade(2)]
