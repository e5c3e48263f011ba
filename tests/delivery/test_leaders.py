"""Two hubs of one desk: one sends; when it is gone the other goes on where it ended."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack

import msgspec

from deskmon.alerts.settings import AlertsConfig, RouteSettings, RuleSettings
from deskmon.delivery.notice import message
from deskmon.delivery.outbox import Outbox
from deskmon.hub.alert_delivery import alert_endpoint
from deskmon.hub.hub import Hub
from deskmon.mqtt.hub.endpoint import mqtt_endpoint
from tests.delivery.builders import T0, notice
from tests.delivery.receiver import receiver
from tests.hub.waiting import until
from tests.mqtt import desks
from tests.mqtt.mosquitto import mosquitto


def heard(outgoing):
    """What other hubs shared with this one."""
    return outgoing._others.values()


def test_what_another_hub_told_is_known_and_what_it_didnt_is_taken_over_with_its_id(tmp_path):
    old, new = Outbox(tmp_path / "old.db"), Outbox(tmp_path / "new.db")
    told, waits, loose = (notice(rule) for rule in ("told", "waits", "loose"))
    numbers = [number for number, _, _ in old.add([("phone", each) for each in (told, waits, loose)])]
    sent, waiting = (message("phone", [each], T0, "desk", "alerts") for each in (told, waits))
    old.put(sent, numbers[:1])
    old.put(waiting, numbers[1:2])
    old.answered(sent, "taken", again_at=None)
    new.adopt(old.share(T0), ["phone"], T0 + 5)
    assert [each for _, _, each in new.loose()] == [loose]
    assert [pending.message.id for pending in new.waiting("phone")] == [waiting.id]
    assert new.add([("phone", notice("told", T0 + 900)), ("phone", notice("waits")), ("phone", loose)]) == []
    assert len(new.add([("phone", notice("told", T0 + 60_000))])) == 1
    assert new.states() == {"told": "firing", "waits": "firing", "loose": "firing"}
    # The old one comes back, and learns that the new one has sent what it held.
    new.answered(waiting, "taken", again_at=None)
    old.adopt(new.share(T0 + 8), ["phone"], T0 + 9)
    assert old.waiting("phone") == []


async def test_a_message_that_waits_is_sent_once_by_the_hub_that_leads_next(tmp_path):
    async with receiver() as hook, mosquitto(tmp_path) as broker, AsyncExitStack() as stack:
        hook.answers = ["500 No"]
        rules = {"up": RuleSettings(when="prices.S1.last > 1", severity="page")}
        routes = {"phone": RouteSettings(type="webhook", url=hook.url)}

        async def hub(name):
            alerts = AlertsConfig(rules=rules, routes=routes, path=str(tmp_path / f"{name}.json"))
            config = msgspec.structs.replace(desks.config("steady"), alerts=alerts)
            made, own = Hub(config, load=desks.load, rng=random.Random(1)), AsyncExitStack()
            endpoint = mqtt_endpoint(made, desks.broker(broker.url()), name, random.Random(1))
            mqtt = await own.enter_async_context(endpoint)
            outbox = tmp_path / f"{name}.db"
            await own.enter_async_context(alert_endpoint(made, config, random.Random(1), outbox))
            running = asyncio.create_task(made.run())

            async def end():
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await own.aclose()

            stack.push_async_callback(end)
            return mqtt, end

        first, end_first = await hub("tokyo")
        await until(lambda: first.leads and hook.bodies)
        second, _ = await hub("osaka")
        await until(lambda: second.outbox.source and any(each.waiting for each in heard(second.outbox.source)))
        await end_first()
        hook.answers = ["200 OK"]
        await until(lambda: second.leads)
        tried = len(hook.bodies)
        await until(lambda: len(hook.bodies) > tried)
    assert {body["id"] for body in hook.bodies} == {hook.bodies[0]["id"]}
    assert [each["rule"] for each in hook.bodies[-1]["alerts"]] == ["up"]
    assert len(hook.bodies[-1]["alerts"]) == 1
    assert Outbox(tmp_path / "osaka.db").waiting("phone") == []
