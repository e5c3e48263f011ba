"""The worst minutes of 10 October 2025 at ten times their rate, through the real hub to the default screen.

    python -m benchmarks.october                          a minute, thirty symbols on five venues
    python -m benchmarks.october --seconds 30 --times 2

Five venues on loopback (`october_venue`) send trades, tickers, books, mark prices, funding and liquidations as often as
`october_rates` says. The feeds of this process read them; its hub folds them, writes a journal, and serves the default
screen on a pseudo-terminal (`october_screen`), where a key is typed each second. At the end every figure is compared
with a count of the frames that were sent (`october_count`). Status 1 where anything differs, was lost, or came late
without a word.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from asyncio.subprocess import PIPE
from asyncio.subprocess import Process as Child
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import october_count
from benchmarks.october_check import Told, differences, few, told, wrong_in_state
from benchmarks.october_count import Counted
from benchmarks.october_markets import Process, feeds
from benchmarks.october_rates import ASSETS
from deskmon.bench.turns import Turns
from deskmon.clock import wall_ms
from deskmon.config.loading import load
from deskmon.events import FeedStatus, Gap, Liquidation, Trade
from deskmon.garbage import keep_collections_short
from deskmon.hub.endpoints import unix_endpoint
from deskmon.hub.hub import Hub
from deskmon.hub.subscriber import Batch

BEGIN_S = 90.0
"""Until the desk has asked for everything and the screen is drawn."""
PATIENCE_S = 1_800.0
QUIET_S = 30.0
"""So long without a trade: what wasn't told by then is missing."""
LONGEST_LINE = 2**28
SETTLE_S = 3.0
"""Seconds after the last event until figures are compared: books are told twice a second, a pulse four times."""
MOST_TURN_MS = 100.0
SAID_FROM_MS = 10_000
"""A lag from which the desk must have said that it is behind: it looks once a second, and from 2 s on."""


class Ear:
    """A subscriber that counts trades and liquidations, and keeps gaps and what feeds say."""

    def __init__(self) -> None:
        self.trades = self.liquidations = 0
        self.ages: list[int] = []
        """Of each trade when it was told, ms."""
        self.gaps: list[Gap] = []
        self.words: set[str] = set()
        self.changed = asyncio.Event()

    def offer(self, batch: Batch) -> None:
        """Take a batch."""
        now = wall_ms()
        for item in batch.items:
            event = item.event
            kind = type(event)
            if kind is Trade:
                self.trades += 1
                self.ages.append(now - event.ts)
            elif kind is Liquidation:
                self.liquidations += 1
            elif kind is Gap:
                self.gaps.append(event)
            elif kind is FeedStatus:
                self.words |= {words for words in (event.detail, *(event.channels or {}).values()) if "behind" in words}
        self.changed.set()

    def restart(self) -> None:
        """The stream jumped."""

    async def until(self, sent: Counted) -> None:
        """Wait until as many were told as were sent, or none comes any more."""
        trades = sum(count for count, _ in sent.trades.values())
        with suppress(TimeoutError):
            while self.trades < trades or self.liquidations < len(sent.liquidations):
                async with asyncio.timeout(QUIET_S):
                    before = self.trades
                    while self.trades == before:
                        self.changed.clear()
                        await self.changed.wait()


@dataclass
class Outcome:
    """What a run found. `wrong`: each difference in words. `figures`: what was measured."""

    sent: Counted
    told: Told
    wrong: list[str]
    figures: dict[str, Any] = field(default_factory=dict)


def cpu_of_workers() -> dict[str, float]:
    """Processor time (s) that each feed's own process has used, by the feed's label."""
    found = {}
    for pid in Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split():
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
        if "deskmon.hub.worker" in words:
            user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            found[words[-2]] = (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return found


@asynccontextmanager
async def _child(module: str, *args: str) -> AsyncIterator[Child]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"benchmarks.{module}", *args, stdin=PIPE, stdout=PIPE, limit=LONGEST_LINE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _line(child: Child) -> str:
    """The next line of a child. Raises EOFError where it has ended."""
    assert child.stdout is not None
    line = await child.stdout.readline()
    if not line:
        raise EOFError("a venue or the screen ended too early")
    return line.decode()


async def run(seconds: float, times: float, folder: Path, turns: Turns, process: Process = "shared") -> Outcome:
    """Play the stretch. Raises TimeoutError where what was sent isn't told in time."""
    config = folder / "desk.toml"
    config.write_text('[desk]\nlayout = "default"\n')
    loaded = load(str(config)).config
    async with _child("october_venue", str(seconds), str(times)) as venue:
        desk = type(loaded)(**{name: getattr(loaded, name) for name in loaded.__struct_fields__}
                            | {"feeds": feeds(int(await _line(venue)), ASSETS, process)})  # fmt: skip
        hub, ear = Hub(desk, record_to=folder / "october.jsonl"), Ear()
        path = folder / "hub.sock"
        async with unix_endpoint(hub.stream, path, hub.door):
            running = asyncio.create_task(hub.run())
            hub.stream.add(ear)
            try:
                async with _child("october_screen", f"unix:{path}", str(config)) as screen:
                    outcome = await _play(hub, ear, turns, venue, screen)
            finally:
                running.cancel()
                await asyncio.wait([running])
    outcome.told = told(folder / "october.jsonl")
    outcome.wrong += differences(outcome.sent, outcome.told)
    outcome.figures |= {"lag_ms": outcome.told.lags_ms, "behind": sorted(ear.words)}
    if outcome.told.lags_ms[-1] >= SAID_FROM_MS and not ear.words:
        outcome.wrong.append("the desk was behind and didn't say so")
    return outcome


async def _play(hub: Hub, ear: Ear, turns: Turns, venue: Child, screen: Child) -> Outcome:
    assert venue.stdin is not None and screen.stdin is not None
    async with asyncio.timeout(BEGIN_S):
        for child in (venue, screen):
            await _line(child)
    turns.clear()
    cpu, begun, before = time.process_time(), time.perf_counter(), cpu_of_workers()
    venue.stdin.write(b"go\n")
    async with asyncio.timeout(PATIENCE_S):
        sent = october_count.read(await _line(venue))
        sent_s, late_s = time.perf_counter() - begun, float(await _line(venue))
        await ear.until(sent)
    took, used = time.perf_counter() - begun, time.process_time() - cpu
    workers = {label: used - before.get(label, 0.0) for label, used in cpu_of_workers().items()}
    frames, used_ms = sent.frames, sorted(turn * 1000 for turn in turns.used)
    venue.stdin.write(b"over\n")
    sent = october_count.read(await _line(venue))
    async with asyncio.timeout(PATIENCE_S):
        await ear.until(sent)
    await asyncio.sleep(SETTLE_S)
    state = hub.stream.model.state(hub.now)
    screen.stdin.close()
    saw = json.loads(await _line(screen))
    statistics = hub.mailbox.statistics()
    wrong = [*wrong_in_state(sent, state), *few("gap", (f"{gap.feed} {gap.channel}" for gap in ear.gaps))]
    if statistics.dropped:
        wrong.append(f"{statistics.dropped:,} events were dropped")
    waves = ", ".join(f"{each.count:,} liquidations of ${each.usd / 1e6:,.1f}M ({each.state})"
                      for each in state.liquidations.waves)  # fmt: skip
    figures = {
        "frames": frames, "sent_s": sent_s, "late_s": late_s, "took_s": took, "core": used / took,
        "us": used / frames * 1e6, "turn_ms": used_ms, "mailbox": statistics.peak, "screen": saw, "waves": waves,
        "workers": workers, "ages_ms": sorted(ear.ages),
    }  # fmt: skip
    return Outcome(sent, Told(), wrong, figures)


def _table(outcome: Outcome) -> str:
    found, screen = outcome.figures, outcome.figures["screen"]
    turns, keys, lags = found["turn_ms"], screen["keys_ms"], found["lag_ms"]
    trades = sum(count for count, _ in outcome.sent.trades.values())
    usd = sum(each[-1] for each in outcome.sent.liquidations)
    rows = {
        "frames sent": f"{found['frames']:,} in {found['sent_s']:.0f} s",
        "put off": f"by {found['late_s']:.0f} s, since the venues' own process was late",
        "of them": f"{trades:,} trades, {len(outcome.sent.liquidations):,} liquidations of ${usd / 1e6:,.1f}M",
        "all told after": f"{found['took_s']:.0f} s, {found['frames'] / found['took_s']:,.0f} frames a second",
        "the hub": f"{found['core']:.0%} of a core, {found['us']:.1f} us a frame",
        "a turn, CPU": _spread(turns, "ms"),
        "lag of trades": _spread([lag / 1000 for lag in lags], "s"),
        "said of it": max(found["behind"], key=lambda words: (len(words), words), default="nothing"),
        "events that waited": f"{found['mailbox']:,} at most",
        "waves": found["waves"],
        "the screen": f"{screen['cpu_s']:.0f} s of CPU, {screen['memory_mb']:.0f} MB",
        "it drew": f"{screen['bytes'] / 1024:,.0f} KiB",
        "a key": f"{len(keys)} answered, {_spread(keys, 'ms')}",
        "what differs": f"{len(outcome.wrong)} figures",
    }
    return "\n".join(f"{name:20}{words}" for name, words in rows.items())


def _spread(ordered: list[float], unit: str) -> str:
    half, most = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.99))
    return f"median {half:,.1f} {unit}, 99 % {most:,.1f} {unit}, worst {ordered[-1]:,.1f} {unit}"


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the stretch is")
    parser.add_argument("--times", type=float, default=10.0, help="how many times the day's rate")
    args = parser.parse_args()
    keep_collections_short()
    turns = Turns()
    with (
        tempfile.TemporaryDirectory() as folder,
        asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner,
    ):
        outcome = runner.run(run(args.seconds, args.times, Path(folder), turns))
    print(_table(outcome))
    for words in outcome.wrong:
        print(words)
    sys.exit(1 if outcome.wrong or outcome.figures["turn_ms"][-1] > MOST_TURN_MS else 0)


if __name__ == "__main__":
    main()
