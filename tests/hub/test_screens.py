"""Many screens on a hub: they share one snapshot and its bytes, none of them can fill the hub, one too many is told."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Checkpoint, Encoded, Journal, Pulse, Reset
from deskmon.hub import endpoints
from deskmon.hub import stream as stream_module
from deskmon.hub.door import Door
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.shared_snapshot import IDLE_S, SHARE, TAIL_BYTES, SharedSnapshot
from deskmon.hub.stream import Stream
from deskmon.hub.subscriber import Batch, ScreenSubscriber
from deskmon.model import Model
from deskmon.transport.link import UnixLink
from deskmon.transport.wire import EventDecoder, FrameDecoder, pack_events
from tests.hub.market import T0, liquidation, trade
from tests.hub.test_links import quick, watching
from tests.hub.waiting import LIMIT_S, until


def folded(frames):
    model, decoder = Model(), FrameDecoder()
    for frame in frames:
        for payload in decoder.feed(frame):
            model.apply(EventDecoder().decode(payload))
    return model.state(T0)


@given(st.lists(st.sampled_from(["fold", "ask", "jump"]), max_size=12))
def test_whoever_asks_has_what_the_hub_has_and_shares_its_bytes(course):
    asyncio.run(go_through(course))


async def go_through(course):
    stream = Stream(Model())
    stream.fold([Journal(version=1, source="live", ts=T0, started=T0)])
    for number, step in enumerate(course):
        if step == "fold":
            stream.fold([liquidation(number)])
        elif step == "jump":
            stream.apply([liquidation(number)])
            stream.restart()
        else:
            first, second = await asyncio.gather(stream.snapshot(), stream.snapshot())
            assert folded(first) == stream.model.state(T0)
            assert all(one is other for one, other in zip(first, second, strict=True))


async def test_whoever_asks_later_gets_the_heartbeat_of_now_and_behind_all_that_is_known():
    """A reader stops at the first heartbeat: one of the moment when the bytes were made would be an old market."""
    stream = Stream(Model())
    for second in range(5):
        stream.fold([liquidation(second)])
        stream.fold([Pulse(ts=T0 + second * 1_000, seq=second, mode="live")])
        model = Model()
        for frame in await stream.snapshot():
            assert model.pulse is None, "a heartbeat ends a snapshot"
            for payload in FrameDecoder().feed(frame):
                model.apply(EventDecoder().decode(payload))
        assert model.pulse == stream.model.pulse
        assert model.state(T0 + second * 1_000) == stream.model.state(T0 + second * 1_000)


class Making:
    """Makes snapshots, which takes `cost_s`, by a clock that a test moves."""

    def __init__(self):
        self.now = 100.0
        self.cost_s = 0.0
        self.shared = SharedSnapshot(self.make, lambda: (), lambda: self.now)

    async def make(self):
        self.now += self.cost_s
        return [b"snapshot"]

    def follow(self, size):
        batch = Batch([Encoded(trade(0))])
        batch.frame = b"x" * size
        self.shared.offer(batch)


async def test_a_snapshot_is_made_anew_once_much_followed_it_and_a_dear_one_later():
    making = Making()
    making.cost_s = 2.0
    await making.shared.take()
    making.follow(TAIL_BYTES + 1)
    assert len(await making.shared.take()) == 2, "what took 2 s is used for 40 s"
    making.now += 2.0 / SHARE - 10
    await making.shared.take()
    assert making.shared.made == 1
    making.now += 11
    assert [*await making.shared.take()] == [b"snapshot"]
    assert making.shared.made == 2


async def test_what_follows_a_snapshot_is_bounded_and_let_go_when_nobody_asks():
    making = Making()
    making.cost_s = 1e6
    await making.shared.take()
    for _ in range(100):
        making.follow(TAIL_BYTES)
    assert await making.shared.take() == (b"snapshot",) and making.shared.made == 2
    making.follow(10)
    making.now += IDLE_S + 1
    making.follow(10)
    making.follow(10)
    assert await making.shared.take() == (b"snapshot",) and making.shared.made == 3


class Slow:
    """Makes a snapshot of what was folded when it was asked for, once it may."""

    def __init__(self):
        self.stream = Stream(Model())
        self.stream.fold([Journal(version=1, source="live", ts=T0, started=T0)])
        self.copied, self.may_go_on = asyncio.Event(), asyncio.Event()
        make = self.stream._shared._make
        self.stream._shared._make = lambda: self.make(make())

    async def make(self, making):
        frames = await making
        self.copied.set()
        await self.may_go_on.wait()
        return frames


@pytest.mark.parametrize("jump", [False, True])
async def test_what_happens_while_a_snapshot_is_made_is_in_it_once(jump):
    slow = Slow()
    slow.stream.fold([trade(0), liquidation(0)])
    taking = [asyncio.create_task(slow.stream.snapshot()) for _ in range(2)]
    await slow.copied.wait()
    slow.stream.fold([liquidation(1)])
    if jump:
        slow.stream.apply([liquidation(2)])
        slow.stream.restart()
    slow.stream.fold([Pulse(ts=T0, seq=1, mode="live"), liquidation(3)])
    slow.may_go_on.set()
    for frames in await asyncio.gather(*taking):
        assert folded(frames) == slow.stream.model.state(T0)
    assert slow.stream._shared.made == 1


async def test_a_screen_that_leaves_while_its_snapshot_is_made_takes_it_from_nobody():
    slow = Slow()
    leaving = asyncio.create_task(slow.stream.snapshot())
    staying = asyncio.create_task(slow.stream.snapshot())
    await slow.copied.wait()
    leaving.cancel()
    slow.may_go_on.set()
    slow.stream.fold([liquidation(1)])
    assert folded(await staying) == slow.stream.model.state(T0)
    assert leaving.cancelled()


async def test_the_loop_goes_on_while_a_snapshot_becomes_bytes(monkeypatch):
    begun, may_end = threading.Event(), threading.Event()

    def slow(events):
        begun.set()
        assert may_end.wait(LIMIT_S)
        return pack_events(events)

    monkeypatch.setattr(stream_module, "pack_events", slow)
    stream = Stream(Model())
    stream.fold([liquidation(1)])
    taking = asyncio.create_task(stream.snapshot())
    await until(begun.is_set)
    stream.fold([liquidation(2)])
    may_end.set()
    assert folded(await taking) == stream.model.state(T0)


def at_once(frames):
    async def snapshot():
        return frames

    return snapshot


async def unread(snapshot, **options):
    """A subscriber whose screen takes nothing."""
    here, there = socket.socketpair()
    _, writer = await asyncio.open_connection(sock=here)
    return ScreenSubscriber(writer, snapshot, **options), writer, there


async def test_screens_that_take_nothing_hold_little_beside_what_they_share():
    frame = pack_events([Reset(ts=T0), Checkpoint(ts=T0, part="prices", data="x" * 4_000_000)])
    batch = Batch([Encoded(trade(number)) for number in range(5_000)])
    screens = [await unread(at_once([frame] * 3)) for _ in range(20)]
    writing = [asyncio.create_task(subscriber.run()) for subscriber, _, _ in screens]
    held = [writer.transport.get_write_buffer_size for _, writer, _ in screens]
    await until(lambda: all(size() for size in held))
    for subscriber, _, _ in screens:
        for _ in range(3):
            subscriber.offer(batch)
    assert all(size() <= 64 * 1024 for size in held)
    for task, (_, writer, there) in zip(writing, screens, strict=True):
        task.cancel()
        writer.transport.abort()
        there.close()
    await asyncio.gather(*writing, return_exceptions=True)


async def test_a_screen_that_takes_too_long_for_a_snapshot_is_let_go():
    subscriber, writer, there = await unread(at_once([b"x" * 4_000_000]), patience_s=0.01)
    await subscriber.run()
    there.setblocking(False)
    assert len(there.recv(8_000_000)) < 4_000_000, "the rest of its snapshot waits for nobody"
    writer.transport.abort()
    there.close()


async def test_one_screen_too_many_is_told_so_and_comes_in_once_another_left(tmp_path, monkeypatch):
    monkeypatch.setattr(endpoints, "SCREENS", 2)
    stream, path = Stream(Model()), tmp_path / "desk.sock"
    stream.fold([Journal(version=1, source="live", ts=T0, started=T0)])
    stream.begun.set()
    async with unix_endpoint(stream, path, Door()), watching(UnixLink(path, **quick())) as one:
        await until(lambda: one.link.state == "live")
        async with watching(UnixLink(path, **quick())) as two:
            await until(lambda: two.link.state == "live")
            async with watching(UnixLink(path, **quick())) as three:
                await until(lambda: three.link.state == "lost")
                assert three.link.detail == f"the hub at unix:{path} has 2 screens and takes no more; close one"
                await two.link.close()
                await until(lambda: three.link.state == "live" and three.resets == 1)
        assert (one.link.state, one.resets) == ("live", 1)


@pytest.mark.parametrize("garbage", [b"\x00\x00\x00\x02{}", b"x" * 65_536])
async def test_who_sends_without_end_holds_nobody_up(tmp_path, garbage):
    stream, path = Stream(Model()), tmp_path / "desk.sock"
    stream.fold([Journal(version=1, source="live", ts=T0, started=T0)])
    stream.begun.set()

    async def pour():
        _, writer = await asyncio.open_unix_connection(path)
        try:
            while True:
                writer.write(garbage)
                await writer.drain()
        finally:
            writer.transport.abort()

    async with unix_endpoint(stream, path, Door()):
        pouring = asyncio.create_task(pour())
        async with watching(UnixLink(path, **quick())) as screen:
            for number in range(20):
                stream.fold([liquidation(number, ts=T0)])
                await asyncio.sleep(0)
            await until(lambda: screen.model.state(T0 + 5).liquidations.windows["1h"].count == 20)
            assert (screen.link.state, screen.resets) == ("live", 1)
        pouring.cancel()
        await asyncio.gather(pouring, return_exceptions=True)
