"""What strangers cost those who look on: requests at 50,000 a second on a broker, and 400 screens at once on a socket.

    python -m benchmarks.requests                      both; half a minute
    python -m benchmarks.requests --seconds 5 --rate 20000

A screen looks on all the time: the longest time in which nothing reached it is its silence. The broker is a real
mosquitto; whoever asks is a process of its own that sends 2 bytes at a time. The market of the second half has 150
symbols on 8 venues, so that a snapshot has 4 MB; the 400 take nothing but the first bytes of theirs.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.burst import SYMBOLS, market
from benchmarks.desk import Child, broker, wait
from deskmon.cli.session import remote_link
from deskmon.clock import MINUTE
from deskmon.config.schema import Config
from deskmon.errors import DeskError
from deskmon.events import Event, Journal
from deskmon.journal import JournalWriter
from deskmon.model import Model
from deskmon.mqtt.client.link import MqttLink
from deskmon.mqtt.hub.requests import FEED
from deskmon.transport.requests import unpack_reply
from deskmon.transport.wire import FrameDecoder

SILENCE_S = 2.0
"""An innocent screen is never silent for longer."""
LATE_S = 4.0
"""A screen that comes meanwhile has its figures within this."""
HUB_MB = 500.0
CLIENTS = 400


class Watched:
    """A screen without a terminal, and the longest time in which nothing reached it."""

    def __init__(self, url: str) -> None:
        self.link: Any = remote_link(url, Config())
        self.model = Model()
        self.first_s: float | None = None
        self.restart()

    def restart(self) -> None:
        self.heard = time.monotonic()
        self.silence_s = self.lag_ms = 0.0

    async def follow(self) -> None:
        begun = time.monotonic()
        async for batch in self.link.events():
            now = time.monotonic()
            self.silence_s, self.heard = max(self.silence_s, now - self.heard), now
            self.model.apply(batch)
            pulse = self.model.pulse
            if pulse is not None:
                self.first_s = self.first_s or now - begun
                self.lag_ms = max(self.lag_ms, pulse.loop_lag_ms)

    def feed(self, label: str) -> Any:
        return None if self.model.pulse is None else self.model.feeds.figures(self.model.pulse.ts).get(label)


@asynccontextmanager
async def watching(url: str) -> AsyncIterator[Watched]:
    """A screen that has its first pulse."""
    screen = Watched(url)
    task = asyncio.create_task(screen.follow())
    try:
        async with asyncio.timeout(60):
            while screen.first_s is None:  # noqa: ASYNC110 - a model has no event for it
                await asyncio.sleep(0.01)
        screen.restart()
        yield screen
    finally:
        await screen.link.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def told(what: str, figure: str, limit: str, kept: bool) -> bool:
    print(f"{what:<44} {figure:>12}   {limit:<14} {'kept' if kept else 'BROKEN'}")
    return kept


async def asked(url: str, port: int, hub: Child, rate: int, seconds: float) -> bool:
    """One who asks `rate` times a second, and two who look on: one before, one who comes meanwhile."""
    async with watching(url) as early:
        assert isinstance(early.link, MqttLink)
        topic = f"deskmon/v1/desk/ask/{early.link.hub}/mallory"
        begun, cpu = time.monotonic(), -hub.cpu_s()
        argv = [sys.executable, "-m", "benchmarks.pour", str(port), topic, str(rate), str(seconds)]
        asking = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.PIPE)
        await asyncio.sleep(seconds / 2)
        async with watching(url) as late:
            sent = int((await asking.communicate())[0])
            took, cpu = time.monotonic() - begun, cpu + hub.cpu_s()
            await asyncio.sleep(2.0)
            got = early.feed(FEED)
            print(f"{sent / seconds:,.0f} requests a second were sent for {seconds:.0f} s; the hub counted", end=" ")
            print(f"{got.events:,} taken, {got.rejected:,} no requests, {got.dropped:,} beyond the limit")
            print(f"the hub took {cpu / took:.0%} of a core, its loop was late by {early.lag_ms:.0f} ms at worst")
            silence = max(early.silence_s, late.silence_s)
            gaps = len(early.link.gaps) + early.feed("mqtt").reconnects
            return all(
                (
                    told(
                        "longest silence of an innocent screen",
                        f"{silence:.2f} s",
                        f"{SILENCE_S:g} s",
                        silence < SILENCE_S,
                    ),
                    told(
                        "a screen that comes meanwhile",
                        f"{late.first_s:.2f} s",
                        f"{LATE_S:g} s",
                        (late.first_s or 99) < LATE_S,
                    ),
                    told("gaps and reconnects", str(gaps), "0", gaps == 0),
                )
            )


class Kept(Model):
    """A model that keeps what is applied to it, too."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Event] = []

    def apply(self, events: Any) -> None:
        self.events += events


def recorded(folder: Path) -> tuple[Path, int]:
    """A journal of an hour of a market of 150 symbols, and a minute before its end (ms)."""
    model = Kept()
    market(model, SYMBOLS[:150])
    header, *events = model.events
    assert isinstance(header, Journal)
    events.sort(key=lambda event: event.arrival)
    path = folder / "market.jsonl"
    writer = JournalWriter(path, header)
    writer.write(events)
    writer.close()
    return path, events[-1].arrival - MINUTE


async def visited(path: Path, hub: Child) -> bool:
    """400 who connect to the socket at once and take the first bytes alone, and one who looks on."""
    async with watching(f"unix:{path}") as screen:
        visits = [await asyncio.open_unix_connection(path, limit=1_024) for _ in range(CLIENTS)]
        async with asyncio.timeout(60):
            heads = await asyncio.gather(*(reader.read(512) for reader, _ in visits))
        await asyncio.sleep(3.0)
        most = peak_mb(hub)
        refused = [reply.text for head in heads if (reply := refusal(head)) is not None]
        silence = screen.silence_s
        for _, writer in visits:
            writer.transport.abort()
    print(f"{CLIENTS - len(refused)} of {CLIENTS} came in, {len(refused)} were told: {refused[0] if refused else '—'}")
    return all(
        (
            told("memory of the hub at most", f"{most:.0f} MB", f"{HUB_MB:g} MB", most < HUB_MB),
            told("longest silence of an innocent screen", f"{silence:.2f} s", f"{SILENCE_S:g} s", silence < SILENCE_S),
        )
    )


def peak_mb(child: Child) -> float:
    """The most memory that a process ever had (MB)."""
    lines = Path(f"/proc/{child.process.pid}/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1_024 / 1e6


def refusal(head: bytes) -> Any:
    """The reply that refuses, where the first bytes are one."""
    try:
        return next((unpack_reply(payload) for payload in FrameDecoder().feed(head)), None)
    except DeskError:
        return None


def run(rate: int, seconds: float) -> bool:
    """Both halves; True where every promise was kept."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port, _ = stack.enter_context(broker(folder))
        url, config = f"mqtt://127.0.0.1:{port}/desk", folder / "deskmon.toml"
        config.write_text('[feeds.demo]\ntype = "demo"\n[history]\nenabled = false\n')
        hub = Child(sys.executable, "-m", "deskmon", "hub", "--mqtt", url, "--config", str(config))
        try:
            kept = asyncio.run(asked(url, port, hub, rate, seconds))
        finally:
            hub.end()
        market_path, at = recorded(folder)
        socket = folder / "desk.sock"
        config.write_text(f'[feeds.replay]\ntype = "replay"\npath = "{market_path}"\nat = {at}\n')
        hub = Child(sys.executable, "-m", "deskmon", "hub", "--listen", f"unix:{socket}", "--config", str(config))
        stack.callback(hub.end)
        wait("the hub's socket", 60, socket.exists)
        return asyncio.run(visited(socket, hub)) and kept


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=int, default=50_000, help="requests a second")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long")
    args = parser.parse_args()
    raise SystemExit(0 if run(args.rate, args.seconds) else 1)


if __name__ == "__main__":
    main()
