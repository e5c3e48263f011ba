"""A trader's note goes by the door into the hub's stream, its log and its journal, and to the desk's other hubs."""

import msgspec
import pytest

from deskmon.events import Note
from deskmon.hub.door import Visitor
from deskmon.hub.hub import Hub
from deskmon.transport import requests
from tests.hub.market import config, load
from tests.hub.test_door import End


class Heard:
    """What leaves for other hubs."""

    def __init__(self):
        self.items = []

    def offer(self, batch):
        self.items += batch.items


def ask(hub, **fields):
    end = End()
    outcome = hub.door.take(msgspec.json.encode(requests.Note(id=4, **fields)), Visitor(end, lambda: 0.0))
    assert outcome == "taken"
    return end.replies[0]


async def test_a_note_is_in_the_stream_signed_and_with_the_hub_s_time():
    hub = Hub(config(), load=load)
    other = Heard()
    hub.share_subscribers.add(other)
    assert ask(hub, by="ana", text="sold half", symbol="BTC/USDT", price=99.5) == requests.Reply(
        ok=True, text="noted as ana", id=4
    )
    await hub._drain()
    [line] = hub.stream.model.figures("log", hub.now)
    assert (line.kind, line.text, line.by, line.symbol, line.price) == ("notes", "sold half", "ana", "BTC/USDT", 99.5)
    assert abs(line.ts - hub.now) < 60_000
    assert [type(item.event) for item in other.items] == [Note]


@pytest.mark.parametrize("wrong", [{"by": ""}, {"by": "a\nb"}, {"by": "ana", "text": "  "}])
async def test_a_note_that_nobody_signs_or_that_says_nothing_is_refused_in_words(wrong):
    hub = Hub(config(), load=load)
    reply = ask(hub, **{"text": "x", **wrong})
    assert not reply.ok and reply.text
    await hub._drain()
    assert hub.stream.model.figures("log", hub.now) == []


async def test_notes_of_one_screen_are_limited_as_all_its_requests_are():
    hub = Hub(config(), load=load)
    visitor = Visitor(End(), lambda: 0.0)
    payload = msgspec.json.encode(requests.Note(id=1, by="ana", text="x"))
    outcomes = [hub.door.take(payload, visitor) for _ in range(200)]
    await hub._drain()
    assert outcomes.count("taken") == len(hub.stream.model.figures("log", hub.now)) < 50
