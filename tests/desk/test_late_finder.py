"""What a screen lets its hub find: the same as it would find itself, later, and with less."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import Future
from typing import Any

import msgspec
import pytest

from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.clock import HOUR, MINUTE
from deskmon.desk import late_finder
from deskmon.desk.late_finder import LateFinder, by_hub, in_thread
from deskmon.desk.own_rules import OwnRules
from deskmon.hub.door import Door, Visitor
from deskmon.hub.findings import found
from deskmon.model import Model, option_analysis
from deskmon.transport.requests import Find, Reply
from tests.hub.test_door import End
from tests.hub.waiting import until
from tests.markets import simulated
from tests.options.chains import NOW, market

BTC = "BTC/USDT:USDT"
STRIKES = range(60_000, 125_000, 5_000)


def chains(hours: int) -> list:
    """A chain of three expiries, quoted once in each of so many hours, its volatility another one each time."""
    return [
        msgspec.structs.replace(option, ts=NOW + hour * HOUR, bid_iv=40.0 + hour, ask_iv=42.0 + hour)
        for hour in range(hours)
        for days in (8, 35, 90)
        for option in market(STRIKES, days=days)
    ]


class Hub:
    """A hub's end, which answers from a model by way of JSON."""

    def __init__(self, model: Model) -> None:
        self.model, self.asked = model, []

    async def ask(self, request: Find) -> Reply:
        self.asked.append(request.what)
        request = msgspec.json.decode(msgspec.json.encode(request), type=Find)
        return Reply(ok=True, text=found(request, self.model))


def own_by(finder: LateFinder, model: Model) -> Model:
    """A screen's model, from a snapshot of `model`."""
    screen = Model(finder=finder)
    screen.apply(model.snapshot())
    return screen


async def test_what_a_hub_finds_is_what_the_screen_would_find() -> None:
    model, now = simulated().model, simulated().now
    hub = Hub(model)
    screen = own_by(LateFinder(by_hub(hub.ask)), model)
    assert screen.options.figure("BTC", now).expiries == [] and screen.options.awaited("BTC", now)
    await until(lambda: screen.options.figures(now) == model.options.figures(now))
    await until(lambda: screen.levels.figures(now) == model.levels.figures(now))
    assert model.levels.figures(now) and not screen.options.awaited("BTC", now)
    assert screen.levels.changes(BTC, now, 0) == model.levels.changes(BTC, now, 0) != []
    assert screen.options.strikes("BTC", now) == model.options.strikes("BTC", now) != []
    assert {what[0] for what in hub.asked} == {"levels", "chain"}


async def test_how_each_hour_of_a_chain_ended_is_heard_from_the_hub() -> None:
    model = Model()
    hub = Hub(model)
    screen = Model(finder=LateFinder(by_hub(hub.ask)))
    for event in chains(5):
        model.apply([event])
        screen.apply([event])
    now = NOW + 4 * HOUR
    await until(lambda: screen.options.skew_history("BTC", now) == model.options.skew_history("BTC", now))
    assert len(model.options.skew_history("BTC", now)) == 4 and hub.asked == [("hour", "BTC", "deribit", "")] * 4
    assert screen.days.figures(now) == model.days.figures(now)
    assert screen.options.term_structure("BTC", now, HOUR) == model.options.term_structure("BTC", now, HOUR)


@pytest.mark.parametrize("reply", [Reply(ok=True), Reply(ok=True, text="[1]"), Reply(ok=False, text="no answer")])
async def test_how_each_hour_ended_is_searched_here_where_the_hub_doesnt_tell(reply: Reply) -> None:
    async def ask(request: Find) -> Reply:
        await asyncio.sleep(0.01)  # meanwhile the next hour goes on
        return reply

    model, screen, now = Model(), Model(finder=LateFinder(by_hub(ask))), NOW + 4 * HOUR
    for event in chains(5):
        model.apply([event])
        screen.apply([event])
    await until(lambda: len(screen.options.skew_history("BTC", now)) == 4)
    assert screen.options.skew_history("BTC", now) == model.options.skew_history("BTC", now)
    assert screen.days.figures(now) == model.days.figures(now)


def test_hours_that_are_found_in_another_order_are_all_held() -> None:
    waiting: list[tuple[Future, Any]] = []

    def submit(key, now, prepare) -> Future:
        waiting.append((Future(), prepare()))
        return waiting[-1][0]

    model, screen, now = Model(), Model(finder=LateFinder(submit)), NOW + 4 * HOUR
    for event in chains(5):
        model.apply([event])
        screen.apply([event])
    for future, search in reversed(waiting):
        future.set_result(search())
    assert screen.options.skew_history("BTC", now) == model.options.skew_history("BTC", now)
    assert len(model.options.skew_history("BTC", now)) == 4


async def test_what_came_during_a_search_is_found_too_while_the_time_stands() -> None:
    model, screen = Model(), Model(finder=LateFinder(in_thread))
    for hour in chains(1), chains(2)[-len(chains(1)) :]:
        model.apply(hour)
        screen.apply(hour)
        screen.options.figure("BTC", NOW + HOUR)
    await until(lambda: screen.options.figure("BTC", NOW + HOUR) == model.options.figure("BTC", NOW + HOUR))


async def test_levels_of_a_hub_that_was_ahead_for_a_moment_are_found_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    model, now = simulated().model, simulated().now
    hub, whole = Hub(model), model.levels._outside
    screen = own_by(LateFinder(by_hub(hub.ask)), model)
    await until(lambda: screen.options.strikes("BTC", now))
    ahead = whole(BTC, now)._replace(walls=((100.0, 1.0),))  # gone before the screen has heard of it
    with monkeypatch.context() as patch:
        patch.setattr(model.levels, "_outside", lambda *about: ahead)
        await until(lambda: screen.levels.map(BTC, now))
        assert screen.levels.map(BTC, now).outside == ahead
    await until(lambda: screen.levels.map(BTC, now) == model.levels.map(BTC, now))


def test_no_rule_of_the_screen_takes_a_chain_that_is_awaited_for_an_empty_one() -> None:
    few = msgspec.convert({"when": "options.BTC.quotes < 10"}, RuleSettings)
    model, own = Model(finder=LateFinder(lambda *about: Future())), OwnRules(AlertsConfig(rules={"few": few}))
    model.apply(chains(1))
    own.begin(model)
    assert "firing" not in [alert.state for alert in own.judge(model, NOW + MINUTE)]


async def test_a_smile_is_searched_here_and_awaited_until_it_is_found() -> None:
    model = Model()
    model.apply(chains(1))
    screen = own_by(LateFinder(by_hub(Hub(model).ask)), model)
    [expiry, *_] = model.options.expiries(NOW)
    assert screen.options.smile("BTC", expiry, NOW) == [] and screen.options.awaited("BTC", NOW)
    await until(lambda: screen.options.smile("BTC", expiry, NOW) == model.options.smile("BTC", expiry, NOW))
    assert model.options.smile("BTC", expiry, NOW) and not screen.options.awaited("BTC", NOW)


async def test_a_screen_whose_market_isnt_the_hubs_searches_itself() -> None:
    async def elsewhere(request: Find) -> Reply:
        return Reply(ok=True)

    model, now = simulated().model, simulated().now
    screen = own_by(LateFinder(by_hub(elsewhere)), model)
    await until(lambda: screen.options.figures(now) == model.options.figures(now))
    await until(lambda: screen.levels.figures(now) == model.levels.figures(now))


async def test_a_hub_that_doesnt_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_finder, "AGAIN_S", 0.0)
    model, now = simulated().model, simulated().now
    hub, lost = Hub(model), [Reply(ok=False, text="the hub doesn't answer")] * 3

    async def ask(request: Find) -> Reply:
        return lost.pop() if lost else await hub.ask(request)

    screen = own_by(LateFinder(by_hub(ask)), model)
    await until(lambda: screen.levels.of(BTC, now) == model.levels.of(BTC, now))
    assert not lost


def test_a_hub_outlives_a_search_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*about):
        raise ZeroDivisionError

    model, end = Model(), End()
    model.apply(chains(1))
    monkeypatch.setattr(option_analysis, "Analysis", fails)
    door = Door()
    door.handle(Find, lambda request, visitor: found(request, model))
    request = Find(id=7, what=("chain", "BTC", "deribit", ""), at=NOW)
    assert door.take(msgspec.json.encode(request), Visitor(end, lambda: 0.0, is_owner=True)) == "taken"
    assert end.replies == [Reply(ok=True, id=7)]


def test_a_search_that_nobody_asks_for_again_says_in_the_log_why_it_failed(caplog: pytest.LogCaptureFixture) -> None:
    search, taken = Future[Any](), list[Any]()
    finder = LateFinder(lambda key, now, prepare: search)
    finder.find_once(("hour", "BTC", "", ""), NOW, lambda: list, taken.append)
    search.set_exception(ZeroDivisionError("no strike"))
    assert not taken and "a search failed: ZeroDivisionError: no strike" in caplog.text


def test_what_was_asked_before_a_market_began_anew_is_given_to_nobody() -> None:
    waiting: list[Future] = []

    def submit(*about) -> Future:
        waiting.append(Future())
        return waiting[-1]

    finder, taken = LateFinder(submit), []
    finder.find_once(("hour", "BTC", "", ""), NOW, lambda: list, taken.append)
    finder.clear()
    finder.find_once(("hour", "BTC", "", ""), NOW + HOUR, lambda: list, taken.append)
    for number, future in enumerate(waiting):
        future.set_result(f"answer {number}")
    assert taken == ["answer 1"]
    finder.find_once(("hour", "BTC", "", ""), NOW + HOUR, lambda: list, taken.append)
    waiting[-1].set_exception(ArithmeticError("no"))
    assert taken == ["answer 1"]


def test_a_hub_knows_nothing_of_another_market() -> None:
    model, now = simulated().model, simulated().now
    for what in (("levels", "X/Y"), ("chain", "X", "deribit", ""), ("hour", "BTC", "deribit", ""), ("dinner", "now"),
                 ("levels", BTC, BTC), ("chain", "BTC")):  # fmt: skip
        assert found(Find(id=1, what=what, at=now + MINUTE), model) == ""


PRIVATE = """
import asyncio, sys
from deskmon.cli import parser, session
from deskmon.desk import late_finder
from deskmon.desk.app import DeskApp
late_finder.ONCE = frozenset()  # a hub that is late, as on a busy machine, has the screen search by itself
args = parser.parse(["demo", "simulator"])
config = session.on_demo(args, "simulator")
app = DeskApp(config, session.private_link(config, args))
async def shows(*words):
    async with asyncio.timeout(90):
        while not all(word in app.desk.canvas.text() for word in words):
            await asyncio.sleep(0.05)
async def show():
    async with app.run_test(size=(200, 50)) as pilot:
        await shows("RR25", "holding")
        await pilot.press("enter")
        await shows("VWAP", "implied range")
asyncio.run(show())
print("numpy" in sys.modules)
"""


def test_a_private_screen_shows_levels_skew_and_candles_without_numpy(tmp_path) -> None:
    done = subprocess.run([sys.executable, "-c", PRIVATE], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
