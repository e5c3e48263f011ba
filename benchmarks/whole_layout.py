"""How long until each panel of the default layout shows its market, beside an empty Textual app's first frame?

    python -m benchmarks.whole_layout             the simulated market and a reconstruction, five rounds

A terminal emulator reads what the desk writes. A layout is whole once a price of a second asset stands there and no
panel says any more that the market is loading. The markets were kept before, as by `deskmon bench startup`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from statistics import median

import pyte

from deskmon.bench import startup
from deskmon.bench.pty import PtyChild

SIZE = 200, 50
LIMITS = {startup.SIMULATED: 4.0, startup.RECONSTRUCTED: 8.0}
"""Times an empty app: twice those of the first figures."""
LOADING = "loading the market"
_FIGURE = re.compile(r"ETH .*\d[\d,]*\.\d\d")


def whole(argv: list[str]) -> float:
    """Seconds from exec until the layout is whole. Raises TimeoutError."""
    screen = pyte.Screen(*SIZE)
    stream = pyte.ByteStream(screen)
    with PtyChild(argv, SIZE) as child:
        is_whole = False
        while not is_whole:
            if time.perf_counter() - child.started > startup.PATIENCE_S:
                raise TimeoutError("the layout never was whole")
            data = child.read(0.05)
            came = time.perf_counter() - child.started
            if data:
                stream.feed(data)
                rows = screen.display
                is_whole = any(map(_FIGURE.search, rows)) and not any(LOADING in row for row in rows)
        return came


def main(rounds: int) -> int:
    empty = [sys.executable, "-c", startup.EMPTY]
    desks = {name: startup.desk("demo", name) for name in LIMITS}
    for name in LIMITS:
        kept = startup.desk("state", "--demo", name, "--at", "+1s")
        subprocess.run(kept, stdout=subprocess.DEVNULL, check=True)
    floors: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in LIMITS}
    for _ in range(rounds):
        floors += startup.first(empty, startup.READY)
        for name, argv in desks.items():
            times[name].append(whole(argv))
    floor = median(floors)
    print(f"empty app {floor * 1000:.0f} ms")
    ratios = {name: median(took) / floor for name, took in times.items()}
    for name, ratio in ratios.items():
        print(f"{name}: {median(times[name]) * 1000:.0f} ms, {ratio:.2f} of at most {LIMITS[name]} times an empty app")
    return int(any(ratio > LIMITS[name] for name, ratio in ratios.items()))


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    sys.exit(main(parser.parse_args().rounds))
