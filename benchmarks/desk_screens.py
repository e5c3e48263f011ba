"""Screens without a terminal for `benchmarks.desk`, several in a process: `benchmarks.desk_screens URL COUNT`.

Orders come as lines on standard input, answers leave as JSON lines on standard output. `stand SEQ`: what each screen's
state is at the pulse SEQ. `lost`: when each screen said that its hub is lost.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import time
from typing import Any

import msgspec

from deskmon.cli.session import remote_link
from deskmon.config.schema import Config
from deskmon.events import Pulse, Reset
from deskmon.model import Model
from deskmon.mqtt.client.link import MqttLink


class Screen:
    """One screen: a link and a model, folded event by event so that it can stand still at a pulse."""

    def __init__(self, url: str) -> None:
        self.link = remote_link(url, Config())
        self.model = Model()
        self.stand_at: int | None = None
        self.stood = asyncio.Event()
        self.answer: dict[str, Any] = {}
        self.resets = self.events = 0
        self.first_s: float | None = None

    async def follow(self) -> None:
        begun = time.monotonic()
        async for batch in self.link.events():
            self.events += len(batch)
            for event in batch:
                self.model.apply((event,))
                self.resets += type(event) is Reset
                if type(event) is Pulse:
                    if self.first_s is None:
                        self.first_s = time.monotonic() - begun
                    if event.seq == self.stand_at:
                        self._stand(event)

    def _stand(self, pulse: Pulse) -> None:
        state = self.model.state(pulse.ts)
        gaps = list(self.link.gaps) if isinstance(self.link, MqttLink) else []
        self.answer = {
            "seq": pulse.seq,
            "digest": hashlib.sha256(msgspec.json.encode(state)).hexdigest(),
            "liquidations": state.liquidations.windows["1h"].count,
            "rejected": self.model.rejected,
            "resets": self.resets,
            "events": self.events,
            "first_s": round(self.first_s or 0.0, 2),
            "gaps": [[gap.dropped, gap.until - gap.since] for gap in gaps],
        }
        self.stood.set()


async def _lost(screen: Screen) -> float:
    """When the screen said that its hub is lost (`time.monotonic`)."""
    while screen.link.state != "lost":  # noqa: ASYNC110 - a link has no event for it
        await asyncio.sleep(0.02)
    return time.monotonic()


async def main(url: str, count: int) -> None:
    screens = [Screen(url) for _ in range(count)]
    following = [asyncio.create_task(screen.follow()) for screen in screens]
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while order := (await lines.readline()).decode().split():
        answers: list[Any]
        if order[0] == "pulse":
            answers = [screen.model.pulse.seq if screen.model.pulse else 0 for screen in screens]
        elif order[0] == "stand":
            for screen in screens:
                screen.stood.clear()
                screen.stand_at = int(order[1])
            await asyncio.gather(*(screen.stood.wait() for screen in screens))
            answers = [screen.answer for screen in screens]
        else:
            answers = await asyncio.gather(*map(_lost, screens))
        print(msgspec.json.encode(answers).decode(), flush=True)
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
