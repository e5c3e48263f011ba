"""A replay that only folds holds few events back: every figure is as when it holds as many as any reading does."""

from __future__ import annotations

import pytest

from deskmon.cli.timeline_model import model_at
from deskmon.config.schema import Config, FeedConfig
from deskmon.events import Journal, encode_event
from deskmon.journal import JournalTimeline, OutOfOrder
from deskmon.journal.decoding import NEAR, REORDER
from deskmon.model import Model
from tests.timelines.builders import T0, liquidation, ticker

COUNT = 4 * REORDER
AT = 2 * REORDER
"""The line that something is done to: a reading holds more back until it has learned when the journal begins."""
FAR = REORDER - 1_000
"""So many lines behind its place a line stands that is put in order, but not with few events held back."""


def lines():
    """Prices and liquidations, one a ms."""
    events = [
        ticker(T0 + each) if each % 2 else liquidation(T0 + each, T0 + each, id=str(each)) for each in range(COUNT)
    ]
    return [encode_event(event) for event in events]


def late(held):
    held.insert(AT + FAR, held.pop(AT))


def torn(held):
    held[AT + 5] = held[AT + 5][:-9]


def strange(held):
    held[-3] = held[-3].replace(b'"ts"', b'"more":1,"ts"')


def far(held):
    held.append(held.pop(AT - 900))


@pytest.mark.parametrize("change", [None, late, torn, strange, far])
@pytest.mark.parametrize("at", [None, T0 + AT // 2, T0 + AT + 10, T0 + COUNT - 20])
def test_whatever_stands_out_of_order_a_replay_ends_as_a_reading_does(tmp_path, change, at):
    held, path = lines(), tmp_path / "j.jsonl"
    if change is not None:
        change(held)
    header = encode_event(Journal(version=1, source="recorded", started=T0))
    path.write_bytes(b"\n".join([header, *held, b""]))
    timeline, read = JournalTimeline(path), Model()
    read.apply([timeline.header])
    read.apply(event for event in timeline.events() if at is None or event.arrival <= at)
    model, now = model_at(Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})}), at)
    assert now == (timeline.end if at is None else at)
    assert model.state(now) == read.state(now)
    near = JournalTimeline(path)
    near.unread = near.near = True
    if change is None:
        assert sum(1 for _ in near.events()) > COUNT > REORDER > FAR > NEAR
        return
    with pytest.raises(OutOfOrder):
        list(near.events())
    assert [type(event) for event in near.events()] == [type(event) for event in timeline.events()]
