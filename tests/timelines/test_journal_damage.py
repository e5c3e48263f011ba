"""Damage and malice: no bit that turns over changes a figure unseen, and no small file takes gigabytes."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tracemalloc
from itertools import pairwise

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from deskmon.cli import main
from deskmon.cli.timeline_model import model_at
from deskmon.clock import ManualClock
from deskmon.config.schema import Config, FeedConfig
from deskmon.errors import DeskError
from deskmon.events import Gap, encode_event
from deskmon.journal import JournalTimeline, ReadReport, read_events, read_header
from deskmon.journal.decoding import REORDER, REORDER_BYTES
from deskmon.journal.frames import HELD, packer, unpacked
from deskmon.player import SLICE, Player
from tests.length import examples
from tests.timelines.builders import T0, header_line, ticker, trade
from tests.timelines.damage import LINES, RUNS, flipped, market, verdict, write

SECONDS = market(12)
EVENTS = [event for events in SECONDS for event in events]


def read(path):
    report = ReadReport()
    return list(read_events(path, report)), report


@pytest.fixture(scope="module")
def journal(tmp_path_factory):
    path = tmp_path_factory.mktemp("damage") / "j.jsonl.zst"
    return path, write(path, SECONDS)


def frames_of(data):
    """Where each frame begins, and the end."""
    starts = [at for at in range(len(data)) if data.startswith(b"\x28\xb5\x2f\xfd", at)]
    return [*starts, len(data)]


def test_every_frame_that_is_written_is_whole_lines_and_carries_a_checksum(journal):
    _, data = journal
    places = frames_of(data)
    assert len(places) - 1 == 1 + len(SECONDS), "the header, and each flush"
    for start, end in pairwise(places):
        assert zstandard.get_frame_parameters(data[start:end]).has_checksum
        assert zstandard.decompress(data[start:end]).endswith(b"\n")


@given(st.data())
@examples(150, 400)
def test_no_bit_that_turns_over_changes_or_loses_an_event_without_a_word(journal, data):
    path, sound = journal
    path.write_bytes(flipped(sound, data.draw(st.integers(0, len(sound) * 8 - 1))))
    strange, missing, said = verdict(path, EVENTS)
    assert strange == 0
    assert said or not missing


@pytest.mark.parametrize("second", [0, 5, 11])
def test_a_damaged_frame_costs_its_own_second_and_is_a_gap_with_its_place(journal, second):
    path, sound = journal
    start, end = frames_of(sound)[second + 1 : second + 3]
    path.write_bytes(flipped(sound, (start + end) // 2 * 8))
    events, report = read(path)
    lost = SECONDS[second]
    assert [event for event in events if type(event) is not Gap] == [event for event in EVENTS if event not in lost]
    [damage] = report.damages
    assert (damage.start, damage.end, report.damaged, report.cut) == (start, end, 1, False)
    assert f"1 damaged place, the first at byte {start:,}" in report.summary()
    gaps = [event for event in events if type(event) is Gap]
    assert [(gap.feed, gap.channel) for gap in gaps] == [("journal", "all")] * (second > 0)
    for gap in gaps:
        assert gap.since == SECONDS[second - 1][-1].arrival
        assert gap.until == (SECONDS[second + 1][0].arrival if second < 11 else gap.since)
    status = list(JournalTimeline(path).events())[-1]
    assert status.rejected == 1 and "1 damaged place" in status.detail


def test_halves_of_lines_around_a_damage_are_never_one_line(tmp_path):
    """Frames of others cut lines anywhere, as pzstd does."""
    line = encode_event(ticker(T0 + 5, last=12.0)) + b"\n"
    first, damaged, last = line[:-4], b"5,\n" + line[:-2], b"7}\n"
    pack = packer()
    broken = bytearray(pack(damaged))
    broken[-1] ^= 1
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(pack(header_line() + first) + broken + pack(last + line))
    events, report = read(path)
    assert [event for event in events if type(event) is not Gap] == [ticker(T0 + 5, last=12.0)]
    assert report.damaged == 1 and report.skipped == {"malformed": 1}


def test_a_long_frame_of_others_is_read_as_it_comes_and_its_wrong_checksum_is_reported(tmp_path):
    rng = random.Random(3)
    notes = [trade(T0 + i, id=rng.randbytes(30).hex()) for i in range(HELD // 150)]
    packed = bytearray(packer()(header_line() + b"".join(encode_event(note) + b"\n" for note in notes)))
    packed[-1] ^= 1
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(packed)
    events, report = read(path)
    assert 0 < len(events) <= len(notes) + 1
    assert report.damaged == 1 and "checksum is wrong" in report.damages[0].reason and "were read" in report.summary()


def test_frames_that_only_say_something_of_others_are_passed_over(tmp_path):
    plain = header_line() + b"".join(encode_event(event) + b"\n" for event in EVENTS)
    pieces = [packer()(plain[at : at + 700]) for at in range(0, len(plain), 700)]
    skippable = b"".join(b"\x50\x2a\x4d\x18\x04\0\0\0" + len(piece).to_bytes(4, "little") + piece for piece in pieces)
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(skippable)
    events, report = read(path)
    assert (events, report.faults, report.cut) == (EVENTS, 0, False)
    path.write_bytes(skippable + b"\x5f\x2a\x4d\x18\xff\xff\xff\xff")
    assert read(path)[1].cut


@pytest.mark.skipif(shutil.which("pzstd") is None, reason="no pzstd here")
def test_what_pzstd_writes_is_read(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_bytes(header_line() + b"".join(encode_event(event) + b"\n" for event in EVENTS))
    subprocess.run(["pzstd", "-q", "-p", "2", path], check=True)
    assert read(tmp_path / "j.jsonl.zst")[0] == EVENTS


@pytest.mark.parametrize("log", [24, 27])
def test_windows_up_to_128_mib_are_read(tmp_path, log):
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(packed_with_window(log))
    assert read(path)[0] == EVENTS


def test_a_wider_window_is_refused_for_that_reason(tmp_path):
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(packed_with_window(28))
    with pytest.raises(DeskError, match=r"j\.jsonl\.zst.*window of 256 MiB, more than 128"):
        read(path)
    path.write_bytes(packer()(header_line()) + packed_with_window(28))
    assert "window of 256 MiB" in read(path)[1].damages[0].reason


def packed_with_window(log):
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=log, write_content_size=0)
    packing = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    plain = header_line() + b"".join(encode_event(event) + b"\n" for event in EVENTS)
    return packing.compress(plain) + packing.flush()


def test_a_dictionary_is_refused_for_that_reason(tmp_path):
    samples = [encode_event(event) * 3 for event in EVENTS] * 20
    dictionary = zstandard.train_dictionary(4_096, samples)
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(zstandard.ZstdCompressor(dict_data=dictionary).compress(header_line()))
    with pytest.raises(DeskError, match="compressed with a dictionary"):
        read_header(path)


@pytest.mark.parametrize(
    ("name", "mib"), [*((name, 24) for name in RUNS), ("tiny blocks", 16), ("empty lists", 3), ("largest books", 3)]
)
def test_what_unpacks_into_far_more_than_it_is_takes_a_bounded_step_at_a_time(tmp_path, name, mib):
    """benchmarks/journal_damage.py reads gigabytes in a process; here what Python itself takes is counted."""
    path = tmp_path / "bomb.jsonl.zst"
    (RUNS | LINES)[name](path, mib)
    tracemalloc.start()
    try:
        for _ in read_events(path, ReadReport()):
            pass
    except DeskError as fault:
        assert str(path) in str(fault)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 120 * 2**20


def test_tiny_blocks_are_held_together(tmp_path):
    path = tmp_path / "bomb.jsonl.zst"
    LINES["tiny blocks"](path, 1)
    with path.open("rb") as file:
        assert [len(piece) for piece in unpacked(file, ReadReport())] == [len(header_line()), 2 * 2**13]


def test_a_slice_of_large_books_is_a_short_one(tmp_path):
    path = tmp_path / "j.jsonl.zst"
    LINES["many small books"](path, 2)
    player = Player(JournalTimeline(path), clock_at(path))
    sizes = [len(events) for events in player.seek(player.timeline.end)]
    assert max(sizes) < SLICE // 4 and len(sizes) > 5


def test_long_lines_are_held_back_by_their_bytes_and_not_only_by_their_number(tmp_path):
    path = tmp_path / "j.jsonl.zst"
    LINES["many small books"](path, 4)
    report = ReadReport()
    ahead = [report.events - given for given, _ in enumerate(read_events(path, report))]
    assert max(ahead) * 4_000 < REORDER_BYTES < len(ahead) * 4_000


def clock_at(path):
    return ManualClock(read_header(path).started)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ((header_line() * 2).decode().encode("utf-16"), "UTF-16"),
        (header_line().decode().encode("utf-16-le"), "UTF-16"),
        (header_line().decode().encode("utf-16-be"), "UTF-16"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "compressed with gzip"),
        (b"\xfd7zXZ\0\0\x04", "compressed with xz"),
        (b"BZh91AY&SY", "compressed with bzip2"),
        (b"PAR1\x15\x04", "a Parquet file"),
    ],
)
def test_files_of_another_kind_are_refused_for_what_they_are(tmp_path, data, reason):
    path = tmp_path / "j.jsonl"
    path.write_bytes(data)
    with pytest.raises(DeskError, match=reason) as refused:
        read(path)
    assert str(path) in str(refused.value) and refused.value.remedy


def test_a_compressed_name_without_a_frame_is_told_so(tmp_path):
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(flipped(packer()(header_line()), 3))
    with pytest.raises(DeskError, match="doesn't begin with a Zstandard frame"):
        read_header(path)


def test_a_pipe_a_device_and_standard_input_are_refused_and_never_waited_for(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe")
    for name, reason in ((tmp_path / "pipe", "a pipe only once"), ("-", "standard input only once")):
        with pytest.raises(DeskError, match=reason):
            read_header(name)
        assert main(["state", "--replay", str(name)]) == 2
        said = capsys.readouterr().err
        assert reason in said and "save it first" in said
    with pytest.raises(DeskError, match="it is a device"):
        read_header("/dev/zero")
    with pytest.raises(DeskError, match="a folder without segments"):
        read_header(tmp_path)


def test_a_fault_while_reading_names_the_file(capsys):
    """Linux answers EIO to whoever reads the lowest addresses of its own memory."""
    with pytest.raises(DeskError, match="/proc/self/mem: can't be read"):
        read_header("/proc/self/mem")
    assert main(["state", "--replay", "/proc/self/mem"]) == 1
    assert "/proc/self/mem: can't be read" in capsys.readouterr().err


def test_events_far_out_of_order_are_all_there_and_counted(tmp_path):
    path = tmp_path / "j.jsonl"
    events = [trade(T0 + i, id=f"{i:05}{'x' * 200}") for i in range(2 * REORDER)]
    lines = b"".join(encode_event(event) + b"\n" for event in reversed(events))
    path.write_bytes(header_line() + lines)
    found, report = read(path)
    assert sorted(event.ts for event in found) == [event.ts for event in events]
    assert 0 < report.unordered < len(events) and f"{report.unordered:,} out of order" in report.summary()
    timeline = JournalTimeline(path)
    player = Player(timeline, clock_at(path))
    played = [event for events in iter(lambda: player.tick(1e12), []) for event in events if hasattr(event, "price")]
    assert len(played) == len(events) and timeline.end == events[-1].arrival


def test_the_state_at_the_end_of_an_unordered_journal_knows_every_event(tmp_path):
    path = tmp_path / "j.jsonl"
    events = [trade(T0 + i, id=f"{i:05}{'x' * 200}") for i in range(2 * REORDER)]
    path.write_bytes(header_line() + b"".join(encode_event(event) + b"\n" for event in reversed(events)))
    config = Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})})
    model, now = model_at(config, None)
    figure = model.feeds.figures(now)["replay"]
    assert (now, figure.events) == (events[-1].arrival, len(events))


def test_what_a_line_of_megabytes_holds_is_repeated_short(tmp_path):
    path = tmp_path / "j.jsonl"
    good = encode_event(trade(T0))
    lines = [good.replace(b'"buy"', b'"%s"' % (b"x" * 3_000_000)), b'{"type":"%s"}' % (b"y" * 3_000_000)]
    path.write_bytes(header_line() + b"\n".join(lines) + b"\n")
    _, report = read(path)
    assert report.rejected == 2
    assert all(len(reason) <= 200 and len(start) <= 120 for _, reason, start in report.samples)
    assert len(list(JournalTimeline(path).events())[-1].detail) < 200
