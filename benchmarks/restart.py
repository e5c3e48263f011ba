"""A live hub that is killed again and again under 2,000 events a second: what it still knows, and how soon.

    python -m benchmarks.restart                       ten kills, five seconds apart
    python -m benchmarks.restart --kills 3 --seconds 2

The market is made of the clock: every 10 ms have the same events whoever asks. So what an uninterrupted desk counts is
known without one: all that was told, but for the named gaps. Two comparisons are made at the end: the liquidations of
every window, venue and asset with those of the market outside the gaps; and all figures with those of a model that
folds the journal from its first event on, without a checkpoint.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from deskmon.clock import HOUR, SECOND, wall_ms
from deskmon.config.schema import Config, FeedConfig, HistoryConfig, JournalConfig
from deskmon.events import EtfFlow, Event, Funding, Gap, Headline, Liquidation, Metric, OpenInterest, Ticker, Trade
from deskmon.feedkit import Feed, FeedContext
from deskmon.journal import ReadReport, read_events
from deskmon.model import Model
from deskmon.model.figures import State
from deskmon.transport.link import UnixLink

TICK = 10
"""Ms of the market that are told at once."""
A_TICK = 20
"""Events in them."""
LIQUIDATED, TRADED = 0.15, 0.25
"""Parts of them that are liquidations and trades."""
SYMBOLS = tuple(f"{name}/USDT:USDT" for name in ("BTC", "ETH", "SOL", *(f"C{n:02}" for n in range(22))))
VENUES = ("binance", "bybit", "okx", "hyperliquid", "htx")
COMPARED = [key for key in State.__struct_fields__ if key not in ("at", "mode", "source", "hub", "hubs", "feeds")]
"""All of the state but what a hub says of its run."""
SETTLE_S = 1.5
"""Seconds after which a hub that hears nothing new has written all."""


def told(tick: int) -> Iterator[Event]:
    """The events of the 10 ms that begin at `tick` × TICK (ms UTC)."""
    rng, ts = Random(tick), tick * TICK
    burst = 40 if tick // 500 % 4 == 0 else 1  # five seconds of every twenty
    for number in range(A_TICK):
        venue, symbol = rng.choice(VENUES), rng.choice(SYMBOLS)
        about: dict[str, Any] = {"ts": ts, "recv": ts, "venue": venue, "symbol": symbol}
        kind = rng.random()
        if kind < LIQUIDATED:
            side = "long" if rng.random() < 0.7 else "short"
            usd = round(rng.lognormvariate(8, 1.5) * burst, 2)
            yield Liquidation(**about, side=side, price=100.0, amount=usd / 100, usd=usd, id=f"{tick}-{number}")
        elif kind < LIQUIDATED + TRADED:
            side = "buy" if rng.random() < 0.5 else "sell"
            yield Trade(**about, side=side, price=100.0, amount=rng.lognormvariate(4, 2), id=f"{tick}-{number}")
        else:
            yield Ticker(**about, last=round(100 + rng.gauss(0, 1), 2))
    if tick % 100 == 0:
        symbol = SYMBOLS[tick // 100 % len(SYMBOLS)]
        about = {"ts": ts, "recv": ts, "venue": VENUES[tick // 100 % 5], "symbol": symbol}
        yield OpenInterest(**about, amount=1e4, usd=1e6 + tick % 1_000)
        yield Funding(**about, rate=1e-4 * (tick % 7), interval_hours=8.0)
        yield EtfFlow(ts=ts, recv=ts, asset="BTC", fund=f"F{tick // 100 % 9}", date="2026-01-05", usd=float(tick % 999))
        yield Metric(ts=ts, recv=ts, name="fear_greed", value=float(tick % 100))
        yield Headline(ts=ts, recv=ts, text=f"headline {tick}")


class Market(Feed):
    """Tells the market from now on, until the file `stop` is there; keeps the last tick that it told in `told`."""

    name, title = "market", "made of the clock"

    class Options(msgspec.Struct, frozen=True):
        folder: str

    async def run(self, context: FeedContext) -> None:
        """Tell each tick once it is over."""
        folder = Path(self.options.folder)
        tick = context.clock.now() // TICK
        context.status("live", "")
        last = os.open(folder / "told", os.O_CREAT | os.O_WRONLY)
        while not os.path.exists(folder / "stop"):  # noqa: ASYNC240 - a benchmark
            while tick < context.clock.now() // TICK:
                for event in told(tick):
                    context.emit(event)
                os.pwrite(last, str(tick).encode(), 0)
                tick += 1
            await context.sleep(0.005)
        await asyncio.Event().wait()


def config(folder: Path) -> Config:
    """The desk under test."""
    return Config(
        feeds={"market": FeedConfig(type="market", options={"folder": str(folder)})},
        journal=JournalConfig(folder=str(folder / "journal")), history=HistoryConfig(enabled=False),
    )  # fmt: skip


@dataclass
class Outcome:
    """What the kills cost.

    lost_ms: of each, the market that was told and isn't known. picture_s: from the start of the process to the first
    price on a screen, of each start with a past; picture_cpu_s: the hub's CPU by then. unequal: figures that differ, in
    words. events: in the journal at the end.
    """

    lost_ms: list[int] = field(default_factory=list)
    picture_s: list[float] = field(default_factory=list)
    picture_cpu_s: list[float] = field(default_factory=list)
    unequal: list[str] = field(default_factory=list)
    events: int = 0


async def run(folder: Path, kills: int, seconds: float) -> Outcome:
    """Kill the hub so many times, each after so many seconds or a little more, and compare."""
    outcome, rng = Outcome(), Random(3)
    ended = 0
    for _ in range(kills):
        hub = await _start(folder)
        await _picture(folder, hub.pid, outcome, known=bool(ended))
        await asyncio.sleep(seconds + rng.random())
        hub.send_signal(signal.SIGKILL)
        await hub.wait()
        ended = int((folder / "told").read_text())
        outcome.lost_ms.append(ended * TICK)
    hub = await _start(folder)
    await _picture(folder, hub.pid, outcome, known=True)
    await asyncio.sleep(seconds)
    (folder / "stop").touch()
    await asyncio.sleep(SETTLE_S)
    at = wall_ms()
    model = await _attached(folder)
    hub.send_signal(signal.SIGTERM)
    await hub.wait()
    events = list(read_events(folder / "journal", ReadReport()))
    gaps = [event for event in events if type(event) is Gap and event.feed == "hub"]
    outcome.lost_ms = [told_until - gap.since for told_until, gap in zip(outcome.lost_ms, gaps, strict=True)]
    outcome.events = len(events)
    outcome.unequal = [*_against_journal(model, events, at), *_against_market(model, events, at)]
    return outcome


async def _start(folder: Path) -> asyncio.subprocess.Process:
    argv = [sys.executable, "-m", "benchmarks.restart", "--hub", str(folder)]
    return await asyncio.create_subprocess_exec(*argv)


async def _picture(folder: Path, hub: int, outcome: Outcome, *, known: bool) -> None:
    """Wait until a screen shows a price."""
    begun = time.perf_counter()
    await _answers(folder / "hub.sock")
    await _attached(folder, lambda model: bool(model.prices.symbols))
    if known:
        outcome.picture_s.append(time.perf_counter() - begun)
        outcome.picture_cpu_s.append(_cpu_s(hub))


def _cpu_s(process: int) -> float:
    """What a process has used so far, its children apart."""
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(used[11]) + int(used[12])) / os.sysconf("SC_CLK_TCK")


async def _answers(socket: Path) -> None:
    """Wait until somebody listens there: a link would take its time between two attempts."""
    while True:
        try:
            _, writer = await asyncio.open_unix_connection(socket)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


async def _attached(folder: Path, ready: Any = lambda model: True) -> Model:
    """What a screen folds until it is ready."""
    link, model = UnixLink(folder / "hub.sock"), Model()
    async for batch in link.events():
        model.apply(batch)
        if model.pulse is not None and ready(model):
            break
    await link.close()
    return model


def _against_journal(model: Model, events: list[Event], at: int) -> Iterator[str]:
    """Figures that aren't those of a model that folded the journal from its beginning."""
    whole = Model()
    header = model.header
    whole.apply([] if header is None else [header])
    whole.apply(events)
    for key in COMPARED:
        mine, other = (msgspec.json.encode(one.figures(key, at)) for one in (model, whole))
        if mine != other:
            yield f"{key}: {_difference(msgspec.json.decode(mine), msgspec.json.decode(other))}"


def _against_market(model: Model, events: list[Event], at: int) -> Iterator[str]:
    """Liquidations of the market that are neither known nor of a gap, and sums that aren't theirs."""
    gaps = [event for event in events if type(event) is Gap]
    known = {event.id: event for event in events if type(event) is Liquidation}
    first, last = min(event.ts for event in known.values()), max(event.ts for event in known.values())
    market = [one for tick in range(first // TICK, last // TICK + 1) for one in told(tick) if type(one) is Liquidation]
    for one in market:
        if one.id not in known and not any(gap.since <= one.ts <= gap.until for gap in gaps):
            yield f"liquidation {one.id} of {one.ts} is missing outside the gaps"
            return
    usd = round(sum(one.usd for one in market if one.id in known and at - HOUR < one.ts), 2)
    window = model.liquidations.figures(at).windows["1h"]
    if abs((window.usd or 0.0) - usd) > 0.01 or window.count != len(known):
        yield f"the window says {window.usd} of {window.count}, the market {usd} of {len(known)}"


def _difference(mine: Any, other: Any, path: str = "") -> str:
    """The first place where two figures differ."""
    if isinstance(mine, dict) and isinstance(other, dict):
        for key in [*mine, *(key for key in other if key not in mine)]:
            if mine.get(key) != other.get(key):
                return _difference(mine.get(key), other.get(key), f"{path}.{key}")
    if isinstance(mine, list) and isinstance(other, list) and len(mine) == len(other):
        for index, (one, two) in enumerate(zip(mine, other, strict=True)):
            if one != two:
                return _difference(one, two, f"{path}[{index}]")
    return f"{path}: {str(mine)[:200]} is not {str(other)[:200]}"


def _hub(folder: Path) -> int:
    from deskmon.garbage import keep_collections_short
    from deskmon.hub.server import serve

    keep_collections_short()
    listen = f"unix:{folder / 'hub.sock'}"
    return asyncio.run(serve(config(folder), listen=listen, load=lambda _: Market))


def main() -> int:
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=5.0, help="between two of them")
    parser.add_argument("--hub", type=Path, metavar="FOLDER", help="be the hub")
    args = parser.parse_args()
    if args.hub is not None:
        return _hub(args.hub)
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(run(Path(folder), args.kills, args.seconds))
    print(f"{args.kills} kills, {outcome.events:,} events in the journal")
    print(f"lost      {max(outcome.lost_ms):,} ms of the market at worst, {sum(outcome.lost_ms):,} ms in all")
    took, used = max(outcome.picture_s), max(outcome.picture_cpu_s)
    print(f"picture   {took:.2f} s after the start of the process at worst, for which the hub used {used:.2f} s of CPU")
    print("figures   " + ("equal" if not outcome.unequal else "; ".join(outcome.unequal)))
    return bool(outcome.unequal or max(outcome.lost_ms) > SECOND)


if __name__ == "__main__":
    sys.exit(main())
