"""Real services: a broker, a mail server, an endpoint of apprise."""

from __future__ import annotations

import asyncio
import email
import logging
import subprocess
import sys
from email.policy import default

import msgspec
import pytest

from deskmon.config.schema import MqttConfig
from deskmon.delivery.apprise_service import AppriseService
from deskmon.delivery.mqtt_topic import MqttTopic
from deskmon.delivery.notice import Message, message
from deskmon.errors import ConfigError
from tests.delivery.builders import T0, notice
from tests.delivery.receiver import receiver
from tests.mqtt.desks import program
from tests.mqtt.mosquitto import mosquitto
from tests.ports import reserve_port

MADE = message("phone", [notice("lost", text="BTC at 84,990", severity="page")], T0, "desk", "alerts")


async def test_a_broker_keeps_the_newest_message_for_whoever_comes_later(tmp_path):
    async with mosquitto(tmp_path) as broker:
        route = MqttTopic(f"mqtt://127.0.0.1:{broker.port}/calls/phone", MqttConfig(), "url")
        assert (await route.send(MADE)).taken
        async with program(broker.url()) as client:
            await client.subscribe("calls/#", qos=1)
            async with asyncio.timeout(30):
                got = await anext(client.messages)
    assert (str(got.topic), got.retain) == ("calls/phone", True)
    assert msgspec.json.decode(got.payload, type=Message) == MADE


async def test_a_broker_that_refuses_this_user_or_isnt_there_is_said_so(tmp_path):
    async with mosquitto(tmp_path, anonymous=False) as broker:
        answer = await MqttTopic(f"mqtt://127.0.0.1:{broker.port}/calls", MqttConfig(), "url").send(MADE)
    assert (answer.taken, answer.words.lower()) == (False, "127.0.0.1 refuses: not authorized")
    answer = await MqttTopic(f"mqtt://127.0.0.1:{reserve_port()}/calls", MqttConfig(), "url").send(MADE)
    assert (answer.taken, answer.words) == (False, "127.0.0.1: connection refused")


@pytest.mark.parametrize("url", ["mqtt://h", "mqtt://h/a/#", "http://h/a", "mqtt://me:geheim@h/a"])
def test_an_address_without_a_topic_is_refused_and_not_repeated(url):
    with pytest.raises(ConfigError, match="url") as caught:
        MqttTopic(url, MqttConfig(), "url")
    assert "geheim" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_apprise_posts_to_an_endpoint_and_says_what_it_didnt_take(caplog):
    async with receiver() as hook:
        route = AppriseService(hook.url.replace("http://", "json://me:geheim@"), "url")
        with caplog.at_level(logging.DEBUG):
            taken = await route.send(MADE)
            hook.answers = ["500 No"]
            refused = await route.send(MADE)
    assert (taken.taken, refused.taken, refused.words) == (True, False, "the service didn't take it")
    assert (hook.bodies[0]["title"], hook.bodies[0]["type"]) == ("desk: lost FIRING", "failure")
    assert hook.bodies[0]["message"].splitlines() == ["08:53:20Z lost: FIRING · BTC at 84,990", f"#{MADE.id[:8]}"]
    assert "geheim" not in caplog.text
    assert (await AppriseService("nonsense://x", "url").send(MADE)).words == "apprise doesn't understand the address"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_apprise_sends_mail():
    async with mail_server() as (port, mails):
        url = f"mailto://127.0.0.1:{port}?from=desk@example.org&to=trader@example.org&mode=insecure"
        assert (await AppriseService(url, "url").send(MADE)).taken
    mail = email.message_from_bytes(mails[0], policy=default)
    assert mail["subject"] == "desk: lost FIRING"
    assert "lost: FIRING · BTC at 84,990" in mail.get_body(("plain", "html")).get_content()


def test_a_hub_that_sends_nothing_imports_neither_apprise_nor_requests():
    code = "import sys, deskmon.hub.hub, deskmon.delivery.routes; print({'apprise', 'requests'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


class mail_server:
    """An SMTP server that keeps what it is given."""

    async def __aenter__(self):
        self._mails: list[bytes] = []
        self._visits: set[asyncio.Task[None]] = set()
        self._server = await asyncio.start_server(self._visit, "127.0.0.1", 0)
        return self._server.sockets[0].getsockname()[1], self._mails

    async def __aexit__(self, *_):
        self._server.close()
        await asyncio.gather(*self._visits)

    async def _visit(self, reader, writer):
        self._visits.add(asyncio.current_task())
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            word = line[:4].upper()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                self._mails.append(await reader.readuntil(b"\r\n.\r\n"))
            writer.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                break
        writer.close()
        await writer.wait_closed()
