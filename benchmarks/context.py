"""How soon a fresh live desk has every figure of its context: a hub of its own, all sources at a local server.

    python -m benchmarks.context

Prints the seconds from the start of the hub until `deskmon state` has them all, then each with its source, date and
age. They must be there within ten seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deskmon import format as fmt
from deskmon.clock import WallClock
from tests.context.desk import configuration, missing, shown
from tests.context.server import as_of, served

TARGET_S = 10.0
GIVE_UP_S = 60.0


async def ask(socket: Path) -> dict[str, Any]:
    """The state of the hub; empty while it doesn't answer."""
    argv = [sys.executable, "-m", "deskmon", "state", "--attach", f"unix:{socket}"]
    process = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    told, _ = await process.communicate()
    return json.loads(told) if told else {}


async def measure(folder: Path) -> tuple[float, dict[str, Any], int]:
    """Seconds until everything is there, the state then, and how often sources were asked."""
    async with served() as sources:
        sources.answers = dict(as_of(WallClock().now()))
        socket, file = folder / "hub.sock", configuration(folder, sources)
        argv = [sys.executable, "-m", "deskmon", "hub", "--listen", f"unix:{socket}", "--config", str(file)]
        begun = time.monotonic()
        hub = await asyncio.create_subprocess_exec(*argv, stderr=asyncio.subprocess.DEVNULL)
        try:
            state: dict[str, Any] = {}
            while (not state or missing(state)) and time.monotonic() - begun < GIVE_UP_S:
                state = await ask(socket) if socket.exists() else {}
            return time.monotonic() - begun, state, sum(sources.asked.values())
        finally:
            hub.terminate()
            await hub.wait()


def main() -> int:
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as cache:
        import os

        os.environ["XDG_CACHE_HOME"] = cache  # nothing known from before
        took, state, asked = asyncio.run(measure(Path(name)))
    for each in shown(state):
        of = each.of if isinstance(each.of, str) else f"{datetime.fromtimestamp(each.of / 1000, UTC):%Y-%m-%d %H:%M}"
        print(f"{each.path:44} {fmt.amount(each.value):>8}  {each.source or '—':16} {of:16} {fmt.age(each.age_ms):>4}")
    lacking = missing(state)
    print(f"all figures {took:.1f} s after the hub's start, {asked} requests" if not lacking else f"missing: {lacking}")
    return int(bool(lacking) or took > TARGET_S)


if __name__ == "__main__":
    sys.exit(main())
