"""Rules of a desk with two hubs on a real broker: what traders said, and how rules stood, outlives the one that led."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import pytest

from deskmon.alerts.settings import AlertsConfig, RouteSettings, RuleSettings
from deskmon.clock import HOUR, wall_ms
from deskmon.delivery.outbox import Outbox
from deskmon.hub.alert_delivery import alert_endpoint
from deskmon.hub.hub import Hub
from deskmon.mqtt.client.broker import publish
from deskmon.mqtt.hub.endpoint import mqtt_endpoint
from deskmon.transport.requests import Acknowledge, Ring, Snooze
from tests.delivery.receiver import receiver
from tests.hub.waiting import until
from tests.mqtt.desks import CHILD, broker, config, hub_at, load, process, program, screen_at
from tests.mqtt.mosquitto import mosquitto

RULES = {
    "lost": {"when": "prices.BTC.last < 85000", "clear": "prices.BTC.last > 85500", "severity": "page"},
    "low": {"when": "prices.SOL.last < 10"},
    "target": {"when": "prices.ETH.last > 1", "once": True},
}


@pytest.fixture
async def desk(tmp_path):
    async with mosquitto(tmp_path) as running:
        yield running


def alerting(tmp_path, name, hook):
    """A desk's hub with the rules of this file and one route."""
    rules = msgspec.convert(RULES, dict[str, RuleSettings])
    routes = {"phone": RouteSettings(type="webhook", url=hook.url)}
    alerts = AlertsConfig(rules=rules, routes=routes, path=str(tmp_path / f"{name}.json"))
    mqtt = msgspec.structs.replace(config().mqtt, hub=name)
    return msgspec.structs.replace(config("steady", steady={"rate": 20}), alerts=alerts, mqtt=mqtt)


@asynccontextmanager
async def alerting_hub(url, tmp_path, name, hook):
    """Such a hub in this process."""
    made = Hub(alerting(tmp_path, name, hook), load=load, rng=random.Random(1))
    async with AsyncExitStack() as stack:
        endpoint = await stack.enter_async_context(mqtt_endpoint(made, broker(url), name, random.Random(1)))
        outbox = tmp_path / f"{name}.db"
        await stack.enter_async_context(alert_endpoint(made, made._config, random.Random(1), outbox))
        running = asyncio.create_task(made.run())
        try:
            yield made, endpoint
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def market(url, **prices):
    """Tell these prices of perpetuals twice a second until cancelled."""
    async with program(url) as other:
        while True:
            for base, last in prices.items():
                event = {"ts": wall_ms(), "venue": "px", "symbol": f"{base}/USDT:USDT", "last": last}
                await publish(other, "deskmon/v1/desk/in/ticker", msgspec.json.encode(event))
            await asyncio.sleep(0.5)


@asynccontextmanager
async def priced(url, **prices):
    telling = asyncio.create_task(market(url, **prices))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


def told(model, rule):
    """What is said of a rule: state, mark, by whom, until when."""
    alert = model.alerts.told(rule)
    return None if alert is None else (alert.state, alert.mark, alert.by, alert.until)


def state(model, rule):
    return (told(model, rule) or (None,))[0]


async def seconds(hub, count):
    """Wait until rules were judged for so many more seconds."""
    begun = hub.alerts.engine.judged_at
    await until(lambda: hub.alerts.engine.judged_at >= begun + count * 1_000)


async def test_when_the_leader_is_killed_the_next_goes_on_and_sends_nothing_again(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    url, end = desk.url(), wall_ms() + HOUR
    async with receiver() as hook, screen_at(url) as screen, AsyncExitStack() as stack:
        leader = await stack.enter_async_context(
            process([sys.executable, str(CHILD), msgspec.json.encode(alerting(tmp_path, "tokyo", hook)).decode(), url])
        )
        async with priced(url, BTC=84_000, SOL=5, ETH=2):
            await until(lambda: hook.bodies)
            assert {each["rule"] for each in hook.bodies[0]["alerts"]} == set(RULES)
            assert (await screen.link.ask(Acknowledge(id=0, rule="lost", by="ann"))).ok
            assert (await screen.link.ask(Snooze(id=0, rule="low", by="ben", until=end))).ok
        async with priced(url, BTC=85_200, SOL=5, ETH=0.5):
            await until(lambda: told(screen.model, "target") == ("ok", "expired", None, None))
            second, endpoint = await stack.enter_async_context(alerting_hub(url, tmp_path, "osaka", hook))
            await until(lambda: state(second.stream.model, "lost") == "clearing")
            assert not endpoint.leads
        since = {each["rule"]: each["since"] for each in hook.bodies[0]["alerts"]}
        os.kill(leader.pid, signal.SIGKILL)
        await until(lambda: second.alerts.succession.leads)
        async with priced(url, BTC=85_200, SOL=5, ETH=2):
            await seconds(second, 3)
            model = second.stream.model
            assert told(model, "lost") == ("clearing", "acknowledged", "ann", None)
            assert told(model, "low") == ("firing", "snoozed", "ben", end)
            assert told(model, "target") == ("ok", "expired", None, None)
            assert {rule: memory.fired for rule, memory in second.alerts.engine.memories.items()} == since
        async with priced(url, BTC=86_000):
            await until(lambda: state(model, "lost") == "ok")
        async with priced(url, BTC=84_000):
            outbox = Outbox(tmp_path / "osaka.db")
            await until(lambda: ("lost", "firing") in waiting(outbox))
    assert waiting(outbox).count(("lost", "firing")) == 1
    assert not {("low", "firing"), ("target", "firing")} & set(waiting(outbox))
    assert len(hook.bodies) == 1


def waiting(outbox):
    """Transitions that are in no message yet."""
    return [(notice.rule, notice.state) for _, _, notice in outbox.loose()]


async def test_what_a_trader_says_to_a_hub_that_doesnt_lead_is_known_to_the_one_that_does(desk, tmp_path):
    url = desk.url()
    async with receiver() as hook, priced(url, BTC=84_000), AsyncExitStack() as stack:
        first, leads = await stack.enter_async_context(alerting_hub(url, tmp_path, "tokyo", hook))
        await until(lambda: leads.leads and state(first.stream.model, "lost") == "firing")
        second, _ = await stack.enter_async_context(alerting_hub(url, tmp_path, "osaka", hook))
        await until(lambda: state(second.stream.model, "lost") == "firing")
        second.alerts.acknowledge(Acknowledge(id=0, rule="lost", by="cy"))
        await until(lambda: told(first.stream.model, "lost") == ("firing", "acknowledged", "cy", None))


async def test_of_a_traders_screens_on_a_broker_the_first_that_asks_rings(desk):
    url = desk.url()
    async with hub_at(url, "steady"), screen_at(url) as office, screen_at(url) as home:
        await until(lambda: office.beats(1) and home.beats(1))
        ring = Ring(id=0, by="ann", alerts=(("lost", wall_ms()), ("low", wall_ms())))
        assert (await office.link.ask(ring)).text == "0 1"
        assert not (await home.link.ask(ring)).ok
        assert (await home.link.ask(msgspec.structs.replace(ring, by="ben"))).ok
