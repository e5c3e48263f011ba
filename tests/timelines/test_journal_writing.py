"""What was flushed survives, nothing is overwritten, and a disk that refuses is said so in words."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from deskmon.errors import DeskError, UsageError
from deskmon.events import Checkpoint, Journal, Pulse, Reset
from deskmon.journal import JournalWriter, ReadReport, free_path, read_events
from tests.timelines.builders import HEADER, T0, ticker, trade

WRITER = """
import sys
from deskmon.events import Journal, Trade
from deskmon.journal import JournalWriter
journal = JournalWriter(sys.argv[1], Journal(version=1, source="recorded", started=1767614400000))
n = 0
while True:
    for _ in range(100):
        at = 1767614400000 + n
        journal.write([Trade(ts=at, venue="okx", symbol="A/B", price=1.0, amount=1.0, side="buy", id=str(n))])
        n += 1
    journal.flush()
    print(n, flush=True)
"""


def events_of(path):
    report = ReadReport()
    return list(read_events(path, report)), report


@pytest.mark.parametrize("name", ["j.jsonl", "j.jsonl.zst"])
def test_a_killed_writer_leaves_everything_up_to_its_last_flush(tmp_path, name):
    path = tmp_path / name
    with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True) as writer:
        for _ in range(200):
            flushed = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        flushed = int(([flushed, *map(int, writer.stdout.read().split())])[-1])
    events, report = events_of(path)
    assert [event.id for event in events] == [str(i) for i in range(len(events))]
    assert len(events) >= flushed >= 20_000
    assert report.rejected == 0


def test_flushed_lines_can_be_read_while_the_writer_still_writes(tmp_path):
    for name in ("j.jsonl", "j.jsonl.zst"):
        with JournalWriter(tmp_path / name, HEADER) as journal:
            journal.write([ticker(T0)])
            assert events_of(tmp_path / name)[0] == []
            journal.flush()
            assert events_of(tmp_path / name)[0] == [ticker(T0)]


def test_many_lines_are_flushed_without_being_asked(tmp_path):
    with JournalWriter(tmp_path / "j.jsonl", HEADER) as journal:
        journal.write(trade(T0 + i) for i in range(2_000))
        assert len(events_of(tmp_path / "j.jsonl")[0]) == 2_000


def test_the_header_carries_every_field_and_a_live_market_becomes_a_recorded_one(tmp_path):
    JournalWriter(tmp_path / "j.jsonl", Journal(version=1, source="live", mode="live")).close()
    fields = json.loads((tmp_path / "j.jsonl").read_text())
    assert fields == {"type": "journal", "version": 1, "source": "recorded", "note": "", "started": 946_684_800_000}


def test_signals_between_hub_and_screen_are_not_kept(tmp_path):
    signals = [Reset(ts=T0), HEADER, Checkpoint(ts=T0, part="tape", data=[1]), Pulse(ts=T0, seq=1, mode="live")]
    with JournalWriter(tmp_path / "j.jsonl", HEADER) as journal:
        journal.write([*signals, ticker(T0)])
        assert journal.events == 1
    events, report = events_of(tmp_path / "j.jsonl")
    assert (events, report.rejected) == ([ticker(T0)], 0)


def test_a_journal_that_exists_is_never_overwritten(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_bytes(b"precious")
    with pytest.raises(DeskError, match="exists already") as caught:
        JournalWriter(path, HEADER)
    assert "choose another name" in caught.value.remedy
    assert path.read_bytes() == b"precious"


@pytest.mark.parametrize("name", ["j.jsonl", "j.jsonl.zst"])
def test_a_desk_that_starts_again_gets_a_name_of_its_own(tmp_path, name):
    first = free_path(tmp_path / name, T0)
    assert first == tmp_path / name
    first.touch()
    assert free_path(tmp_path / name, T0 + 5) == tmp_path / name.replace("j.", "j-20260105T120000.005Z.")


def test_names_of_other_kinds_are_refused(tmp_path):
    for name in ("j.json", "j.zst", "j.jsonl.gz", "jsonl"):
        with pytest.raises(UsageError, match=r"\.jsonl"):
            JournalWriter(tmp_path / name, HEADER)
        assert not (tmp_path / name).exists()


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(DeskError, match="can't be written"):
        JournalWriter(tmp_path / "nowhere" / "j.jsonl", HEADER)


def test_a_full_disk_ends_the_journal_in_a_whole_line_and_says_so(tmp_path):
    code = """
import resource, signal, sys
from deskmon.errors import DeskError
from deskmon.events import Journal, Headline
from deskmon.journal import JournalWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
journal = JournalWriter(sys.argv[1], Journal(version=1, source="recorded", started=1767614400000))
for attempt in range(300):
    try:
        journal.write([Headline(ts=1767614400000, text="x" * 150)])
        journal.flush()
    except DeskError as error:
        print(attempt, error)
        break
try:
    journal.write([])
except DeskError as error:
    print(error)
journal.close()
"""
    path = tmp_path / "j.jsonl"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    first, again = done.stdout.splitlines()
    attempt, message = first.split(" ", 1)
    assert message == again
    assert "the journal stopped after" in message
    assert "make room" in message
    events, report = events_of(path)
    assert (len(events), report.cut, report.rejected) == (int(attempt), False, 0)
    assert int(attempt) > 10


@pytest.mark.parametrize("name", ["j.jsonl", "j.jsonl.zst"])
def test_a_journal_is_readable_by_its_owner_alone(tmp_path, name):
    JournalWriter(tmp_path / name, HEADER).close()
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_a_large_write_becomes_many_frames_of_bounded_size(tmp_path):
    with JournalWriter(tmp_path / "j.jsonl.zst", HEADER) as journal:
        journal.write(trade(T0 + i) for i in range(5_000))
    data = (tmp_path / "j.jsonl.zst").read_bytes()
    assert data.count(b"\x28\xb5\x2f\xfd") > 5
