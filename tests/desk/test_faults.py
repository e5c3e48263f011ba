"""What a trader sees when the terminal stops reading, and when the hub dies: on real terminals, with real processes."""

import asyncio
import os
import subprocess
import sys
import time

from deskmon.events import Pulse
from deskmon.transport.link import UnixLink
from tests.desk.terminal import Terminal, children, gone, kill_child


async def played_to_the_end(socket) -> None:
    """Until the hub's pulses say that its replay stands at its end."""
    link = UnixLink(socket)
    async with asyncio.timeout(60):
        async for batch in link.events():
            if any(isinstance(event, Pulse) and event.paused for event in batch):
                break
    await link.close()


def test_a_terminal_that_stops_reading_costs_only_itself_and_is_right_when_it_reads_again(hub, cascade, tmp_path):
    with Terminal("attach", f"unix:{hub}", cwd=tmp_path) as terminal:
        terminal.until("REPLAY")
        asyncio.run(played_to_the_end(hub))  # and nobody reads the terminal
        argv = [sys.executable, "-m", "deskmon", "snapshot", "--replay", str(cascade[0]), "--size", "120x36"]
        frame = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=tmp_path).stdout
        terminal.shows(frame)


def test_a_killed_hub_is_said_the_desk_goes_on_and_a_killed_screen_leaves_no_hub_behind(tmp_path):
    with Terminal("demo", cwd=tmp_path) as terminal:
        terminal.until("DEMO SIMULATED")
        terminal.until("binance")
        first = kill_child(terminal.child.pid)
        terminal.until("HUB LOST")
        assert "binance" in terminal.text
        terminal.until(gone("HUB LOST"))
        terminal.until("DEMO SIMULATED")
        (hub,) = children(terminal.child.pid)
        assert hub != first
        os.kill(terminal.child.pid, 9)
        deadline = time.monotonic() + 60
        while os.path.exists(f"/proc/{hub}") and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not os.path.exists(f"/proc/{hub}")
