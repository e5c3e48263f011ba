"""A desk on a real broker: screens have what the hub has, whatever happens to the broker and the hub."""

from __future__ import annotations

import pytest

from tests.hub.waiting import until
from tests.mqtt.desks import hub_at, screen_at
from tests.mqtt.mosquitto import mosquitto


@pytest.fixture
async def desk(tmp_path):
    async with mosquitto(tmp_path) as running:
        yield running


def same(hub, *screens):
    """Each screen's figures are the hub's, at the hub's newest pulse."""
    pulse = hub.stream.model.pulse
    if pulse is None or any(screen.link.next is None for screen in screens):
        return False
    return all(
        screen.model.pulse == pulse and screen.model.state(pulse.ts) == hub.stream.model.state(pulse.ts)
        for screen in screens
    )


async def test_screens_of_a_desk_have_what_its_hub_has_early_and_late(desk):
    async with hub_at(desk.url(), "steady", steady={"burst": 300}) as (hub, door), screen_at(desk.url()) as early:
        await until(lambda: early.liquidations() == 300)
        assert (early.link.state, early.link.detail, early.link.hub) == ("live", "", door.id)
        async with screen_at(desk.url()) as late:
            await until(lambda: late.liquidations() == 300)
            await until(lambda: same(hub, early, late))
        assert early.resets == 1
        assert not early.link.gaps
        assert early.feed("mqtt").state == "live"
