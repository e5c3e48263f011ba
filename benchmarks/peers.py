"""What other programs take for the same frames: raw text to events, µs of processor time, medians.

    python -m benchmarks.peers --environments FOLDER           measures what is installed there
    python -m benchmarks.peers --environments FOLDER --make    makes FOLDER/cryptofeed and FOLDER/nautilus_trader first

Each peer runs in an environment and a process of its own, one after the other, beside json alone in the same
interpreter. Frames are those of `benchmarks.native`. The table that it prints stands in docs/performance.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import ccxt
from aiohttp import WSMessage, WSMsgType

from benchmarks.native import COUNT, EXCHANGES, Case, market
from benchmarks.peer_timing import ALONE, median_us
from deskmon.bench.frames import ASSETS
from deskmon.feeds.ccxt.exchanges import load_class
from deskmon.feeds.native import venue_of

ROWS = {
    "Binance trade": ("binance", "trades"), "Bybit ticker": ("bybit", "ticker"), "OKX ticker": ("okx", "ticker"),
    "Bybit change of a book": ("bybit", "book"),
}  # fmt: skip
PEERS = {"cryptofeed": "cryptofeed", "nautilus_trader": "nautilus"}
"""What is installed in each environment, and the module here that measures it."""
PLACES = {"binance": "linear/public", "bybit": "linear", "okx": "public"}
ROOT = Path(__file__).parents[1]


def make(folder: Path, python: str) -> None:
    """An environment for each peer, by pip. Raises CalledProcessError where one can't be had."""
    for package in PEERS:
        subprocess.run([python, "-m", "venv", str(folder / package)], check=True)
        subprocess.run([str(folder / package / "bin/pip"), "install", "--quiet", package], check=True)


def _peer(folder: Path, package: str, frames: Path, rounds: int) -> dict[str, Any] | str:
    """What a peer's process measured, or why there is nothing."""
    python = folder / package / "bin/python"
    if not python.exists():
        return "not installed"
    argv = [str(python), "-m", f"benchmarks.peer_{PEERS[package]}", str(frames), str(rounds)]
    ran = subprocess.run(argv, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    if ran.returncode:
        return ran.stderr.strip().rpartition("\n")[2]
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


async def _ccxt_us(case: Case, rounds: int) -> float:
    """ccxt alone: each frame to the handler of its websocket, as its connection hands it on."""
    exchange = load_class(EXCHANGES[case.venue])({"newUpdates": True})
    exchange.set_markets([exchange.safe_market_structure(market(case.venue, asset)) for asset in ASSETS])
    own = venue_of(EXCHANGES[case.venue])
    assert own is not None
    client = exchange.client(exchange.implode_hostname(own.address(exchange.urls["api"], PLACES[case.venue])))
    messages = [WSMessage(WSMsgType.TEXT, raw.decode(), None) for raw in case.raw]

    def handle() -> None:
        for message in messages:
            client.handle_message(message)

    try:
        return median_us(handle, len(messages), rounds)
    finally:
        await exchange.close()


def _own(case: Case, rounds: int) -> dict[str, float]:
    """json, typed msgspec and deskmon; a session is made for each round, and not timed."""
    found: dict[str, float] = {}
    for name in ("json", "typed", "alone"):
        calls = iter([case.measured()[name] for _ in range(rounds + 1)])
        found[name] = median_us(lambda calls=calls: next(calls)(), COUNT, rounds)  # type: ignore[misc]
    return found


def table(cases: dict[str, Case], peers: dict[str, dict[str, Any] | str], rounds: int) -> str:
    """The table for the docs, and what it was measured with."""
    columns = ["json", "typed msgspec", "deskmon", *PEERS, "ccxt"]
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row, case in cases.items():
        own = _own(case, rounds)
        cells = [own["json"], own["typed"], own["alone"]]
        others = [peer["us"].get(row) if isinstance(peer, dict) else None for peer in peers.values()]
        cells = [*cells, *others, asyncio.run(_ccxt_us(case, rounds))]
        lines.append(f"| {row} | " + " | ".join("–" if us is None else f"{us:.2f}" for us in cells) + " |")
    said = [f"deskmon and ccxt {ccxt.__version__} by CPython {platform.python_version()}"]
    for name, peer in peers.items():
        if isinstance(peer, dict):
            alone = ", ".join(f"{us:.2f}" for us in peer[ALONE].values())
            said.append(f"{name} {peer['version']} by CPython {peer['python']}, whose json alone takes {alone}")
        else:
            said.append(f"{name}: {peer}")
    return "\n".join([*lines, "", f"{'; '.join(said)}. Load of the machine: {os.getloadavg()[0]:.1f}."])


def main(argv: Sequence[str] | None = None, show: Callable[[str], None] = print) -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--environments", type=Path, required=True, help="the folder of the peers' environments")
    parser.add_argument("--make", action="store_true", help="make them first, by pip")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that they are made with")
    parser.add_argument("--rounds", type=int, default=7)
    args = parser.parse_args(argv)
    if args.make:
        make(args.environments, args.python)
    cases = {row: Case(*of) for row, of in ROWS.items()}
    with tempfile.TemporaryDirectory() as folder:
        frames = Path(folder) / "frames.json"
        frames.write_text(json.dumps({row: [raw.decode() for raw in case.raw] for row, case in cases.items()}))
        peers = {name: _peer(args.environments, name, frames, args.rounds) for name in PEERS}
    show(table(cases, peers, args.rounds))


if __name__ == "__main__":
    main()
