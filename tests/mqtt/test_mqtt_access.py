"""Passwords, rights and certificates: who may come in does, who may not is told why, and no secret is repeated."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import pytest

from deskmon.errors import DeskError
from deskmon.hub import mqtt as hub_mqtt
from deskmon.transport import mqtt_broker, mqtt_link
from tests.hub.waiting import until
from tests.mqtt.certificates import Authority
from tests.mqtt.desks import broker, hub_at, program, screen_at
from tests.mqtt.mosquitto import BINARY, mosquitto, need_mosquitto

ACL = """
user hub
topic readwrite deskmon/v1/desk/#
user trader
topic read deskmon/v1/desk/#
topic write deskmon/v1/desk/ask/#
user script
topic write deskmon/v1/desk/in/#
user nobody
topic read elsewhere/#
"""


@pytest.fixture
async def guarded(tmp_path):
    need_mosquitto()
    passwords, rights = tmp_path / "passwords", tmp_path / "acl"
    rights.write_text(ACL)
    passwords.write_text("".join(f"{user}:{user}-pw\n" for user in ("hub", "trader", "script", "nobody")))
    tool = shutil.which("mosquitto_passwd") or str(BINARY) + "_passwd"
    await asyncio.to_thread(subprocess.run, [tool, "-U", str(passwords)], check=True)
    for file in (passwords, rights):
        file.chmod(0o644)  # mosquitto gives up root's rights before it reads them
    tmp_path.chmod(0o755)
    lines = (f"password_file {passwords}", f"acl_file {rights}", "user root")
    async with mosquitto(tmp_path, *lines, anonymous=False) as running:
        yield running


def said(hub, feed):
    figure = hub.stream.model.feeds.figures(hub.now).get(feed)
    return "" if figure is None else figure.detail


def who(name, password=None):
    return {"user": name, "password": password or f"{name}-pw"}


async def test_users_do_what_their_rights_allow(guarded):
    url = guarded.url()
    hub = hub_at(broker(url, **who("hub")), "steady", steady={"burst": 9})
    async with hub as (_, door), screen_at(broker(url, **who("trader"))) as screen:
        await until(lambda: screen.liquidations() == 9)
        await until(lambda: screen.feed("mqtt in").state == "live")
        async with program(url, username="script", password="script-pw") as script:
            await script.publish("deskmon/v1/desk/in/metric", b'{"name":"fear_greed","value":9}', qos=1)
            await script.publish(f"deskmon/v1/desk/hub/{door.id}", b"", qos=1, retain=True)
        await until(lambda: screen.feed("mqtt in").events == 1)
        async with program(url, username="trader", password="trader-pw") as trader:
            await trader.publish("deskmon/v1/desk/in/metric", b'{"name":"dxy","value":1}', qos=1)
            await trader.publish(f"deskmon/v1/desk/stream/{door.id}", b"nonsense", qos=1)
        beats = screen.model.pulse.seq
        await until(lambda: screen.beats(beats + 8))
        assert screen.feed("mqtt in").events == 1
        assert (screen.link.state, screen.resets) == ("live", 1)


async def test_a_wrong_password_is_told_and_not_repeated(guarded):
    async with screen_at(broker(guarded.url(), **who("trader", "s3cret"))) as screen:
        await until(lambda: screen.link.state == "lost")
        assert "refuses this user; look at [mqtt] user and password" in screen.link.detail
        assert "s3cret" not in screen.link.detail
    async with screen_at(guarded.url()) as nameless:
        await until(lambda: "refuses this user" in nameless.link.detail)


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
