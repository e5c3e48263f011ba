"""However much there is to do, the loop is held for a slice: websockets, the pump, the broker's queue, the statuses."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import FeedStatus, Liquidation
from deskmon.feeds.ccxt.receiving import receive_in_turns
from deskmon.hub import hub as hubs
from deskmon.mqtt.client import broker as mqtt_broker
from deskmon.turns import SLICE_S, Pace, Turns
from tests.hub.test_hub import Listener, desk
from tests.hub.waiting import until

PIECE_S = SLICE_S / 8


class Timer:
    """Seconds that pass as work is done, and the longest that the loop was away."""

    def __init__(self):
        self.now = self.turned = self.longest = 0.0

    def __call__(self):
        return self.now

    def work(self):
        self.now += PIECE_S

    async def watch(self):
        while True:
            self.turned = self.now
            await asyncio.sleep(0)
            self.longest = max(self.longest, self.now - self.turned)


async def watched(timer, *jobs):
    watching = asyncio.create_task(timer.watch())
    await asyncio.gather(*jobs)
    watching.cancel()


async def test_the_loop_turns_after_each_slice_however_many_work():
    timer = Timer()
    turns, done = Turns(timer), []

    async def worker(name):
        left = 40
        while left:
            async with turns as part:
                while left and not part.over:
                    timer.work()
                    left -= 1
            done.append(name)

    await watched(timer, *(worker(name) for name in range(11)))
    assert timer.longest <= SLICE_S + PIECE_S
    assert done[:22] == [*range(11)] * 2, "first come first served"


async def test_busy_is_who_has_never_less_to_do_than_fits_into_a_slice():
    timer = Timer()
    turns = Turns(timer)

    async def slices(count, seconds):
        for _ in range(count):
            async with turns:
                timer.now += seconds

    await slices(100, SLICE_S / 2)
    assert turns.busy_s == 0.0
    await slices(100, SLICE_S)
    assert turns.busy_s == pytest.approx(100 * SLICE_S)
    timer.now += 1.0
    assert turns.busy_s == 0.0
    await asyncio.gather(slices(50, SLICE_S / 2), slices(50, SLICE_S / 2), slices(50, SLICE_S))
    assert turns.busy_s >= 50 * SLICE_S


async def test_who_is_cancelled_in_a_slice_leaves_the_others_theirs():
    turns = Turns()

    async def endless():
        while True:
            async with turns:
                pass

    task = asyncio.create_task(endless())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    async with asyncio.timeout(30), turns:
        pass


class Client:
    """A websocket of ccxt whose frames are all there at once."""

    def __init__(self, timer, frames):
        self.timer, self.buffer, self.handled, self.ends = timer, list(frames), [], 0
        self.url = "ws://venue"

    def closed(self):
        return not self.buffer

    async def receive(self):
        return self.buffer.pop(0)

    def handle_message(self, frame):
        self.timer.work()
        self.handled.append(frame)

    def on_close(self, code):
        self.ends += 1


async def test_eleven_full_sockets_hold_the_loop_for_one_slice_and_lose_nothing():
    timer = Timer()
    turns, clients = Turns(timer), [Client(timer, range(100)) for _ in range(11)]
    for client in clients:
        receive_in_turns(client, turns)
        client.receive_loop()
    await watched(timer, *(client.receiving for client in clients))
    assert [client.handled for client in clients] == [[*range(100)]] * 11
    assert [client.ends for client in clients] == [1] * 11
    assert timer.longest <= SLICE_S + PIECE_S


async def test_a_connection_that_breaks_while_read_rejects_who_waits_for_it():
    async def broken():
        raise OSError("reset")

    rejected = []
    client = SimpleNamespace(url="ws://venue", closed=lambda: False, receive=broken, reject=rejected.append)
    receive_in_turns(client, Turns())
    client.receive_loop()
    await client.receiving
    assert [str(error) for error in rejected] == ["reset"]


@given(costs=st.lists(st.floats(1e-7, 1e-3), min_size=1, max_size=30))
def test_a_slice_holds_as_many_as_the_last_ones_would_have_fitted(costs):
    pace = Pace()
    for cost in costs:
        pace.took(pace.count, pace.count * cost)
        assert pace.count == Pace.LEAST or pace.count * cost <= SLICE_S * 1.001
        assert pace.LEAST <= pace.count <= pace.MOST
    for _ in range(20):
        pace.took(pace.count, pace.count * costs[-1])
    assert pace.count == pytest.approx(max(Pace.LEAST, min(Pace.MOST, SLICE_S / costs[-1])), abs=1)


async def test_what_waits_in_the_inbox_of_a_broker_lets_the_loop_turn(monkeypatch):
    monkeypatch.setattr(mqtt_broker, "Slice", lambda: SimpleNamespace(over=True))
    inbox, turns = asyncio.Queue(), 0
    for number in range(10):
        inbox.put_nowait(number)

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    messages = mqtt_broker.incoming(SimpleNamespace(), inbox)
    assert [await anext(messages) for _ in range(10)] == [*range(10)]
    counting.cancel()
    await messages.aclose()
    assert turns >= 9


async def test_how_a_feed_is_does_not_wait_until_its_burst_is_folded(monkeypatch):
    monkeypatch.setattr(hubs, "PULSE_S", 0.0)
    listener = Listener()
    async with desk("steady", steady={"burst": 20_000}) as hub:
        hub.stream.add(listener)
        await until(lambda: sum(type(event) is Liquidation for event in listener.events) == 20_000)
    burst = [n for n, event in enumerate(listener.events) if type(event) is Liquidation]
    told = [n for n, event in enumerate(listener.events) if type(event) is FeedStatus and event.state == "live"]
    assert told and told[0] < burst[-1]
    assert [int(listener.events[n].id) for n in burst] == [*range(20_000)]
