"""A folder of segments is written an hour each by one process, and lets go what it needn't keep."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.errors import DeskError, UsageError
from deskmon.events import Gap, Reset, encode_event
from deskmon.journal import (
    HeldElsewhere,
    ReadReport,
    RollingJournal,
    read_events,
    rolling,
    segments,
)
from deskmon.journal.checkpoints import CheckpointFile, Place, shape
from deskmon.journal.retention import FOLDED_BYTES, surplus, thinned
from deskmon.journal.segments import Segment
from deskmon.limits import Limits, parse_bytes
from tests.timelines.builders import HEADER, T0, trade

LIMITS = Limits(7 * DAY, 5 * 10**9)


def lines(*events):
    return [encode_event(event) for event in events]


def events_of(folder):
    report = ReadReport()
    events = list(read_events(folder, report))
    assert not report.faults and not report.cut
    return events


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "state" / "journal"


def test_each_hour_is_a_segment_that_its_owner_alone_may_read(folder):
    journal = RollingJournal(folder, HEADER, LIMITS)
    assert journal.written() is None
    for at in (T0 + 59 * MINUTE, T0 + HOUR, T0 + HOUR + 1, T0 + 2 * HOUR):
        journal.put(lines(trade(at, id=str(at))), at)
    there = segments(folder)
    assert [segment.first for segment in there] == [T0, T0 + HOUR, T0 + 2 * HOUR]
    place = journal.place()
    assert place == (3, there[-1].bytes)
    journal.keep(place, T0 + 2 * HOUR, lines(Reset(ts=T0)), T0 + 2 * HOUR)
    written = journal.written()
    assert (written.path, written.segments, written.oldest) == (str(folder), 3, T0)
    assert written.bytes == sum(path.stat().st_size for path in folder.iterdir() if path.name != rolling.LOCK)
    journal.close()
    assert [event.id for event in events_of(folder)] == [str(T0 + ms) for ms in (59 * MINUTE, HOUR, HOUR + 1, 2 * HOUR)]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_second_writer_is_told_who_writes_and_goes_on_with_a_gap_when_that_one_ends(folder):
    first, second = (RollingJournal(folder, HEADER, LIMITS) for _ in range(2))
    first.put(lines(trade(T0, id="a")), T0)
    with pytest.raises(HeldElsewhere, match=rf"another hub .* \(process {os.getpid()}\), this one reads it"):
        second.put(lines(trade(T0 + 1, id="b")), T0 + 1)
    assert len(segments(folder)) == 1
    first.close()
    second.put(lines(trade(T0 + 90, id="c")), T0 + 90)
    second.close()
    a, gap, c = events_of(folder)
    assert (a.id, c.id) == ("a", "c")
    assert type(gap) is Gap and (gap.since, gap.until) == (T0, T0 + 90)


def test_a_full_disk_stops_the_writing_in_words_and_room_lets_it_go_on_with_a_gap(folder, monkeypatch):
    journal = RollingJournal(folder, HEADER, LIMITS)
    journal.put(lines(trade(T0, id="a")), T0)
    monkeypatch.setattr(rolling, "LEAST_FREE", 2**63)
    with pytest.raises(DeskError, match="less than 1 GB is free on its disk"):
        journal.put(lines(trade(T0 + 1)), T0 + 1)
    with pytest.raises(DeskError, match="less than 1 GB"):
        journal.keep(journal.place(), T0, lines(Reset(ts=T0)), T0)
    monkeypatch.setattr(rolling, "LEAST_FREE", 0)
    journal.put(lines(trade(T0 + 2, id="b")), T0 + 2)
    journal.close()
    assert [type(event) is Gap for event in events_of(folder)] == [False, True, False]
    assert len(segments(folder)) == 2


def test_a_segment_that_is_taken_away_while_it_is_written_is_told_and_another_begins(folder):
    journal = RollingJournal(folder, HEADER, LIMITS)
    journal.put(lines(trade(T0, id="a")), T0)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with pytest.raises(DeskError, match="was removed while it was written"):
        journal.put(lines(trade(T0 + 1)), T0 + 1)
    journal.put(lines(trade(T0 + 2, id="b")), T0 + 2)
    journal.close()
    assert [event.id for event in events_of(folder)] == ["b"]


def test_a_folder_that_can_not_be_made_is_told(tmp_path):
    (tmp_path / "taken").write_text("a file")
    journal = RollingJournal(tmp_path / "taken" / "journal", HEADER, LIMITS)
    with pytest.raises(DeskError, match="can't be written"):
        journal.put(lines(trade(T0)), T0)


def test_numbers_go_on_after_what_was_deleted_and_a_clock_that_went_back(folder):
    for number, at in enumerate((T0, T0 - DAY, T0 - DAY), 1):
        journal = RollingJournal(folder, HEADER, LIMITS)
        journal.put(lines(trade(at)), at)
        journal.keep(journal.place(), at, lines(Reset(ts=at)), at)
        journal.close()
        assert segments(folder)[-1].number == number
    for segment in segments(folder):
        segment.path.unlink()
    journal = RollingJournal(folder, HEADER, LIMITS)
    journal.put(lines(trade(T0)), T0)
    journal.close()
    assert segments(folder)[0].number == 4


def segment(number, first, size=100, last=False):
    return Segment(Path(f"{number}"), number, first, None if last else first + HOUR, size)


def checkpoint(number, offset, at, size=10, key=""):
    return CheckpointFile(Path(f"{number}-{offset}{key}"), Place(number, offset), at, size, key or shape())


HOURS = [segment(number, T0 + number * HOUR, last=number == 9) for number in range(10)]
NOW = T0 + 9 * HOUR + 30 * MINUTE


def let_go(limits, segments=HOURS, checkpoints=()):
    return [path.name for path in surplus(segments, checkpoints, NOW, limits)]


def test_what_is_older_or_more_than_allowed_is_let_go_oldest_first_and_never_the_newest():
    assert let_go(Limits(DAY, 1_000)) == []
    assert let_go(Limits(2 * HOUR, 1_000)) == [str(number) for number in range(7)]
    assert let_go(Limits(DAY, 350)) == [str(number) for number in range(7)]
    assert let_go(Limits(1, 1)) == [str(number) for number in range(9)]
    of_them = [checkpoint(number, 0, HOURS[number].first) for number in range(10)]
    assert let_go(Limits(2 * HOUR, 10_000), checkpoints=of_them)[:7] == [f"{number}-0" for number in range(7)]
    assert let_go(Limits(DAY, 200), HOURS[-1:], of_them)[:5] == [f"{number}-0" for number in range(5)]


def test_checkpoints_lie_closer_the_newer_they_are_and_each_segment_keeps_one():
    there = [segment(1, T0, 10 * FOLDED_BYTES), segment(2, T0 + HOUR, last=True)]
    step = FOLDED_BYTES // 4
    dense = [checkpoint(1, index * step, T0 + index * MINUTE) for index in range(40)]
    newest = [checkpoint(2, index, T0 + HOUR + index * MINUTE) for index in range(10)]
    at = T0 + HOUR + 10 * MINUTE
    gone = list(thinned([*dense, *newest], there, at))
    kept = [one for one in [*dense, *newest] if one not in gone]
    assert kept[-10:] == newest, "those of the newest fifteen minutes stay"
    *older, from_here = (one.place.offset // step for one in kept[:-10])
    assert older == list(range(0, 40, 4)) and from_here == 39, "the one that a moment of these minutes is folded from"
    of_long_ago = list(thinned([*dense, *newest], there, at + 26 * HOUR))
    assert [one for one in [*dense, *newest] if one not in of_long_ago] == [dense[0], newest[0], newest[-1]]


def test_checkpoints_of_another_shape_leave_once_there_are_newer_ones():
    old = [checkpoint(1, index, NOW, key=".v1") for index in range(3)]
    assert list(thinned(old, HOURS, NOW)) == []
    assert list(thinned([*old, checkpoint(2, 0, NOW)], HOURS, NOW)) == old


def test_sizes_are_read_as_people_write_them():
    sizes = {"5GB": 5 * 10**9, "1.5 tb": 15 * 10**11, "500mb": 5 * 10**8, "1000": 1_000}
    assert {text: parse_bytes(text) for text in sizes} == sizes
    for text in ("", "GB", "-1GB", "5 GiB", "0", "1e9"):
        with pytest.raises(UsageError, match="is not a size"):
            parse_bytes(text)
