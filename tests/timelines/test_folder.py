"""A folder of segments is a journal: read whole, opened at a moment from a checkpoint, followed while it is written."""

from __future__ import annotations

from itertools import takewhile
from random import Random

import msgspec
import pytest

from deskmon.cli import main
from deskmon.clock import DAY
from deskmon.errors import DeskError
from deskmon.events import Funding, Gap, Liquidation, Reset, Trade
from deskmon.journal import (
    FolderTimeline,
    JournalTimeline,
    JournalWriter,
    Reading,
    ReadReport,
    checkpoints,
    open_at,
    open_timeline,
    read_events,
    segment_name,
    segments,
)
from deskmon.journal.checkpoints import read_checkpoint, shape
from deskmon.model import Model
from tests.timelines.builders import HEADER, T0, trade
from tests.timelines.damage import flipped
from tests.timelines.folders import EVENTS

END = max(event.arrival for event in EVENTS)


def figures(events, at):
    model = Model()
    model.apply(events)
    assert not model.rejected, model.samples
    return {key: msgspec.to_builtins(model.figures(key, at)) for key in ("prices", "liquidations", "funding", "depth")}


def figures_at(folder, at):
    opened = open_at(folder, at)
    tail = takewhile(lambda event: event.arrival <= at, opened.reading.events())
    return figures([*(opened.checkpoint or [HEADER]), *tail], at)


def test_a_folder_reads_as_one_journal_and_its_names_tell_what_is_in_it(folder):
    report = ReadReport()
    assert list(read_events(folder, report)) == EVENTS and report.summary() == "300 events"
    there = segments(folder)
    assert [segment.number for segment in there] == [1, 2, 3]
    assert [segment.first for segment in there] == [T0 + 20, T0 + 20_020, T0 + 40_020]
    assert [segment.until for segment in there] == [T0 + 20_020, T0 + 40_020, None]
    timeline = JournalTimeline(folder)
    assert (timeline.start, timeline.end) == (T0 + 20, END)


def test_figures_from_a_checkpoint_equal_those_of_the_whole_stream_at_any_moment(written):
    rng = Random(5)
    for at in (T0, T0 + 4_999, END, *(rng.randrange(T0, END + 1_000) for _ in range(12))):
        assert figures_at(written, at) == figures([HEADER, *(event for event in EVENTS if event.arrival <= at)], at)


def test_a_moment_is_opened_without_a_byte_before_its_checkpoint(folder):
    at = T0 + 47_000
    opened = open_at(folder, at)
    assert T0 + 44_000 < opened.at <= at and type(opened.checkpoint[0]) is Reset
    for segment in segments(folder)[:2]:
        segment.path.write_bytes(b"")  # nobody looks there
    first = next(opened.reading.events())
    assert opened.at < first.arrival <= opened.at + 1_000


@pytest.mark.parametrize("change", [lambda data: data[:999], lambda data: flipped(data, 4_000), bytes.upper])
def test_a_checkpoint_that_can_not_be_read_costs_time_alone(folder, change):
    newest = checkpoints(folder)[-1]
    newest.path.write_bytes(change(newest.path.read_bytes()))
    assert read_checkpoint(newest.path) is None
    assert figures_at(folder, END) == figures([HEADER, *EVENTS], END)
    assert open_at(folder, END).at < newest.at


def test_checkpoints_of_another_shape_and_of_bytes_that_are_gone_are_passed_over(folder):
    assert type(open_timeline(folder)) is FolderTimeline
    for checkpoint in checkpoints(folder):
        checkpoint.path.rename(folder / checkpoint.path.name.replace(shape(), "v1"))
    assert type(open_timeline(folder)) is JournalTimeline
    assert len(checkpoints(folder)) > 3 and not open_at(folder, END).checkpoint
    assert figures_at(folder, END) == figures([HEADER, *EVENTS], END)


def test_without_a_checkpoint_so_much_is_read_as_is_asked_for_and_old_quotes_are_passed_over(folder):
    for checkpoint in checkpoints(folder):
        checkpoint.path.unlink()
    opened = open_at(folder, END, back=30_000)
    assert opened.since == T0 + 20_020
    assert list(opened.reading.events()) == [event for event in EVENTS if event.arrival >= opened.since]
    opened = open_at(folder, END, back=DAY)
    oldest = {type(event) for event in opened.reading.events() if event.arrival < T0 + 20_020}
    assert oldest == {Trade, Liquidation, Funding}, "quotes and books of the newest two segments alone"


def test_a_missing_segment_and_a_damaged_frame_are_gaps_with_their_place(folder):
    _, second, third = segments(folder)
    second.path.unlink()
    third.path.write_bytes(flipped(third.path.read_bytes(), 8 * third.bytes - 100))
    report = ReadReport()
    events = list(read_events(folder, report))
    missing, torn = (event for event in events if type(event) is Gap)
    assert (missing.since, missing.until) == (T0 + 19_400, T0 + 40_020)
    assert torn.since == T0 + 58_400
    assert {(damage.file, damage.reason) for damage in report.damages} >= {("segment 2", "missing")}
    assert report.damages[1].file == third.path.name and report.damages[1].start > 0
    assert "of segment 2 (missing)" in report.summary()


def test_a_folder_that_is_being_written_is_followed_from_file_to_file(tmp_path):
    reading = Reading(tmp_path, ReadReport())
    one, two = (tmp_path / segment_name(number, T0 + number) for number in (1, 2))
    assert list(reading.events()) == []
    with JournalWriter(one, HEADER) as journal:
        journal.write([trade(T0 + 1, id="a")])
        journal.flush()
        assert [event.id for event in reading.events()] == ["a"]
        assert list(reading.events()) == []
        journal.write([trade(T0 + 2, id="b")])
    whole = one.read_bytes()
    one.write_bytes(whole[:-3])  # the frame isn't there as a whole yet
    assert list(reading.events()) == []
    one.write_bytes(whole)
    with JournalWriter(two, HEADER) as journal:
        journal.write([trade(T0 + 3, id="c")])
    assert [event.id for event in reading.events()] == ["b", "c"]


def test_commands_take_a_folder_and_say_what_is_none(folder, tmp_path, capsys):
    assert main(["state", "--replay", str(folder), "--at", "+30s", "--only", "at"]) == 0
    assert str(T0 + 30_020) in capsys.readouterr().out
    assert main(["state", "--replay", str(tmp_path)]) == 2
    assert "a folder without segments of a journal" in capsys.readouterr().err
    with pytest.raises(DeskError, match="can't be read"):
        segments(tmp_path / "nowhere")
