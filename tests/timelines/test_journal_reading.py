"""A journal is read whatever is in it: what is no event is counted, and only what is no journal is an error."""

from __future__ import annotations

import json
import random

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from deskmon.errors import DeskError
from deskmon.events import MIN_TS, FeedStatus, encode_event
from deskmon.journal import JournalTimeline, JournalWriter, ReadReport, read_events, read_header
from deskmon.journal.decoding import REORDER
from deskmon.journal.lines import MAX_LINE
from deskmon.journal.reader import last_arrival
from tests.length import examples
from tests.timelines.builders import HEADER, T0, header_line, liquidation, ticker, trade


def read(path):
    report = ReadReport()
    return list(read_events(path, report)), report


def written(tmp_path, body, name="j.jsonl", header=None):
    path = tmp_path / name
    data = (header_line() if header is None else header) + body
    path.write_bytes(zstandard.compress(data) if name.endswith("zst") else data)
    return path


EVENTS = [ticker(T0, T0 + 5), trade(T0 + 10, T0 + 12, id="a"), liquidation(T0 + 9, T0 + 30), ticker(T0 + 40, last=99.5)]


@pytest.mark.parametrize("name", ["j.jsonl", "j.jsonl.zst"])
def test_what_was_written_is_read_again(tmp_path, name):
    path = tmp_path / name
    with JournalWriter(path, HEADER) as journal:
        journal.write(EVENTS[:2])
        journal.flush()
        journal.write(EVENTS[2:])
    events, report = read(path)
    assert events == EVENTS
    assert (report.events, report.rejected, report.cut) == (4, 0, False)
    assert read_header(path) == HEADER


def test_each_kind_of_bad_line_is_counted_and_the_rest_is_read(tmp_path):
    good = encode_event(ticker(T0)) + b"\n"
    bad = {
        "malformed": [b"{oops", b"\xff\xfe\x00", b"[1,2]", b"7", b'{"ts":1}', b'{"type":3}', b"[" * 5_000],
        "of unknown type": [
            b'{"type":"moon","ts":1767614400000}',
            b'{"type":"pulse","ts":1767614400000,"seq":1,"mode":"demo"}',
        ],
        "invalid": [
            encode_event(ticker(T0)).replace(b"100.0", b"-1"),
            encode_event(ticker(T0)).replace(b"100.0", b"NaN").replace(b"NaN", b'"x"'),
            b'{"type":"ticker","ts":1767614400,"venue":"x","symbol":"y","last":1}',
            b'{"type":"ticker"}',
        ],
        "another header": [header_line().strip(), b'{"type":"journal","version":"x"}'],
    }
    body = b"".join(good + line + b"\n" for lines in bad.values() for line in lines)
    events, report = read(written(tmp_path, body))
    total = sum(map(len, bad.values()))
    assert len(events) == report.events == total
    assert report.skipped == {kind: len(lines) for kind, lines in bad.items()}
    assert report.rejected == total
    assert [number for number, _, _ in report.samples] == [3 + 2 * i for i in range(total)]
    assert not report.cut


def test_an_unknown_field_is_left_out_and_its_event_kept(tmp_path):
    line = json.loads(encode_event(ticker(T0))) | {"mood": "bad", "last": 101}
    events, report = read(written(tmp_path, json.dumps(line).encode() + b"\n"))
    assert events == [ticker(T0, last=101.0)]
    assert report.fields == {"mood": 1}
    assert report.rejected == 0
    assert "mood" in report.summary()


def test_a_cut_last_line_is_tolerated_and_reported(tmp_path):
    whole, last = encode_event(EVENTS[0]) + b"\n", encode_event(EVENTS[1])
    for length in range(1, len(last)):
        events, report = read(written(tmp_path, whole + last[:length]))
        assert (events, report.cut, report.rejected) == (EVENTS[:1], True, 0)
    events, report = read(written(tmp_path, whole + last))
    assert (events, report.cut) == (EVENTS[:2], False), "a whole last line needs no line end"


def test_a_cut_compressed_journal_is_read_up_to_the_cut(tmp_path):
    path = tmp_path / "j.jsonl.zst"
    whole = set()
    with JournalWriter(path, HEADER) as journal:
        for i in range(20):
            journal.write([trade(T0 + i, id=str(i))])
            journal.flush()
            whole.add(path.stat().st_size)
    data = path.read_bytes()
    seen = 0
    for length in range(len(data) // 4, len(data)):
        path.write_bytes(data[:length])
        events, report = read(path)
        assert report.cut == (length not in whole) and not report.damaged
        assert [event.id for event in events] == [str(i) for i in range(len(events))]
        assert len(events) >= seen
        seen = len(events)
    assert seen == 19 and len(data) in whole, "the last frame is whole in its last byte"


def test_frames_one_after_the_other_are_one_journal(tmp_path):
    path = tmp_path / "j.jsonl.zst"
    path.write_bytes(
        zstandard.compress(header_line()) + b"".join(zstandard.compress(encode_event(e) + b"\n") for e in EVENTS)
    )
    assert read(path)[0] == EVENTS


def test_a_journal_is_known_by_its_bytes_not_its_name(tmp_path):
    path = tmp_path / "j.jsonl"
    path.write_bytes(zstandard.compress(header_line() + encode_event(EVENTS[0])))
    assert read(path)[0] == EVENTS[:1]


def test_blank_lines_line_ends_and_byte_order_mark_do_no_harm(tmp_path):
    body = b"\r\n \n" + encode_event(EVENTS[0]) + b"\r\n\n" + encode_event(EVENTS[1]) + b"\r\n"
    events, report = read(written(tmp_path, body, header=b"\xef\xbb\xbf" + header_line()))
    assert (events, report.rejected, report.cut) == (EVENTS[:2], 0, False)


def test_an_endless_line_costs_its_own_length_at_most(tmp_path):
    body = b"x" * (MAX_LINE + 600_000) + b"\n" + encode_event(EVENTS[0]) + b"\n"
    events, report = read(written(tmp_path, body))
    assert (events, report.skipped) == (EVENTS[:1], {"malformed": 1})


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "no whole line"),
        (b"\n", "no whole line"),
        (b"hello\n", "first line is no header"),
        (b"[]\n", "first line is no header"),
        (b"[" * 100_000 + b"\n", "first line is no header"),
        (encode_event(EVENTS[0]) + b"\n", "first line is no header"),
        (header_line(version=2), "version 2"),
        (header_line(source="guessed"), "'guessed'"),
        (header_line(source=["recorded"]), "source"),
        (header_line(started="2026-01-05"), "the header's started is '2026-01-05'"),
        (header_line(started=1_767_614_400), "the header's started is 1767614400"),
        (header_line(started=True), "the header's started is True"),
        (header_line(pace=0), "the header's pace is 0"),
        (header_line(pace="fast"), "the header's pace is 'fast'"),
        (header_line(pace=1e6), "the header's pace is 1000000.0"),
        (header_line(note=["x"]), "the header's note is ['x']"),
        (header_line(note="x" * 2_001), "the header's note is 'xxx"),
    ],
)
def test_what_is_no_journal_is_an_error_that_names_file_and_remedy(tmp_path, header, message):
    path = written(tmp_path, b"", header=header)
    for attempt in (read_header, read, JournalTimeline):
        with pytest.raises(DeskError, match=r"j\.jsonl") as caught:
            attempt(path)
        assert message in str(caught.value)
        assert caught.value.remedy


def test_a_field_of_the_header_that_nobody_knows_is_named(tmp_path):
    events, report = read(written(tmp_path, encode_event(EVENTS[0]) + b"\n", header=header_line(paces=60)))
    assert events == EVENTS[:1] and "unknown fields ignored: paces" in report.summary()


def test_a_file_that_cannot_be_opened_is_an_error(tmp_path):
    with pytest.raises(DeskError, match="no such file"):
        read_header(tmp_path / "absent.jsonl")
    with pytest.raises(DeskError, match="a folder without segments"):
        read_header(tmp_path)


@given(st.binary(max_size=300), st.booleans(), st.booleans())
@examples(60, 150)
def test_arbitrary_bytes_raise_nothing_but_a_desk_error(tmp_path_factory, data, with_header, packed):
    path = tmp_path_factory.mktemp("bytes") / "j.jsonl"
    data = header_line() + data if with_header else data
    path.write_bytes(zstandard.compress(data) if packed else data)
    if with_header:
        events, report = read(path)
        assert len(events) == report.events
        return
    try:
        read(path)
    except DeskError as error:
        assert str(path) in str(error)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_damage_anywhere_in_a_compressed_journal_ends_it_quietly(tmp_path_factory, data):
    body = header_line() + b"".join(encode_event(trade(T0 + i, id=str(i))) + b"\n" for i in range(40))
    packed = bytearray(zstandard.ZstdCompressor(level=1).compress(body))
    where = data.draw(st.integers(60, len(packed) - 1))
    packed[where] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("damage") / "j.jsonl.zst"
    path.write_bytes(packed)
    try:
        read(path)
    except DeskError as error:
        assert str(path) in str(error)


def test_lines_out_of_order_are_put_in_order_of_arrival(tmp_path):
    rng = random.Random(4)
    events = [trade(T0 + i, T0 + 3 * i, id=str(i)) for i in range(9_000)]
    shuffled = [event for _, event in sorted((i + rng.uniform(0, 900), event) for i, event in enumerate(events))]
    assert shuffled != events
    assert read(written(tmp_path, b"".join(encode_event(e) + b"\n" for e in shuffled)))[0] == events


def test_a_line_too_far_out_of_order_still_comes(tmp_path):
    events = [trade(T0 + i, id=str(i)) for i in range(REORDER + 10)]
    late = liquidation(T0 - 1_000)
    read_back = read(written(tmp_path, b"".join(encode_event(e) + b"\n" for e in [*events, late])))[0]
    assert sorted(read_back, key=repr) == sorted([*events, late], key=repr)


def test_late_by_event_time_stays_where_it_arrived(tmp_path):
    events = [trade(T0, T0 + 10), trade(T0 - 60_000, T0 + 20), trade(T0 + 1, T0 + 30)]
    assert read(written(tmp_path, b"".join(encode_event(e) + b"\n" for e in events)))[0] == events


@pytest.mark.parametrize("name", ["j.jsonl", "j.jsonl.zst"])
def test_the_end_is_found_from_the_tail(tmp_path, name):
    lines = b"".join(encode_event(trade(T0 + i, T0 + i + 7, id="x" * 200)) + b"\n" for i in range(8_000))
    assert last_arrival(written(tmp_path, lines + b"garbage\n{", name)) == T0 + 7_999 + 7
    assert last_arrival(written(tmp_path, b"", name)) is None


def test_timeline_of_a_journal(tmp_path):
    body = b"".join(encode_event(e) + b"\n" for e in EVENTS) + b"junk\n"
    timeline = JournalTimeline(written(tmp_path, body))
    assert (timeline.mode, timeline.start, timeline.end) == ("replay", T0, T0 + 40)
    assert timeline.header == msgspec.structs.replace(HEADER, mode="replay", note="")
    first, second = list(timeline.events()), list(timeline.events())
    assert first == second
    assert [event for event in first if event.__class__.__name__ != "FeedStatus"] == EVENTS
    status = first[-1]
    assert (status.feed, status.events, status.rejected, status.ts) == ("replay", 4, 1, T0 + 40)
    assert "1 malformed" in status.detail
    assert timeline.report.rejected == 1
    arrivals = [event.arrival for event in first]
    assert arrivals == sorted(arrivals)


def test_what_the_journal_says_of_itself_comes_in_order_and_spares_the_history(tmp_path):
    events = [trade(T0 + i * 10_000, id=str(i)) for i in range(100)]
    lines = [encode_event(event) + b"\n" for event in events]
    lines.insert(20, b"junk\n")
    timeline = JournalTimeline(written(tmp_path, b"".join(lines), header=header_line(started=T0 + 500_000)))
    assert timeline.start == T0 + 500_000
    assert timeline.header.started == T0, "listened to since its first event"
    found = list(timeline.events())
    arrivals = [event.arrival for event in found]
    assert arrivals == sorted(arrivals)
    statuses = [event for event in found if type(event) is FeedStatus]
    assert len([status for status in statuses if status.ts < timeline.start]) == 1, "only of the junk"
    assert len(statuses) > 50


@pytest.mark.parametrize(
    ("started", "start"),
    [
        (T0, T0),
        (T0 - 3_600_000, T0 - 3_600_000),
        (T0 + 20, T0 + 20),
        (T0 + 3_600_000, T0 + 5),
        (T0 - 400 * 86_400_000, T0 + 5),
        (0, T0 + 5),
        (MIN_TS, T0 + 5),
    ],
)
def test_playing_begins_when_listening_began_if_the_events_agree(tmp_path, started, start):
    body = b"".join(encode_event(e) + b"\n" for e in EVENTS)
    assert JournalTimeline(written(tmp_path, body, header=header_line(started=started))).start == start


def test_a_journal_without_events_is_a_market_in_which_nothing_happens(tmp_path):
    timeline = JournalTimeline(written(tmp_path, b""))
    assert (timeline.start, timeline.end) == (T0, T0)
    assert [type(event).__name__ for event in timeline.events()] == ["FeedStatus"]
