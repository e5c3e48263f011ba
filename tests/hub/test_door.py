"""What screens ask of a hub is taken by kind, within limits and trust; what is no request changes nothing."""

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskmon.analytics.level_settings import Pinned
from deskmon.clock import HOUR, ManualClock
from deskmon.errors import DeskError
from deskmon.hub.door import BURST, FEED, Door, Visitor
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.hub import Hub
from deskmon.transport.link import UnixLink
from deskmon.transport.requests import (
    MAX_BYTES,
    Acknowledge,
    Control,
    Find,
    Look,
    Note,
    Reply,
    Snapshot,
    Snooze,
    control,
    unpack_reply,
)
from tests.hub.market import T0, config, load
from tests.hub.test_hub import desk
from tests.hub.test_links import quick, watching
from tests.hub.waiting import until
from tests.options.chains import market

GOOD = [
    Snapshot(id=1), Look(id=2, at=T0), Look(id=3, speed=60.0),
    Note(id=4, by="ana", text="sold", symbol="BTC", price=5e4),
    Acknowledge(id=5, by="ana", rule="funding"), Snooze(id=6, rule="funding", until=T0), Snooze(id=7, rule="funding"),
]  # fmt: skip
NONE = [
    b"", b"{}", b"null", b"[]", b'"snapshot"', b"\xff\xfe", b'{"id":7,"do":"snapshot"',
    b'{"do":"snapshot"}', b'{"id":1}',
    b'{"id":"1","do":"snapshot"}', b'{"id":1,"do":"shutdown"}', b'{"id":1,"do":["note"]}', b'{"id":1,"do":"note"}',
    b'{"id":1,"do":"note","text":""}', b'{"id":1,"do":"note","text":"x","price":-1}', b'{"id":1,"do":"look","at":0}',
    b'{"id":1,"do":"look","speed":-1}', b'{"id":1,"do":"snooze","rule":""}', b"[" * 3_000,
    b'{"id":1,"do":"note","text":"' + b"x" * MAX_BYTES + b'"}',
]  # fmt: skip
OWNERS = [control("pause"), control("seek", T0), control("watch", "BTC"), control("reload", "{}"),
          control("pin", Pinned(symbol="BTC", price=1.0)), Find(id=8, what=("levels", "X/Y"), at=T0)]  # fmt: skip


class End:
    """A way to a screen that keeps what goes there."""

    def __init__(self):
        self.replies, self.restarts = [], 0

    def reply(self, reply):
        self.replies.append(reply)

    def restart(self):
        self.restarts += 1


def door():
    """A door that has a handler for every kind, and what the handlers got."""
    made, got = Door(), []
    for kind in (Snapshot, Look, Note, Acknowledge, Snooze, Control, Find):
        made.handle(kind, lambda request, visitor: got.append(request))
    return made, got


@pytest.mark.parametrize("request_", GOOD, ids=lambda request_: str(request_.__struct_config__.tag))
def test_every_kind_of_request_survives_the_wire_and_is_answered_by_its_number(request_):
    (opened, got), end = door(), End()
    assert opened.take(msgspec.json.encode(request_), Visitor(end, lambda: 0.0)) == "taken"
    assert got == [request_] and end.replies == [Reply(ok=True, id=request_.id)]


@given(st.binary(max_size=200) | st.sampled_from(NONE))
def test_what_is_no_request_is_ignored(payload):
    (opened, got), end = door(), End()
    assert opened.take(payload, Visitor(end, lambda: 0.0)) == "ignored"
    assert not got and not end.replies
    assert unpack_reply(payload) is None


@pytest.mark.parametrize("request_", OWNERS, ids=lambda request_: getattr(request_, "do", "find"))
def test_only_the_hub_s_own_screen_plays_pins_reloads_and_has_things_found(request_):
    (opened, got), end = door(), End()
    payload = msgspec.json.encode(request_)
    assert opened.take(payload, Visitor(end, lambda: 0.0)) == "ignored" and not got
    assert opened.take(payload, Visitor(end, lambda: 0.0, is_owner=True)) == "taken" and got == [request_]


def test_what_no_hub_could_know_is_refused_where_it_is_asked():
    with pytest.raises(DeskError, match="pause, play, step, seek, shift, speed, faster"):
        control("shutdown")


def test_a_handler_s_refusal_reaches_the_screen_in_its_words():
    opened, end = Door(), End()

    def refuse(request, visitor):
        raise DeskError("no rule is called x", "`deskmon alerts list` names them")

    opened.handle(Acknowledge, refuse)
    opened.take(msgspec.json.encode(Acknowledge(id=9, rule="x")), Visitor(end, lambda: 0.0))
    assert end.replies == [Reply(ok=False, text="no rule is called x; `deskmon alerts list` names them", id=9)]


def test_each_screen_has_limits_of_its_own_and_is_told_once_but_an_owner_has_none():
    (opened, _), greedy, modest, owner, now = door(), End(), End(), End(), [0.0]
    visitor, payload = Visitor(greedy, lambda: now[0]), msgspec.json.encode(GOOD[0])
    outcomes = [opened.take(payload, visitor) for _ in range(100)]
    assert outcomes == ["taken"] * int(BURST) + ["over"] * (100 - int(BURST))
    told = [(reply.text, reply.id) for reply in greedy.replies if not reply.ok]
    assert told == [("asks more than 2 a second and 20 at once; wait", GOOD[0].id)]
    assert opened.take(payload, Visitor(modest, lambda: now[0])) == "taken"
    now[0] = 0.5
    assert opened.take(payload, visitor) == "taken"
    free = Visitor(owner, lambda: 0.0, is_owner=True)
    assert {opened.take(payload, free) for _ in range(100)} == {"taken"}


async def test_a_screen_on_a_socket_asks_and_is_answered_and_what_is_none_is_counted(tmp_path):
    path = tmp_path / "desk.sock"
    async with desk("steady") as hub, unix_endpoint(hub.stream, path, hub.door):
        notes = []
        hub.door.handle(Note, lambda request, visitor: notes.append(request))
        async with watching(UnixLink(path, **quick())) as screen:
            await until(lambda: screen.beats(1))
            assert await screen.link.ask(Note(id=0, by="ana", text="sold half")) == Reply(ok=True, id=1)
            assert [(note.by, note.text) for note in notes] == [("ana", "sold half")]
            before = screen.resets
            assert (await screen.link.ask(Snapshot(id=0))).ok
            await until(lambda: screen.resets == before + 1)
            assert hub.door.report(hub.now) is None, "nothing was refused yet"
            for payload in NONE[:10]:
                await screen.link._send(payload)
            await until(lambda: screen.model.feeds.figures(hub.now).get(FEED) is not None)
            await until(lambda: hub.door._counts["ignored"] == 10)
            assert screen.link.state == "live"


async def test_a_hub_without_a_handler_doesn_t_answer_and_a_lost_one_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("deskmon.transport.link.ANSWER_S", 0.05)
    path = tmp_path / "desk.sock"
    link = UnixLink(path, **quick())
    assert not (await link.ask(Snapshot(id=0))).ok
    hub = Hub(config(), load=load)
    async with unix_endpoint(hub.stream, path, Door()), watching(link):
        hub.stream.begun.set()
        await until(lambda: link.state == "live")
        assert (await link.ask(Snapshot(id=0))).text == "the hub doesn't answer"


def test_a_private_hub_finds_in_its_own_market_and_not_for_a_screen_that_looks_back_at_another(monkeypatch):
    [expiry] = {option.expiry for option in market([90_000.0])}
    hub, end = Hub(config(), clock=ManualClock(expiry - 1)), End()
    hub.stream.model.apply(market([90_000.0, 100_000.0]))
    for at, looks_back in (expiry - 1, False), (expiry - 1, True), (expiry - HOUR, False):
        monkeypatch.setattr(hub.look_backs, "has", lambda visitor, answer=looks_back: answer)
        payload = msgspec.json.encode(Find(id=8, what=("chain", "BTC", "deribit", ""), at=at))
        hub.door.take(payload, Visitor(end, lambda: 0.0, is_owner=True))
    assert all(reply.ok for reply in end.replies)
    found, *past = [reply.text for reply in end.replies]
    assert "nearest_forward" in found and past == ["", ""]
    monkeypatch.setattr(hub, "_playback", SimpleNamespace(seeking=True))
    hub.door.take(payload, Visitor(end, lambda: 0.0, is_owner=True))
    assert not end.replies[-1].ok, "else the screen would search the market that it leaves"
