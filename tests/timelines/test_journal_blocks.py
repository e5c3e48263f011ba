"""Lines are decoded and put in order many at a time: it gives what each line alone would give."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskmon.events import Book, encode_event
from deskmon.events.unread import UnreadBook
from deskmon.journal import OutOfOrder, decoding, read_events, reader, source
from deskmon.journal.decoding import REORDER, Decoded, Order, decode_block
from deskmon.journal.lines import ReadReport, decode_line
from deskmon.journal.reader import Beginning
from deskmon.journal.source import Block
from tests.length import examples
from tests.timelines.builders import T0, header_line, liquidation, ticker, trade

TRADE, TICKER = (encode_event(event) for event in (trade(T0, T0 + 3, id="a"), ticker(T0 + 1)))
HALVES = TRADE[:20], TRADE[20:]
BOOK = encode_event(
    Book(ts=T0, recv=T0 + 2, venue="bybit", symbol="BTC/USDT:USDT", bids=((99.0, 1.0),), asks=((101.0, 2.0),))
)
LINES = [
    BOOK, BOOK.replace(b"101.0", b"-1"), BOOK.replace(b"[2", b'["2"'), BOOK[:-9], TRADE, TICKER,
    encode_event(liquidation(T0, T0 + 9)), b"", b" ", b"\r", b" " + TRADE + b"\r", TRADE + TICKER,
    TRADE + b"," + TICKER, TRADE + b" " + TICKER, *HALVES, TRADE[:-1], TRADE[:-1] + b",", b"}", b"null", b"[", b"]",
    b"[" + TRADE + b"]", header_line().strip(), TRADE.replace(b'"price"', b'"prices"'), TICKER.replace(b"100.0", b"-1"),
    TRADE.replace(b'"a"', b"7"), b'"\\', b'"', b"\xff", b'{"type":"moon"}', TICKER.replace(b"100.0", b"1e400"),
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=12), st.booleans())
@example([b" ", TRADE + TICKER], False)
@example([*HALVES, TRADE + b" " + TICKER], False)
@example([BOOK, TRADE], True)
@examples(400, 10_000)
def test_lines_together_are_what_each_is_alone(lines, unread):
    report, alone = ReadReport(), ReadReport()
    found, sizes = decode_block(Block(5, lines), report, unread=unread)
    assert unread or not any(isinstance(event, UnreadBook) for event in found)
    decoded = [event.read() if isinstance(event, UnreadBook) else event for event in found], sizes
    events = [
        (event, len(line))
        for number, line in enumerate(lines, 5)
        if line and not line.isspace() and (event := decode_line(line, number, alone)) is not None
    ]
    assert list(zip(*decoded, strict=True)) == events
    assert report == alone


@given(st.lists(st.binary(min_size=1, max_size=3), max_size=8), st.integers(0, len(TRADE) - 1))
@examples(200, 5_000)
def test_bytes_that_were_put_into_a_line_are_found_among_others(pieces, place):
    lines = b"".join([TRADE[:place], *pieces, TRADE[place:]]).split(b"\n")
    report, alone = ReadReport(), ReadReport()
    decoded, _ = decode_block(Block(1, [TICKER, *lines, TICKER]), report)
    events = [
        event
        for number, line in enumerate([TICKER, *lines, TICKER], 1)
        if line and not line.isspace() and (event := decode_line(line, number, alone)) is not None
    ]
    assert (decoded, report) == (events, alone)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 9)), max_size=20), max_size=9),
    st.integers(1, 40), st.integers(20, 200),
)  # fmt: skip
@examples(150, 2_000)
def test_events_leave_in_order_unless_they_are_further_off_than_is_held(blocks, most, most_bytes):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decoding, "REORDER", most)
        patch.setattr(decoding, "REORDER_BYTES", most_bytes)
        report, held, sizes, expected = ReadReport(), [], {}, []
        order, left, late = Order(report), [], 0
        for number, lines in enumerate(blocks):
            events = [trade(T0 + ts, id=f"{number}-{line}") for line, (ts, _) in enumerate(lines)]
            left.append(order.put(Decoded(events, [event.ts for event in events], [size for _, size in lines])))
            sizes |= {event.id: size for event, (_, size) in zip(events, lines, strict=True)}
            held = sorted([*held, *events], key=lambda event: event.arrival)
            while len(held) > most or sum(sizes[event.id] for event in held) > most_bytes:
                newest = max((event.arrival for event in expected), default=0)
                late += held[0].arrival < newest
                expected.append(held.pop(0))
        left.append(order.rest())
        newest = max((event.arrival for event in expected), default=0)
        late += sum(event.arrival < newest for event in held)
    assert [event for batch in left for event in batch.events] == [*expected, *held]
    assert all(batch.arrivals == [event.arrival for event in batch.events] for batch in left)
    assert report.unordered == late


@given(st.lists(st.integers(0, 60), max_size=60), st.integers(1, 40), st.integers(1, 400), st.integers(1, 12))
@examples(60, 1_000)
def test_the_first_events_are_those_that_a_reading_gives_first(times, most, chunk, count):
    lines = [encode_event(trade(T0 + ts, id=str(number))) for number, ts in enumerate(times)]
    with pytest.MonkeyPatch.context() as patch, journal_of(lines) as path:
        patch.setattr(decoding, "REORDER", most)
        patch.setattr(source, "_CHUNK", chunk)
        told_of_beginning(path, count)


@given(st.lists(st.sampled_from(LINES), max_size=12), st.integers(1, 12))
@example([TRADE, b"null"], 1)
@examples(200, 2_000)
def test_lines_that_are_no_events_are_none_of_the_first(lines, count):
    with journal_of(lines) as path:
        told_of_beginning(path, count)


def test_lines_of_another_time_or_kind_change_nothing_of_what_comes_first():
    """A time of 400 digits is no number of a computer; a kind that a newer desk writes may fill a file."""
    strange = [TRADE.replace(b"%d" % T0, b"9" * 400), *[b'{"type":"unheard","ts":%d}' % (T0 + 5)] * 2 * REORDER]
    early = [encode_event(trade(T0 - ts, id=str(ts))) for ts in range(9)]
    with journal_of([TRADE, *strange, *early, *[TICKER] * REORDER]) as path:
        told_of_beginning(path, 9)


def told_of_beginning(path, count):
    """A beginning gives the first `count` events, and then all of them, as a reading does that never stopped."""
    report, beginning = ReadReport(), Beginning(path)
    events = [*read_events(path, report)]
    assert read(beginning.first(count)) == events[:count]
    assert read(event for batch in beginning.batches() for event in batch.events) == events
    assert beginning.report == report
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "NEAR", 2)
        told_of_few_held(path, count, events, report)


def told_of_few_held(path, count, events, report):
    """With few events held back a reading gives the same, or says that it can't."""
    beginning, found = Beginning(path), []
    beginning.first(count)
    try:
        for batch in beginning.batches(near=True):
            found += batch.events
    except OutOfOrder:
        in_order = all(first.arrival <= second.arrival for first, second in pairwise(read_in_lines(path)))
        assert report.findings() or not in_order
    else:
        assert read(found) == events and beginning.report == report


def read_in_lines(path):
    return [event for line in path.read_bytes().split(b"\n")[1:] if (event := decode_line(line, 0, ReadReport()))]


def read(events):
    return [event.read() if isinstance(event, UnreadBook) else event for event in events]


@contextmanager
def journal_of(lines):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "j.jsonl")
        path.write_bytes(b"".join((header_line(), *(line + b"\n" for line in lines))))
        yield path
