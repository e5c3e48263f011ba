"""Ten thousand liquidations in one second, over 300 symbols and 8 venues: what every panel takes to draw meanwhile.

    python -m benchmarks.burst                 a table; half a minute

The desk is the real one without a terminal, four frames a second on 200 × 50: a second before the burst, the burst, a
few seconds after. Every panel is drawn in the default layout if it stands there, else alone on the whole desk. The
guard that lets a slow panel rest is off. The garbage collector is on and set as the desk sets it, and what was there
before the burst is frozen, as on a desk that has run for a minute; a full collection, which may fall into any draw, is
timed on its own as well.
"""

from __future__ import annotations

import gc
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from random import Random
from statistics import median
from time import thread_time
from typing import NamedTuple

import msgspec

from benchmarks.soak import START, SYMBOLS, VENUES, Flow
from deskmon import plugins
from deskmon.clock import HOUR, MINUTE, SECOND
from deskmon.components.panel import Frame, Line, Panel
from deskmon.config.loading import load
from deskmon.config.schema import Cell, Config, Layout
from deskmon.desk.desk import Desk
from deskmon.desk.host import SLOW_MS
from deskmon.events import Book, Event, Funding, Journal, Pulse
from deskmon.garbage import keep_collections_short
from deskmon.model import Model

BURST = 10_000
FRAME = 250
SIZE = (200, 50)
AFTER = 5 * SECOND
BEFORE = HOUR
BOOKS = 20


class Drawn(NamedTuple):
    """How long each draw of a panel took, ms of this thread's CPU: what others do on the machine doesn't count."""

    panel: str
    where: str
    took: list[float]


def timed(kind: type[Panel], took: list[float]) -> type[Panel]:
    """The panel class with the CPU time of each draw put into `took` (ms)."""

    class Timed(kind):  # type: ignore[misc, valid-type]
        def draw(self, frame: Frame) -> list[Line]:
            begun = thread_time()
            lines = list(super().draw(frame))
            took.append((thread_time() - begun) * 1_000)
            return lines

    return Timed


def market(model: Model, symbols: Sequence[str] = SYMBOLS) -> Flow:
    """An hour of a busy market in `model`, with all that panels show, and the flow that goes on from there."""
    flow, rng = Flow(symbols=symbols), Random(7)
    model.apply([Journal(version=1, source="simulated", ts=START, started=START)])
    for now in range(START + MINUTE, START + BEFORE + 1, MINUTE):
        model.apply(flow.minute(now))
        model.apply(flow.between(now - MINUTE, now, 600))
    model.apply(_rest(START + BEFORE, symbols, rng))
    return flow


def _rest(now: int, symbols: Sequence[str], rng: Random) -> Iterator[Event]:
    for n, symbol in enumerate(symbols):
        for venue in VENUES:
            yield Funding(
                ts=now, recv=now, venue=venue, symbol=symbol, rate=rng.gauss(0, 1e-4), interval_hours=8.0,
                next_ts=now + HOUR,
            )  # fmt: skip
            if n < BOOKS:
                steps = range(1, 201)
                yield Book(
                    ts=now, recv=now, venue=venue, symbol=symbol,
                    bids=tuple((100 - step / 100, rng.random() * 50) for step in steps),
                    asks=tuple((100 + step / 100, rng.random() * 50) for step in steps),
                )  # fmt: skip


def frames(desk: Desk, model: Model, flow: Flow, count: int) -> Iterator[int]:
    """Paint a second, then a second in which `count` liquidations come, then the seconds after; the time of each."""
    start = START + BEFORE
    for n, now in enumerate(range(start + FRAME, start + 2 * SECOND + AFTER + 1, FRAME)):
        burst = start + SECOND < now <= start + 2 * SECOND
        model.apply(flow.between(now - FRAME, now, count * FRAME // SECOND if burst else 5))
        model.apply([Pulse(ts=now, seq=n, mode="live")])
        desk.frame(now)
        yield now


def desk_of(model: Model, config: Config, load_panel: Callable[[str], type[Panel]]) -> Desk:
    """A desk at the moment before the burst, painted once."""
    desk = Desk(config, model, load_panel=load_panel, perf=lambda: 0.0)
    desk.status.link = "live"
    desk.resize(*SIZE)
    desk.frame(START + BEFORE)
    return desk


def alone(config: Config, panel: str) -> Config:
    """The configuration with one panel on the whole desk."""
    layout = {"alone": Layout(cells=(Cell(panel=panel),))}
    return msgspec.structs.replace(config, layouts=layout, desk=msgspec.structs.replace(config.desk, layout="alone"))


def measure(config: Config, count: int = BURST) -> Iterator[Drawn]:
    """Draws of the panels of the default layout together, then of each other panel alone."""
    together = [cell.panel for cell in config.layouts["default"].cells]
    rest = [name for name in plugins.panel_names() if name not in together]
    for desk_config, where in ((config, "default"), *((alone(config, name), "alone") for name in rest)):
        took: dict[str, list[float]] = defaultdict(list)
        model = Model()
        flow = market(model)
        desk = desk_of(model, desk_config, lambda name, took=took: timed(plugins.load_panel(name), took[name]))
        for times in took.values():
            times.clear()  # the first draw is a first screen's, not a frame's
        gc.collect()
        gc.freeze()
        for _ in frames(desk, model, flow, count):
            pass
        gc.unfreeze()
        yield from (Drawn(name, where, times) for name, times in took.items())


def collection(model: Model) -> float:
    """A full collection, ms of CPU, with what 10,000 liquidations and a minute brought to a desk that has settled."""
    flow, now = market(model), START + BEFORE
    gc.freeze()
    model.apply(flow.between(now, now + SECOND, BURST))
    model.apply(flow.minute(now + MINUTE))
    model.state(now + MINUTE)
    begun = thread_time()
    gc.collect()
    return (thread_time() - begun) * 1_000


def main() -> None:
    worst = 0.0
    keep_collections_short()
    print(f"{'panel':<18} {'where':<8} {'draws':>5} {'median ms':>10} {'worst ms':>9}")
    for panel, where, took in measure(load(None).config):
        worst = max(worst, *took) if took else math.nan
        print(
            f"{panel:<18} {where:<8} {len(took):>5} {median(took or [math.nan]):>10.2f} {max(took or [math.nan]):>9.2f}"
        )
    print(f"a full collection takes {collection(Model()):.0f} ms")
    print(f"worst draw {worst:.1f} ms of the {SLOW_MS:.0f} that a panel may take")


if __name__ == "__main__":
    main()
