"""A whole desk on a pseudo-terminal, attached to a broker into which strangers publish."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.desk.terminal import Terminal, gone
from tests.hub.waiting import until
from tests.mqtt.desks import hub_at, program
from tests.mqtt.mosquitto import mosquitto
from tests.mqtt.test_mqtt_ingest import corpus, malformed
from tests.security.corpus import HOSTILE
from tests.security.grammar import faults


@pytest.fixture
async def desk(tmp_path):
    async with mosquitto(tmp_path) as running:
        yield running


def watch(url, folder, published, done):
    """Every byte that the terminal was sent."""
    with Terminal("attach", url, "--set", "desk.layout=feeds", size=(180, 40), cwd=folder) as terminal:
        terminal.until("mqtt in")
        published.set()
        terminal.until(lambda text: "rejected" in text and done.is_set())
        for name in ("flows", "default", "feeds"):
            terminal.walk(("l", "⏎ choose"), (f"{name}\r", gone("⏎ choose")))
        terminal.walk(("?", "› help"), ("\x1b", gone("› help")), ("", "mqtt in"))
        terminal.press("q")
        terminal.until_ended()
    return bytes(terminal.raw)


async def test_what_strangers_publish_reaches_no_terminal_as_anything_but_text(desk, tmp_path):
    hostile = [json.dumps({"text": text, "source": text}).encode("utf-8", "replace") for text in HOSTILE]
    topics = [text for text in HOSTILE if 0 < len(text) < 200 and text.isprintable() and not set(text) & set("+#/")]
    async with hub_at(desk.url(), "steady"), program(desk.url()) as other:
        ready, done = asyncio.Event(), asyncio.Event()
        watching = asyncio.create_task(asyncio.to_thread(watch, desk.url(), tmp_path, ready, done))
        await until(lambda: ready.is_set() or watching.done())
        for kind, payload in [*corpus(), *malformed(), *(("headline", text) for text in hostile)]:
            await other.publish(f"deskmon/v1/desk/in/{kind}", payload, qos=1)
        for topic in topics:
            await other.publish(f"deskmon/v1/desk/in/{topic}", b"{}", qos=1)
        done.set()
        raw = await watching
    assert not faults(raw)
