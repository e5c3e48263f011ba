"""A process that says nothing: no feed moves there, and it isn't called silent by a hub that doesn't listen."""

from __future__ import annotations

import asyncio
import os
import signal
from time import monotonic

import pytest

from deskmon.hub import ending, hub, own_process, worker
from deskmon.hub.handover import PATIENCE_S
from deskmon.hub.overlap import OLD
from deskmon.hub.own_process import SILENT_S
from deskmon.turns import Turns
from tests.hub.test_moves import gaps, moving, trades, venue
from tests.hub.test_own_process import Far, is_alive
from tests.hub.waiting import until

__all__ = ["venue"]


@pytest.mark.parametrize("is_full", [False, True])
async def test_no_feed_moves_to_a_process_that_does_not_answer(venue, caplog, monkeypatch, is_full):
    monkeypatch.setattr(own_process, "FAREWELL_S", 0.1)
    async with moving(venue) as far:
        venue.say(1, "live", f"trade second {far.later}")
        await until(lambda: trades(far)[-1] == "second")
        os.kill(venue.pids[1], signal.SIGSTOP)
        handover = far.supervisor._movable._handover
        handover.process._timer = lambda: monotonic() + SILENT_S
        await until(lambda: handover.process.is_silent)
        if is_full:
            handover._overlap.muted = OLD
            venue.say(0, f"trade lost {far.later + 1}")
        else:
            far.timer.now += PATIENCE_S
        await until(lambda: not far.supervisor.is_moving)
        assert not far.supervisor.has_process
        assert "feed far stays in the hub's process: its process doesn't answer" in caplog.text
        assert not is_alive(venue.pids[1])
        venue.say(0, f"trade third {far.later + 2}")
        await until(lambda: trades(far)[-1] == "third")
        assert len(gaps(far)) == is_full


async def test_a_process_is_not_called_silent_while_the_hub_has_no_room_for_what_it_says(venue, monkeypatch):
    monkeypatch.setattr(own_process, "TELL_S", 0.01)
    far, room, looks = Far("listens", process="own", options={"path": venue.path}), [True], []
    far.supervisor._turns = Turns(has_room=lambda: room[0])
    task = asyncio.create_task(far.supervisor.run())
    try:
        await until(lambda: venue.pids)
        venue.say(0, "live", f"trade first {far.clock.now()}")
        await until(lambda: trades(far))
        process, now = far.supervisor._feed, far.clock.now
        monkeypatch.setattr(far.clock, "now", lambda: looks.append(None) or now())
        room[0] = False
        await until(lambda: process._lines)
        process._timer = lambda: monotonic() + SILENT_S
        for _ in range(2):
            looks.clear()
            await until(lambda: len(looks) == 3)
            assert far.status().detail == "all well"
            room[0] = True
            await until(lambda: not process._lines)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_a_hub_has_time_to_see_its_feeds_processes_end():
    assert worker.PATIENCE_S < own_process.FAREWELL_S < hub.GRACE_S < ending.END_S
