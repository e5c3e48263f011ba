"""What programs that ask by HTTP cost a hub: with nobody, with readers that never read, with readers that read all.

    python -m benchmarks.http                   200 readers, 2,000 events a second, five seconds each, three rounds
    python -m benchmarks.http --readers 50 --rounds 1

Each round measures the three one after the other in one run, so that a busy machine is busy for all. Measured is the
hub's own process, of all rounds together: how late its loop is between two heartbeats, and its CPU. It takes 80 s.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from argparse import ArgumentParser
from contextlib import ExitStack, closing
from pathlib import Path
from socket import socket
from statistics import mean, median
from typing import NamedTuple

from benchmarks.desk import TICKS, Child, wait
from benchmarks.fanout import START, market
from deskmon.events import Journal, Pulse
from deskmon.journal import JournalWriter
from deskmon.transport.link import UnixLink

MOST_CPU = 1.1
"""How many times the CPU without readers the hub may take with them."""
MOST_LATE = 1.5
"""The same of the 95 % of its loop's lateness: three of sixty heartbeats are later."""
LEAST_LATE_MS = 5.0
"""Lateness that is too small to be compared."""
SETTLE_S = 1.0
START_S = 5.0
"""What a hub that listens still has to do."""


class Measured(NamedTuple):
    """One stretch: the hub's share of a core, its loop's lateness (ms) at each heartbeat, the server's share."""

    hub: float
    late_ms: list[float]
    server: float


class Readers:
    """Connections to `/events`, which read or don't."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: list[asyncio.StreamWriter] = []
        self._reading: list[asyncio.Task[None]] = []
        self.taken = 0

    async def begin(self, count: int, *, reads: bool) -> None:
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=1_024)
            writer.write(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self._open.append(writer)
            if reads:
                self._reading.append(asyncio.create_task(self._read(reader)))

    async def end(self) -> None:
        for task in self._reading:
            task.cancel()
        for writer in self._open:
            writer.transport.abort()
        self._open, self._reading = [], []
        await asyncio.sleep(SETTLE_S)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65_536):
            self.taken += len(data)


async def measure(hub: Child, server: int, path: Path, seconds: float) -> Measured:
    """Look at the hub for so long."""
    link, late = UnixLink(path), list[float]()
    before, server_before, begun = hub.cpu_s(), cpu_s(server), time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            async for batch in link.events():
                late += [event.loop_lag_ms for event in batch if isinstance(event, Pulse)]
    except TimeoutError:
        pass
    finally:
        await link.close()
    took = time.monotonic() - begun
    return Measured((hub.cpu_s() - before) / took, late, (cpu_s(server) - server_before) / took)


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 / 1e6


def server_of(hub: Child) -> int:
    pid = hub.process.pid
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


async def rounds(hub: Child, server: int, port: int, path: Path, seconds: float, readers: int, count: int) -> bool:
    kinds = {"nobody": (0, False), "never read": (readers, False), "read all": (readers, True)}
    found: dict[str, list[Measured]] = {name: [] for name in kinds}
    clients = Readers(port)
    for _ in range(count):
        for name, (many, reads) in kinds.items():
            await clients.begin(many, reads=reads)
            await asyncio.sleep(SETTLE_S)
            found[name].append(await measure(hub, server, path, seconds))
            await clients.end()
    print(f"{readers} readers, {count} × {seconds:g} s each; the server holds {resident_mb(server):.0f} MB")
    print("readers      hub, of a core   late, half       95 %       worst      server, of a core")
    spoken = {name: _spoken(name, each) for name, each in found.items()}
    (cpu, late), (cpu_slow, late_slow), (cpu_all, _) = spoken.values()
    slow, whole = (max(ms, LEAST_LATE_MS) for ms in (late_slow, late))
    kept = all([
        _judged("CPU with those that never read", cpu_slow / cpu, MOST_CPU),
        _judged("lateness with them", slow / whole, MOST_LATE),
        _judged("CPU with those that read all", cpu_all / cpu, MOST_CPU),  # beside them, lateness is the machine's
    ])  # fmt: skip
    words = "cost the hub nothing that is seen here" if kept else "cost the hub what is BROKEN above"
    print(f"{readers} readers {words}")
    return kept


def _spoken(name: str, each: list[Measured]) -> tuple[float, float]:
    hub, server = mean(one.hub for one in each), mean(one.server for one in each)
    late = sorted(ms for one in each for ms in one.late_ms)
    most = late[int(len(late) * 0.95)]
    lateness = "   ".join(f"{ms:>6.1f} ms" for ms in (median(late), most, late[-1]))
    print(f"{name:<12} {hub:>14.1%}   {lateness}   {server:>16.1%}")
    return hub, most


def _judged(what: str, ratio: float, limit: float) -> bool:
    print(f"{what:<32} {ratio:.2f} × (limit {limit})   {'kept' if ratio <= limit else 'BROKEN'}")
    return ratio <= limit


def run(readers: int, seconds: float, rate: float, count: int) -> bool:
    """Start a hub, and measure it. True where the limits are kept."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        whole = 3 * count * (seconds + 2 * SETTLE_S + 2) + 30
        with JournalWriter(folder / "steady.jsonl", Journal(version=1, source="recorded", started=START)) as writer:
            writer.write(list(market(rate, whole)))
        config = folder / "deskmon.toml"
        config.write_text(f'[feeds.replay]\ntype = "replay"\npath = "{folder}/steady.jsonl"\nat = "+1s"\n')
        with closing(socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        listen = ("--listen", f"unix:{folder}/desk.sock", "--http", f"127.0.0.1:{port}")
        hub = Child(sys.executable, "-m", "deskmon", "hub", *listen, "--config", str(config))
        stack.callback(hub.end)
        wait("the hub's socket", 60, (folder / "desk.sock").exists)
        time.sleep(START_S)
        return asyncio.run(rounds(hub, server_of(hub), port, folder / "desk.sock", seconds, readers, count))


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--readers", type=int, default=200, help="readers")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each")
    parser.add_argument("--rate", type=float, default=2_000.0, help="events a second")
    parser.add_argument("--rounds", type=int, default=3, help="how often")
    args = parser.parse_args()
    raise SystemExit(0 if run(args.readers, args.seconds, args.rate, args.rounds) else 1)


if __name__ == "__main__":
    main()
