"""Requests through a proxy: a route's own, the environment's, and none for this very machine."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from deskmon.alerts.settings import RouteSettings
from deskmon.config.schema import MqttConfig
from deskmon.delivery import http
from deskmon.delivery.heartbeat import Heartbeat
from deskmon.delivery.notice import message
from deskmon.delivery.proxy import proxy_address
from deskmon.delivery.routes import sender
from deskmon.delivery.webhook import Webhook
from deskmon.errors import ConfigError
from tests.delivery.builders import T0, notice
from tests.delivery.little_proxy import little_proxy
from tests.delivery.receiver import Receiver, receiver
from tests.mqtt.certificates import Authority
from tests.ports import reserve_port

MADE = message("phone", [notice("lost")], T0, "desk", "alerts")
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def port(url):
    return int(url.split(":")[2].partition("/")[0])


async def test_a_route_goes_through_its_proxy_and_shows_it_who_asks_but_nobody_else(monkeypatch):
    async with receiver() as hook, little_proxy() as proxy:
        proxy.places["hook.example"], proxy.wants = port(hook.url), "Proxy-Authorization: Basic YW5uOmEgYg=="
        monkeypatch.setenv("PROXY", proxy.url.replace("//", "//ann:a%20b@"))
        settings = RouteSettings(type="webhook", url="http://hook.example/secret?x=1", proxy="env:PROXY")
        assert (await sender("phone", settings, MqttConfig()).send(MADE)).taken
        assert proxy.heads[0].startswith("POST http://hook.example/secret?x=1 HTTP/1.1\r\nHost: hook.example\r\n")
        assert hook.heads[0].startswith("POST /secret?x=1 HTTP/1.1\r\nHost: hook.example\r\n")
        assert "Proxy-Authorization" not in hook.heads[0]
        assert hook.ids == [MADE.id]
        proxy.wants = "another password"
        assert (await sender("phone", settings, MqttConfig()).send(MADE)).words == "HTTP 407"


async def test_tls_goes_through_a_tunnel_of_which_the_proxy_reads_nothing(monkeypatch, tmp_path):
    authority, hook = Authority(tmp_path), Receiver()
    certificate, key = authority.sign("hook.example")
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(certificate, key)
    monkeypatch.setattr(http, "_trusted", lambda: ssl.create_default_context(cafile=str(authority.ca)))
    server = await asyncio.start_server(hook.visit, "127.0.0.1", 0, ssl=shown)
    async with server, little_proxy() as proxy:
        proxy.places["hook.example:443"] = server.sockets[0].getsockname()[1]
        proxy.wants = "Proxy-Authorization: Basic"
        through = proxy_address(proxy.url.replace("//", "//ann:b@"), "proxy")
        answer = await Webhook("https://hook.example/secret", "t0ken", "url", through).send(MADE)
        assert answer.taken, answer.words
        assert hook.heads[0].startswith("POST /secret HTTP/1.1\r\nHost: hook.example\r\n")
        assert proxy.heads == [
            "CONNECT hook.example:443 HTTP/1.1\r\nHost: hook.example:443\r\nProxy-Authorization: Basic YW5uOmI=\r\n\r\n"
        ]
        proxy.wants = "another password"
        refused = await Webhook("https://hook.example/secret", None, "url", through).send(MADE)
        assert refused.words == "hook.example by proxy 127.0.0.1: it refuses with http 407".replace("http", "HTTP")
    await asyncio.gather(*hook.visits)


async def test_the_environments_proxies_serve_routes_and_heartbeat_but_no_host_of_no_proxy(monkeypatch):
    async with receiver() as hook, little_proxy() as proxy:
        proxy.places = {"hook.example": port(hook.url), "beats.example": port(hook.url)}
        monkeypatch.setenv("http_proxy", proxy.url)
        assert (await Webhook("http://hook.example/x", None, "url").send(MADE)).taken
        heart = Heartbeat("http://beats.example/ping", MqttConfig(), "desk")
        await heart.beat(T0)
        assert heart.words == ""
        assert [head.split("\r\n")[0] for head in proxy.heads] == [
            "POST http://hook.example/x HTTP/1.1", "GET http://beats.example/ping HTTP/1.1",
        ]  # fmt: skip
        assert (await Webhook(hook.url, None, "url").send(MADE)).taken, "this machine needs no proxy"
        monkeypatch.setenv("no_proxy", "hook.example")
        assert not (await Webhook("http://hook.example/x", None, "url").send(MADE)).taken
        monkeypatch.delenv("http_proxy")
        monkeypatch.delenv("no_proxy")
        monkeypatch.setenv("all_proxy", proxy.url)
        assert (await Webhook("http://hook.example/x", None, "url").send(MADE)).taken
        assert len(proxy.heads) == 3


async def test_a_proxy_that_isnt_there_or_is_none_is_said_so_and_never_repeated(monkeypatch):
    gone = proxy_address(f"http://127.0.0.1:{reserve_port()}", "proxy")
    answer = await Webhook("http://hook.example/x", None, "url", gone).send(MADE)
    assert answer.words == "hook.example by proxy 127.0.0.1: connection refused"
    monkeypatch.setenv("http_proxy", "socks5://ann:secret@127.0.0.1:1")
    answer = await Webhook("http://hook.example/x", None, "url").send(MADE)
    assert answer.words == "http_proxy in the environment: no proxy of HTTP; write http://HOST:PORT"
    for text in ("ftp://host:1", "http://", "http://h:0", "http://h:x", "http://h\n:1"):
        with pytest.raises(ConfigError, match="no proxy of HTTP") as raised:
            proxy_address(text, "alerts.routes.phone.proxy")
        assert "host" not in str(raised.value) and "//h" not in str(raised.value)
