"""Passwords, rights and certificates: who may come in does, who may not is told why, and no secret is repeated."""

from __future__ import annotations

import asyncio
import re
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from deskmon.errors import DeskError
from deskmon.mqtt.client import broker as mqtt_broker
from deskmon.mqtt.client import link as mqtt_link
from deskmon.mqtt.hub import endpoint as hub_mqtt
from tests.hub.waiting import LIMIT_S, heard, until
from tests.mqtt.certificates import Authority
from tests.mqtt.desks import broker, hub_at, program, screen_at
from tests.mqtt.mosquitto import BINARY, mosquitto, need_mosquitto

PAGE = Path(__file__).parents[2] / "docs" / "mqtt.md"
DESK = "deskmon/v1/desk"
USERS = ("hub", "trader", "reader", "etf-job", "nobody")


def documented(name):
    """The file `name` of mosquitto's as docs/mqtt.md has it."""
    [text] = re.findall(rf"```\n# /etc/mosquitto/\S*{re.escape(name)}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return text


@pytest.fixture
async def guarded(tmp_path, monkeypatch):
    """A mosquitto with the configuration and the access list of docs/mqtt.md, and a user who may do nothing."""
    need_mosquitto()
    authority = Authority(tmp_path)
    certificate, key = authority.sign("localhost")
    passwords, rights = tmp_path / "passwords", tmp_path / "acl"
    rights.write_text(documented("deskmon.acl"))
    passwords.write_text("".join(f"{user}:{user}-pw\n" for user in USERS))
    tool = shutil.which("mosquitto_passwd") or str(BINARY) + "_passwd"
    await asyncio.to_thread(subprocess.run, [tool, "-U", str(passwords)], check=True)
    for file in (passwords, rights):
        file.chmod(0o644)  # mosquitto gives up root's rights before it reads them
    tmp_path.chmod(0o755)
    config = documented("deskmon.conf")
    for there, here in (
        ("certs/ca.pem", authority.ca), ("certs/broker.pem", certificate), ("certs/broker.key", key),
        ("deskmon.passwd", passwords), ("deskmon.acl", rights),
    ):  # fmt: skip
        config = config.replace(f"/etc/mosquitto/{there}", str(here))
    assert "/etc/" not in config
    own = [line for line in config.splitlines() if not line.startswith(("listener", "allow_anonymous"))]
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    async with mosquitto(tmp_path, *own, "user root", scheme="mqtts", anonymous=False) as running:
        yield running


def as_user(url, name, **more):
    """A program with a password."""
    return program(url, username=name, password=f"{name}-pw", tls_context=ssl.create_default_context(), **more)


def said(hub, feed):
    figure = hub.stream.model.feeds.figures(hub.now).get(feed)
    return "" if figure is None else figure.detail


def who(name, password=None):
    return {"user": name, "password": password or f"{name}-pw"}


async def test_users_do_what_their_rights_allow(guarded):
    url = guarded.url()
    hub = hub_at(broker(url, **who("hub")), "steady", steady={"burst": 9})
    async with hub as (_, endpoint), screen_at(broker(url, **who("trader"))) as screen:
        await until(lambda: screen.liquidations() == 9)
        await until(lambda: screen.feed("mqtt in").state == screen.feed("mqtt ask").state == "live")
        async with as_user(url, "etf-job") as job:
            flow = b'{"asset":"BTC","fund":"IBIT","date":"2025-01-03","usd":1}'
            await job.publish(f"{DESK}/in/etf_flow", flow, qos=1)
            await job.publish(f"{DESK}/in/metric", b'{"name":"dxy","value":1}', qos=1)
            await job.publish(f"{DESK}/hub/{endpoint.id}", b"", qos=1, retain=True)
        await until(lambda: screen.feed("mqtt in").events == 1)
        async with as_user(url, "trader") as trader:
            await trader.publish(f"{DESK}/in/metric", b'{"name":"dxy","value":1}', qos=1)
            await trader.publish(f"{DESK}/stream/{endpoint.id}", b"nonsense", qos=1)
        beats = screen.model.pulse.seq
        await until(lambda: screen.beats(beats + 8))
        assert screen.feed("mqtt in").events == 1
        assert (screen.link.state, screen.resets) == ("live", 1)


async def test_a_trader_asks_by_its_own_client_id_and_nobody_else_sees_it(guarded):
    url, good = guarded.url(), b'{"id":1,"do":"snapshot"}'
    async with (
        hub_at(broker(url, **who("hub")), "steady") as (hub, endpoint),
        as_user(url, "trader", identifier="mine") as trader,
        as_user(url, "trader", identifier="other") as other,
        as_user(url, "reader") as reader,
    ):
        await until(lambda: said(hub, "mqtt ask").startswith("listens"))
        for one in (trader, other, reader):
            await one.subscribe(f"{DESK}/#", qos=1)
        await trader.publish(f"{DESK}/ask/{endpoint.id}/other", good, qos=1)
        await trader.publish(f"{DESK}/ask/{endpoint.id}/mine", good, qos=1)
        await until(lambda: heard(hub, "mqtt ask") == 1)
        for one, wanted in ((trader, {"reply", "stream"}), (other, {"stream"}), (reader, {"ticker", "stream"})):
            async with asyncio.timeout(LIMIT_S):
                kinds = set()
                while not wanted <= kinds:
                    kinds.add(str((await anext(one.messages)).topic).split("/")[3])
            assert "ask" not in kinds and ("reply" in kinds) == (one is trader), kinds


async def test_a_wrong_password_is_told_and_not_repeated(guarded):
    async with screen_at(broker(guarded.url(), **who("trader", "s3cret"))) as screen:
        await until(lambda: screen.link.state == "lost")
        assert "refuses this user; look at [mqtt] user and password" in screen.link.detail
        assert "s3cret" not in screen.link.detail
    async with screen_at(guarded.url()) as nameless:
        await until(lambda: "refuses this user" in nameless.link.detail)


async def test_every_connection_of_a_hub_says_why_it_is_refused_or_ended(guarded):
    async with hub_at(broker(guarded.url(), **who("hub", "s3cret"))) as (hub, _):
        await until(lambda: all("refuses this user" in said(hub, feed) for feed in ("mqtt", "mqtt ask", "mqtt in")))
        assert "s3cret" not in said(hub, "mqtt ask") + said(hub, "mqtt in")
    async with hub_at(broker(guarded.url(), **who("hub"))) as (hub, endpoint):
        await until(lambda: endpoint.leads and said(hub, "mqtt ask").startswith("listens"))
        await guarded.stop(kill=True)
        await until(
            lambda: all(said(hub, feed).startswith(("no broker at", "mqtts:")) for feed in ("mqtt", "mqtt ask"))
        )


async def test_a_user_without_rights_is_told_what_is_missing(guarded, monkeypatch):
    monkeypatch.setattr(hub_mqtt, "REFRESH_S", 0.3)
    monkeypatch.setattr(mqtt_link, "PATIENCE_S", 1.0)
    nobody = broker(guarded.url(), **who("nobody"))
    async with hub_at(nobody) as (hub, _), screen_at(nobody) as screen:
        await until(lambda: "may this user write" in said(hub, "mqtt"))
        await until(lambda: screen.link.state == "lost")
        assert "no hub at" in screen.link.detail


@pytest.fixture
async def sealed(tmp_path):
    need_mosquitto()
    authority = Authority(tmp_path)
    certificate, key = authority.sign("localhost")
    tmp_path.chmod(0o755)
    lines = (
        f"cafile {authority.ca}", f"certfile {certificate}", f"keyfile {key}",
        "require_certificate true", "use_identity_as_username true", "user root",
    )  # fmt: skip
    async with mosquitto(tmp_path, *lines, scheme="mqtts") as running:
        yield running, authority


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho forgets a socket that failed
async def test_certificates_show_both_sides_who_the_other_is(sealed, tmp_path, monkeypatch):
    running, authority = sealed
    certificate, key = authority.sign("trader")
    mine = {"ca": str(authority.ca), "certificate": str(certificate), "key": str(key)}
    async with hub_at(broker(running.url(), **mine), "steady", steady={"burst": 9}):
        async with screen_at(broker(running.url(), **mine)) as screen:
            await until(lambda: screen.liquidations() == 9)
        async with screen_at(broker(running.url())) as trusting_nobody:
            await until(lambda: trusting_nobody.link.state == "lost")
            assert "isn't trusted" in trusting_nobody.link.detail and "[mqtt] ca" in trusting_nobody.link.detail
        other = Authority(tmp_path, "other")
        async with screen_at(broker(running.url(), **{**mine, "ca": str(other.ca)})) as misled:
            await until(lambda: "isn't trusted" in misled.link.detail)
        monkeypatch.setattr(mqtt_broker, "TIMEOUT_S", 1.0)
        async with screen_at(broker(running.url(), ca=str(authority.ca))) as nameless:
            await until(lambda: nameless.link.state == "lost")


def test_what_is_no_certificate_is_said_before_anything_is_connected(tmp_path):
    junk = tmp_path / "junk.pem"
    junk.write_text("not PEM")
    with pytest.raises(DeskError, match="PEM files"):
        broker("mqtts://localhost/desk", ca=str(junk))
    with pytest.raises(DeskError, match="PEM files"):
        broker("mqtts://localhost/desk", certificate=str(junk), key=str(junk))
