"""A screen looks back: what it sees is what the journal holds, and neither hub nor other screens notice."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import msgspec
import pytest

from deskmon.alerts.telling import News
from deskmon.cli import main
from deskmon.cli.session import HANDED_OVER
from deskmon.cli.timeline_model import model_at
from deskmon.config.schema import Config, FeedConfig, HistoryConfig, JournalConfig
from deskmon.events import Alert
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.look_backs import AT_ONCE
from deskmon.transport.link import ChildLink, UnixLink
from deskmon.transport.requests import Look
from tests.hub.test_hub import desk
from tests.hub.test_links import quick, watching
from tests.hub.waiting import until
from tests.length import length
from tests.mqtt.desks import hub_at, screen_at
from tests.mqtt.mosquitto import mosquitto
from tests.timelines.builders import HEADER, T0
from tests.timelines.folders import SECONDS, write_folder

OTHERWISE = ("mode", "source", "hub")
"""What a look-back says otherwise than a replay of the same folder."""


@pytest.fixture
def patient(monkeypatch):
    """Screens that may ask as often as they like."""
    monkeypatch.setattr("deskmon.hub.door.BURST", 1_000.0)


def state(model, at):
    """All figures, but for what a look-back says otherwise, and for the journal itself among the feeds."""
    made = msgspec.to_builtins(model.state(at))
    made["feeds"].pop("replay", None)
    return {key: value for key, value in made.items() if key not in OTHERWISE}


def replayed(folder, at):
    config = Config(feeds={"replay": FeedConfig(type="replay", options={"path": str(folder)})})
    model, _ = model_at(config, at)
    return state(model, at)


def moments(count):
    rng = Random(1)
    return [T0 + rng.randrange(1_000, 59_000) for _ in range(count)]


@asynccontextmanager
async def looking(folder, path):
    """A hub with a journal in `folder`, on a socket."""
    async with desk("steady") as hub, unix_endpoint(hub.stream, path, hub.door):
        hub.journal_folder = folder
        yield hub


def sees(screen, at):
    pulse = screen.model.pulse
    return pulse is not None and pulse.mode == "look_back" and not pulse.seeking and pulse.ts == at


def is_live(screen):
    return screen.model.pulse is not None and screen.model.pulse.mode == "live"


async def look(screen, at):
    reply = await screen.link.ask(Look(id=0, at=at))
    assert reply.ok, reply.text
    await until(lambda: sees(screen, at))


async def test_what_a_screen_sees_is_what_a_replay_of_the_journal_shows_then(folder, tmp_path, patient):
    async with looking(folder, path := tmp_path / "desk.sock"), watching(UnixLink(path, **quick())) as screen:
        await until(lambda: screen.beats(1))
        for at in moments(length(8, 200)):
            await look(screen, at)
            assert state(screen.model, at) == replayed(folder, at)
        assert (await screen.link.ask(Look(id=0))).ok
        await until(lambda: is_live(screen))


async def test_nobody_else_notices_and_the_fifth_is_told_so(folder, tmp_path):
    async with AsyncExitStack() as stack:
        hub = await stack.enter_async_context(looking(folder, path := tmp_path / "desk.sock"))
        screens = [
            await stack.enter_async_context(watching(UnixLink(path, **quick()))) for _ in range(AT_ONCE + 2)
        ]  # fmt: skip
        *lookers, fifth, live = screens
        await until(lambda: all(screen.beats(1) for screen in screens))
        for number, screen in enumerate(lookers):
            await look(screen, T0 + 10_000 * (number + 1))
        refused = await fifth.link.ask(Look(id=0, at=T0 + 5_000))
        assert (refused.ok, refused.text.partition(";")[0]) == (False, "4 screens look back already")
        assert live.resets == fifth.resets == 1 and live.model.mode == fifth.model.mode == hub.mode == "live"
        assert (await lookers[0].link.ask(Look(id=0))).ok
        await look(fifth, T0 + 5_000)
        await lookers[1].link.close()
        await until(lambda: len(hub.look_backs._looks) == AT_ONCE - 1)


async def test_a_look_back_shows_a_rule_as_it_stood_and_the_live_one_goes_on(tmp_path):
    fires = SECONDS[30][-1].arrival
    fired = Alert(ts=fires, rule="lost", state="firing", since=fires, severity="page")
    told = [[*events, fired] if number == 30 else events for number, events in enumerate(SECONDS)]
    (folder := tmp_path / "journal").mkdir()
    header = msgspec.structs.replace(HEADER, started=SECONDS[0][0].arrival)
    write_folder(folder, told, each=20, checkpoint_every=5, header=header)
    async with looking(folder, path := tmp_path / "desk.sock") as hub, watching(UnixLink(path, **quick())) as screen:
        await until(lambda: screen.beats(1))
        live = msgspec.structs.replace(fired, ts=hub.now, since=hub.now, mark="acknowledged", by="ann")
        hub.stream.say([News(live, True)])
        await until(lambda: screen.model.alerts.told("lost") == live)
        await look(screen, fires - 5_000)
        assert screen.model.alerts.told("lost") is None
        await look(screen, fires + 5_000)
        assert (screen.model.alerts.told("lost").since, screen.model.alerts.told("lost").mark) == (fires, None)
        assert hub.stream.model.alerts.told("lost") == live
        assert (await screen.link.ask(Look(id=0))).ok
        await until(lambda: is_live(screen) and screen.model.alerts.told("lost") == live)


async def test_what_stands_plays_at_any_speed_and_returns_to_now_at_the_end(folder, tmp_path):
    async with looking(folder, path := tmp_path / "desk.sock"), watching(UnixLink(path, **quick())) as screen:
        await until(lambda: screen.beats(1))
        await look(screen, at := T0 + 50_000)
        beats = screen.model.pulse.seq
        await until(lambda: screen.beats(beats + 3))
        assert screen.model.pulse.ts == at and screen.model.pulse.paused
        assert (await screen.link.ask(Look(id=0, speed=2.0))).ok
        await until(lambda: screen.model.pulse.ts > at)
        assert screen.model.pulse.speed == 2.0
        assert (await screen.link.ask(Look(id=0, speed=0.0))).ok
        await until(lambda: screen.model.pulse.paused)
        assert (await screen.link.ask(Look(id=0, speed=1_000.0))).ok
        await until(lambda: is_live(screen))
        assert [*screen.link.said] == ["this is now"]


async def test_what_can_not_be_looked_back_at_is_said(folder, tmp_path):
    async with looking(None, path := tmp_path / "desk.sock") as hub, watching(UnixLink(path, **quick())) as screen:
        await until(lambda: screen.beats(1))
        for request, words in (
            (Look(id=0, speed=2.0), "this screen doesn't look back"),
            (Look(id=0, at=T0), "this hub keeps no journal to look back into"),
        ):
            assert (await screen.link.ask(request)).text.partition(";")[0] == words
        hub.journal_folder = tmp_path / "nowhere"
        assert (await screen.link.ask(Look(id=0, at=T0))).ok
        await until(lambda: screen.link.said)
        assert "nowhere" in screen.link.said[0] and screen.model.mode == "live"


async def test_the_same_over_a_broker(folder, tmp_path, patient):
    async with mosquitto(tmp_path) as broker, hub_at(broker.url(), "steady") as (hub, _):
        hub.journal_folder = folder
        async with screen_at(broker.url()) as screen, screen_at(broker.url()) as other:
            await until(lambda: screen.beats(1) and other.beats(1))
            for at in moments(length(3, 200)):
                await look(screen, at)
                assert state(screen.model, at) == replayed(folder, at)
            assert (await screen.link.ask(Look(id=0))).ok
            await until(lambda: is_live(screen))
            beats = screen.model.pulse.seq
            await until(lambda: screen.beats(beats + 2))
            assert (other.resets, [*other.link.gaps], [*screen.link.gaps]) == (1, [], [])


async def test_state_and_snapshot_of_a_running_hub_are_as_they_were(folder, tmp_path, capsys):
    async with looking(folder, path := tmp_path / "desk.sock"):
        at = T0 + 30_000

        async def run(*words):
            return await asyncio.to_thread(main, [*words, "--attach", f"unix:{path}"])

        assert await run("state", "--at", str(at)) == 0
        said = json.loads(capsys.readouterr().out)
        expected = replayed(folder, at)
        said["feeds"].pop("replay", None)
        assert said["mode"] == "look_back"
        assert {key: said[key] for key in expected} == json.loads(msgspec.json.encode(expected))
        assert await run("snapshot", "--at", "2026-01-05T12:00:30Z", "--size", "160x40") == 0
        assert "LOOKING BACK 12:00:30Z" in capsys.readouterr().out
        assert await run("state", "--at", "tea time") == 2
        assert "'tea time' is not a time" in capsys.readouterr().err
    async with looking(None, path):
        assert await run("state", "--at", "1m ago") == 1
        assert "this hub keeps no journal to look back into" in capsys.readouterr().err


async def test_the_same_over_the_pipe_of_a_private_hub(folder, tmp_path, monkeypatch):
    own = shutil.copytree(folder, tmp_path / "desk")
    config = Config(journal=JournalConfig(folder=str(own), keep="3650d"), history=HistoryConfig(enabled=False))
    monkeypatch.setenv(HANDED_OVER, msgspec.json.encode(config).decode())
    async with watching(ChildLink([sys.executable, "-P", "-m", "deskmon", "hub", "--stdio"])) as screen:
        await until(lambda: is_live(screen))
        for at in moments(length(3, 200)):
            await look(screen, at)
            assert state(screen.model, at) == replayed(folder, at)
        assert (await screen.link.ask(Look(id=0))).ok
        await until(lambda: is_live(screen))
