"""One hub, a real mosquitto and twenty screens in the demo's cascade: are all of them right, and what does it cost?

    python -m benchmarks.desk                  a minute at 2,000 events a second; the broker restarts in the middle
    python -m benchmarks.desk --seconds 15 --screens 4

The screens are models and links, five to a process, and one whole desk on a pseudo-terminal. At the end each screen's
state at one pulse is compared with that of a screen at the hub's unix socket; then the hub is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import takewhile
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from deskmon.bench.pty import PtyChild
from deskmon.clock import SECOND
from deskmon.feedkit import TimelineFeed
from deskmon.journal import JournalWriter
from deskmon.plugins import load_feed

CASCADE = 95 * SECOND
"""Where the cascade of the demo's first episode begins, after its start (ms)."""
EVENTS_PER_INTENSITY = 480
"""Events a second in the cascade at intensity 1, about."""
TOGETHER = 5
MOST_S = 5.0
"""A hub's death is said within this."""
LATE_S = 2.0
"""A screen that comes late is right within this."""
AHEAD = 12
"""Pulses between now and the one at which all states are compared."""
TICKS = os.sysconf("SC_CLK_TCK")


class Child:
    """A process of this bench: `ask` sends it a line and reads one."""

    def __init__(self, *argv: str, quiet: bool = False) -> None:
        environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        self.process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, text=True,
            stderr=subprocess.DEVNULL if quiet else None,
        )  # fmt: skip

    def ask(self, order: str) -> Any:
        """The answer to an order."""
        self.send(order)
        return self.read()

    def send(self, order: str) -> None:
        """Give an order; `read` has the answer."""
        assert self.process.stdin is not None
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()

    def read(self) -> Any:
        """The next answer."""
        assert self.process.stdout is not None
        return msgspec.json.decode(self.process.stdout.readline())

    def cpu_s(self) -> float:
        """CPU time so far (s)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mb(self) -> float:
        """Resident memory (MB)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self, number: int = signal.SIGTERM) -> None:
        """End it, and wait for that."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(20)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


def journal(folder: Path, rate: float, seconds: float) -> tuple[Path, int]:
    """The demo up to the end of the run, at `rate` events a second in the cascade, and when that begins (ms)."""
    kind = load_feed("demo")
    feed = kind("demo", msgspec.convert({"intensity": rate / EVENTS_PER_INTENSITY}, kind.Options))
    assert isinstance(feed, TimelineFeed)
    timeline = feed.timeline()
    end = timeline.start + CASCADE + round((seconds + 60) * SECOND)
    path = folder / "cascade.jsonl"
    writer = JournalWriter(path, timeline.header)
    writer.write(list(takewhile(lambda event: event.arrival <= end, timeline.events())))
    writer.close()
    return path, timeline.start + CASCADE


@contextmanager
def broker(folder: Path) -> Iterator[tuple[int, Any]]:
    """A mosquitto on loopback: its port, and a function that restarts it."""
    binary = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        raise SystemExit("this bench needs mosquitto (Debian: apt install mosquitto)")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = folder / "mosquitto.conf"
    file.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nlog_dest none\n")
    running = [Child(binary, "-c", str(file), quiet=True)]

    def restart() -> Child:
        running[0].end()
        running[0] = Child(binary, "-c", str(file), quiet=True)
        return running[0]

    try:
        yield port, lambda again=False: restart() if again else running[0]
    finally:
        running[0].end()


def wait(what: str, limit_s: float, met: Any) -> None:
    """Wait until `met()`. Raises SystemExit after `limit_s`."""
    deadline = time.monotonic() + limit_s
    while not met():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what}: not within {limit_s:.0f} s")
        time.sleep(0.1)


def run(count: int, seconds: float, rate: float) -> bool:
    """One run; prints what it measured. True where every promise was kept."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        market, at = journal(folder, rate, seconds)
        port, mosquitto = stack.enter_context(broker(folder))
        config = folder / "deskmon.toml"
        config.write_text(f'[feeds.replay]\ntype = "replay"\npath = "{market}"\nat = {at}\n')
        url, unix = f"mqtt://127.0.0.1:{port}/desk", f"unix:{folder}/desk.sock"
        hub = Child(sys.executable, "-m", "deskmon", "hub", "--mqtt", url, "--listen", unix, "--config", str(config))
        stack.callback(hub.end)
        wait("the hub's socket", 60, (folder / "desk.sock").exists)
        screens = []
        for first in range(0, count, TOGETHER):
            many = str(min(TOGETHER, count - first))
            screens.append(Child(sys.executable, "-m", "benchmarks.desk_screens", url, many))
            stack.callback(screens[-1].end)
        reference = Child(sys.executable, "-m", "benchmarks.desk_screens", unix, "1")
        stack.callback(reference.end)
        desk = stack.enter_context(PtyChild([sys.executable, "-m", "deskmon", "attach", url]))
        wait("every screen's first pulse", 60, lambda: all(all(child.ask("pulse")) for child in (*screens, reference)))
        desk.read_until(b"BTC", 60.0)
        desk.drain(3.0)
        kept = _measure(seconds, hub, mosquitto, screens, reference, desk)
        late = Child(sys.executable, "-m", "benchmarks.desk_screens", url, "1")
        stack.callback(late.end)
        wait("the late screen's first pulse", 20, lambda: all(late.ask("pulse")))
        [wanted, answer] = _stand(reference, [late], AHEAD)
        same = "the hub's" if answer["digest"] == wanted["digest"] else "ANOTHER"
        print(f"a screen that is late {same} state, the first after {answer['first_s']:.2f} s")
        return _killed(hub, screens) <= MOST_S and answer["first_s"] <= LATE_S and same == "the hub's" and kept


def _measure(
    seconds: float, hub: Child, mosquitto: Any, screens: list[Child], reference: Child, desk: PtyChild
) -> bool:
    [before] = _stand(reference, screens, AHEAD)[:1]
    cpu = {"hub": -hub.cpu_s(), "desk": -desk.cpu_seconds(), "screens": -sum(child.cpu_s() for child in screens)}
    begun = time.monotonic()
    desk.drain(seconds / 2)
    killed = mosquitto().cpu_s()
    mosquitto(again=True)
    desk.drain(seconds / 2)
    took = time.monotonic() - begun
    cpu["hub"] += hub.cpu_s()
    cpu["desk"] += desk.cpu_seconds()
    cpu["screens"] += sum(child.cpu_s() for child in screens)
    cpu["mosquitto"] = killed + mosquitto().cpu_s()
    answers = _stand(reference, screens, AHEAD)
    wanted, got = answers[0], answers[1:]
    same = sum(answer["digest"] == wanted["digest"] for answer in got)
    gaps = [gap for answer in got for gap in answer["gaps"]]
    print(f"events                {(wanted['events'] - before['events']) / took:,.0f} a second, for {took:.0f} s")
    print(
        f"states as the hub's   {same} of {len(got)} at pulse {wanted['seq']}: {wanted['liquidations']:,} liquidations"
    )
    missed, span = (median(gap[i] for gap in gaps) if gaps else 0 for i in (0, 1))
    print(f"the broker's restart  {len(gaps)} gaps named and filled, of {missed:,.0f} events and {span / SECOND:.1f} s")
    for name, child in (("hub", hub), ("mosquitto", mosquitto())):
        print(f"{name:<21} {cpu[name] / took:.1%} of a core, {child.resident_mb():.0f} MB")
    headless = sum(child.resident_mb() for child in screens) / len(got)
    print(f"a screen, headless    {cpu['screens'] / took / len(got):.1%} of a core, {headless:.0f} MB")
    print(f"a screen, 200 x 50    {cpu['desk'] / took:.1%} of a core, {desk.resident_mb():.0f} MB")
    return same == len(got) and len(gaps) >= len(got)


def _killed(hub: Child, screens: list[Child]) -> float:
    """Kill the hub; seconds until every screen has said so."""
    for child in screens:
        child.send("lost")
    begun = time.monotonic()
    hub.end(signal.SIGKILL)
    took = max(at for child in screens for at in child.read()) - begun
    print(f"hub killed            said by every screen within {took:.2f} s")
    return took


def _stand(reference: Child, screens: list[Child], ahead: int) -> list[Any]:
    """The reference's answer at one pulse, then every screen's."""
    [now] = reference.ask("pulse")
    for child in (reference, *screens):
        child.send(f"stand {now + ahead}")
    return [answer for child in (reference, *screens) for answer in child.read()]


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--screens", type=int, default=20, help="headless screens")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long")
    parser.add_argument("--rate", type=float, default=2_000.0, help="events a second")
    args = parser.parse_args()
    raise SystemExit(0 if run(args.screens, args.seconds, args.rate) else 1)


if __name__ == "__main__":
    main()
