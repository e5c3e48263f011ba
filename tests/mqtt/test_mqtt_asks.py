"""Requests of screens: answered within each client's limits, ignored and counted else, and in nobody's way."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.pour import message, publisher
from deskmon.hub.door import BURST, Door
from deskmon.mqtt.client.intake import _Connection, _packet, _text
from deskmon.mqtt.client.link import HERE_S
from deskmon.mqtt.client.topics import address
from deskmon.mqtt.hub.requests import CLIENTS, FEED, GONE_S, RequestService
from deskmon.transport.requests import Here, Note, Reply, Snapshot, unpack_reply
from tests.hub.waiting import LIMIT_S, until
from tests.mqtt.desks import broker, hub_at, program, screen_at
from tests.mqtt.mosquitto import mosquitto

GOOD = b'{"id":7,"do":"snapshot"}'
NONE = [
    b"", b"{}", b"null", b"[]", b'"snapshot"', b"\xff\xfe", GOOD[:-1], b'{"do":"snapshot"}', b'{"id":1}',
    b'{"id":"1","do":"snapshot"}', b'{"id":1,"do":"shutdown"}', b'{"id":1,"do":"reload","value":"{}"}',
    b'{"id":1,"do":"pause"}', b'{"id":1,"do":"seek","value":0}', b'{"id":1,"do":"watch","value":"BTC"}',
    b'{"id":1,"do":"pin","pin":{}}', b"[" * 3_000,
]  # fmt: skip


@pytest.fixture
async def desk(tmp_path):
    async with mosquitto(tmp_path) as running:
        yield running


def figures(hub):
    return hub.stream.model.feeds.figures(hub.now).get(FEED)


async def test_a_request_is_answered_to_who_asked_and_the_snapshot_comes(desk):
    async with hub_at(desk.url(), "steady") as (hub, endpoint), program(desk.url(), identifier="me") as me:
        base = "deskmon/v1/desk"
        await until(lambda: figures(hub) is not None and figures(hub).state == "live")
        await me.subscribe([(f"{base}/reply/{endpoint.id}/me", 0), (f"{base}/snapshot/{endpoint.id}", 1)])
        await me.publish(f"{base}/ask/{endpoint.id}/me", GOOD)
        kinds = set()
        async with asyncio.timeout(LIMIT_S):
            while kinds != {"reply", "snapshot"}:
                message = await anext(me.messages)
                kinds.add(str(message.topic).split("/")[3])
                if "/reply/" in str(message.topic):
                    assert json.loads(message.payload) == {"ok": True, "text": "", "id": 7}


async def test_a_screen_on_a_broker_asks_and_is_answered(desk):
    async with hub_at(desk.url(), "steady") as (hub, _), screen_at(desk.url()) as screen:
        notes = []
        hub.door.handle(Note, lambda request, visitor: notes.append(request))
        await until(lambda: screen.beats(2))
        reply = await screen.link.ask(Note(id=0, by="ana", text="sold half"))
        assert reply == Reply(ok=True, id=reply.id) and [note.by for note in notes] == ["ana"]


async def test_what_is_no_request_is_counted_and_changes_nothing(desk):
    async with hub_at(desk.url(), "steady") as (hub, endpoint), screen_at(desk.url()) as screen:
        await until(lambda: screen.beats(2))
        async with program(desk.url()) as other:
            for number, payload in enumerate(NONE):
                await other.publish(f"deskmon/v1/desk/ask/{endpoint.id}/c{number}", payload, qos=1)
            for topic in ("", "a b", "x" * 65, "\N{SNOWMAN}"):
                await other.publish(f"deskmon/v1/desk/ask/{endpoint.id}/{topic}", GOOD, qos=1)
            await other.publish(f"deskmon/v1/desk/ask/{endpoint.id}", GOOD, qos=1)
            await other.publish(f"deskmon/v1/desk/ask/{endpoint.id}/big", b" " * 1_000_000, qos=1)
        await until(lambda: figures(hub).rejected == len(NONE) + 4)
        assert (figures(hub).events, figures(hub).dropped) == (1, 0), "the screen's own"
        beats = screen.model.pulse.seq
        await until(lambda: screen.beats(beats + 4))
        assert (screen.link.state, screen.resets, screen.model.pulse.paused) == ("live", 1, False)


async def test_each_client_has_its_own_limit_and_is_told_once_that_it_reached_it(desk):
    base = "deskmon/v1/desk"
    async with hub_at(desk.url(), "steady") as (hub, endpoint), program(desk.url()) as other:
        await until(lambda: figures(hub) is not None and figures(hub).state == "live")
        await other.subscribe(f"{base}/reply/{endpoint.id}/+")
        for _ in range(200):
            await other.publish(f"{base}/ask/{endpoint.id}/greedy", GOOD)
        await other.publish(f"{base}/ask/{endpoint.id}/modest", GOOD)
        replies = {"greedy": [], "modest": []}
        async with asyncio.timeout(LIMIT_S):
            while not replies["modest"]:
                message = await anext(other.messages)
                replies[str(message.topic).rpartition("/")[2]].append(unpack_reply(message.payload))
        assert replies["modest"][0].ok
        refusals = [reply for reply in replies["greedy"] if not reply.ok]
        assert {reply.text for reply in refusals} == {"asks more than 2 a second and 20 at once; wait"}
        assert BURST < len(replies["greedy"]) < 100 and len(refusals) < len(replies["greedy"]) / 2
        await until(lambda: figures(hub).dropped > 100)
        assert figures(hub).detail == "greedy asks more than 2 a second and 20 at once"


async def test_clients_by_the_thousand_are_forgotten_again():
    opened = Door()
    opened.handle(Snapshot, lambda request, visitor: visitor.end.restart())
    asks = RequestService(broker("mqtt://127.0.0.1/desk"), "tokyo", opened, lambda: None, None)
    for number in range(3 * CLIENTS):
        asks.take(address("mqtt://h/desk").ask("tokyo", f"c{number}").encode(), GOOD)
    assert len(asks._clients) == CLIENTS
    assert asks.report(1_700_000_000_000).events == 3 * CLIENTS


@pytest.mark.parametrize("payload", [b"{}", GOOD, None])
async def test_a_flood_is_in_nobodys_way(desk, payload):
    """Requests, or where None events of a program. The long form is `benchmarks.requests`."""
    count, at = 20_000, address(desk.url())
    feed = "mqtt in" if payload is None else FEED
    async with hub_at(desk.url(), "steady", steady={"burst": 50}) as (hub, endpoint), screen_at(desk.url()) as early:
        await until(lambda: early.liquidations() == 50 and early.feed(feed).state == "live")
        before = early.model.pulse.seq
        topic = at.ingest("metric") if payload is None else at.ask(endpoint.id, "mallory")
        packets = message(topic, payload or b"{}") * (count // 20)

        def pour():
            with publisher(desk.port, "mallory") as sock:
                for _ in range(20):
                    sock.sendall(packets)

        def counted():
            figure = hub.stream.model.feeds.figures(hub.now)[feed]
            return figure.dropped + figure.rejected + figure.events

        pouring = asyncio.create_task(asyncio.to_thread(pour))
        async with screen_at(desk.url()) as late:
            await until(lambda: late.liquidations() == 50)
            await pouring
            await until(lambda: counted() > 1_000)  # the broker drops what a busy machine takes too slowly
            await until(lambda: early.beats(before + 4) and late.beats(before + 4))
            assert (early.link.state, early.resets, [*early.link.gaps]) == ("live", 1, [])
            assert (late.link.state, late.resets, [*late.link.gaps]) == ("live", 1, [])
        assert early.feed("mqtt").reconnects == early.feed(feed).reconnects == 0
        assert early.feed("mqtt").dropped == 0


class Pipe(asyncio.Transport):
    """What a connection sees of its socket."""

    def __init__(self):
        super().__init__()
        self.ended = False

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass

    def is_closing(self):
        return self.ended

    def abort(self):
        self.ended = True


def taken(stream, cuts):
    """Messages that a connection takes from a stream of bytes cut at `cuts`, and whether it ended by them."""

    async def read():
        messages = []
        connection = _Connection(lambda topic, payload: messages.append((topic, payload)), 10_000)
        connection.connection_made(Pipe())
        edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
        for start, end in pairwise(edges):
            if not connection._transport.ended:
                connection.data_received(stream[start:end])
        return messages, connection._transport.ended

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deskmon.mqtt.client.intake.Slice", Endless)
        return asyncio.run(read())


class Endless:
    """A slice that no slow machine ends."""

    over = False


_MESSAGES = st.lists(
    st.tuples(st.text("abc/+é", max_size=20), st.binary(max_size=300), st.binary(max_size=200)), max_size=8
)


@given(_MESSAGES, st.lists(st.integers(0, 3_000), max_size=12))
def test_messages_come_out_whole_however_the_stream_is_cut(messages, cuts):
    packets = []
    for topic, payload, properties in messages:
        head = _packet(0, properties)[1:]  # a length and that many bytes
        packets += [_packet(0x30, _text(topic) + head + payload), b"\xd0\x00"]
    assert taken(b"".join(packets), cuts) == ([(topic.encode(), payload) for topic, payload, _ in messages], False)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=4))
def test_bytes_that_are_no_mqtt_end_the_connection_or_wait_for_more(stream, cuts):
    messages, _ = taken(stream, cuts)
    assert sum(len(topic) + len(payload) for topic, payload in messages) < max(1, len(stream))


def test_a_message_that_makes_no_sense_ends_the_connection():
    for packet in (b"\x30\x02\xff\xff", b"\x30\x03\x00\x01a", b"\x30\xff\xff\xff\xff\x7f", b"\x30\x04\x00\x01a\x7f"):
        assert taken(packet + b"\x00" * 10, [])[1]
    assert taken(b"\x30\xff", []) == ([], False)


async def test_a_screen_on_a_broker_counts_while_it_says_that_it_is_there(monkeypatch):
    now, opened = [100.0], Door()
    monkeypatch.setattr("deskmon.mqtt.hub.requests._now", lambda: now[0])
    opened.handle(Here, lambda request, visitor: None)
    asks = RequestService(broker("mqtt://127.0.0.1/desk"), "tokyo", opened, lambda: None, None)

    def say(client, payload=b'{"id":1,"do":"here"}'):
        asks.take(address("mqtt://h/desk").ask("tokyo", client).encode(), payload)

    assert HERE_S < GONE_S / 2, "one that is lost takes no screen away"
    for client in ("a", "b"):
        say(client)
    say("c", b"no request")
    assert asks.screens == 2
    now[0] += GONE_S - 1
    say("a")
    now[0] += 2
    assert asks.screens == 1
    now[0] += GONE_S
    assert asks.screens == 0
