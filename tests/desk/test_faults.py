"""What a trader sees when the terminal stops reading, and when the hub dies: on real terminals, with real processes."""

import asyncio
import os
import subprocess
import sys
import time

from deskmon.events import Pulse
from deskmon.transport.link import UnixLink
from tests.desk.conftest import STALL_S
from tests.desk.terminal import Terminal, children, kill_child


async def worst_lag(socket, seconds: float) -> float:
    """The hub's worst loop delay in ms over `seconds`, as its pulses tell."""
    link, worst = UnixLink(socket), 0.0
    try:
        async with asyncio.timeout(seconds):
            async for batch in link.events():
                worst = max([worst, *(event.loop_lag_ms for event in batch if isinstance(event, Pulse))])
    except TimeoutError:
        pass
    await link.close()
    return worst


def test_a_terminal_that_stops_reading_costs_only_itself_and_is_right_within_a_second(hub, cascade, tmp_path):
    with Terminal("attach", f"unix:{hub}", cwd=tmp_path) as terminal:
        terminal.until("REPLAY")
        assert asyncio.run(worst_lag(hub, STALL_S)) < 500
        took = terminal.until(lambda text: "PAUSED" in text or "ENDED" in text, 30)
        terminal.watch(max(0.0, 1.0 - took))
        shown = terminal.body
    assert took < 1.0
    argv = [sys.executable, "-m", "deskmon", "snapshot", "--replay", str(cascade[0]), "--size", "120x36"]
    frame = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
    assert shown.split() == frame.partition("\n")[2].split()


def test_a_killed_hub_is_said_within_two_seconds_and_the_desk_goes_on_after_the_restart(tmp_path):
    with Terminal("demo", cwd=tmp_path) as terminal:
        terminal.until("DEMO SIMULATED")
        terminal.until("binance")
        first = kill_child(terminal.child.pid)
        assert terminal.until("HUB LOST", 10) < 2.0
        assert "binance" in terminal.text
        terminal.until("DEMO SIMULATED")
        assert children(terminal.child.pid) != [first]


def test_a_screen_that_is_killed_leaves_no_hub_behind(tmp_path):
    with Terminal("demo", cwd=tmp_path) as terminal:
        terminal.until("DEMO SIMULATED")
        (hub,) = children(terminal.child.pid)
        os.kill(terminal.child.pid, 9)
        deadline = time.monotonic() + 10
        while os.path.exists(f"/proc/{hub}") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not os.path.exists(f"/proc/{hub}")
