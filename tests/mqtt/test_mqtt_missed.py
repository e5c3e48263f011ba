"""A hub that begins again asks the desk's other hubs for what it missed; where none tells, the gap stays named."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.config.schema import HistoryConfig, JournalConfig
from deskmon.errors import DeskError
from deskmon.events import Gap, Liquidation, Ticker
from deskmon.hub.door import Visitor
from deskmon.hub.hub import Hub
from deskmon.hub.missed import MissedEvents, MissedEventsTeller, news
from deskmon.mqtt.client.presence import Presence
from deskmon.mqtt.client.topics import address
from deskmon.mqtt.hub import ask_others as asking
from deskmon.mqtt.hub.ask_others import ask_others
from deskmon.mqtt.hub.endpoint import MqttEndpoint, mqtt_endpoint
from deskmon.transport.requests import Missed
from tests.hub.market import T0, config
from tests.hub.waiting import until
from tests.mqtt.desks import broker, load, program, screen_at
from tests.mqtt.mosquitto import mosquitto
from tests.timelines.folders import EVENTS, write_folder


@asynccontextmanager
async def hub_of(
    url: str, folder: Path | None, *types: str, name: str = "tokyo"
) -> AsyncIterator[tuple[Hub, MqttEndpoint]]:
    """A hub on a broker that keeps a rolling journal in a folder."""
    journal = JournalConfig(enabled=False) if folder is None else JournalConfig(folder=str(folder))
    desk = msgspec.structs.replace(config(*types), journal=journal, history=HistoryConfig(enabled=False))
    hub = Hub(desk, load=load, rng=random.Random(1))
    async with mqtt_endpoint(hub, broker(url), name, random.Random(1)) as endpoint:
        running = asyncio.create_task(hub.run())
        try:
            await until(hub.stream.begun.is_set)
            yield hub, endpoint
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def ids(hub: Hub) -> list[int]:
    """The numbers of the orders of venue okx on a hub's tape, oldest first."""
    return sorted(int(item.id) for item in hub.stream.model.tape.liquidations.events if item.venue == "okx")


def gaps(hub: Hub) -> list[Gap]:
    """The times in which a hub didn't run, as its model has them."""
    return [gap for gap in hub.stream.model.feeds.gaps if gap.feed == "hub"]


async def heard(hub: Hub, count: int) -> int:
    """Wait until a hub knows so many orders more; the newest."""
    least = len(ids(hub)) + count
    await until(lambda: len(ids(hub)) >= least)
    return ids(hub)[-1]


async def test_what_another_hub_heard_meanwhile_is_told_once_and_the_rest_is_a_gap(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as server:
        url = server.url()
        async with hub_of(url, tmp_path / "osaka", "okx", name="osaka") as (osaka, _):
            async with hub_of(url, tmp_path / "tokyo", "steady") as (tokyo, _):
                last = await heard(tokyo, 5)
            missed = await heard(osaka, 10)
            assert missed >= last + 10
            await osaka._journals.flush()
            async with hub_of(url, tmp_path / "tokyo", "steady") as (tokyo, _):
                known = ids(tokyo)
                [gap] = gaps(tokyo)
                assert len(known) == len(set(known)) and known[-1] >= missed
                assert known == list(range(known[0], known[-1] + 1))
                newest = max(item.arrival for item in tokyo.stream.model.tape.liquidations.events)
                assert newest <= gap.since <= gap.until
                await heard(tokyo, 3)


async def test_the_leader_begins_from_its_own_journal_and_names_the_gap_where_it_is_alone(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as server:
        url = server.url()
        async with hub_of(url, tmp_path / "tokyo", "okx") as (tokyo, endpoint):
            await until(lambda: endpoint.leads)
            await heard(tokyo, 5)
            before = ids(tokyo)
        async with hub_of(url, tmp_path / "tokyo", "okx") as (tokyo, endpoint):
            [gap] = gaps(tokyo)
            window = tokyo.stream.model.state(tokyo.now).liquidations.windows["1h"]
            assert window.lower_bound and window.count >= len(before) and gap.since < gap.until
            await until(lambda: endpoint.leads)
            async with screen_at(url) as screen:
                await until(lambda: screen.beats(1) and screen.liquidations() >= len(before))
                assert [each for each in screen.model.feeds.gaps if each.feed == "hub"] == [gap]


async def test_a_hub_that_tells_nothing_leaves_the_gap_and_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "LIMIT_S", 1.0)
    monkeypatch.setattr(ask_others, "__defaults__", (1.0,))
    async with mosquitto(tmp_path) as server:
        url = server.url()
        async with hub_of(url, tmp_path / "tokyo", "okx") as (tokyo, _):
            await heard(tokyo, 3)
        silent = Presence("silent-1", "silent", "up", 1, "live")
        async with program(url) as other:
            await other.publish(address(url).hub("silent-1"), msgspec.json.encode(silent), qos=1, retain=True)
            async with (
                hub_of(url, None, "steady", name="refuses"),
                hub_of(url, tmp_path / "tokyo", "okx") as (tokyo, _),
            ):
                assert len(gaps(tokyo)) == 1 and len(ids(tokyo)) >= 3


async def test_a_hub_that_refuses_makes_way_for_the_next_one(tmp_path: Path) -> None:
    async with mosquitto(tmp_path) as server:
        url = server.url()
        async with (
            hub_of(url, None, "steady", name="refuses"),
            hub_of(url, tmp_path / "osaka", "okx", name="osaka") as (osaka, _),
        ):
            since = osaka.now
            await heard(osaka, 5)
            missed = await ask_others(broker(url), since, 20.0)
            assert missed is not None and missed.hub == "osaka"
            arrivals = [event.arrival for event in missed.events]
            assert arrivals == sorted(arrivals) and arrivals[0] > since
            assert await ask_others(broker(url), osaka.now - 25 * 3_600_000, 5.0) is None


class End:
    """The way to a hub that asks."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    async def show(self, look: int, frame: bytes) -> None:
        self.frames.append(frame)


async def test_no_more_is_told_than_a_hub_needs_and_no_more_at_once_than_it_bears(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "desk").mkdir()
    write_folder(tmp_path / "desk", [EVENTS[at : at + 50] for at in range(0, len(EVENTS), 50)], each=3)
    flushed = asyncio.Event()
    end, now = End(), EVENTS[-1].arrival
    teller = MissedEventsTeller(lambda: tmp_path / "desk", flushed.wait, lambda: now)
    on_broker = Visitor(end, lambda: 0.0, lease_s=30.0)
    with pytest.raises(DeskError, match="by the broker"):
        teller.take(Missed(id=1, since=now - 1_000), Visitor(end, lambda: 0.0))
    with pytest.raises(DeskError, match="a day"):
        teller.take(Missed(id=1, since=now - 90_000_000), on_broker)
    monkeypatch.setattr("deskmon.hub.missed._CHUNK", 10)
    monkeypatch.setattr("deskmon.hub.missed.MOST_BYTES", 2_000)
    for number in (1, 2):
        assert teller.take(Missed(id=number, since=now - 30_000), on_broker) == "it follows"
    with pytest.raises(DeskError, match="2 hubs are told already"):
        teller.take(Missed(id=3, since=now - 30_000), on_broker)
    flushed.set()
    await until(lambda: sum(frame.endswith(b"[]") for frame in end.frames) == 2)
    assert end.frames[-1].endswith(b"[]") and 2_000 < sum(map(len, end.frames)) / 2 < 2_000 + 10 * 400
    await teller.close()


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5), st.booleans(), st.booleans()), max_size=20))
def test_what_may_be_new_is_what_arrived_later_orders_with_an_id_and_others_that_happened_later(each) -> None:
    def event(ts: int, arrival: int, is_order: bool, has_id: bool) -> Liquidation | Ticker:
        times = {"ts": T0 + ts, "recv": T0 + max(ts, arrival)}
        if not is_order:
            return Ticker(**times, venue="okx", symbol="S", last=1.0)
        id = "x" if has_id else None
        return Liquidation(**times, venue="okx", symbol="S", side="long", price=1.0, amount=1.0, usd=1.0, id=id)

    events = [event(*one) for one in each]
    found = news(MissedEvents("osaka", events), T0)
    for one in events:
        if type(one) is Ticker:
            assert (one in found) == (one.arrival > T0)
        elif one.id is None:
            assert (one in found) == (one.ts > T0)
        else:
            assert one in found  # told apart by its id
