"""A hub says how late its loop is, and which feed made it late."""

from __future__ import annotations

import asyncio
import logging
import threading

from deskmon.events import Pulse
from deskmon.feedkit import Feed
from deskmon.hub.hub import Hub
from deskmon.hub.lateness import Lateness
from deskmon.model import Model
from tests.hub.market import T0, config, load
from tests.hub.waiting import until


class Timer:
    now = 100.0

    def __call__(self):
        return self.now


def test_the_worst_delay_is_of_the_last_minute():
    timer = Timer()
    late = Lateness(timer)
    for worst, taken in ((0.1, 100.0), (5.0, 5000.0), (0.2, 200.0)):
        late._worst = worst
        assert late.take() == taken
        timer.now += 1
    assert late.worst_ms == 5000.0
    timer.now += 58.5
    late.take()
    assert late.worst_ms == 200.0


def test_a_model_that_heard_no_hub_claims_no_delay():
    model = Model()
    assert model.state(T0).hub is None
    model.apply([Pulse(ts=T0, seq=1, mode="live", loop_lag_ms=3.0)])
    assert model.state(T0).hub is None, "a hub of an older version"
    model.apply([Pulse(ts=T0, seq=2, mode="live", late_ms=12.5)])
    assert (model.state(T0).hub.loop_lag_ms, model.state(T0).hub.loop_lag_by) == (12.5, None)
    assert model.state(T0).hub.version is None


class Holds(Feed):
    """Holds the hub's loop until the log has named it, in a task that it has started."""

    name, title = "holds", "Holds"
    go: threading.Event

    async def run(self, context):
        context.status("live", "all well")

        async def inner():
            type(self).go.wait()

        await asyncio.create_task(inner())
        await asyncio.Event().wait()


async def test_a_feed_that_holds_the_hubs_loop_is_named_in_the_log_meanwhile_then_in_status_and_pulse(caplog):
    Holds.go = threading.Event()
    seen = logging.getLogger("deskmon.hub.loop_holds")

    class LetGo(logging.Handler):
        def emit(self, record):
            if record.getMessage().startswith("feed holds holds the hub's loop, for "):
                Holds.go.set()

    handler = LetGo()
    seen.addHandler(handler)
    hub = Hub(config("holds", "steady"), load=lambda name: Holds if name == "holds" else load(name))
    model = hub.stream.model
    task = asyncio.create_task(hub.run())
    try:
        await until(lambda: model.pulse is not None and model.pulse.late_by)
        figures = lambda: model.feeds.figures(hub.now)  # noqa: E731
        await until(lambda: "holds" in figures() and figures()["holds"].blocked_ms)
        holds, state = model.feeds.figures(hub.now)["holds"], model.state(hub.now)
    finally:
        seen.removeHandler(handler)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert state.hub.loop_lag_by == "holds"
    assert state.hub.loop_lag_ms >= 400, "as those saw it who slept meanwhile"
    assert holds.blocked_ms >= 500
    assert holds.detail.startswith("held the hub's loop for ")
    assert "Holds.run.<locals>.inner → threading.py:" in holds.detail
    assert holds.detail.endswith("; all well")
    assert "feed holds held the hub's loop for " in caplog.text
