"""Every endpoint of a hub gives what the feed emitted, in the same bytes, which are made once."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.clock import ManualClock
from deskmon.config.schema import FeedConfig
from deskmon.events import (
    Book,
    Candle,
    Encoded,
    Funding,
    Headline,
    Journal,
    Liquidation,
    Metric,
    Option,
    Ticker,
    Trade,
    decode_event,
    encoded,
)
from deskmon.hub import running
from deskmon.hub.journal_files import JournalFile
from deskmon.hub.mailbox import Mailbox
from deskmon.hub.recorder import Recorder
from deskmon.hub.running import emitter
from deskmon.hub.stream import Stream
from deskmon.hub.subscriber import Batch
from deskmon.hub.supervisor import Supervisor
from deskmon.model import Model
from deskmon.mqtt.client.topics import address
from deskmon.mqtt.client.wire import unpack_batch
from deskmon.mqtt.hub.stream_publisher import SequencedPublisher
from deskmon.mqtt.hub.topic_publisher import TopicPublisher
from deskmon.transport.wire import EventDecoder, FrameDecoder
from deskmon.transport.worker_wire import lines_of, pack_lines, unpack_from_worker
from tests.hub.market import T0, trade

amounts = st.floats(1e-9, 1e15) | st.integers(1, 10**15)
ids = st.text(max_size=20) | st.integers(0, 10**12)
names = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=20)
about = {"ts": st.integers(T0, T0 + 10**9), "recv": st.none() | st.integers(T0, T0 + 10**9)}
where = {**about, "venue": names, "symbol": names}


@st.composite
def books(draw):
    levels = st.lists(st.tuples(amounts, st.just(0) | amounts), unique_by=lambda level: level[0], max_size=8).map(
        sorted
    )
    fields = {name: draw(values) for name, values in where.items()}
    nonce = draw(st.none() | st.integers(0, 2**63))
    return Book(**fields, bids=tuple(reversed(draw(levels))), asks=tuple(draw(levels)), nonce=nonce)


emitted = (
    books()
    | st.builds(Ticker, **where, last=amounts, bid=st.none() | amounts, volume_24h=st.none() | amounts)
    | st.builds(Trade, **where, price=amounts, amount=amounts, side=st.sampled_from(["buy", "sell"]), id=ids)
    | st.builds(Liquidation, **where, side=st.just("long"), price=amounts, amount=amounts, usd=amounts, id=ids)
    | st.builds(Funding, **where, rate=st.floats(-1, 1), interval_hours=st.just(8) | st.floats(1, 24))
    | st.builds(
        Candle, **where, timeframe=st.just("1h"), open_time=st.just(T0), open=amounts, high=amounts, low=amounts,
        close=amounts, volume=st.none() | amounts,
    )
    | st.builds(
        Option, **about, venue=names, underlying=st.just("BTC"), expiry=st.just(T0 + 10**9), strike=amounts,
        kind=st.just("call"), underlying_price=amounts,
    )
    | st.builds(Metric, **about, name=names, value=st.floats(-1e15, 1e15))
    | st.builds(Headline, **about, text=st.text(st.characters(codec="utf-8"), max_size=50).map("x{}".format))
)  # fmt: skip


class IdleModel(Model):
    """Finds no waves and levels in what it is given."""

    def apply(self, events):
        pass


class Pipe:
    """Keeps the frames that a screen would get."""

    def __init__(self):
        self.frames = bytearray()

    def offer(self, batch):
        self.frames += batch.frame


class Client:
    """Keeps what the broker would get."""

    def __init__(self):
        self.states = []
        self.messages = []

    async def publish(self, topic, payload, *, retain=False, **_):
        (self.states if retain else self.messages).append(payload)


class Endpoints:
    """What leaves a hub after `events` were emitted one after another: JSON objects, by endpoint."""

    def __init__(self, events):
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(self.fill(events, Path(folder) / "j.jsonl"))

    async def fill(self, events, path):
        mailbox, stream, rejected = Mailbox(), Stream(IdleModel()), []
        pipe, published, shared, topics, client = (
            Pipe(),
            SequencedPublisher(),
            SequencedPublisher(),
            TopicPublisher(address("mqtt://h/d")),
            Client(),
        )
        header = Journal(version=1, source="live", started=T0)
        stream.recorders = [Recorder(JournalFile(lambda _: path, header), ManualClock(T0))]
        for subscriber in (pipe, published, topics):
            stream.add(subscriber)
        for subscriber in (published, shared, topics):
            subscriber.open(True)
        supervisor = Supervisor(
            "mine", FeedConfig(type="mine"), mailbox.put, load=None, clock=ManualClock(T0), rng=random.Random(1)
        )
        emit = emitter(supervisor.take, lambda raw, reason: rejected.append(reason))
        for event in events:
            emit(event)
            items = mailbox.drain()
            shared.offer(Batch(items))
            stream.fold_encoded(items)
            await topics.publish(client)
        await stream.recorders[0].close()
        assert not rejected
        self.journal = path.read_bytes().splitlines()[1:]
        self.pipe = [one for frame in FrameDecoder().feed(bytes(pipe.frames)) for one in objects(frame)]
        self.published, self.shared = in_messages(iter(published.take, None)), in_messages(iter(shared.take, None))
        self.topics = client.states + in_messages(client.messages)


def objects(array):
    """The JSON objects in an array, as they stand there."""
    return [bytes(one) for one in msgspec.json.decode(array, type=list[msgspec.Raw])]


def in_messages(messages):
    return [one for message in messages for one in objects(unpack_batch(message).events)]


def as_read(event):
    """The event with text where a feed gave a number as an id."""
    return msgspec.structs.replace(event, id=str(event.id)) if isinstance(getattr(event, "id", ""), int) else event


@given(st.lists(emitted, min_size=1, max_size=4))
def test_what_every_endpoint_gives_is_what_the_feed_emitted_in_the_same_bytes(events):
    endpoints, expected = Endpoints(events), [*map(as_read, events)]
    assert [decode_event(line) for line in endpoints.journal] == expected
    assert EventDecoder().decode(b"[" + b",".join(endpoints.pipe) + b"]") == expected
    assert endpoints.pipe == endpoints.published == endpoints.shared == endpoints.journal
    topics = [one for one in endpoints.topics if type(decode_event(one)) is not Ticker]  # all fields of a ticker
    assert sorted(topics) == sorted(one for one in endpoints.pipe if type(decode_event(one)) is not Ticker)


@given(st.lists(emitted, min_size=1, max_size=6))
def test_the_pipe_of_a_feeds_own_process_hands_its_bytes_on(events):
    items: list[Encoded] = []
    for event in events:
        emitter(items.append, lambda raw, reason: pytest.fail(reason))(event)
    lines = [item.json() for item in items]
    [payload] = FrameDecoder().feed(pack_lines(lines))
    assert lines_of(payload) == lines
    assert [unpack_from_worker(line) for line in lines] == [*map(as_read, events)]


def test_an_event_is_encoded_once_however_many_endpoints_it_leaves_by(monkeypatch):
    made = []

    def counting(event, encode=encoded.encode_event):
        made.append(event)
        return encode(event)

    monkeypatch.setattr(encoded, "encode_event", counting)
    monkeypatch.setattr(running, "encode_event", counting)
    events = [trade(1), Headline(ts=T0, text="x"), Book(ts=T0, venue="v", symbol="s", bids=((1.0, 2.0),), asks=())]
    endpoints = Endpoints(events)
    assert len(endpoints.journal) == len(endpoints.pipe) == len(events)
    assert made == events


@given(books(), st.sampled_from(["list", "int", "bool", "text", "short"]))
def test_a_book_of_other_types_than_declared_is_read_again_or_refused(book, kind):
    level = {"list": [1.0, 2.0], "int": (1, 2), "bool": (True, 2.0), "text": ("1", 2.0), "short": (1.0,)}[kind]
    exact = msgspec.structs.replace(book, bids=(), asks=((1.0, 2.0),))
    msgspec.structs.force_setattr(exact, "asks", (level,))
    items: list[Encoded] = []
    emitter(items.append, lambda raw, reason: None)(exact)
    assert [item.event.asks for item in items] == ([((1.0, 2.0),)] if kind in ("list", "int") else [])
