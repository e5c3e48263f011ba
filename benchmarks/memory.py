"""What a desk holds in memory, MB by process beside its limit: resident memory, as `ps` and `top` show it.

    python -m benchmarks.memory                    two minutes; status 1 where a limit is missed
    python -m benchmarks.memory --seconds 300      looked at after five minutes

`screen` and `hub`: the default desk on the simulated market, on a pseudo-terminal of 200×50, and the hub that it
starts, which has ccxt not imported. `live`: a hub with ccxt imported whose three venues are on loopback. `pss` counts a
page that processes share in parts: a screen and its hub together take the sum of theirs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.hour import family
from deskmon.bench.pty import PtyChild

LIMITS = {"screen": 60.0, "hub": 60.0, "live": 200.0}
"""Of resident memory, MB (10⁶ bytes)."""
SECONDS = 60.0
LIVE_S = 20.0
"""How long a live hub is connected before it is looked at."""
LIVE = """
import asyncio, sys
from deskmon.bench.live_markets import feeds
from deskmon.config.schema import Config
from deskmon.hub.server import serve
asyncio.run(serve(Config(feeds=feeds(int(sys.argv[1]), native=False)), listen=sys.argv[2]))
"""
"""A hub whose feeds take ccxt's path."""


class Held(NamedTuple):
    """Memory of one process, MB."""

    rss: float
    pss: float


def held(pid: int) -> Held:
    """What a process holds now."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kib = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return Held(*(round(kib[name] * 1024 / 1e6, 1) for name in ("Rss", "Pss")))


@contextmanager
def scratch() -> Iterator[Mapping[str, str]]:
    """An environment in which nobody's files are read or written."""
    with tempfile.TemporaryDirectory() as home:
        yield {f"XDG_{kind}_HOME": home for kind in ("STATE", "CONFIG", "DATA", "CACHE")}


def of_demo(seconds: float) -> dict[str, Held]:
    """The default desk, whose market was made and kept before: a hub that makes it holds more."""
    deskmon = [sys.executable, "-m", "deskmon"]
    with scratch() as env:
        making = [*deskmon, "state", "--demo", "simulator", "--at", "+1s"]
        subprocess.run(making, env={**os.environ, **env}, stdout=subprocess.DEVNULL, check=True)
        with PtyChild([*deskmon, "demo"], (200, 50), env) as child:
            child.drain(seconds)
            screen, hub = family(child.pid)
            return {"screen": held(screen), "hub": held(hub)}


def of_live(seconds: float) -> dict[str, Held]:
    """A hub of three venues by ccxt's path, once each venue was asked for everything."""
    venue_argv = [sys.executable, "-m", "deskmon.bench.live_venue", "1000"]
    with scratch() as env, subprocess.Popen(venue_argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as venue:
        assert venue.stdout is not None
        port, place = venue.stdout.readline().decode().strip(), f"unix:{env['XDG_STATE_HOME']}/hub"
        with subprocess.Popen([sys.executable, "-c", LIVE, port, place], env={**os.environ, **env}) as hub:
            venue.stdout.readline()
            time.sleep(seconds)
            found = {"live": held(hub.pid)}
            hub.terminate()
        venue.kill()
    return found


def measured(seconds: float) -> dict[str, Held]:
    """Screen and hub of the default desk after `seconds`, and a live hub."""
    return {**of_demo(seconds), **of_live(LIVE_S)}


def figures(found: Mapping[str, Held]) -> dict[str, float]:
    """What `benchmarks.performance` writes of it."""
    rows = ((f"{name}_{key}", value) for name, each in found.items() for key, value in each._asdict().items())
    return {**dict(rows), **{f"{name}_limit": LIMITS[name] for name in found}}


def main(seconds: float) -> None:
    found = measured(seconds)
    print(f"{'':8}{'MB':>8}{'limit':>8}{'pss':>8}")
    for name, each in found.items():
        print(f"{name:8}{each.rss:>8.1f}{LIMITS[name]:>8.0f}{each.pss:>8.1f}")
    sys.exit(any(each.rss > LIMITS[name] for name, each in found.items()))


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    main(parser.parse_args().seconds)
