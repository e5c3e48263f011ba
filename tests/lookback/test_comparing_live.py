"""Compare with another moment of a live hub: on a screen by pipe, socket and broker, and by `deskmon diff`."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import chain

import msgspec
import pytest

from deskmon import format as fmt
from deskmon.cli import main
from deskmon.cli.session import HANDED_OVER
from deskmon.config.schema import Cell, Config, FeedConfig, HistoryConfig, JournalConfig, Layout
from deskmon.desk.app import DeskApp
from deskmon.events import Headline, Metric, OpenInterest
from deskmon.feedkit import Feed
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.hub import Hub
from deskmon.mqtt.client.link import MqttLink
from deskmon.mqtt.hub.endpoint import mqtt_endpoint
from deskmon.plugins import load_feed
from deskmon.transport.link import ChildLink, UnixLink
from tests.desk.test_app import shown
from tests.hub.test_links import quick
from tests.hub.waiting import until
from tests.lookback.test_look_back import replayed, state
from tests.mqtt.desks import broker
from tests.mqtt.mosquitto import mosquitto
from tests.timelines.builders import T0
from tests.timelines.folders import SECONDS

AT = T0 + 30_000
TYPED = f"{fmt.date(AT)}T{fmt.clock(AT)}Z"


@asynccontextmanager
async def running(config, load=load_feed):
    """A hub in this process."""
    hub = Hub(config, load=load)
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def by_pipe(config, tmp_path, monkeypatch, stack):
    monkeypatch.setenv(HANDED_OVER, msgspec.json.encode(config).decode())
    return ChildLink([sys.executable, "-P", "-m", "deskmon", "hub", "--stdio"])


async def by_socket(config, tmp_path, monkeypatch, stack):
    hub = await stack.enter_async_context(running(config))
    await stack.enter_async_context(unix_endpoint(hub.stream, path := tmp_path / "desk.sock", hub.door))
    return UnixLink(path, **quick())


async def by_broker(config, tmp_path, monkeypatch, stack):
    reached = await stack.enter_async_context(mosquitto(tmp_path))
    hub = await stack.enter_async_context(running(config))
    await stack.enter_async_context(mqtt_endpoint(hub, broker(reached.url()), "tokyo", random.Random(1)))
    return MqttLink(broker(reached.url()), rng=random.Random(1), sleep=lambda seconds: asyncio.sleep(seconds / 10))


@pytest.mark.parametrize("way", [by_pipe, by_socket, by_broker])
async def test_the_then_column_holds_the_look_back_s_figures_and_the_desk_returns_to_live(
    folder, tmp_path, monkeypatch, way
):  # fmt: skip
    prices = Config(layouts={"default": Layout(cells=(Cell(panel="prices"),))})
    journal = JournalConfig(folder=str(shutil.copytree(folder, tmp_path / "desk")), keep="3650d")
    hubs = Config(journal=journal, history=HistoryConfig(enabled=False))
    async with AsyncExitStack() as stack:
        app = DeskApp(prices, await way(hubs, tmp_path, monkeypatch, stack))
        pilot = await stack.enter_async_context(app.run_test(size=(160, 40)))
        await until(lambda: app.desk.status.mode == "live" and app.desk.status.link == "live")
        await pilot.press("equals_sign", *"another", "enter", *TYPED, "enter")
        await until(lambda: app.desk.painter.then is not None)
        assert state_of(app) == replayed(folder, AT)
        await until(lambda: app.desk.status.mode == "live" and app.desk.status.target is None)
        await until(lambda: "LOOKING BACK" not in shown(app) and "BTC price " in shown(app))
        [line] = [line for line in shown(app).splitlines() if "BTC price " in line]
        price = replayed(folder, AT)["prices"]["BTC/USDT:USDT"]["last"]
        assert line.split("BTC price")[1].split()[0] == f"{price:,.2f}"
        assert "› since " in shown(app) and app.desk.model.pulse.mode == "live"


def state_of(app):
    """What the desk took at the moment, as `replayed` gives it."""

    class Taken:
        def state(self, at):
            return app.desk.painter.then.state

    return state(Taken(), AT)


class Told(Feed):
    """Says what it is given."""

    name = "told"
    title = "says what it is given"
    events: asyncio.Queue

    async def run(self, context):
        context.status("live", "")
        while True:
            context.emit(await self.events.get())


@asynccontextmanager
async def journalling(folder, path):
    """A live hub on a socket that writes a rolling journal, and what makes its feed say events as of now."""
    Told.events = asyncio.Queue()
    desk = Config(feeds={"told": FeedConfig(type="told")}, journal=JournalConfig(folder=str(folder)))

    async def say(events):
        for event in events:
            Told.events.put_nowait(msgspec.structs.replace(event, ts=hub.now, recv=None))
        await until(Told.events.empty)
        said = hub.now
        await until(lambda: (pulse := hub.stream.model.pulse) is not None and pulse.ts > said + 100)
        await hub._journals.flush()
        return hub.stream.model.pulse.ts

    async with running(desk, lambda name: Told) as hub, unix_endpoint(hub.stream, path, hub.door):
        yield say


def beside(value):
    """What the seconds lack: open interest, by which funding is weighted, a metric and a headline."""
    yield OpenInterest(ts=T0, venue="okx", symbol="BTC/USDT:USDT", amount=value, usd=60_000.0 * value)
    yield Metric(ts=T0, name="fear_greed", value=value)
    yield Headline(ts=T0, text=f"headline {value}")


async def test_diff_of_a_live_hub_is_the_difference_of_two_replays_of_its_rolling_journal(tmp_path, capsys):
    folder, path = tmp_path / "journal", tmp_path / "desk.sock"

    async def run(*words):
        assert await asyncio.to_thread(main, [*map(str, words)]) == 0
        return json.loads(capsys.readouterr().out)

    async with journalling(folder, path) as say:
        since = await say([*chain(*SECONDS[:20]), *beside(1.0)])
        await say([*chain(*SECONDS[20:]), *beside(2.0)])
        found = await run("diff", "--attach", f"unix:{path}", "--since", since, "--json")
        only = ",".join(figures := [each["figure"] for each in found["figures"] if each["figure"]])
        then, now = [
            await run("state", "--replay", folder, "--at", found[moment], "--only", only)
            for moment in ("since", "until")
        ]  # fmt: skip
    assert found["since"] == since and found["source"] == "live"
    assert {each["topic"] for each in found["figures"]} >= {
        "prices", "liquidations", "funding", "open_interest", "metrics", "headlines",
    }  # fmt: skip
    assert [each["then"] for each in found["figures"] if each["figure"]] == [then[name] for name in figures]
    assert [each["now"] for each in found["figures"] if each["figure"]] == [now[name] for name in figures]
    assert all(then[name] != now[name] for name in ("prices.BTC.last", "open_interest.BTC.usd", "funding.BTC.mean_8h"))
    assert [each["now"] for each in found["figures"] if each["topic"] == "headlines"] == [1]
    for each in found["figures"]:
        if None not in (each["then"], each["now"]):
            assert each["change"] == pytest.approx(each["now"] - each["then"])
