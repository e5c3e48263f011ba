"""The hub's memory: a desk started again knows what it knew, and a store that fails costs the memory alone."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime

import msgspec
import pytest

from deskmon.clock import DAY, HOUR, MINUTE, ManualClock
from deskmon.config.schema import Config, FeedConfig, HistoryConfig, JournalConfig
from deskmon.events import (
    Book,
    CalendarEntry,
    DepthSample,
    EtfFlow,
    FeedStatus,
    Headline,
    Holding,
    HoldingTrade,
    Journal,
    Liquidation,
    Metric,
    OpenInterest,
    VolatilityIndex,
)
from deskmon.feedkit import Feed
from deskmon.feeds.demo import DemoFeed
from deskmon.hub import history
from deskmon.hub.history import History
from deskmon.hub.hub import Hub
from deskmon.hub.kept import DEPTH_KEPT, KINDS
from deskmon.hub.store import Store
from deskmon.journal import JournalWriter, ReadReport, read_events, read_header
from deskmon.journal.timeline import REMEMBERED, JournalTimeline
from deskmon.model import Model
from tests.history.test_store import T, funding, interest, slots, stored
from tests.hub.market import ticker
from tests.hub.waiting import until

BTC = "BTC/USDT:USDT"


class Says(Feed):
    """Emits what the test tells, and notes what the desk says it holds."""

    name = "says"
    title = "says what it is told"
    events: tuple = ()
    held: dict | None = None

    async def run(self, context) -> None:
        type(self).held = {
            kind.__name__: list(context.stored_times(kind, venue, BTC))
            for kind, venue in ((OpenInterest, "bybit"), (type(funding(0.1)), "okx"))
        }
        for event in self.events:
            context.emit(event)
        context.status("live", "")
        await asyncio.Event().wait()


@pytest.fixture
def says():
    return type("Told", (Says,), {})


@asynccontextmanager
async def desk(kind, path, now, *events, record_to=None, **more):
    """A hub at desk time `now` whose feed says `events`, once they are folded."""
    kind.events = events
    config = Config(
        feeds={"says": FeedConfig(type="says")}, history=HistoryConfig(**{"path": str(path), **more}),
        journal=JournalConfig(enabled=False),
    )  # fmt: skip
    hub = Hub(config, clock=ManualClock(now), load=lambda _: kind, record_to=record_to)
    task = asyncio.create_task(hub.run())
    await until(
        lambda: (
            task.done()
            or (
                hub.stream.begun.is_set()
                and "says" in (seen := hub.stream.model.feeds.figures(now))
                and seen["says"].events == len(events)
            )
        )
    )
    try:
        yield hub
    finally:
        task.cancel()
        await asyncio.wait([task])


def peak(hub):
    figure = hub.stream.model.open_interest.figures(hub.now)[BTC]
    return figure.peak_usd, figure.peak_ts, figure.usd


async def test_a_clock_a_year_ahead_makes_nothing_that_is_kept_too_old(says, tmp_path):
    path = tmp_path / "history.db"
    async with desk(says, path, T, *(interest(1.0, ts=T - day * DAY) for day in range(40))):
        pass
    async with desk(says, path, T + 365 * DAY, interest(1.0, ts=T + HOUR)):
        pass
    assert len(stored(Store(path))) == 41


async def test_a_desk_started_again_still_says_from_the_peak_and_when_that_was(says, tmp_path):
    path = tmp_path / "history.db"
    october = [interest(usd, T + n * HOUR) for n, usd in enumerate([70.0, 90.4, 85.0, 60.0])]
    async with desk(says, path, T + 4 * HOUR, *october, funding(-0.001, T)) as hub:
        before = peak(hub)
    assert before == (90.4, T + HOUR, 60.0)
    later = T + 45 * DAY
    async with desk(says, path, later, interest(62.3, later - 1)) as hub:
        assert peak(hub) == (90.4, T + HOUR, 62.3)
        assert says.held == {"OpenInterest": [T + n * HOUR for n in range(4)], "Funding": [T]}
    assert [event.usd for event in stored(Store(path)) if isinstance(event, OpenInterest)] == [
        70.0,
        90.4,
        85.0,
        60.0,
        62.3,
    ]


async def test_what_is_older_than_is_kept_is_forgotten(says, tmp_path):
    path = tmp_path / "history.db"
    async with desk(says, path, T, interest(90.0, T)):
        pass
    later = T + 3 * DAY
    async with desk(says, path, later, interest(50.0, later), days=2) as hub:
        assert peak(hub) == (50.0, later, 50.0)
    assert stored(Store(path)) == [interest(50.0, later)]


async def test_history_comes_before_what_the_feeds_say_and_begins_the_journal(says, tmp_path):
    Store(tmp_path / "history.db").write(slots([interest(90.0), funding(0.1)]), 0)
    now, journal = T + DAY, tmp_path / "desk.jsonl"
    async with desk(says, tmp_path / "history.db", now, interest(80.0, now), record_to=journal):
        pass
    told = [event for event in read_events(journal, ReadReport()) if not isinstance(event, FeedStatus)]
    assert [(event.ts, event.recv) for event in told] == [(T, None), (T, None), (now, now + 5)]
    assert read_header(journal).started == now


async def test_a_replay_of_that_journal_has_the_past_and_says_since_when_it_listened(says, tmp_path):
    Store(tmp_path / "history.db").write(slots([interest(90.0), interest(70.0, T + HOUR), funding(0.1)]), 0)
    now, journal = T + 40 * DAY, tmp_path / "desk.jsonl"
    async with desk(says, tmp_path / "history.db", now, interest(80.0, now), record_to=journal) as hub:
        live = hub.stream.model.state(now)
    timeline = JournalTimeline(journal)
    assert timeline.start == timeline.header.started == now, "what is remembered was not listened to"
    model = Model()
    model.apply([timeline.header, *timeline.events()])
    again = model.state(now)
    assert (again.open_interest, again.funding) == (live.open_interest, live.funding)
    assert again.open_interest[BTC].peak_usd == 90.0
    windows = again.liquidations.windows
    assert [window.warming_up for window in windows.values()] == [True] * len(windows)
    arrivals = [event.arrival for event in read_events(journal, ReadReport())]
    assert arrivals == sorted(arrivals), "a reader of the journal needn't put it in order"


def test_only_what_a_recording_desk_remembered_does_not_say_that_it_listened(tmp_path):
    past = interest(1.0)
    for number, (source, more, started) in enumerate((
        ("imported", [], past.arrival), ("recorded", [], T + HOUR), ("recorded", [ticker(1.0, ts=T + 9)], T + 14),
    )):  # fmt: skip
        path = tmp_path / f"{number}.jsonl"
        with JournalWriter(path, Journal(version=1, source=source, started=T + HOUR)) as journal:
            journal.write([past, *more, interest(2.0, T + 2 * HOUR)])
        timeline = JournalTimeline(path)
        assert (timeline.start, timeline.header.started) == (T + HOUR, started)


def book(ts, usd):
    """A book with `usd` on each side, close to 100."""
    return Book(
        ts=ts, recv=ts, venue="bybit", symbol=BTC, bids=((99.99, usd / 99.99), (90.0, 1.0)),
        asks=((100.01, usd / 100.01), (110.0, 1.0)),
    )  # fmt: skip


async def test_what_depth_is_usual_is_still_known_after_a_restart(says, tmp_path):
    path = tmp_path / "history.db"
    books = [book(T + n * 10 * MINUTE, 1e6 + n) for n in range(9)]
    async with desk(says, path, T + HOUR) as hub:
        hub.stream.fold(books)
        before = hub.stream.model.depth.figures(T + 2 * HOUR)[BTC]
        samples = hub.stream.model.depth.samples(0)
    assert len(samples) == 8 and before.baseline["0.1"] == pytest.approx(2e6 + 7)
    later = T + DAY
    async with desk(says, path, later, book(later, 1e6)) as hub:
        after = hub.stream.model.depth.figures(hub.now)[BTC]
        assert (after.baseline, after.baseline_since) == (before.baseline, before.baseline_since)
        assert after.baseline_ratio["0.1"] == pytest.approx(2e6 / before.baseline["0.1"])
        assert hub.stream.model.depth.samples(0) == samples
    async with desk(says, path, later + DEPTH_KEPT, interest(1.0, later + DEPTH_KEPT)) as hub:
        assert hub.stream.model.depth.figures(hub.now) == {}, "a symbol is shown once it has a book"
    assert not any(isinstance(event, DepthSample) for event in stored(Store(path))), "bounded by what is looked back on"


def of_days(count, until):
    """What a context feed, an index and a market of `count` days tell until `until` (ms), each day a little less."""
    for ago in range(count, 0, -1):
        ts, day = until - ago * DAY, f"{datetime.fromtimestamp((until - ago * DAY) / 1000, UTC):%Y-%m-%d}"
        yield EtfFlow(ts=ts, recv=ts, asset="BTC", fund="IBIT", date=day, usd=-1e6 * (count - ago + 1), status="final")
        yield Metric(ts=ts, recv=ts, name="fear_greed", value=float(ago))
        yield VolatilityIndex(ts=ts, recv=ts, venue="deribit", name="DVOL", underlying="BTC", value=30.0 + ago)


async def test_streaks_ranks_and_since_are_known_on_the_first_minute_after_a_restart(says, tmp_path):
    path, about = tmp_path / "history.db", {"asset": "BTC", "amount": 10.0}
    told = [
        *of_days(400, T), Holding(ts=T - DAY, recv=T, entity="Strategy", average_cost=7e4, **about),
        HoldingTrade(ts=T - DAY, recv=T, entity="Strategy", usd=1e6, **about),
        Headline(ts=T - HOUR, recv=T, text="one", source="a"), Headline(ts=T - HOUR, recv=T, text="two", source="a"),
        CalendarEntry(ts=T - HOUR, recv=T, time=T + DAY, text="rate decision"),
        CalendarEntry(ts=T - HOUR, recv=T, time=T + DAY, text="jobs", uid="j"),
    ]  # fmt: skip

    def known(hub):
        state = hub.stream.model.state(T + MINUTE)
        return state.flows, state.metrics, state.options, state.holdings, state.headlines, state.calendar

    async with desk(says, path, T + MINUTE, *told) as hub:
        before = known(hub)
    assert before[0]["BTC"].since.n == before[1]["fear_greed"].since.n == before[2]["BTC"].since.n == 400
    async with desk(says, path, T + MINUTE) as hub:
        assert known(hub) == before
        assert list(hub._history._held) == [], "nobody asks for what is held of these"


async def test_days_of_liquidations_waves_and_what_the_desk_makes_itself_outlive_it(says, tmp_path):
    path, second = tmp_path / "history.db", 1_000
    burst = [Liquidation(ts=T + HOUR + n * second, recv=T + HOUR + n * second, venue="bybit", symbol=BTC, side="long",
                         price=1.0, amount=5e6, usd=5e6) for n in range(60)]  # fmt: skip
    after = Liquidation(ts=T + 3 * HOUR, venue="bybit", symbol=BTC, side="long", price=1.0, amount=1.0, usd=1.0)
    async with desk(says, path, T) as hub:
        hub.stream.fold([*burst, after, book(T + 3 * HOUR, 1e6), book(T + 3 * HOUR + 10 * MINUTE, 1e6)])
        hub._clock.advance(4 * HOUR)
        (wave,) = hub.stream.model.waves.figures(hub.now)
        (today,) = hub.stream.model.liquidations.days(hub.now)
        assert (wave.state, today.usd) == ("over", 300e6 + 1)
    async with desk(says, path, T + DAY) as hub:
        model = hub.stream.model
        assert model.liquidations.days(hub.now)[0].usd == today.usd
        assert model.days.history(f"depth 1 % of {BTC} from mid") == [(T + 3 * HOUR, pytest.approx(2e6))]
        again = [msgspec.structs.replace(each, ts=each.ts + DAY, recv=None) for each in burst]
        hub.stream.fold([*again, msgspec.structs.replace(after, ts=after.ts + DAY)])
        (newer,) = model.waves.figures(T + DAY + 4 * HOUR)
        assert (newer.since.n, newer.since.last) == (2, wave.start)


def test_a_journal_begins_with_whatever_the_desk_remembers():
    assert frozenset(KINDS) == REMEMBERED


def test_depth_that_was_measured_otherwise_is_no_baseline():
    model = Model(depth_reference="best")
    bands = {"0.1": 1.0, "0.5": 2.0, "1": 3.0, "2": 4.0}
    model.apply([DepthSample(ts=T, symbol=BTC, reference=name, bands=bands) for name in ("mid", "best")])
    assert [sample.reference for sample in model.depth.samples(0)] == ["best"]
    model.apply([DepthSample(ts=T + HOUR, symbol=BTC, reference="best", bands={"1": 3.0})])
    assert model.rejected == 1 and len(model.depth.samples(0)) == 1
    copy = Model(depth_reference="best")
    copy.apply(model.snapshot())
    assert copy.depth.samples(0) == model.depth.samples(0)


async def test_without_history_nothing_is_kept_but_the_feed_still_knows_what_it_fetched(says, tmp_path):
    path = tmp_path / "history.db"
    async with desk(says, path, T, interest(1.0), enabled=False) as hub:
        assert list(hub._history.stored_times(OpenInterest, "bybit", BTC)) == [T]
    assert list(tmp_path.iterdir()) == []


async def test_a_demo_neither_reads_nor_keeps(tmp_path):
    path = tmp_path / "history.db"
    Store(path).write(slots([interest(1.0, venue="ours")]), 0)
    before = path.read_bytes()
    config = Config(feeds={"demo": FeedConfig(type="demo")}, history=HistoryConfig(path=str(path)))
    hub = Hub(config, load=lambda _: DemoFeed)
    task = asyncio.create_task(hub.run())
    await until(lambda: hub.stream.model.open_interest.figures(hub.now))
    task.cancel()
    await asyncio.wait([task])
    assert all("ours" not in figure.venues for figure in hub.stream.model.open_interest.figures(hub.now).values())
    assert path.read_bytes() == before


async def test_a_damaged_store_is_told_and_the_desk_starts_without(says, tmp_path):
    path = tmp_path / "history.db"
    path.write_bytes(b"not a database " * 1_000)
    async with desk(says, path, T, interest(1.0)) as hub:
        await until(lambda: "history" in hub.stream.model.feeds.figures(T))
        told = hub.stream.model.feeds.figures(T)["history"]
        assert told.state == "live"
        assert "was damaged; it is now history.db.damaged, history begins afresh" in told.detail
    assert stored(Store(path)) == [interest(1.0)]


async def test_a_store_that_can_not_be_used_is_told_and_the_desk_starts_without(says, tmp_path):
    (tmp_path / "file").touch()
    async with desk(says, tmp_path / "file" / "history.db", T, interest(1.0)) as hub:
        await until(lambda: "history" in hub.stream.model.feeds.figures(T))
        told = hub.stream.model.feeds.figures(T)["history"]
        assert (told.state, peak(hub)[0]) == ("down", 1.0)
        assert "the desk goes on without" in told.detail


async def test_what_a_locked_store_did_not_take_is_kept_for_the_next_minute(tmp_path, monkeypatch):
    monkeypatch.setattr("deskmon.database_file.BUSY_S", 0.01)
    path, clock = tmp_path / "history.db", ManualClock(T)
    memory = History(HistoryConfig(path=str(path)), clock)
    memory.write([interest(1.0)])
    await memory.flush()
    assert memory.report(T) is None
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        memory.write([interest(2.0, T + HOUR)])
        await memory.flush()
    told = memory.report(T)
    assert (told.feed, told.state) == ("history", "down")
    assert "database is locked" in told.detail
    assert [memory.report(T + ms) is not None for ms in (1_000, 5_000)] == [False, True]
    memory.write([interest(3.0, T + HOUR + 1)])
    await memory.flush()
    assert memory.report(T + 5_001).state == "live"
    assert stored(Store(path)) == [interest(1.0), interest(3.0, T + HOUR + 1)]


async def test_what_waits_and_what_is_held_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "WAITING", 3)
    memory = History(HistoryConfig(path=str(tmp_path / "history.db"), days=1), ManualClock(T))
    memory.write([interest(float(n + 1), T - n * HOUR) for n in range(5)])
    memory.write([interest(9.0, T + 1)])
    await memory.flush()
    assert [event.usd for event in stored(Store(tmp_path / "history.db"))] == [3.0, 2.0, 9.0]


async def test_slots_are_held_once_in_order_and_let_go_when_too_old(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "FLUSH_S", 0.0)
    clock = ManualClock(T)
    memory = History(HistoryConfig(path=str(tmp_path / "history.db"), days=1), clock)
    order = [3, 1, 2, 2, 0, 3, 30, 1]
    memory.write([interest(1.0, T + n * HOUR + n * MINUTE) for n in order])
    assert list(memory.stored_times(OpenInterest, "bybit", BTC)) == [T + n * HOUR for n in (0, 1, 2, 3, 30)]
    assert list(memory.stored_times(OpenInterest, "okx", BTC)) == []
    clock.advance(26 * HOUR)
    running = asyncio.create_task(memory.run(lambda since: ()))
    await until(lambda: len(memory.stored_times(OpenInterest, "bybit", BTC)) == 3)
    running.cancel()
    await asyncio.wait([running])
    assert list(memory.stored_times(OpenInterest, "bybit", BTC)) == [T + n * HOUR for n in (2, 3, 30)]


def test_the_file_is_in_the_users_data_folder_unless_the_config_says_otherwise(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert history.store_path(HistoryConfig()).name == "history.db"
    assert "deskmon" in history.store_path(HistoryConfig()).parts
    assert history.store_path(HistoryConfig(path="~/h.db")).is_absolute()
    assert msgspec.convert({}, HistoryConfig).days == 120
