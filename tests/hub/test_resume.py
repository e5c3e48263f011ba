"""A hub that begins again knows what it knew: from its newest checkpoint and what its journal holds after that."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from itertools import takewhile

import msgspec
import pytest
from msgspec.structs import replace

from deskmon.analytics.level_settings import LevelSettings, Pinned
from deskmon.clock import DAY, HOUR, MINUTE, WallClock
from deskmon.config.schema import Config, FeedConfig, HistoryConfig, JournalConfig
from deskmon.events import (
    Checkpoint,
    EtfFlow,
    Gap,
    Headline,
    Holding,
    Journal,
    Liquidation,
    Metric,
    OpenInterest,
    PinnedLevel,
    Reset,
    Ticker,
    encode_event,
)
from deskmon.feedkit import Feed
from deskmon.hub.hub import Hub
from deskmon.hub.kept import places
from deskmon.hub.resume import ATTEMPTS
from deskmon.hub.store import Store
from deskmon.journal import (
    JournalWriter,
    Place,
    ReadReport,
    checkpoints,
    open_at,
    read_events,
    segment_name,
    segments,
    write_checkpoint,
)
from deskmon.model import Model
from tests.hub.waiting import until

BTC = "BTC/USDT:USDT"


class Says(Feed):
    """A venue that says what it is told to."""

    name, title = "says", ""
    context = None

    async def run(self, context):
        context.status("live", "")
        type(self).context = context
        await asyncio.Event().wait()


@asynccontextmanager
async def desk(folder, label="says", **more):
    """A running hub, and what has its feed say events."""
    kind = type("Saying", (Says,), {})
    config = Config(
        feeds={label: FeedConfig(type="says")}, journal=JournalConfig(folder=str(folder)),
        **{"history": HistoryConfig(enabled=False), **more},
    )  # fmt: skip
    hub = Hub(config, load=lambda _: kind)
    task = asyncio.create_task(hub.run())
    await until(lambda: kind.context is not None)

    def say(*events):
        for event in events:
            kind.context.emit(replace(event, recv=kind.context.clock.now()))

    try:
        yield hub, say
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def market(now, begin=0):
    yield from (
        Liquidation(ts=now - 3 * HOUR, venue="bybit", symbol=BTC, side="long", price=100.0, amount=9.0, usd=9e2,
                    id=f"old{begin}"),
        *(Liquidation(ts=now, venue="bybit", symbol=BTC, side="short", price=100.0, amount=1.0, usd=100.0 + n,
                      id=f"{begin + n}") for n in range(30)),
        Ticker(ts=now, venue="bybit", symbol=BTC, last=100.0 + begin),
        EtfFlow(ts=now, asset="BTC", fund="IBIT", date="2026-01-05", usd=-5e6 - begin),
        Holding(ts=now, entity="Strategy", asset="BTC", amount=7e5, average_cost=66_000.0),
        Metric(ts=now, name="fear_greed", value=20.0), Headline(ts=now, text=f"a headline {begin}"),
    )  # fmt: skip


def headlines(hub):
    return hub.stream.model.headlines.figures(hub.now)


KEYS = ("prices", "liquidations", "flows", "holdings", "metrics", "headlines", "levels", "open_interest")


def figures(model, now, but_for_gaps=False):
    found = {key: msgspec.to_builtins(model.figures(key, now)) for key in KEYS}
    for window in found["liquidations"]["windows"].values() if but_for_gaps else ():
        window["lower_bound"] = window["incomplete"] = None
    return found


def events_of(folder):
    report = ReadReport()
    events = list(read_events(folder, report))
    assert not report.faults and not report.cut
    return events


async def test_all_is_known_again_but_for_a_named_gap(tmp_path):
    now = WallClock().now()
    async with desk(tmp_path) as (hub, say):
        say(*market(now))
        await until(lambda: headlines(hub))
        await until(lambda: checkpoints(tmp_path))
        first = figures(hub.stream.model, now + 5_000, but_for_gaps=True)
    assert first["liquidations"]["windows"]["4h"]["count"] == 31
    async with desk(tmp_path) as (hub, say):
        model = hub.stream.model
        assert figures(model, now + 5_000, but_for_gaps=True) == first
        window = model.liquidations.figures(hub.now).windows["1h"]
        assert window.lower_bound and window.counts_from < hub.now
        said = [gap for gap in model.feeds.gaps if gap.feed == "hub"]
        assert [now <= gap.since <= gap.until <= hub.now for gap in said] == [True]
        assert model.prices.figures(now + 5_000)[BTC].age_ms >= 5_000 - (hub.now - now)
        say(*market(now, begin=30))
        await until(lambda: len(headlines(hub)) == 2)
        assert model.liquidations.figures(hub.now).windows["4h"].count == 62
        own = [gap for gap in model.feeds.gaps if gap.feed == "says"]
        assert [(gap.venue, gap.since) for gap in own] == [("bybit", said[0].since)], "until the feed is there again"
    gaps = [event.feed for event in events_of(tmp_path) if type(event) is Gap]
    assert gaps == ["hub", "says"], "a reader of the journal meets the same"


async def test_without_a_checkpoint_the_segments_tell_it_and_one_that_does_not_fit_is_passed_over(tmp_path, caplog):
    now = WallClock().now()
    async with desk(tmp_path) as (hub, say):
        say(*market(now))
        await until(lambda: headlines(hub))
        first = figures(hub.stream.model, now + 5_000, but_for_gaps=True)
    for checkpoint in checkpoints(tmp_path):
        checkpoint.path.unlink()
    bad = [Reset(ts=now), Journal(version=1, source="live"), Checkpoint(ts=now, part="liquidations", data={"rows": 1})]
    (segment,) = segments(tmp_path)
    for back in range(5):
        write_checkpoint(tmp_path, Place(1, segment.bytes - back), now - back, map(encode_event, bad))
    with caplog.at_level(logging.WARNING):
        async with desk(tmp_path) as (hub, _):
            assert figures(hub.stream.model, now + 5_000, but_for_gaps=True) == first
    assert caplog.text.count("a checkpoint is left out") == ATTEMPTS


async def test_checkpoints_of_a_running_desk_are_exact_at_their_place(tmp_path, monkeypatch):
    monkeypatch.setattr("deskmon.hub.checkpointer.EVERY_S", 0.01)
    monkeypatch.setattr("deskmon.hub.checkpointer.WORK_S", 0.0)
    monkeypatch.setattr("deskmon.hub.checkpointer.SHARE", 1e9)
    now = WallClock().now()
    async with desk(tmp_path) as (hub, say):
        begin = 0
        while len(checkpoints(tmp_path)) < 5:
            say(*market(now, begin=begin))
            begin += 30
            await asyncio.sleep(0.02)
        at = hub.now
        await until(lambda: hub.stream.model.liquidations.figures(at).windows["4h"].count == begin // 30 * 31)
        whole = figures(hub.stream.model, at)
    for checkpoint in checkpoints(tmp_path):
        opened = open_at(tmp_path, checkpoint.at)
        model = Model()
        model.apply(opened.checkpoint)
        model.apply(takewhile(lambda event: event.arrival <= at, opened.reading.events()))
        assert figures(model, at) == whole


async def test_pins_and_feeds_of_another_configuration_are_shown_no_more(tmp_path):
    def pinned(price):
        return {"levels": LevelSettings(pins=(Pinned(symbol="BTC", price=price),))}

    async with desk(tmp_path, label="old", **pinned(90.0)) as (hub, say):
        say(*market(hub.now))
        await until(lambda: headlines(hub) and checkpoints(tmp_path))
    async with desk(tmp_path, label="new", **pinned(80.0)) as (hub, _):
        model = hub.stream.model
        assert [pin.price for pin in model.levels.pins] == [80.0]
        await until(lambda: "new" in model.feeds.figures(hub.now))
        assert "old" not in model.feeds.figures(hub.now)
    assert PinnedLevel in map(type, events_of(tmp_path))


async def test_a_store_from_before_the_rolling_journal_is_taken_over(tmp_path):
    now = WallClock().now()
    store, folder = tmp_path / "history.db", tmp_path / "journal"
    peak = OpenInterest(ts=now - 10 * DAY, venue="bybit", symbol=BTC, amount=9.0, usd=9e9)
    Store(store).write(dict.fromkeys(places(peak), peak), 0)
    kept = HistoryConfig(path=str(store))
    async with desk(folder, history=kept) as (hub, _):
        assert hub.stream.model.open_interest.figures(hub.now)[BTC].peak_ts == peak.ts
        await until(lambda: checkpoints(folder))
    store.unlink()
    async with desk(folder, history=kept) as (hub, _):
        assert hub.stream.model.open_interest.figures(hub.now)[BTC].peak_ts == peak.ts


async def test_what_arrived_after_now_is_left_out_in_words(tmp_path):
    now = WallClock().now()
    header = Journal(version=1, source="live", started=now - HOUR)
    for number, at in ((1, now - HOUR), (2, now + 90 * MINUTE)):
        with JournalWriter(tmp_path / segment_name(number, at), header) as journal:
            journal.write([Headline(ts=at, recv=at, text=f"headline {number}")])
    async with desk(tmp_path) as (hub, _):
        assert [one.text for one in headlines(hub)] == ["headline 1"]
        status = hub.stream.model.feeds.figures(hub.now)["journal"]
        assert status.state == "stale" and status.detail.endswith("arrived up to 1h after now is left out")


async def test_a_second_hub_reads_the_folder_and_says_who_writes_it(tmp_path):
    async with desk(tmp_path) as (first, say):
        say(*market(first.now))
        await until(lambda: any(type(event) is Headline for event in events_of(tmp_path)))
        async with desk(tmp_path) as (second, _):
            assert headlines(second)
            feeds = second.stream.model.feeds
            await until(lambda: "journal" in feeds.figures(second.now))
            status = feeds.figures(second.now)["journal"]
            assert status.state == "live" and "is written by another hub of this machine" in status.detail
        assert "journal" not in first.stream.model.feeds.figures(first.now)


@pytest.mark.parametrize("keep", ["soon", "0d"])
def test_a_length_that_is_none_is_a_fault_of_the_configuration(keep):
    with pytest.raises(msgspec.ValidationError, match="is not a length of time"):
        msgspec.convert({"keep": keep}, JournalConfig)
