"""Markets in which the wave detector is tried: calm ones, and cascades of forced closes. All is drawn from seeds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from deskmon.clock import DAY, HOUR, SECOND
from deskmon.events import Liquidation
from deskmon.feeds.demo.simulator.flow import Flow
from deskmon.feeds.demo.simulator.market import Market
from deskmon.feeds.demo.simulator.past import History
from deskmon.feeds.demo.simulator.script import calm as tranquil
from deskmon.feeds.demo.simulator.step import Step
from deskmon.feeds.demo.simulator.world import START as DEMO_START

START = 1_767_225_600_000
STEP = 2_500
SPARSE = 1_000_000
"""Pace at which the demo's market has no trades to speak of."""
_ASSETS = (("BTC", 0.5), ("ETH", 0.25), ("SOL", 0.1), ("XRP", 0.05), ("DOGE", 0.04), ("HYPE", 0.03), ("SUI", 0.03))
_VENUES = (("binance", 0.3), ("bybit", 0.3), ("okx", 0.15), ("hyperliquid", 0.15), ("htx", 0.1))


@dataclass(frozen=True, slots=True, order=True)
class Order:
    """A liquidation; `ts` in ms."""

    ts: int
    venue: str
    symbol: str
    side: str
    usd: float


@dataclass(frozen=True, slots=True)
class Calm:
    """Clusters per second at the usual activity, orders per cluster, median order in dollars, spread of its log, and
    about what 24 hours of it come to in dollars."""

    clusters: float
    size: float
    median_usd: float
    spread: float
    daily_usd: float


CALMS = {
    "quiet weekend": Calm(0.008, 2.0, 4_000.0, 1.4, 30e6),
    "usual day": Calm(0.06, 3.0, 4_000.0, 1.5, 170e6),
    "busy day": Calm(0.6, 3.0, 3_000.0, 1.6, 1_250e6),
}


DEMO = "demo"
DAILY = {name: kind.daily_usd for name, kind in CALMS.items()} | {DEMO: 200e6}
"""About what 24 hours of a calm market come to in dollars."""


def calm(rng: Random, kind: Calm, hours: float = 24) -> list[Order]:
    """A calm market from `START` on, in order of time."""
    span = hours * 3_600
    busy = [(rng.uniform(0, span), rng.uniform(300, 1_500)) for _ in range(round(hours / 6))]
    phase = rng.uniform(0, 2 * math.pi)
    orders: list[Order] = []
    at = 0.0
    while True:
        at += rng.expovariate(4 * kind.clusters)
        if at >= span:
            break
        tide = 0.6 + 0.4 * math.sin(2 * math.pi * at / 86_400 + phase)
        rush = 3 * max((math.exp(-0.5 * ((at - middle) / width) ** 2) for middle, width in busy), default=0.0)
        if rng.random() < tide * (1 + rush) / 4:
            side = "long" if rng.random() < 0.55 else "short"
            for _ in range(1 + int(rng.expovariate(1 / (kind.size - 0.5)))):
                usd = kind.median_usd * math.exp(kind.spread * rng.gauss(0, 1))
                orders.append(_order(rng, at + rng.expovariate(1 / 8), usd, side))
    for _ in range(round(hours / 4)):
        orders.append(_order(rng, rng.uniform(0, span), rng.uniform(1e6, 6e6), "long"))
    return sorted(orders)


def _broken(rng: Random, seconds: float) -> float:
    return min(seconds, rng.expovariate(3 / seconds))


def _ramp(rng: Random, seconds: float) -> float:
    return rng.triangular(0, seconds, seconds / 6)


def _surge(rng: Random, seconds: float) -> float:
    return min(seconds, rng.gammavariate(1.4, seconds / 4.5))


SHAPES = {"broken": _broken, "ramp": _ramp, "surge": _surge}
"""Each draws when, of so many seconds, an order of the cascade falls."""


def cascade(rng: Random, onset: int, usd: float, seconds: float, shape: str = "ramp") -> list[Order]:
    """Forced closes of `usd` in all, from `onset` (ms) on for so many seconds."""
    usual = math.exp(rng.uniform(math.log(5_000), math.log(150_000)))
    count = max(20, min(3_000, round(usd / usual)))
    moments = sorted(SHAPES[shape](rng, seconds) for _ in range(count))
    sizes = [math.exp(1.2 * rng.gauss(0, 1)) for _ in moments]
    scale = usd / sum(sizes)
    mostly, other = ("long", "short") if rng.random() < 0.7 else ("short", "long")
    return [
        _order(rng, (onset - START) / 1_000 + at - moments[0], size * scale, mostly if rng.random() < 0.93 else other)
        for at, size in zip(moments, sizes, strict=True)
    ]


def _order(rng: Random, at: float, usd: float, side: str) -> Order:
    asset, venue = (rng.choices(*zip(*table, strict=True))[0] for table in (_ASSETS, _VENUES))
    return Order(START + int(at * 1_000), venue, f"{asset}/USDT:USDT", side, usd)


def some_cascade(rng: Random, onset: int, daily_usd: float, longest: float) -> list[Order]:
    """A cascade of any size, shape and length up to `longest` (s), beside a calm of so many dollars a day."""
    seconds = math.exp(rng.uniform(math.log(20), math.log(longest)))
    usd = max(5e6, daily_usd * math.exp(rng.uniform(math.log(0.06), math.log(3))))
    return cascade(rng, onset, usd * max(1.0, seconds / 180), seconds, rng.choice(sorted(SHAPES)))


def demo(seed: int, hours: float = 24) -> list[Order]:
    """The liquidations of the calm demo's market from `START` on, after a day of its history."""
    rng, market, flow = Random(f"events {seed}"), Market(Random(f"market {seed}"), tranquil), Flow(1.0, pace=SPARSE)
    found = [event for event in History(Random(f"history {seed}"), calm=True).events() if type(event) is Liquidation]
    for start in range(DEMO_START, DEMO_START + int(hours * HOUR), STEP):
        step = Step(start, STEP, market, market.step(STEP / SECOND), rng)
        flow.emit(step)
        found += [event for event in step.out if type(event) is Liquidation]
    shift = START - DEMO_START
    return sorted(
        Order(event.ts + shift, event.venue, event.symbol, event.side, event.usd)
        for event in found
        if event.ts >= DEMO_START - DAY
    )


def orders_of(name: str, seed: int, hours: float = 24) -> list[Order]:
    """The calm market of this name from `START` on, in order of time; the demo has a day before."""
    return demo(seed, hours) if name == DEMO else calm(Random(f"calm {seed}"), CALMS[name], hours)
