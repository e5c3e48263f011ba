"""From an alert to the routes: what is told, what isn't, and what a restart, a dead route and a full disk change."""

from __future__ import annotations

import asyncio
import random

import pytest

from deskmon.alerts.settings import AlertsConfig, RouteSettings, RuleSettings
from deskmon.cli.session import without_calls
from deskmon.clock import MINUTE, SECOND, ManualClock, WallClock
from deskmon.config.schema import Config, DeskConfig, MqttConfig
from deskmon.delivery.answer import Answer
from deskmon.delivery.delivery import Delivery, notice_of
from deskmon.delivery.heartbeat import Heartbeat, trouble
from deskmon.delivery.outbox import Outbox
from deskmon.delivery.route import FAILING, Route, RouteRules
from deskmon.delivery.routes import outbox_path, sender
from deskmon.delivery.sole_holder import SoleHolder
from deskmon.errors import ConfigError
from deskmon.events import Alert, LegReading
from deskmon.hub.alert_delivery import AlertDelivery
from deskmon.hub.server import sends
from tests.delivery.builders import T0, Told
from tests.delivery.receiver import receiver
from tests.hub.waiting import until

REFUSED = Answer(False, "HTTP 500")


def alert(rule="lost85", state="firing", since=T0, **fields):
    return Alert(ts=since, rule=rule, state=state, since=since, severity=fields.pop("severity", "warn"), **fields)


class Desk:
    """A delivery to some senders, on a clock that moves by hand."""

    def __init__(self, folder, **senders):
        self.clock, self.outbox = ManualClock(T0), Outbox(folder / "outbox.db")
        self.delivery = Delivery(self.outbox, self.clock.now)
        self.routes = []
        for name, (told, severities) in senders.items():
            route = Route(
                name, told, RouteRules(frozenset(severities)), self.outbox, desk="desk", now=self.clock.now,
                rng=random.Random(1), changed=self.delivery.route_changed,
            )  # fmt: skip
            self.delivery.add(route)
            self.routes.append(route)

    async def until(self, end):
        await self.delivery.begin()
        while True:
            await self.delivery.flush()
            dues = [due for route in self.routes if (due := await route.step()) is not None]
            if not dues or min(dues) > end:
                break
            self.clock.set(max(min(dues), self.clock.now()))
        self.clock.set(max(end, self.clock.now()))


ALL = ("info", "warn", "page")


async def test_each_route_gets_the_severities_that_it_wants(tmp_path):
    phone, log = Told(), Told()
    desk = Desk(tmp_path, phone=(phone, ["page"]), log=(log, ALL))
    for each in (alert("mild", severity="info"), alert("cascade", severity="page")):
        desk.delivery.take(each)
    await desk.until(T0 + MINUTE)
    assert (phone.rules, log.rules) == ([["cascade"]], [["mild", "cascade"]])


async def test_what_is_told_is_that_it_fires_that_it_is_over_and_that_nobody_can_tell(tmp_path):
    told = Told()
    desk = Desk(tmp_path, phone=(told, ALL))
    steps = (
        alert(state="ok"), alert(state="unknown", since=T0 + 1), alert(state="pending", since=T0 + 2),
        alert(since=T0 + 3), alert(since=T0 + 3, value=7.0), alert(state="clearing", since=T0 + 4),
        alert(state="ok", since=T0 + 5), alert(state="unknown", since=T0 + 6, text="lost85: can't tell whether …"),
        alert("still", mark="snoozed", by="ann"), alert("scenarios.a.b"), alert("gone", removed=True),
    )  # fmt: skip
    for each in steps:
        desk.delivery.take(each)
    await desk.until(T0 + MINUTE)
    [message] = told.messages
    assert [(each.state, each.since - T0) for each in message.alerts] == [("firing", 3), ("ok", 5), ("unknown", 6)]


async def test_a_restart_tells_nothing_twice_what_was_not_told_once_and_what_is_over_meanwhile(tmp_path):
    first, second, third = Told(), Told(), Told()
    desk = Desk(tmp_path, phone=(first, ALL))
    desk.delivery.take(alert("told"))
    await desk.until(T0 + MINUTE)
    desk.delivery.take(alert("lost", since=T0 + 9))  # killed before the outbox had it
    again = Desk(tmp_path, phone=(second, ALL))
    await again.delivery.begin()
    for each in (alert("told"), alert("lost", since=T0 + 9), alert("never", state="ok")):
        again.delivery.take(each)
    await again.until(T0 + 2 * MINUTE)
    last = Desk(tmp_path, phone=(third, ALL))
    await last.delivery.begin()
    for each in (alert("told", "ok", T0 + 50), alert("lost", since=T0 + 9)):
        last.delivery.take(each)
    await last.until(T0 + 3 * MINUTE)
    assert (first.rules, second.rules, third.rules) == ([["told"]], [["lost"]], [["told"]])
    assert third.messages[0].alerts[0].state == "ok"


async def test_a_route_that_fails_three_times_is_told_of_on_the_others_and_in_the_status_until_it_works(tmp_path):
    phone, mail = Told(*[REFUSED] * FAILING), Told()
    desk = Desk(tmp_path, phone=(phone, ALL), mail=(mail, ["page"]))
    desk.delivery.take(alert())
    await desk.until(T0 + 12 * SECOND)
    assert desk.delivery.status(T0).state == "live"
    await desk.until(T0 + 20 * SECOND)
    status = desk.delivery.status(T0)
    assert (status.state, status.detail) == ("down", "route phone: HTTP 500, 1 wait")
    await desk.until(T0 + 10 * MINUTE)
    assert desk.delivery.status(T0).state == "live"
    assert [(each.rule, each.state) for message in mail.messages for each in message.alerts] == [
        ("route phone", "firing"), ("route phone", "ok"),
    ]  # fmt: skip
    assert mail.messages[0].severity == "page"


async def test_how_rules_stand_is_written_down_before_the_outbox_knows_of_it(tmp_path):
    desk = Desk(tmp_path, phone=(Told(), ALL))
    known = []

    async def remember():
        known.append(desk.outbox.loose())

    desk.delivery._remember = remember
    desk.delivery.take(alert())
    await desk.until(T0)
    assert known == [[]]
    assert len(desk.outbox.loose()) == 1


async def test_a_full_disk_loses_nothing_and_is_said(tmp_path):
    desk = Desk(tmp_path, phone=(Told(), ALL))
    await desk.delivery.begin()
    desk.outbox.close()
    (tmp_path / "outbox.db").unlink()
    (tmp_path / "outbox.db").mkdir()
    desk.delivery.take(alert())
    await desk.delivery.flush()
    assert desk.delivery.status(T0).state == "down"
    (tmp_path / "outbox.db").rmdir()
    await desk.until(T0 + MINUTE)
    assert desk.routes[0]._sender.rules == [["lost85"]]
    assert desk.delivery.status(T0).state == "live"


def test_a_notice_has_the_comparisons_in_words():
    legs = (LegReading(text="prices.BTC.last < 85000", met=True, value=84_990.0), LegReading(text="x > 1", met=None))
    made = notice_of(alert(value=84_990.0, legs=legs, text="BTC lost it"), "levels")
    assert (made.value, made.group, made.text) == (84_990.0, "levels", "BTC lost it")
    assert made.legs == ("✓ prices.BTC.last < 85000 (84,990.00)", "? x > 1")


def config(url, **alerts):
    routes = {"phone": RouteSettings(type="webhook", url=url)}
    return Config(desk=DeskConfig(name="the Desk!"), alerts=AlertsConfig(routes=routes, **alerts))


def hub_delivery(config, folder, now=lambda: T0, **how):
    async def remember():
        return None

    how = {"feeds_live": lambda: 1, "judged_at": lambda: T0, "remember": remember} | how
    return AlertDelivery(config, now, random.Random(1), outbox=folder / "outbox.db", **how)


def test_a_hub_sends_a_private_one_where_it_is_to_and_a_short_lived_one_never():
    silent, told = config("x"), config("x", send=True)
    assert sends(silent, is_private=False, records=False)
    assert not sends(silent, is_private=True, records=False)
    assert sends(told, is_private=True, records=False)
    assert not sends(told, is_private=False, records=True)
    assert not sends(without_calls(told), is_private=True, records=False)


async def test_a_hub_that_leads_sends_and_another_of_its_user_waits_for_the_lock(tmp_path):
    async with receiver() as hook:
        first, second = (hub_delivery(config(hook.url), tmp_path, WallClock().now) for _ in range(2))
        running = [asyncio.create_task(each.run()) for each in (first, second)]
        await until(lambda: first.report(T0) or second.report(T0))
        leads, waits = (first, second) if first._delivery is not None else (second, first)
        assert waits.report(T0) is None
        leads.take(alert())
        waits.take(alert())
        await until(lambda: hook.bodies)
        task = running.pop(0) if leads is first else running.pop(1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: waits.report(T0))
        running[0].cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert [each["rule"] for body in hook.bodies for each in body["alerts"]] == ["lost85"]


async def test_a_hub_that_doesnt_lead_sends_nothing(tmp_path):
    async with receiver() as hook:
        desk = hub_delivery(config(hook.url), tmp_path, leads=lambda: False)
        running = asyncio.create_task(desk.run())
        await until(lambda: desk.report(T0))
        desk.take(alert())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert Outbox(tmp_path / "outbox.db").loose() == []


async def test_the_heartbeat_beats_only_while_rules_are_judged_and_a_feed_lives(monkeypatch):
    assert trouble(T0 - 5_000, 1, T0) == ""
    assert trouble(T0 - 5_001, 1, T0) == trouble(None, 1, T0) == "its rules aren't judged"
    assert trouble(T0, 0, T0) == "no feed is live"
    async with receiver() as hook:
        heart = Heartbeat(hook.url, MqttConfig(), "desk")
        await heart.beat(T0)
        assert (hook.heads[0].split()[0], heart.words) == ("GET", "")
        hook.answers = ["404 Not Found"]
        await heart.beat(T0)
        assert heart.words == "HTTP 404"
        hook.answers, said, troubles = ["200 OK"], [], ["no feed is live", "no feed is live", ""]
        beating = asyncio.create_task(heart.run(lambda: troubles.pop(0), lambda: T0, said.append))
        monkeypatch.setattr("deskmon.delivery.heartbeat.AGAIN_S", 0.0)
        await until(lambda: said)
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
    assert (len(hook.heads), troubles, said) == (3, [], [""])


def test_a_route_reads_its_secrets_and_says_what_is_missing(monkeypatch, tmp_path):
    def opened(**settings):
        return sender("phone", RouteSettings(**settings), MqttConfig(url="mqtt://broker.lan/desk"))

    monkeypatch.setenv("HOOK", "https://hooks.example/T0/secret")
    assert opened(type="webhook", url="env:HOOK")._url.path == "/T0/secret"
    assert opened(type="mqtt")._url.path == "/deskmon/v1/desk/calls/phone"
    for settings, words in (
        ({"type": "webhook"}, "alerts.routes.phone.url: missing"),
        ({"type": "apprise", "url": "tgram://geheim/1"}, "an address of apprise is a secret"),
        ({"type": "ntfy", "url": "env:NONE"}, r"\$NONE is not set"),
        ({"type": "ntfy", "url": "https://ntfy.example/x", "token": "geheim"}, "a secret doesn't stand in a config"),
    ):
        with pytest.raises(ConfigError, match=words) as caught:
            opened(**settings)
        assert "geheim" not in str(caught.value)


def test_desks_of_a_user_have_an_outbox_each_and_of_one_desk_one_process_sends(tmp_path):
    assert outbox_path(config("x")).name == "outbox-the-desk.db"
    one, other = SoleHolder(tmp_path / "outbox.db"), SoleHolder(tmp_path / "outbox.db")
    assert one.take() and not other.take()
    one.release()
    assert other.take() and not one.holds
    other.release()


def test_rules_of_a_group_carry_its_name_and_those_of_a_template_that_of_the_template():
    rules = {"level": RuleSettings(when="prices.BTC.last < 1", group="levels")}
    desk = hub_delivery(config("x", rules=rules), outbox_path(config("x")).parent)
    assert [desk._group(rule) for rule in ("level", "level[BTC 85000]", "other")] == ["levels", "levels", ""]
