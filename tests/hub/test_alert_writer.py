"""Of all hubs of a user one writes down how rules stand, so that a short look at a desk takes nothing back."""

from __future__ import annotations

import msgspec

from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.config.schema import Config
from deskmon.events import Alert, FeedStatus, Ticker
from deskmon.hub.alert_desk import AlertDesk
from deskmon.hub.door import Door
from deskmon.hub.stream import Stream
from deskmon.model import Model
from deskmon.transport.requests import Acknowledge
from tests.hub.market import T0


async def begun(path):
    rules = {"up": RuleSettings(when="prices.BTC.last > 1")}
    stream = Stream(Model())
    desk = AlertDesk(Config(alerts=AlertsConfig(rules=rules, path=str(path))), stream, lambda: T0 + 9_000, Door())
    await desk.begin()
    for second in range(4):
        now = T0 + second * 1_000
        stream.fold([Ticker(ts=now, recv=now, venue="binance", symbol="BTC/USDT:USDT", last=2.0)])
    return desk


def acknowledged_by(path):
    [memory] = msgspec.json.decode(path.read_bytes())["alerts"]["rules"].values()
    return memory["acknowledged_by"]


async def test_a_second_hub_of_a_user_takes_back_nothing_that_the_first_wrote(tmp_path):
    path = tmp_path / "alerts.json"
    first = await begun(path)
    await first.save()
    second = await begun(path)
    first.acknowledge(Acknowledge(id=0, rule="up", by="ann"))
    await first.save()
    await second.close()
    assert acknowledged_by(path) == "ann"
    await first.close()
    third = await begun(path)
    assert third.engine.memories["up"].acknowledged_by == "ann"
    third.engine.memories["up"].acknowledged_by = "ben"
    await third.close()
    assert acknowledged_by(path) == "ben"


async def test_rules_of_feeds_that_another_run_had_go_when_a_hub_begins(tmp_path):
    rules = {"deaf": RuleSettings(each="feed", when="feeds.{feed}.state = down")}
    stream, config = Stream(Model()), Config(alerts=AlertsConfig(rules=rules, path=str(tmp_path / "alerts.json")))
    live = FeedStatus(ts=T0, feed="kept", state="live", detail="")
    told = [Alert(ts=T0, rule=f"deaf[{feed}]", state="pending", since=T0) for feed in ("kept", "px")]
    stream.fold([live, *told])
    desk = AlertDesk(config, stream, lambda: T0 + 1_000, Door())
    await desk.begin()
    assert stream.model.alerts.rules == ["deaf[kept]"]
    await desk.close()
