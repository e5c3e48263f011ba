"""A replay that only folds holds few events back: every figure is as when it holds as many as any reading does."""

from __future__ import annotations

import pytest

from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.cli.timeline_model import model_at
from deskmon.clock import SECOND
from deskmon.config.schema import Config, FeedConfig
from deskmon.events import Book, Journal, encode_event
from deskmon.journal import JournalTimeline, OutOfOrder, reader
from deskmon.journal.decoding import NEAR, REORDER, REORDER_BYTES
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


def cut(held):
    held[-1] = held[-1][:-9]


def far(held):
    held.append(held.pop(AT - 900))


@pytest.mark.parametrize("change", [None, cut, late, torn, strange, far])
@pytest.mark.parametrize("at", [None, T0 + AT // 2, T0 + AT + 10, T0 + COUNT - 20])
def test_whatever_stands_out_of_order_a_replay_ends_as_a_reading_does(tmp_path, change, at):
    held, path = lines(), tmp_path / "j.jsonl"
    if change is not None:
        change(held)
    header = encode_event(Journal(version=1, source="recorded", started=T0))
    path.write_bytes(b"\n".join([header, *held, *([] if change is cut else [b""])]))
    timeline, read = JournalTimeline(path), Model()
    read.apply([timeline.header])
    read.apply(event for event in timeline.events() if at is None or event.arrival <= at)
    model, now = model_at(Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})}), at)
    assert now == (timeline.end if at is None else at)
    assert model.state(now) == read.state(now)
    near = JournalTimeline(path)
    near.unread = near.near = True
    if change in (None, cut):
        assert sum(1 for _ in near.events()) > COUNT > REORDER > FAR > NEAR
        return
    with pytest.raises(OutOfOrder):
        list(near.events())
    assert [type(event) for event in near.events()] == [type(event) for event in timeline.events()]


def test_what_rules_say_is_the_same_where_the_end_of_a_journal_is_learned_on_the_way(tmp_path, monkeypatch):
    """Rules are judged of the day before the end, which the last lines of this journal don't tell."""
    seconds = [*range(6_000), *range(9_000, 20_000), *range(6_000, 9_000)]
    prices = [ticker(T0 + at * SECOND, last=90_001.0 if at < 9_000 or at % 7 == 0 else 80_000.0) for at in seconds]
    path = tmp_path / "j.jsonl"
    header = encode_event(Journal(version=1, source="recorded", started=T0))
    path.write_bytes(b"\n".join([header, *map(encode_event, prices), b""]))
    rules = AlertsConfig(rules={"dear": RuleSettings(when="prices.BTC.last > 90000")})
    desk = Config(alerts=rules, feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})})
    model, now = model_at(desk, None)
    monkeypatch.setattr(reader, "NEAR", REORDER)
    expected, then = model_at(desk, None)
    assert (now, model.state(now)) == (then, expected.state(then))
    assert any(line.kind == "alerts" for line in expected.log.figures(then))


def test_what_is_wrong_at_the_end_of_a_short_journal_isnt_told_at_its_beginning(tmp_path):
    """To learn when it starts, a journal of a few large books is read to its end."""
    sides = {
        "bids": [(10_000 - step / 8, 1.0) for step in range(3_000)],
        "asks": [(10_001 + step, 1.0) for step in range(3_000)],
    }
    books = [encode_event(Book(ts=T0 + at * SECOND, venue="okx", symbol="BTC/USDT:USDT", **sides)) for at in range(50)]
    path = tmp_path / "j.jsonl"
    header = encode_event(Journal(version=1, source="recorded", started=T0))
    path.write_bytes(b"\n".join([header, *books[:-1], b"{", books[-1], b""]))
    assert path.stat().st_size > 1.5 * REORDER_BYTES
    desk = Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(path)})})
    timeline, read = JournalTimeline(path), Model()
    read.apply([timeline.header])
    read.apply(event for event in timeline.events() if event.arrival <= T0 + 2 * SECOND)
    model, now = model_at(desk, T0 + 2 * SECOND)
    assert model.state(now) == read.state(now)
