"""A second place: a bridge between two brokers, as docs/scaling.md has it, carries the desk there and requests back."""

from __future__ import annotations

import re
from pathlib import Path

from deskmon.transport.requests import Note
from tests.hub.waiting import until
from tests.mqtt.desks import hub_at, screen_at
from tests.mqtt.mosquitto import mosquitto

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


def bridge(port: int) -> list[str]:
    """The lines of the page, to a broker on a port of this machine."""
    [text] = re.findall(r"```\n# /etc/mosquitto/conf\.d/desk-bridge\.conf\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert "broker.example:8883" in text
    return [*text.replace("broker.example:8883", f"127.0.0.1:{port}").splitlines(), "restart_timeout 1 1"]


async def test_a_screen_behind_a_bridge_has_the_hub_s_figures_and_its_note_goes_back(tmp_path):
    async with (
        mosquitto(tmp_path) as far,
        mosquitto(tmp_path, *bridge(far.port)) as near,
        hub_at(far.url(), "steady", steady={"burst": 30}) as (hub, _),
        screen_at(near.url()) as screen,
    ):
        await until(lambda: screen.liquidations() == 30)
        assert screen.link.state == "live" and screen.resets == 1
        reply = await screen.link.ask(Note(id=0, by="ana", text="from the office"))
        assert reply.ok and reply.text == "noted as ana"
        await until(lambda: any(line.text == "from the office" for line in screen.model.figures("log", hub.now)))
        assert hub.on_broker is not None and hub.on_broker.screens == 1
