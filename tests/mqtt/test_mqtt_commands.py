"""The commands on a desk that a broker carries."""

from __future__ import annotations

import asyncio
import json
import sys

import msgspec
import pytest

from deskmon.cli import doctor
from deskmon.config.schema import MqttConfig
from tests.hub import market
from tests.hub.waiting import LIMIT_S, until
from tests.mqtt.desks import hub_at, process, program
from tests.mqtt.mosquitto import mosquitto

DESKMON = [sys.executable, "-m", "deskmon"]


@pytest.fixture
async def desk(tmp_path):
    async with mosquitto(tmp_path) as running:
        yield running


async def run(*args):
    """Status, standard output and standard error of a command."""
    child = await asyncio.create_subprocess_exec(
        *DESKMON,
        *args,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(LIMIT_S):
        out, err = await child.communicate()
    return child.returncode, out.decode(), err.decode()


def demo(tmp_path):
    """A config of a demo's hub."""
    path = tmp_path / "deskmon.toml"
    path.write_text('[feeds.demo]\ntype = "demo"\n')
    return str(path)


async def test_state_and_a_frame_of_a_hub_on_a_broker(desk, tmp_path):
    hub = [*DESKMON, "hub", "--mqtt", desk.url(), "--config", demo(tmp_path)]
    async with process(hub), program(desk.url()) as other:
        await other.subscribe("deskmon/v1/desk/hub/+")
        async with asyncio.timeout(LIMIT_S):
            await anext(other.messages)
        status, out, err = await run("state", "--attach", desk.url(), "--only", "prices,feeds")
        assert (status, err) == (0, "")
        assert "BTC/USDT:USDT" in json.loads(out)["prices"]
        assert "mqtt" in json.loads(out)["feeds"]
        status, out, _ = await run("attach", desk.url())
        assert status == 0 and "BTC" in out


async def test_the_doctor_says_whether_the_broker_carries_a_desk(desk, caplog):
    config = msgspec.structs.replace(market.config(), mqtt=MqttConfig(url=desk.url()))
    async with hub_at(desk.url(), "steady") as (_, endpoint):
        await until(lambda: endpoint.leads)
        [finding] = await asyncio.to_thread(lambda: [*doctor.broker(config)])
        assert finding.state == "ok" and endpoint.id in finding.detail
        assert not [record for record in caplog.records if record.name == "asyncio"]  # it leaves nothing half closed
    await desk.stop()
    [finding] = await asyncio.to_thread(lambda: [*doctor.broker(config)])
    assert finding.state == "fail" and "no broker at" in finding.detail


async def test_an_address_that_is_none_is_wrong_usage(tmp_path):
    for args in (
        ["attach", "mqtt://host"],
        ["hub", "--mqtt", "mqtt://me:hunter2@host/desk"],
        ["state", "--attach", "tcp:1"],
    ):
        status, _, err = await run(*args)
        assert status == 2 and len(err.splitlines()) == 1 and "hunter2" not in err
