"""Events by number: nobody gets one twice or out of order, and what a reader missed is named."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Checkpoint, Journal, Pulse
from deskmon.http.event_log import COMMENT, EventLog
from tests.hub.market import T0, liquidation, ticker, trade

FIRST = 1_000


def parsed(text):
    """What a browser makes of a piece of the stream: (name, id, data) of each event."""
    found = []
    for block in text.decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if line and not line.startswith(":"))
        if "data" in fields:
            found.append((fields.get("event", "message"), int(fields["id"]), json.loads(fields["data"])))
    return found


def size_of_one():
    log = EventLog(FIRST)
    log.add([trade(100)])
    return log._bytes


@given(
    st.lists(st.one_of(st.integers(1, 5), st.just("read"), st.just("break")), max_size=60),
    st.sampled_from([None, 0, FIRST - 1, FIRST, FIRST + 3]),
    st.integers(1, 12),
)
async def test_a_reader_gets_each_number_once_or_hears_how_many_it_missed(steps, begin, kept):
    log, expected = EventLog(FIRST, kept_bytes=kept * size_of_one()), begin
    reader, sent, got, counted = None, 0, [], 0
    for step in [*steps, "read"]:
        if isinstance(step, int):
            log.add([trade(100 + sent + number) for number in range(step)])
            sent += step
            continue
        if step == "break":
            log.interrupt("the hub began its stream again", T0)
            continue
        reader = reader or log.reader(begin)
        expected = log.next if expected is None else expected
        while (piece := await reader.take(quiet_s=0)) != COMMENT:
            for name, number, data in parsed(piece):
                if name == "gap" and data["dropped"] is not None:
                    assert data["why"] == "this reader was too slow, or came too late" and data["dropped"] > 0
                    expected += data["dropped"]
                    counted += 1
                    assert number == expected - 1
                elif name == "gap" and data["why"] != "the hub began its stream again":
                    expected = number + 1  # a number of another run
                else:
                    assert number == expected
                    expected += 1
                    got.append(number)
    assert got == sorted(set(got)) and (not got or got[-1] == log.next - 1)
    assert log._bytes <= max(kept * size_of_one(), max((len(each.text) for each in log._kept), default=0))


async def test_a_slow_reader_is_told_what_it_missed_and_from_when_to_when():
    log = EventLog(FIRST, kept_bytes=3 * size_of_one())
    reader = log.reader(None)
    log.add([trade(100, ts=T0)])
    assert [number for _, number, _ in parsed(await reader.take())] == [FIRST]
    log.add([trade(100 + number, ts=T0 + number) for number in range(1, 10)])
    (name, number, gap), *rest = parsed(await reader.take())
    assert (name, number, gap["dropped"], gap["since"], gap["until"]) == ("gap", FIRST + 6, 6, T0 + 5, T0 + 12)
    assert gap["type"] == "gap" and [number for _, number, _ in rest] == [FIRST + 7, FIRST + 8, FIRST + 9]


async def test_a_reader_gets_the_types_it_wants_and_what_belongs_into_no_journal_has_no_number():
    log = EventLog(FIRST)
    header = Journal(version=1, source="live", ts=T0, started=T0)
    checkpoint = Checkpoint(ts=T0, part="prices", data={})
    log.add([header, checkpoint, Pulse(ts=T0, seq=1, mode="live"), trade(1), ticker(2.0), liquidation(3)])
    read = parsed(await log.reader(FIRST, {"liquidation", "ticker"}).take())
    assert [(number, data["type"]) for _, number, data in read] == [
        (FIRST + 1, "ticker"), (FIRST + 2, "liquidation"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("begin", "why", "numbers"),
    [
        (0, f"the numbers of this run begin with {FIRST}", [FIRST, FIRST + 1]),
        (FIRST + 50, "this number was not reached yet", []),
    ],
)
async def test_a_number_of_another_run_is_told_and_nothing_is_guessed(begin, why, numbers):
    log = EventLog(FIRST)
    log.add([trade(1), trade(2)])
    (name, _, gap), *rest = parsed(await log.reader(begin).take())
    assert (name, gap["why"], gap["dropped"], gap["since"]) == ("gap", why, None, None)
    assert [number for _, number, _ in rest] == numbers
