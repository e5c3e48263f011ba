"""Ids and names that other programs write as numbers name the same thing, wherever events come in."""

from __future__ import annotations

import asyncio
import json
import random
from typing import get_args

import msgspec
import pytest

from deskmon.clock import ManualClock
from deskmon.config.schema import FeedConfig
from deskmon.events import Holding, Liquidation, MarketEvent, Trade, event_of
from deskmon.feedkit import Feed
from deskmon.hub.supervisor import Supervisor
from deskmon.journal.lines import ReadReport, decode_line
from deskmon.model import Model
from deskmon.mqtt.hub.ingest import read
from deskmon.samples import sample_events

T0 = 1_767_614_400_000
TRADE = {
    "type": "trade", "ts": T0, "venue": "okx", "symbol": "BTC/USDT", "price": 100.0, "amount": 1e4, "side": "buy",
}  # fmt: skip


def line(**fields):
    report = ReadReport()
    event = decode_line(json.dumps(fields).encode(), 2, report)
    assert (report.rejected, report.fields) == (0, {}), report.samples
    return event


@pytest.mark.parametrize("id", [12345, 0, 2**70, 12345.0])
def test_a_numeric_id_is_the_same_id_as_its_digits(id):
    known = line(**TRADE, id=str(int(id)))
    assert line(**TRADE, id=id) == known
    model = Model()
    model.apply([known, line(**TRADE, id=id), line(**TRADE, id=7)])
    assert len(model.tape.trades.events) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "etf_flow", "asset": "BTC", "fund": 3042, "date": "2026-01-02", "usd": 1e6},
        {"type": "holding", "entity": 3350, "asset": "BTC", "amount": 1, "average_cost": 1},
        {"type": "metric", "name": 10, "value": 1},
        {"type": "ticker", "venue": 1, "symbol": 2, "last": 3},
        {"type": "book", "venue": "a", "symbol": "b", "bids": [], "asks": [], "nonce": "9007199254740993"},
    ],
)
def test_any_name_may_be_a_number_in_a_journal_and_on_a_broker(fields):
    event = line(ts=T0, **fields)
    kind = fields["type"]
    published = read(kind, json.dumps({"ts": T0, **fields}).encode(), T0)
    assert msgspec.structs.replace(published, recv=None) == event
    if kind == "book":
        assert event.nonce == 9007199254740993


@pytest.mark.parametrize("id", [True, [1], {"a": 1}, 1.5])
def test_what_names_nothing_is_still_no_id(id):
    report = ReadReport()
    assert decode_line(json.dumps({**TRADE, "id": id}).encode(), 2, report) is None
    assert report.skipped == {"invalid": 1}


def test_a_number_that_is_a_figure_is_never_read_from_text():
    report = ReadReport()
    assert decode_line(json.dumps({**TRADE, "price": "100"}).encode(), 2, report) is None


def test_every_kind_survives_the_lenient_reading():
    events = [event for event in sample_events("full") if type(event) in get_args(MarketEvent)]
    events += [Trade(ts=T0, venue="a", symbol="b", price=1.0, amount=1.0, side="buy", id="x"),
               Holding(ts=T0, entity="a", asset="b", amount=1.0, average_cost=1.0)]  # fmt: skip
    for event in events:
        raw = json.loads(msgspec.json.encode(event))
        assert event_of(raw, type(event)) == event


async def test_a_feed_that_gives_numbers_as_ids_loses_nothing():
    class Numbers(Feed):
        name, title = "numbers", ""

        async def run(self, context):
            about = {"ts": T0, "venue": "a", "symbol": "b", "price": 1.0, "amount": 1.0}
            context.emit(Trade(**about, side="buy", id=5))
            context.emit(Liquidation(**about, side="long", usd=1.0, id=6))

    taken = []

    def put(item, label):
        taken.append(item.event)
        return True

    supervisor = Supervisor(
        "mine", FeedConfig(type="numbers"), put, load=lambda _: Numbers, clock=ManualClock(T0), rng=random.Random(1)
    )
    async with asyncio.timeout(20):
        await supervisor.run()
    assert [event.id for event in taken] == ["5", "6"]
