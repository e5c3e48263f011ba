"""A screen that draws with the heartbeat is handed what came before it, all of it and in order."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.events import Liquidation, Pulse
from deskmon.transport import link as links
from deskmon.transport.link import Link
from deskmon.transport.requests import Reply
from deskmon.transport.wire import FrameDecoder, is_heartbeat, pack, pack_events, pack_message
from tests.hub.market import T0, liquidation

BEAT = pack_events([Pulse(ts=T0, seq=1, mode="live")])


def order(number: int) -> bytes:
    return pack_events([liquidation(number, ts=T0)])


class HandLink(Link):
    """A link to a hub that a test plays."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = asyncio.StreamReader()
        self.with_heartbeat = True
        self.got: list[str] = []

    async def follow(self) -> None:
        """Note what is handed out: the ids of orders, `beat`, and `|` where a batch ends."""
        async for batch in self._batches(self.reader, 10.0):
            self.got += [event.id if isinstance(event, Liquidation) else "beat" for event in batch]

    async def _send(self, payload: bytes) -> bool:
        return True


async def turns() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


async def test_events_wait_for_the_heartbeat_and_come_before_it():
    link = HandLink()
    task = asyncio.create_task(link.follow())
    link.reader.feed_data(order(1))
    await turns()
    link.reader.feed_data(order(2))
    await turns()
    assert link.got == []
    link.reader.feed_data(BEAT + order(3))
    await turns()
    assert link.got == ["1", "2", "beat", "3"], "what arrived with it needn't wait for the next"
    link.reader.feed_data(order(4))
    await turns()
    assert link.got[4:] == []
    link.with_heartbeat = False
    link.reader.feed_data(order(5))
    await turns()
    assert link.got[4:] == ["4", "5"]
    link.reader.feed_eof()
    await task


async def test_the_last_words_of_a_hub_and_a_silence_end_the_wait(monkeypatch):
    monkeypatch.setattr(links, "_SLOT_S", 0.0)
    link = HandLink()
    link.reader.feed_data(order(1))
    link.reader.feed_eof()
    await link.follow()
    assert link.got == ["1"]
    silent = HandLink()
    task = asyncio.create_task(silent.follow())
    silent.reader.feed_data(order(1))
    await turns()
    await turns()
    assert silent.got == ["1"]
    silent.reader.feed_eof()
    await task


async def test_an_answer_waits_for_nothing_and_much_waits_for_no_heartbeat(monkeypatch):
    link = HandLink()
    task = asyncio.create_task(link.follow())
    link.reader.feed_data(order(1) + pack_message(Reply(ok=True, id=0, text="said")))
    await turns()
    assert (link.got, [*link.said]) == ([], ["said"])
    monkeypatch.setattr(links, "_CHUNK", 2 * len(order(1)))
    link.reader.feed_data(order(2))
    await turns()
    link.reader.feed_data(order(3))
    await turns()
    assert link.got == ["1", "2", "3"]
    link.reader.feed_eof()
    await task


async def test_on_a_slow_line_nothing_waits_long_for_a_heartbeat(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(links, "monotonic", lambda: now[0])
    link = HandLink()
    task = asyncio.create_task(link.follow())
    for number in range(1, 5):
        link.reader.feed_data(order(number))
        await turns()
        now[0] += 0.2
    assert link.got == ["1", "2", "3", "4"]
    link.reader.feed_data(order(5))
    await turns()
    assert link.got[4:] == []
    link.reader.feed_eof()
    await task


async def test_between_two_batches_that_waited_others_have_their_turn():
    link = HandLink()
    task = asyncio.create_task(link.follow())
    link.reader.feed_data(b"".join(order(number) for number in range(5)))
    await turns()
    link.reader.feed_data(BEAT)
    seen = []
    while len(link.got) < 6:
        await asyncio.sleep(0)
        seen.append(len(link.got))
    assert {1, 2, 3, 4, 5} <= {*seen}
    link.reader.feed_eof()
    await task


@given(frames=st.lists(st.sampled_from(["order", "beat", "said"]), max_size=30), data=st.data())
def test_whatever_pieces_it_comes_in_all_is_handed_out_in_order(frames, data):
    packed = {"beat": BEAT, "said": pack_message(Reply(ok=True, id=0, text="said"))}
    sent = [packed.get(kind) or order(number) for number, kind in enumerate(frames)]
    whole = b"".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))

    async def play() -> list[str]:
        link = HandLink()
        task = asyncio.create_task(link.follow())
        for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
            link.reader.feed_data(whole[start:end])
            await turns()
        link.reader.feed_eof()
        await task
        return link.got

    wanted = ["beat" if kind == "beat" else str(number) for number, kind in enumerate(frames) if kind != "said"]
    assert asyncio.run(play()) == wanted


@pytest.mark.parametrize(("frame", "is_one"), [(BEAT, True), (order(1), False), (pack(b"[]"), False)])
def test_a_heartbeat_is_known_by_how_its_frame_begins(frame, is_one):
    (payload,) = FrameDecoder().feed(frame)
    assert is_heartbeat(payload) is is_one
