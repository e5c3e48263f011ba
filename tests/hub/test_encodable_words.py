"""What a feed says reaches every screen, though it holds halves of characters, which no UTF-8 can carry."""

from __future__ import annotations

import asyncio
import logging

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deskmon.clock import LiveClock, ManualClock
from deskmon.events import FeedStatus, Headline, Journal, JournalFiles, encode_event
from deskmon.events.checks import encodable
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.hub import Hub
from deskmon.hub.journal_files import JournalFile
from deskmon.hub.recorder import Recorder
from deskmon.hub.running import describe_fault, excerpt, said
from deskmon.hub.stream import Stream
from deskmon.hub.worker import Outbox
from deskmon.loop_watch import Hold
from deskmon.model import Model
from deskmon.transport.link import UnixLink
from deskmon.transport.worker_wire import pack_message
from tests.hub.market import T0, config, load, trade
from tests.hub.waiting import until

HALVES = ("\ud800", "\udbff", "\udc00", "\udfff", "\ud83d")
ANY = st.lists(st.sampled_from(HALVES) | st.characters()).map("".join)


@given(ANY)
@example("a\ud800b\udcff")
def test_any_text_is_made_encodable_once_and_never_longer(text: str) -> None:
    made = encodable(text)
    made.encode()
    assert len(made) <= len(text)
    assert encodable(made) == made
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert made == text


@given(ANY)
@example("a\ud800b\udcff")
def test_whatever_a_feed_says_can_be_sent(text: str) -> None:
    stated = said("live", text, {text: text})
    msgspec.json.encode((stated, describe_fault(RuntimeError(text)), excerpt(text)))
    encode_event(FeedStatus(ts=T0, feed="f", state="live", detail=text[:500], channels={text: text}))
    outbox = Outbox("far")
    outbox.say("live", text, {text: text})
    outbox.reject(text, text)
    outbox.held(Hold(None, 1.0, text, True))
    outbox.emit(logging.LogRecord(text, logging.INFO, "", 0, "%s", (text,), None))
    message = outbox.take()[1]
    pack_message(message)
    assert len(message.samples) == 1, "what was refused is told, whatever it holds"


def test_a_fault_that_can_not_say_what_it_is_is_told_by_its_class() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    assert describe_fault(Mute()) == "Mute"


def test_an_event_with_half_a_character_is_refused_by_its_own_check() -> None:
    with pytest.raises(ValueError, match="text: has half of a character"):
        Headline(ts=T0, text="a\udcffb")
    with pytest.raises(ValueError, match="symbol: "):
        msgspec.structs.replace(trade(1), symbol="BTC\ud800")
    assert Headline(ts=T0, text="Börse 🚀").text == "Börse 🚀"


async def test_a_screen_that_attaches_reads_what_a_feed_says_that_speaks_no_unicode(tmp_path, monkeypatch) -> None:
    # A worker of pytest-xdist can't send what the feed itself logs in this process.
    monkeypatch.setattr(logging.getLogger("gar\udcffbled"), "propagate", False)
    hub = Hub(config("garbled", "steady"), clock=LiveClock(), load=load)
    running = asyncio.create_task(hub.run())
    path = tmp_path / "hub.sock"
    try:
        async with unix_endpoint(hub.stream, path, hub.door):
            figures = lambda: hub.stream.model.feeds.figures(hub.now)  # noqa: E731
            await until(lambda: "garbled" in figures() and figures()["garbled"].state == "live")
            link, model = UnixLink(path), Model()

            async def follow() -> None:
                async for batch in link.events():
                    model.apply(batch)

            following = asyncio.create_task(follow())
            await until(lambda: model.pulse is not None and "garbled" in model.feeds.figures(hub.now))
            status = model.feeds.figures(hub.now)["garbled"]
            assert status.detail == "all \ufffd well"
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            await link.close()
            assert hub.stream.unsendable == 0
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_what_can_not_be_sent_costs_itself_and_is_counted_in_a_stream_and_in_a_snapshot(caplog) -> None:
    stream = Stream(Model())
    bad = msgspec.structs.replace(trade(1), id="\ud800")
    stream.fold([bad, trade(2), trade(3)])
    assert stream.unsendable == 1
    assert "a Trade can't be sent and is left out" in caplog.text
    stream.model.apply([bad])
    frames = await stream.snapshot()
    assert stream.unsendable == 2
    assert len(frames) > 3, "what else the desk knows is there"


async def test_the_path_of_a_journal_whose_name_is_no_utf8_is_told_encodable(tmp_path) -> None:

    header = Journal(version=1, ts=T0, source="live", started=T0, mode="live")
    recorder = Recorder(JournalFile(lambda _: tmp_path / "a\udcff.jsonl", header), ManualClock(T0))
    await recorder.flush()
    await recorder.close()
    written = recorder.written()
    assert isinstance(written, JournalFiles)
    assert written.path.endswith("a\ufffd.jsonl")
    msgspec.json.encode(written)
