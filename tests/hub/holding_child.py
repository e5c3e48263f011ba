"""A hub process with a feed that holds the loop for ever once its file is there: `holding_child.py FILE SOCKET LOG`."""

from __future__ import annotations

import asyncio
import sys
import time
from argparse import Namespace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from deskmon.cli.log_file import start_log
from deskmon.hub import server
from tests.hub.market import Steady, config

HELD = Path(sys.argv[1])


class Holding(Steady):
    """Steady until its file is there."""

    name = "holding"

    async def run(self, context) -> None:
        steady = asyncio.create_task(super().run(context))
        while not wanted():  # noqa: ASYNC110 - a file
            await asyncio.sleep(0.01)
        hold()
        await steady


def wanted() -> bool:
    return HELD.exists()


def hold() -> None:
    HELD.rename(HELD.with_suffix(".held"))
    while True:
        time.sleep(0.01)


if __name__ == "__main__":
    server.END_S = 0.3
    start_log(Namespace(log=sys.argv[3], verbose=False), stderr=False)
    at = f"unix:{sys.argv[2]}"
    sys.exit(asyncio.run(server.serve(config("holding"), listen=at, config_name="mine.toml", load=lambda _: Holding)))
