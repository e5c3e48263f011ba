"""What a screen more costs a hub: N readers of its socket, then N of a broker, at a steady rate of events.

    python -m benchmarks.fanout                  0 to 200 readers, 500 events a second, eight seconds each
    python -m benchmarks.fanout --counts 0,50 --seconds 4

A reader is a connection that takes what comes and folds nothing: what a screen costs its own machine isn't the hub's.
"""

from __future__ import annotations

import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.desk import Child, broker, wait
from deskmon.clock import SECOND
from deskmon.events import Book, Event, Journal, Liquidation, Ticker, Trade
from deskmon.journal import JournalWriter

START = 1_767_225_600_000
SYMBOLS = tuple(f"C{n}/USDT:USDT" for n in range(20))
STEP = 100
"""ms between two helpings of events."""
TOGETHER = 50
"""Readers of one process."""
SETTLE_S = 2.0


def market(rate: float, seconds: float) -> Iterator[Event]:
    """Tickers, trades, books of twenty levels and liquidations in the shares of a busy desk, `rate` a second."""
    number = 0
    for ts in range(START, START + round(seconds * SECOND), STEP):
        for _ in range(round(rate * STEP / SECOND)):
            number += 1
            symbol, price = SYMBOLS[number % 20], 100.0 + number % 17 / 10
            about = {"ts": ts, "recv": ts + 20, "venue": ("binance", "bybit", "okx")[number % 3], "symbol": symbol}
            if number % 10 == 0:
                sides = [tuple((price * (1 + sign * 1e-4 * step), 2.0) for step in range(1, 21)) for sign in (-1, 1)]
                yield Book(**about, bids=sides[0], asks=sides[1])
            elif number % 50 == 1:
                yield Liquidation(**about, side="long", price=price, amount=10.0, usd=10 * price, id=str(number))
            elif number % 2:
                yield Trade(**about, price=price, amount=1.0, side="buy", id=str(number))
            else:
                yield Ticker(**about, last=price, bid=price - 0.1, ask=price + 0.1)


def run(counts: list[int], seconds: float, rate: float) -> None:
    """Measure each count on each way, and print a table."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        whole = 2 * len(counts) * (seconds + SETTLE_S + 5) + 60
        with JournalWriter(folder / "steady.jsonl", Journal(version=1, source="recorded", started=START)) as writer:
            writer.write(list(market(rate, whole)))
        port, mosquitto = stack.enter_context(broker(folder))
        config = folder / "deskmon.toml"
        config.write_text(f'[feeds.replay]\ntype = "replay"\npath = "{folder}/steady.jsonl"\nat = "+1s"\n')
        url, unix = f"mqtt://127.0.0.1:{port}/desk", f"unix:{folder}/desk.sock"
        hub = Child(sys.executable, "-m", "deskmon", "hub", "--mqtt", url, "--listen", unix, "--config", str(config))
        stack.callback(hub.end)
        wait("the hub's socket", 60, (folder / "desk.sock").exists)
        time.sleep(SETTLE_S)
        print("way      readers   hub, of a core   hub, MB   broker, of a core   KB/s a reader")
        for way in (unix, url):
            for count in counts:
                _measure(way, count, seconds, hub, mosquitto())


def _measure(way: str, count: int, seconds: float, hub: Child, mosquitto: Child) -> None:
    readers = [
        Child(sys.executable, "-m", "benchmarks.fanout_readers", way, str(min(TOGETHER, count - first)))
        for first in range(0, count, TOGETHER)
    ]
    try:
        wait("every reader's first bytes", 60, lambda: all(min(child.ask("bytes")) > 0 for child in readers))
        time.sleep(SETTLE_S)
        before, spent = sum(sum(child.ask("bytes")) for child in readers), (-hub.cpu_s(), -mosquitto.cpu_s())
        begun = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begun
        used = [(start + child.cpu_s()) / took for start, child in zip(spent, (hub, mosquitto), strict=True)]
        read = (sum(sum(child.ask("bytes")) for child in readers) - before) / took / max(1, count) / 1e3
    finally:
        for child in readers:
            child.end()
    name = "socket" if way.startswith("unix:") else "broker"
    print(f"{name:<8} {count:>7}   {used[0]:>14.1%}   {hub.resident_mb():>7.0f}   {used[1]:>17.1%}   {read:>13.0f}")


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--counts", default="0,1,10,50,100,200", help="readers, apart by commas")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each")
    parser.add_argument("--rate", type=float, default=500.0, help="events a second")
    args = parser.parse_args()
    run([int(count) for count in args.counts.split(",")], args.seconds, args.rate)


if __name__ == "__main__":
    main()
