"""The wire gives back what was put on it, whatever the pieces, and says in words when it carries something else."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.errors import DeskError
from deskmon.events import Checkpoint, Pulse, Reset
from deskmon.transport.wire import EventDecoder, FrameDecoder, pack, pack_events
from tests.hub.market import T0, liquidation, ticker, trade


@given(payloads=st.lists(st.binary(max_size=40), max_size=20), cuts=st.lists(st.integers(0, 900), max_size=30))
def test_frames_come_out_whole_however_the_stream_is_cut(payloads, cuts):
    stream = b"".join(pack(payload) for payload in payloads)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    decoder = FrameDecoder()
    out = [payload for start, end in pairwise(edges) for payload in decoder.feed(stream[start:end])]
    assert out == payloads


def test_events_of_every_sort_survive_the_wire():
    events = [
        Reset(ts=T0),
        trade(1),
        liquidation(2),
        ticker(5.0, bid=4.0),
        Checkpoint(ts=T0, part="prices", data={"a": [1, None, "x"]}),
        Pulse(ts=T0, seq=4, mode="demo", speed=2.0, paused=True, loop_lag_ms=1.5),
    ]
    [payload] = FrameDecoder().feed(pack_events(events))
    assert EventDecoder().decode(payload) == events


def test_an_impossible_length_is_named_before_anything_is_kept():
    with pytest.raises(DeskError, match="isn't deskmon's wire format"):
        FrameDecoder().feed(b"HTTP/1.1 200 OK\r\n")


def test_what_a_newer_hub_adds_is_left_out_and_counted():
    plain = json.loads(b"[" + pack_events([trade(1)])[5:-1] + b"]")[0]
    items = [
        {**plain, "shiny": 1, "colour": "red"},
        {"type": "omen", "ts": T0},
        {**plain, "price": -1},
        "not an object",
        plain,
    ]
    decoder = EventDecoder()
    assert decoder.decode(json.dumps(items).encode()) == [trade(1), trade(1)]
    assert (decoder.skipped, decoder.trimmed) == (3, 2)


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_but_a_desk_error(payload):
    try:
        EventDecoder().decode(payload)
    except DeskError as fault:
        assert "wire format" in str(fault)


@pytest.mark.parametrize("payload", [b"{}", b"", b"\xff\xfe", b'["\xff"]', b"17", b"[" * 100_000], ids=repr)
def test_payloads_that_are_no_array_of_events_are_refused(payload):
    with pytest.raises(DeskError):
        EventDecoder().decode(payload)
