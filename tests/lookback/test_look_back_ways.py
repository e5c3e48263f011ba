"""What carries a look-back: the messages of a broker, and the end of one whose client is gone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deskmon.hub.door import Visitor
from deskmon.mqtt.client import wire
from deskmon.mqtt.client.wire import LookAssembler, pack_look, unpack_look
from deskmon.transport.requests import Look
from tests.hub.test_hub import desk
from tests.hub.waiting import until
from tests.timelines.builders import T0
from tests.timelines.damage import market
from tests.timelines.folders import write_folder


class Client:
    """A client on a broker that takes what comes and never asks again."""

    def __init__(self):
        self.shown, self.lives, self.replies = [], 0, []

    async def show(self, look, frame):
        self.shown.append((look, frame))

    def live(self):
        self.lives += 1

    def reply(self, reply):
        self.replies.append(reply)

    def restart(self):
        pass


@given(st.lists(st.text(max_size=30), max_size=8), st.integers(0, 12))
def test_arrays_come_out_whole_and_a_message_that_is_missing_is_noticed_until_the_next_beginning(texts, lost):
    arrays = [f"[{text}]".encode() for text in texts]
    before, wire.MESSAGE_BYTES = wire.MESSAGE_BYTES, 7
    try:
        messages, seq = [], 0
        for array in arrays:
            messages += pack_look(5, seq, array)
            seq = len(messages)
    finally:
        wire.MESSAGE_BYTES = before
    parts = [unpack_look(message) for message in messages]
    assembler = LookAssembler()
    whole = [array for array in map(assembler.add, parts) if array is not None]
    assert whole == arrays and not assembler.torn
    torn = LookAssembler()
    if 0 < lost < len(parts) - 1:
        for part in (*parts[:lost], *parts[lost + 1 :]):
            torn.add(part)
        assert torn.torn
        assert torn.add(unpack_look(pack_look(5, 0, b"[]")[0])) == b"[]" and not torn.torn
    assert {part.look for part in parts} <= {5} and unpack_look(b'{"ok":true}') is None


async def test_what_a_client_looks_back_at_ends_when_it_is_not_heard_of_any_more(tmp_path):
    write_folder(tmp_path, market(5), each=5)
    async with desk("steady") as hub:
        hub.journal_folder, client = tmp_path, Client()
        visitor = Visitor(client, lambda: 0.0, lease_s=0.0)
        hub.look_backs.take(Look(id=3, at=T0 + 2_000), visitor)
        await until(lambda: client.lives)
        assert client.shown and {look for look, _ in client.shown} == {3} and not hub.look_backs._looks
