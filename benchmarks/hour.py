"""What an hour of the default desk on the simulated market costs, beside two other terminal monitors, in one run.

    python -m benchmarks.hour                      an hour
    python -m benchmarks.hour --minutes 2          shorter

The others are `glances` and `bpytop`, which tell about the machine; each is installed from the package index into an
environment of its own first, `--others` names another folder for it. All draw on 200×50 at their own rates, on three
pseudo-terminals that are read at once. CPU and memory are of a program with all the processes that it started. Memory
of the desk's own two is printed every ten minutes, and in the end by how much it grew since the tenth.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import venv
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from deskmon.bench.pty import PtyChild

SIZE = 200, 50
OTHERS = ("glances", "bpytop")
SETTLED_S = 20.0
"""Memory is looked at for the first time after it."""
LOOK_S = 600.0
"""Between two looks at it; what a desk's processes hold is printed with each."""
PROCESSES = "screen", "hub"
"""Those of a desk, in the order in which they start."""


class Cost(NamedTuple):
    """CPU seconds so far, resident memory (MB), bytes written so far."""

    cpu_s: float
    memory_mb: float
    written: int


def family(pid: int) -> Iterator[int]:
    """A process and all that it started and that still run."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def memory_mb(pid: int) -> float:
    """Resident memory of one process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cost(child: PtyChild) -> Cost:
    """What a program cost by now: user and system time, of children that ended too."""
    cpu = memory = 0.0
    for pid in family(child.pid):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        cpu += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        memory += memory_mb(pid)
    return Cost(cpu, memory, child.written)


def installed(folder: Path) -> dict[str, list[str]]:
    """Command lines of the others, which are installed into `folder` where they aren't there yet."""
    programs = {name: folder / "bin" / name for name in OTHERS}
    if not all(program.exists() for program in programs.values()):
        venv.create(folder, with_pip=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *OTHERS], check=True)
    return {name: [str(program)] for name, program in programs.items()}


def version(folder: Path, name: str) -> str:
    """The version of one that is installed in `folder`."""
    ask = f"import importlib.metadata as m; print(m.version({name!r}))"
    return subprocess.run([str(folder / "bin" / "python"), "-c", ask], capture_output=True, text=True).stdout.strip()


def watched(children: Sequence[PtyChild], seconds: float) -> None:
    """Read what they write for so long, as a terminal does."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        for child in children:
            child.read(0.02)


def desk_mb(pid: int) -> tuple[float, ...]:
    """Resident memory of each process of a desk, as `PROCESSES` names them."""
    return tuple(memory_mb(each) for each in family(pid))


def tell_growth(looks: Sequence[tuple[float, ...]]) -> None:
    """Print how the newest look at a desk's memory differs from the one of its tenth minute."""
    _, settled, *later = looks
    if later:
        pairs = zip(PROCESSES, settled, later[-1], strict=False)
        grown = ", ".join(f"{name} {now / before - 1:+.1%}" for name, before, now in pairs)
        print(f"from minute {LOOK_S / 60:.0f} on: {grown}")


def main(minutes: float, folder: Path) -> None:
    programs = {"deskmon demo": [sys.executable, "-m", "deskmon", "demo"], **installed(folder)}
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        env = {"XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}
        children = [stack.enter_context(PtyChild(argv, SIZE, env)) for argv in programs.values()]
        watched(children, SETTLED_S)
        first = [cost(child) for child in children]
        begun, most = time.perf_counter(), [each.memory_mb for each in first]
        print(f"{'minute':>6}{''.join(f'{name:>8}' for name in PROCESSES)}  MB", flush=True)
        looks = [desk_mb(children[0].pid)]
        while (passed := time.perf_counter() - begun) < minutes * 60:
            watched(children, min(LOOK_S, minutes * 60 - passed))
            looks.append(desk_mb(children[0].pid))
            minute = (time.perf_counter() - begun) / 60
            print(f"{minute:>6.0f}{''.join(f'{held:>8.1f}' for held in looks[-1])}", flush=True)
            most = [max(before, cost(child).memory_mb) for before, child in zip(most, children, strict=True)]
        tell_growth(looks)
        last, seconds = [cost(child) for child in children], time.perf_counter() - begun
    print(f"{seconds / 60:.0f} minutes, {SIZE[0]}×{SIZE[1]}, load {os.getloadavg()[0]:.1f}")
    print(f"{'':22}{'% of a core':>12}{'KiB/s':>8}{'MB at first':>13}{'at most':>9}{'at last':>9}")
    for name, before, after, peak in zip(programs, first, last, most, strict=True):
        label = name if name.startswith("deskmon") else f"{name} {version(folder, name)}"
        share = (after.cpu_s - before.cpu_s) / seconds
        rate = (after.written - before.written) / 1024 / seconds
        print(
            f"{label:22}{share:>12.1%}{rate:>8.2f}{before.memory_mb:>13.0f}{peak:>9.0f}{after.memory_mb:>9.0f}",
            flush=True,
        )


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--others", type=Path, default=Path(tempfile.gettempdir()) / "deskmon-monitors")
    asked = parser.parse_args()
    main(asked.minutes, asked.others)
