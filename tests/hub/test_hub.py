"""One desk in one process: its feeds, its stream, its journal, and the sockets of those who look on."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
from contextlib import asynccontextmanager, suppress

import msgspec
import pytest
from msgspec.structs import replace

from deskmon import __version__
from deskmon.analytics.level_settings import Pinned
from deskmon.clock import WallClock
from deskmon.config.schema import FeedConfig
from deskmon.errors import DeskError
from deskmon.events import FeedStatus, Journal, Liquidation, Pulse, Reset
from deskmon.hub.door import Door
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.hub import Hub
from deskmon.hub.stream import Stream
from deskmon.hub.subscriber import Batch, ScreenSubscriber
from deskmon.journal import ReadReport, read_events, read_header
from deskmon.model import Model
from deskmon.transport.link import UnixLink
from deskmon.transport.requests import Control, control
from deskmon.transport.wire import EventDecoder, FrameDecoder, pack_message
from tests.hub.market import T0, config, liquidation, load, trade
from tests.hub.waiting import LIMIT_S, heard, until


class Listener:
    """A subscriber that keeps what it is offered."""

    def __init__(self):
        self.events = []
        self.restarts = 0

    def offer(self, batch: Batch) -> None:
        self.events += [item.event for item in batch.items]

    def restart(self) -> None:
        self.restarts += 1


@asynccontextmanager
async def desk(*types, record_to=None, **options):
    hub = Hub(config(*types, **options), load=load, record_to=record_to)
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def screen(path):
    """A model that folds what arrives over the socket, as a screen's does."""
    link, model = UnixLink(path), Model()

    async def fold():
        async for batch in link.events():
            model.apply(batch)

    task = asyncio.create_task(fold())
    try:
        yield link, model
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await link.close()


def figures(model: Model):
    return msgspec.to_builtins(model.state(T0))


def counted(model: Model) -> int:
    """Liquidations held, whatever the time."""
    return model.state(model.pulse.ts).liquidations.windows["1h"].count if model.pulse else 0


def state_of(hub: Hub, feed: str) -> str | None:
    figures = hub.stream.model.feeds.figures(hub.now)
    return figures[feed].state if feed in figures else None


async def test_the_stream_begins_with_a_header_and_beats():
    async with desk("steady") as hub:
        listener = Listener()
        hub.stream.add(listener)
        await until(lambda: sum(type(event) is Pulse for event in listener.events) >= 3)
    first = listener.events[0]
    assert type(first) is Journal
    assert (first.source, first.mode, first.started) == ("live", "live", first.ts)
    beats = [event for event in listener.events if type(event) is Pulse]
    assert [beat.seq for beat in beats] == list(range(1, len(beats) + 1))
    assert {(beat.mode, beat.speed, beat.paused) for beat in beats} == {("live", 1.0, False)}


async def test_a_burst_of_twenty_thousand_arrives_whole_and_counted():
    async with desk("steady", steady={"burst": 20_000}) as hub:
        model = hub.stream.model
        await until(lambda: counted(model) == 20_000)
        await until(lambda: heard(hub, "steady") >= 20_000)
        assert model.feeds.figures(hub.now)["steady"].dropped == 0
        assert hub.mailbox.statistics().dropped == 0


async def test_one_feed_that_dies_and_one_that_can_not_start_leave_the_others_alone():
    async with desk("steady", "raises", "nonesuch", "impossible", "rubbish") as hub:
        model = hub.stream.model

        def states():
            return {name: figure.state for name, figure in model.feeds.figures(hub.now).items()}

        await until(lambda: states().get("nonesuch") == "down" and states().get("raises") == "reconnecting")
        await until(lambda: states().get("impossible") == "down" and states().get("rubbish") == "live")
        assert states()["steady"] == "live"
        assert "isn't installed" in model.feeds.figures(hub.now)["nonesuch"].detail
        assert model.rejected == 0


async def test_late_joiners_know_what_the_hub_knows(tmp_path):
    path = tmp_path / "desk.sock"
    async with desk("steady", steady={"burst": 500}) as hub, unix_endpoint(hub.stream, path, hub.door):
        await until(lambda: counted(hub.stream.model) == 500)
        async with screen(path) as (link, first), screen(path) as (_, second):
            await until(lambda: figures(first) == figures(hub.stream.model) == figures(second))
            assert (link.state, link.detail) == ("live", "")
            assert counted(first) == 500


async def test_closing_the_door_on_screens_raises_nothing_in_the_loop(tmp_path):
    faults = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: faults.append(context))
    path = tmp_path / "desk.sock"
    async with desk("steady") as hub:
        async with unix_endpoint(hub.stream, path, hub.door):
            await until(path.exists)
            readers = [await asyncio.open_unix_connection(path) for _ in range(3)]
            for reader, _ in readers:
                await reader.read(4)
        for reader, writer in readers:
            with suppress(ConnectionResetError):
                while await reader.read(65_536):
                    pass
            writer.close()
        await until(lambda model=hub.stream.model: model.pulse.seq > 2)
    assert faults == []


async def test_the_socket_is_private_and_gone_afterwards(tmp_path):
    path = tmp_path / "desk.sock"
    async with unix_endpoint(Stream(Model()), path, Door()):
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert not path.exists()


async def test_a_dead_hubs_socket_is_taken_over_and_a_live_ones_is_not(tmp_path):
    path = tmp_path / "desk.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with unix_endpoint(Stream(Model()), path, Door()):
        with pytest.raises(DeskError, match=r"a hub listens on unix:.* already; use `deskmon attach unix:"):
            async with unix_endpoint(Stream(Model()), path, Door()):
                pass
        assert path.exists(), "the one that was refused removed nothing"


@pytest.mark.parametrize("name", ["a-file", "no-folder/desk.sock", "x" * 200])
async def test_a_path_that_can_not_be_a_socket_is_refused_in_words(tmp_path, name):
    (tmp_path / "a-file").write_text("mine")
    with pytest.raises(DeskError, match=r"no socket|can't listen"):
        async with unix_endpoint(Stream(Model()), tmp_path / name, Door()):
            pass
    assert (tmp_path / "a-file").read_text() == "mine"


async def test_what_a_visitor_sends_changes_nothing(tmp_path):
    path = tmp_path / "desk.sock"
    async with desk("steady") as hub, unix_endpoint(hub.stream, path, hub.door):
        _, rude = await asyncio.open_unix_connection(path)
        rude.write(pack_message(control("pause")) + b"\xff\xff\xff\xff garbage" * 1_000)
        await rude.drain()
        async with screen(path) as (_, model):
            await until(lambda: model.pulse is not None and model.pulse.seq > 4)
            assert not model.pulse.paused
            assert model.feeds.figures(hub.now)["steady"].rejected == 0
        rude.transport.abort()


async def test_a_screen_that_stops_reading_gets_a_snapshot_when_it_reads_again():
    stream = Stream(Model())
    here, there = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=here)
    subscriber = ScreenSubscriber(writer, stream.snapshot, queue_bytes=100_000)
    stream.add(subscriber)
    writing = asyncio.create_task(subscriber.run())
    stream.fold([Journal(version=1, source="live", ts=T0, started=T0)])
    queued = []
    for number in range(300):
        stream.fold([liquidation(number * 100 + each, ts=T0 + number) for each in range(100)])
        queued.append(subscriber.waiting_bytes)
        await asyncio.sleep(0)
    assert max(queued) <= 100_000
    stream.fold([Pulse(ts=T0 + 1_000, seq=7, mode="live")])

    reader, other = await asyncio.open_connection(sock=there)
    frames, decoder, model, resets = FrameDecoder(), EventDecoder(), Model(), 0
    async with asyncio.timeout(LIMIT_S):
        while model.pulse is None or subscriber.waiting_bytes or figures(model) != figures(stream.model):
            for payload in frames.feed(await reader.read(65_536)):
                events = decoder.decode(payload)
                resets += sum(type(event) is Reset for event in events)
                model.apply(events)
    assert resets == subscriber.snapshots == 2
    assert counted(model) == 30_000
    writing.cancel()
    for each in (writer, other):
        each.transport.abort()


async def test_the_hub_says_its_version_start_screens_memory_and_journal(tmp_path):
    path, socket_path = tmp_path / "desk.jsonl", tmp_path / "desk.sock"
    begun = WallClock().now()
    async with desk("steady", journal=str(path)) as hub, unix_endpoint(hub.stream, socket_path, hub.door):
        async with screen(socket_path) as (_, model):
            await until(lambda: (state := model.state(T0).hub) is not None and state.journal and state.screens == 1)
            said = model.state(T0).hub
        assert (said.version, said.journal.path, said.journal.segments) == (__version__, str(path), 1)
        assert begun <= said.started <= said.journal.oldest <= WallClock().now()
        assert 0 < said.journal.bytes <= path.stat().st_size
        assert said.memory_mb is None or said.memory_mb > 10
        await until(lambda: hub.stream.model.state(T0).hub.screens == 0)


async def test_an_outlet_whose_screen_goes_away_ends_quietly():
    stream = Stream(Model())
    here, there = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=here)
    subscriber = ScreenSubscriber(writer, stream.snapshot)
    stream.add(subscriber)
    there.close()
    running = asyncio.create_task(subscriber.run())

    def fold_and_look():
        stream.fold([trade(1)])
        return running.done()

    await until(fold_and_look)
    assert running.exception() is None
    writer.transport.abort()


async def test_the_journal_holds_what_the_feeds_emitted(tmp_path):
    path = tmp_path / "desk.jsonl"
    async with desk("steady", journal=str(path), steady={"burst": 2_000}) as hub:
        await until(lambda: counted(hub.stream.model) == 2_000)
    assert read_header(path).source == "recorded"
    report = ReadReport()
    events = list(read_events(path, report))
    assert report.rejected == 0 and not report.cut
    assert sum(type(event) is Liquidation for event in events) == 2_000
    arrivals = [event.arrival for event in events if type(event) is not FeedStatus]
    assert arrivals == sorted(arrivals)
    assert not any(type(event) in (Pulse, Reset) for event in events)


async def test_a_second_run_writes_a_journal_of_its_own(tmp_path):
    path = tmp_path / "desk.jsonl"
    for _ in range(2):
        async with desk("steady", journal=str(path)) as hub:
            await until(lambda model=hub.stream.model: model.pulse is not None and model.pulse.seq > 1)
    assert len(list(tmp_path.glob("desk*.jsonl"))) == 2


async def test_a_journal_that_can_not_be_written_is_shown_as_a_feed_and_stops_nothing(tmp_path):
    async with desk("steady", journal=str(tmp_path / "nowhere" / "desk.jsonl")) as hub:
        model = hub.stream.model
        await until(lambda: "journal" in model.feeds.figures(hub.now))
        figure = model.feeds.figures(hub.now)["journal"]
        assert figure.state == "down"
        assert "can't be written" in figure.detail
        await until(lambda: heard(hub, "steady"))


async def test_a_recording_that_was_asked_for_must_be_written(tmp_path):
    hub = Hub(config("steady"), load=load, record_to=tmp_path / "nowhere" / "desk.jsonl")
    with pytest.raises(DeskError, match="can't be written"):
        async with asyncio.timeout(LIMIT_S):
            await hub.run()


async def test_a_feed_that_will_not_end_is_named_and_left(monkeypatch):
    monkeypatch.setattr("deskmon.hub.hub.GRACE_S", 0.05)
    hub = Hub(config("stubborn"), load=load)
    task = asyncio.create_task(hub.run())
    await until(lambda: state_of(hub, "stubborn") == "live")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert hub.stuck == ["stubborn"]


async def test_feeds_come_change_and_go_while_the_hub_runs():
    before = config("steady", "chatty")
    async with desk("steady", "chatty") as hub:
        await until(lambda: state_of(hub, "steady") == state_of(hub, "chatty") == "live")
        runs = {each.label: each for each in hub._market.supervisors}
        feeds = {**before.feeds, "more": FeedConfig(type="steady", options={"rate": 20})}
        del feeds["chatty"]
        hub.reload(replace(before, feeds=feeds))
        await until(lambda: state_of(hub, "more") == "live" and state_of(hub, "chatty") is None)
        assert next(each for each in hub._market.supervisors if each.label == "steady") is runs["steady"]
        assert {each.label for each in hub._market.supervisors} == {"steady", "more"}
        hub.reload(replace(before, feeds={"more": FeedConfig(type="steady", options={"rate": 40})}))
        await until(lambda: state_of(hub, "steady") is None and state_of(hub, "more") == "live")
        hub.reload(replace(before, feeds={"more": FeedConfig(type="steady", enabled=False)}))
        await until(lambda: state_of(hub, "more") is None)
        late = Model()
        late.apply(hub.stream.model.snapshot())
        assert late.feeds.figures(hub.now).keys() == hub.stream.model.feeds.figures(hub.now).keys()


async def test_conventions_change_while_the_hub_runs_and_nothing_is_forgotten():
    async with desk("steady", steady={"burst": 40}) as hub:
        before, listener = hub._config, Listener()
        hub.stream.add(listener)
        await until(lambda: counted(hub.stream.model) == 40)
        pinned = replace(before.levels, pins=(Pinned(symbol="BTC", price=70_000.0),))
        model = hub.stream.model
        hub.reload(replace(before, levels=pinned))
        assert hub.stream.model is model and [pin.price for pin in model.levels.pins] == [70_000.0]
        known = figures(model)
        hub.reload(replace(before, levels=pinned, model=replace(before.model, big_trade_usd=1.0)))
        assert hub.stream.model is not model and [pin.price for pin in hub.stream.model.levels.pins] == [70_000.0]
        assert figures(hub.stream.model) == known
        assert listener.restarts == 1
        await until(lambda: any(type(event) is Pulse for event in listener.events))


async def test_a_screen_s_configuration_reaches_its_hub_and_what_is_none_changes_nothing():
    before = config("steady")
    async with desk("steady") as hub:
        await until(lambda: state_of(hub, "steady") == "live")
        hub.control(Control("reload", "{"))
        hub.control(Control("reload", '{"feeds": 3}'))
        assert [each.label for each in hub._market.supervisors] == ["steady"]
        after = replace(before, feeds={"other": FeedConfig(type="steady")})
        hub.control(control("reload", msgspec.json.encode(after).decode()))
        assert [each.label for each in hub._market.supervisors] == ["other"]
