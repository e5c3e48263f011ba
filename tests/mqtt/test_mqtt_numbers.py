"""The numbers of a stream: what is queued, dropped or split is always counted, and a reader puts it together again."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.errors import DeskError
from deskmon.events import Book, Encoded, Headline, decode_batch
from deskmon.hub.subscriber import Batch
from deskmon.mqtt.client.presence import EXPIRY_S, Presence, Presences
from deskmon.mqtt.client.topics import address
from deskmon.mqtt.client.wire import MESSAGE_BYTES, SnapshotAssembler, pack_snapshot, unpack_batch
from deskmon.mqtt.hub.stream_publisher import SequencedPublisher
from deskmon.mqtt.hub.topic_publisher import WAITING, TopicPublisher
from tests.hub.market import T0, ticker, trade
from tests.hub.waiting import LIMIT_S


def batch(*events):
    return Batch([Encoded(event) for event in events])


@given(st.lists(st.lists(st.integers(0, 99), max_size=5) | st.none(), max_size=20), st.integers(200, 4_000))
def test_events_arrive_in_order_under_their_numbers_or_their_numbers_are_missing(course, limit):
    """A list is a batch, None a turn in which the broker takes all that waits."""
    publisher, sent, received = SequencedPublisher(limit), [], {}
    publisher.open(True)
    for numbers in [*course, None]:
        if numbers is None:
            for message in map(unpack_batch, iter(publisher.take, None)):
                events = decode_batch(message.events)
                assert message.next - message.seq == len(events)
                received.update(enumerate(events, message.seq))
        else:
            events = [trade(number) for number in numbers]
            sent += events
            publisher.offer(batch(*events))
    assert list(received) == sorted(received)
    assert all(sent[seq] == event for seq, event in received.items())
    assert (publisher.seq, publisher.dropped) == (len(sent), len(sent) - len(received))


def test_a_batch_that_is_too_long_for_a_message_is_split():
    side = tuple((100.0 - n / 10, 1.0) for n in range(400))
    books = [Book(ts=T0, venue="v", symbol=f"S{n}", bids=side, asks=()) for n in range(300)]
    publisher = SequencedPublisher()
    publisher.open(True)
    publisher.offer(batch(*books))
    messages = [*iter(publisher.take, None)]
    assert max(map(len, messages)) < MESSAGE_BYTES + 1_000
    assert [book for message in messages for book in decode_batch(unpack_batch(message).events)] == books


def test_nobody_reads_nothing_waits_and_all_is_counted():
    publisher = SequencedPublisher()
    publisher.offer(batch(trade(1), trade(2)))
    publisher.open(True)
    assert publisher.take() is None
    publisher.offer(batch(trade(3)))
    assert unpack_batch(publisher.take()).seq == 2
    publisher.offer(batch(trade(4)))
    publisher.restart()
    publisher.offer(batch(trade(5)))
    assert unpack_batch(publisher.take()).seq == 5, "a jump leaves a number that no event has"


def test_no_message_holds_events_on_both_sides_of_a_snapshot():
    publisher = SequencedPublisher()
    publisher.open(True)
    publisher.offer(batch(trade(0), trade(1)))
    assert publisher.border() == 2
    publisher.offer(batch(trade(2)))
    messages = [unpack_batch(message) for message in iter(publisher.take, None)]
    assert [(message.seq, message.next) for message in messages] == [(0, 2), (2, 3)]


@given(
    st.lists(st.text(max_size=50).map(lambda text: msgspec.json.encode([text])), min_size=1, max_size=20), st.randoms()
)
def test_fragments_are_a_snapshot_in_whatever_order(arrays, rng):
    messages = pack_snapshot(7, [*arrays, msgspec.json.encode(["x" * MESSAGE_BYTES])])
    rng.shuffle(messages)
    gatherer = SnapshotAssembler()
    gatherer.add(pack_snapshot(6, [b"[1]", b"x" * MESSAGE_BYTES])[0])
    *early, last = [gatherer.add(message) for message in messages]
    assert early == [None] * len(early)
    assert last == (7, [*arrays, msgspec.json.encode(["x" * MESSAGE_BYTES])])


@given(
    st.binary(max_size=100)
    | st.from_regex(rb'\{"seq":-?\d{1,3},"(next|part)":-?\d{1,3},"(events|of)":[\[\]\d,]{0,8}(,"text":"a")?\}')
)
def test_rubbish_is_refused_or_makes_sense(payload):
    with suppress(DeskError):
        message = unpack_batch(payload)
        assert 0 <= message.seq <= message.next
    with suppress(DeskError):
        whole = SnapshotAssembler().add(payload)
        assert whole is None or whole[0] >= 0


def test_a_stretch_that_ends_before_it_begins_is_none():
    with pytest.raises(DeskError):
        unpack_batch(b'{"seq":5,"next":4,"events":[]}')


async def test_topics_hold_the_newest_state_and_count_what_they_drop():
    topics = TopicPublisher(address("mqtt://h/desk"))
    topics.offer(batch(ticker(1.0)))
    topics.open(True)
    topics.offer(batch(ticker(1.0, bid=0.9), ticker(2.0, ts=T0 + 1)))
    for _ in range(WAITING // 100 + 1):
        topics.offer(batch(*[Headline(ts=T0, text="x")] * 100))
    client = Client()
    await topics.publish(client)
    states = {topic: msgspec.json.decode(payload) for topic, payload, retain in client.messages if retain}
    [state] = states.values()
    assert (state["last"], state["bid"]) == (2.0, 0.9), "a field that is left out is unchanged"
    [headlines] = [unpack_batch(payload) for topic, payload, retain in client.messages if not retain]
    assert (headlines.seq, headlines.next) == (0, WAITING)
    topics.offer(batch(Headline(ts=T0, text="y")))
    await topics.publish(client)
    assert unpack_batch(client.messages[-1][1]).seq == WAITING + 100


class Client:
    """Takes what is published."""

    def __init__(self):
        self.messages = []

    async def publish(self, topic, payload, *, retain=False, **_):
        self.messages.append((topic, payload, retain))


def presence(hub, started, mode="live", state="up"):
    return Presence(hub, hub, state, started, mode)


def test_who_leads_is_live_before_all_and_then_up_for_longest():
    hubs = Presences()
    for one in (presence("late", 9), presence("early", 5), presence("demo", 1, "demo"), presence("gone", 0)):
        hubs.take(one.hub, msgspec.json.encode(one), 0.0)
    hubs.take("gone", msgspec.json.encode(presence("gone", 0, state="dead")), 1.0)
    assert hubs.leader(1.0).hub == "early"
    hubs.take("late", msgspec.json.encode(presence("late", 9)), 10.0)
    hubs.take("demo", msgspec.json.encode(presence("demo", 1, "demo")), 10.0)
    assert hubs.leader(EXPIRY_S + 1.0).hub == "late", "who says nothing any more is gone"
    assert hubs.leader(EXPIRY_S + 11.0) is None


@pytest.mark.parametrize("payload", [b"", b"{}", b"x", msgspec.json.encode(presence("other", 1))])
def test_what_is_no_word_of_this_hub_says_nothing(payload):
    hubs = Presences()
    assert hubs.take("hub", payload, 0.0) is None
    assert not hubs.up(0.0)


class Answering:
    """A client of a broker whose answer comes in the very moment in which the publisher is cancelled."""

    async def publish(self, topic, payload, **options):
        with suppress(asyncio.CancelledError):  # as asyncio.wait_for of Python 3.11 does
            await asyncio.Event().wait()


async def test_a_cancellation_that_the_brokers_answer_swallows_ends_the_publisher_all_the_same():
    publisher = SequencedPublisher(4_000)
    publisher.open(True)
    publisher.offer(batch(trade(1)))
    publishing = asyncio.create_task(publisher.send(Answering(), "topic"))
    for _ in range(5):
        await asyncio.sleep(0)
    publishing.cancel()
    done, _ = await asyncio.wait({publishing}, timeout=LIMIT_S)
    assert done and publishing.cancelled()
