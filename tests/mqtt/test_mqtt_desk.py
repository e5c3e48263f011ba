"""A desk on a real broker: screens have what the hub has, whatever happens to the broker and the hub."""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import msgspec
import pytest

from deskmon import __version__
from deskmon.mqtt.client.link import FEED
from deskmon.mqtt.client.wire import unpack_batch
from tests.hub.market import config, trade
from tests.hub.waiting import LIMIT_S, until
from tests.mqtt.desks import CHILD, hub_at, process, program, screen_at
from tests.mqtt.mosquitto import mosquitto


@pytest.fixture
async def desk(tmp_path):
    async with mosquitto(tmp_path) as running:
        yield running


def hub_command(desk, *types, **options):
    """The command line of a hub with the tests' feeds."""
    return [sys.executable, str(CHILD), msgspec.json.encode(config(*types, **options)).decode(), desk.url()]


def same(hub, *screens):
    """Each screen's figures are the hub's, at the hub's newest pulse; what a screen missed is in its own log alone."""
    pulse = hub.stream.model.pulse

    def told(model):
        state = model.state(pulse.ts)
        return msgspec.structs.replace(state, log=[line for line in state.log if line.subject != FEED])

    return pulse is not None and all(
        screen.model.pulse == pulse and told(screen.model) == told(hub.stream.model) for screen in screens
    )


async def test_screens_of_a_desk_have_what_its_hub_has_early_and_late(desk):
    async with hub_at(desk.url(), "steady", steady={"burst": 300}) as (hub, endpoint), screen_at(desk.url()) as early:
        await until(lambda: early.liquidations() == 300)
        assert (early.link.state, early.link.detail, early.link.hub) == ("live", "", endpoint.id)
        async with screen_at(desk.url()) as late:
            await until(lambda: late.liquidations() == 300)
            await until(lambda: same(hub, early, late))
        assert early.resets == 1
        assert not early.link.gaps
        assert early.feed("mqtt").state == "live"


async def test_a_broker_that_restarts_leaves_a_gap_that_is_named_and_filled(desk):
    async with hub_at(desk.url(), "steady", steady={"burst": 50}) as (hub, _), screen_at(desk.url()) as one:
        await until(lambda: one.liquidations() == 50)
        async with screen_at(desk.url()) as two:
            await until(lambda: two.beats(3) and two.link.next is not None)
            before = [one.link.next, two.link.next]
            await desk.stop(kill=True)
            await until(lambda: one.link.state == two.link.state == "lost")
            assert "127.0.0.1" in one.link.detail
            await until(lambda: hub.stream.model.pulse.seq > one.model.pulse.seq + 4)
            await desk.start()
            await until(lambda: one.link.gaps and two.link.gaps and same(hub, one, two))
            for screen, at in zip((one, two), before, strict=True):
                [gap] = screen.link.gaps
                assert (gap.feed, gap.venue, gap.channel) == ("screen", "mqtt", "stream")
                assert gap.dropped > 0 and gap.since < gap.until
                assert screen.model.feeds.gaps[-1] == gap, "the feeds panel counts it"
                assert screen.link.next >= at + gap.dropped
            assert one.feed("mqtt").reconnects >= 1


async def test_messages_that_never_came_are_counted_asked_for_and_logged(desk, caplog):
    async with hub_at(desk.url(), "steady") as (hub, endpoint), screen_at(desk.url()) as screen:
        await until(lambda: screen.beats(2))
        endpoint.stream.open(False)
        lost = endpoint.stream.seq
        hub.stream.fold([trade(number, ts=hub.now) for number in range(7)])
        counted = endpoint.stream.seq - lost
        endpoint.stream.open(True)
        await until(lambda: screen.link.gaps and same(hub, screen))
        [line] = [line for line in screen.model.figures("log", hub.now) if line.kind == "gaps"]
        assert line.text.startswith("screen missed stream of mqtt for ")
        assert f"missed {screen.link.gaps[0].dropped} events of hub {endpoint.id}" in caplog.text
        assert screen.resets == 2
        assert screen.link.gaps[0].dropped >= counted == 7


async def test_a_hub_that_is_killed_is_gone_at_once_and_the_next_one_is_found(desk):
    argv = [
        sys.executable,
        str(CHILD),
        msgspec.json.encode(config("steady", steady={"burst": 20})).decode(),
        desk.url(),
    ]
    async with screen_at(desk.url()) as screen:
        async with process(argv) as hub:
            await until(lambda: screen.liquidations() == 20)
            first = screen.link.hub
            os.kill(hub.pid, signal.SIGKILL)
            await until(lambda: screen.link.state == "lost")
            assert "is gone" in screen.link.detail, "by its last will, not by its silence"
            assert screen.liquidations() == 20, "what is known stays on the screen"
        async with process(argv):
            await until(lambda: screen.link.state == "live" and screen.resets == 2 and screen.liquidations() == 20)
            assert screen.link.hub != first
            assert not screen.link.gaps, "another hub's stream has other numbers"


async def test_a_hub_that_stands_still_is_silent(desk):
    argv = hub_command(desk, "steady")
    async with screen_at(desk.url()) as screen, process(argv) as hub:
        await until(lambda: screen.beats(2))
        os.kill(hub.pid, signal.SIGSTOP)
        await until(lambda: screen.link.state == "lost")
        assert "silent for 3 s" in screen.link.detail
        os.kill(hub.pid, signal.SIGCONT)
        await until(lambda: screen.link.state == "live")


@pytest.mark.parametrize(("order", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_a_hub_that_is_told_to_stop_says_so(desk, order, status):
    argv = hub_command(desk, "steady")
    async with screen_at(desk.url()) as screen, process(argv) as hub:
        await until(lambda: screen.beats(2))
        hub.send_signal(order)
        async with asyncio.timeout(LIMIT_S):
            assert await hub.wait() == status
        await until(lambda: "is gone" in screen.link.detail)


async def test_two_hubs_are_one_desk_and_the_older_one_leads(desk):
    first = hub_at(desk.url(), "steady", name="tokyo", steady={"burst": 30})
    async with first as (tokyo, tokyos), screen_at(desk.url()) as screen:
        await until(lambda: screen.liquidations() == 30)
        async with hub_at(desk.url(), "okx", name="osaka") as (osaka, osakas):
            await until(lambda: "ETH/USDT:USDT" in screen.model.state(screen.model.pulse.ts).prices)
            await until(lambda: screen.feed("okx@osaka") is not None)
            assert (tokyos.leads, osakas.leads) == (True, False)
            assert screen.link.hub == tokyos.id
            await until(lambda: screen.feed("steady").state == screen.feed("okx@osaka").state == "live")
            assert screen.feed("hub osaka").state == "live"
            await until(lambda: same(tokyo, screen))
            figures = lambda part: screen.model.figures(part, screen.model.pulse.ts)  # noqa: E731
            await until(lambda: figures("hub").screens == 1)
            await until(lambda: {hub: each.leads for hub, each in figures("hubs").items()} == {
                tokyos.id: True, osakas.id: False
            })  # fmt: skip
            assert {each.version for each in figures("hubs").values()} == {__version__}
            await until(lambda: "S1/USDT:USDT" in osaka.stream.model.state(osaka.now).prices)
        await until(lambda: screen.feed("okx@osaka").state == screen.feed("hub osaka").state == "down")
        assert screen.link.state == "live"


async def test_when_the_leader_goes_screens_follow_the_next(desk):
    async with screen_at(desk.url()) as screen, process(hub_command(desk, "steady")) as tokyo:
        await until(lambda: screen.beats(1))
        async with hub_at(desk.url(), "okx", name="osaka") as (osaka, endpoint):
            prices = lambda: osaka.stream.model.state(osaka.now).prices  # noqa: E731
            await until(lambda: {"S1/USDT:USDT", "ETH/USDT:USDT"} <= prices().keys())
            tokyo.kill()
            await until(lambda: screen.link.hub == endpoint.id and screen.link.state == "live" and same(osaka, screen))
            assert "S1/USDT:USDT" in screen.model.state(osaka.now).prices, "the one that stays knows both markets"


async def test_the_desk_has_topics_for_other_programs(desk):
    base = "deskmon/v1/desk"
    ticker, burst = f"{base}/ticker/okx/ETH%2FUSDT%3AUSDT", f"{base}/liquidation/okx/ETH%2FUSDT%3AUSDT"
    async with hub_at(desk.url(), "steady", "okx") as (_, endpoint), program(desk.url()) as other:
        await other.subscribe(f"{base}/#", qos=1)
        seen = {}
        async with asyncio.timeout(LIMIT_S):
            while not {ticker, burst, f"{base}/hub/{endpoint.id}", f"{base}/feed_status/okx"} <= seen.keys():
                message = await anext(other.messages)
                seen.setdefault(str(message.topic), message.payload)
    assert b'"state":"up"' in seen[f"{base}/hub/{endpoint.id}"]
    assert msgspec.json.decode(seen[ticker])["type"] == "ticker"
    message = unpack_batch(seen[burst])
    events = msgspec.json.decode(message.events)
    assert message.next - message.seq == len(events) and {event["type"] for event in events} == {"liquidation"}


async def test_a_state_is_there_for_who_comes_late_and_a_trade_is_not(desk):
    async with hub_at(desk.url(), "steady"), program(desk.url()) as first:
        await first.subscribe("deskmon/v1/desk/trade/#")
        async with asyncio.timeout(LIMIT_S):
            await anext(first.messages)
    async with program(desk.url()) as late:
        await late.subscribe("deskmon/v1/desk/#")
        kinds = set()
        async with asyncio.timeout(LIMIT_S):
            while "ticker" not in kinds or "hub" not in kinds:
                message = await anext(late.messages)
                assert message.retain
                assert message.properties.MessageExpiryInterval <= 3_600
                kinds.add(str(message.topic).split("/")[3])
        assert "trade" not in kinds
