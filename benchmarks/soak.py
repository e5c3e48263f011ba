"""A simulated week of liquidations through the real model: what it costs, and whether its memory stays flat.

    python -m benchmarks.soak                      a week at 200 a second, 121 million: half an hour
    python -m benchmarks.soak --only-liquidations  without what else 2,400 markets say

Over 300 symbols and 8 venues, with ids, both sides, sizes that differ by four orders of magnitude; one in a hundred
comes a minute late, one in a thousand twice. Once a simulated minute each symbol has a ticker, open interest and
funding of one venue, the next minute of the next; every six hours all of the state's figures are computed.
"""

from __future__ import annotations

import gc
import math
import os
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from time import perf_counter
from typing import NamedTuple

from deskmon.clock import DAY, HOUR, MINUTE, SECOND
from deskmon.events import Event, Funding, Journal, Liquidation, OpenInterest, Ticker
from deskmon.model import Model

START = 1_767_225_600_000
VENUES = ("binance", "bybit", "okx", "hyperliquid", "htx", "gate", "deribit", "bitmex")
SYMBOLS = tuple(f"{name}/USDT:USDT" for name in ("BTC", "ETH", "SOL", *(f"C{n:03}" for n in range(297))))
MARKS = (HOUR, 6 * HOUR, *(days * DAY for days in range(1, 15)))
"""Simulated time after which a row is printed (ms)."""
FIGURES = 6 * HOUR
SIZES = 4_096


class Row(NamedTuple):
    """`span` of simulated time (ms), liquidations so far, resident memory (MiB), seconds it took so far."""

    span: int
    count: int
    rss_mib: float
    seconds: float


class Flow:
    """Liquidations without end, the same for a seed."""

    def __init__(self, seed: int = 7, symbols: Sequence[str] = SYMBOLS) -> None:
        self.symbols = symbols
        self._rng = rng = Random(seed)
        self._sizes = [round(4_000 * math.exp(1.5 * rng.gauss(0, 1)), 2) + 1 for _ in range(SIZES)]
        self._markets = rng.choices(symbols, [1 / (n + 1) for n in range(len(symbols))], k=SIZES - 1)
        self._number = 0

    def between(self, start: int, end: int, count: int) -> Iterator[Liquidation]:
        """`count` liquidations of the time from `start` to `end` (ms), evenly."""
        sizes, markets = self._sizes, self._markets
        first = self._number
        self._number += count
        for n in range(count):
            number = first + n
            ts = start + (end - start) * n // count
            usd = sizes[number % SIZES]
            event = Liquidation(
                ts=ts - MINUTE if number % 100 == 0 else ts, recv=ts, venue=VENUES[number % len(VENUES)],
                symbol=markets[number % (SIZES - 1)], side="short" if number % 3 == 0 else "long",
                price=100.0, amount=usd / 100.0, usd=usd, id=str(number),
            )  # fmt: skip
            yield event
            if number % 1_000 == 0:
                yield event

    def minute(self, now: int) -> Iterator[Event]:
        """What else a market says in a minute."""
        for n, symbol in enumerate(self.symbols):
            venue, price = VENUES[(n + now // MINUTE) % len(VENUES)], 100.0 + self._rng.random()
            yield Ticker(ts=now, recv=now, venue=venue, symbol=symbol, last=price, mark=price)
            yield OpenInterest(ts=now, recv=now, venue=venue, symbol=symbol, amount=1e5, usd=1e5 * price)
            yield Funding(ts=now, recv=now, venue=venue, symbol=symbol, rate=price / 1e6, interval_hours=8.0)


def resident_mib() -> float:
    """Memory of this process that is in use (MiB)."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def soak(
    model: Model, span: int, rate: float, marks: Sequence[int] = MARKS, symbols: Sequence[str] = SYMBOLS,
    only_liquidations: bool = False,
) -> Iterator[Row]:  # fmt: skip
    """Fold `span` ms of a market with `rate` liquidations a second into `model`; a row at each of `marks`."""
    flow, begun, count = Flow(symbols=symbols), perf_counter(), 0
    model.apply([Journal(version=1, source="simulated", ts=START, started=START)])
    per_minute = round(rate * MINUTE / SECOND)
    for now in range(START + MINUTE, START + span + 1, MINUTE):
        model.apply(flow.between(now - MINUTE, now, per_minute))
        if not only_liquidations:
            model.apply(flow.minute(now))
        if (now - START) % FIGURES == 0:
            model.state(now)
        count += per_minute
        if now - START in marks:
            yield Row(now - START, count, resident_mib(), perf_counter() - begun)


def main() -> None:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rate", type=float, default=200.0, help="liquidations a second")
    parser.add_argument("--days", type=float, default=7.0, help="simulated days")
    parser.add_argument("--only-liquidations", action="store_true", help="no tickers, no open interest, no funding")
    args = parser.parse_args()
    print(f"{'simulated':>10} {'liquidations':>13} {'RSS MiB':>8} {'seconds':>8}")
    rows = soak(Model(), round(args.days * DAY), args.rate, only_liquidations=args.only_liquidations)
    for row in rows:
        span = f"{row.span // DAY} d" if row.span >= DAY else f"{row.span // HOUR} h"
        print(f"{span:>10} {row.count:>13,} {row.rss_mib:>8.1f} {row.seconds:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
