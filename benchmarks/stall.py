"""What a terminal that stops reading costs: the hub's worst loop delay, and the time until the screen is right again.

    python -m benchmarks.stall [SECONDS]    25 seconds by default

The hub replays the demo's first two minutes while the terminal takes nothing. When it reads again its screen must be
what `deskmon snapshot` prints, but for the header.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path

from deskmon.events import Pulse
from deskmon.transport.link import UnixLink
from tests.desk.conftest import MINUTES, record_cascade, running_hub
from tests.desk.terminal import Terminal

LAG_MS, RIGHT_S = 500.0, 1.0
"""Targets."""


async def worst_lag(socket: Path, seconds: float) -> float:
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


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 25.0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, start = record_cascade(folder)
        speed = MINUTES * 60 / seconds * 1.5
        feeds = f"[feeds.replay]\ntype = 'replay'\npath = '{path}'\nat = '{start}'\nspeed = {speed}\n"
        argv = [sys.executable, "-m", "deskmon", "snapshot", "--replay", str(path), "--size", "120x36"]
        frame = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=folder).stdout
        with running_hub(folder, feeds) as socket, Terminal("attach", f"unix:{socket}", cwd=folder) as terminal:
            terminal.until("REPLAY")
            lag = asyncio.run(worst_lag(socket, seconds))
            took = terminal.shows(frame)
    print(f"terminal stalled for {seconds:.0f} s: the hub's worst loop delay {lag:.0f} ms, right after {took:.2f} s")
    return int(lag > LAG_MS or took > RIGHT_S)


if __name__ == "__main__":
    sys.exit(main())
