"""What the page of an asset and its chart cost the screen's loop, draw by draw.

    python -m benchmarks.chart            milliseconds of CPU of the loop's thread: first draw, median, worst

Two demos, each taken in from a snapshot as a screen does, two minutes before the end of an hour; then four frames a
second until two minutes after it while the market goes on. Levels are found in a thread, as on the screen; Python's
garbage collector runs as it does there. The limit is 16 ms for any draw.
"""

from __future__ import annotations

import gc
import time
from argparse import Namespace
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from deskmon import plugins
from deskmon.cli.session import on_demo
from deskmon.clock import HOUR, MINUTE
from deskmon.components.panel import Frame
from deskmon.config.schema import Config
from deskmon.configured_model import new_model
from deskmon.desk.host import PanelHost
from deskmon.desk.late_finder import LateFinder
from deskmon.events import Event
from deskmon.feedkit import TimelineFeed
from deskmon.plugins import construct

LIMIT_MS = 16.0
STEP = 250
AROUND = 2 * MINUTE
SIZES = ((78, 20), (118, 33), (198, 47))
PANELS = ("chart", "symbol")
DEMOS = {"simulator": 1, "2026-02-06": 0}
"""Name of a demo → the hour since its start that ends meanwhile, 0 for the last."""


class Market:
    """A demo: what the screen is given first, and what comes then."""

    def __init__(self, name: str, hour: int) -> None:
        self.config: Config = on_demo(Namespace(config=None, sets=[], theme=None), name)
        [(label, feed)] = self.config.feeds.items()
        kind = plugins.load_feed(feed.type)
        assert issubclass(kind, TimelineFeed)
        timeline = construct(label, kind, feed.options).timeline()
        end = timeline.end - AROUND if timeline.end is not None and not hour else timeline.start + hour * HOUR
        self.begin = end // HOUR * HOUR - AROUND
        model = new_model(self.config)
        model.apply([timeline.header])
        self.later: list[list[Event]] = []
        slices = _slices(timeline.events(), self.begin, STEP)
        for events in slices:
            if events and events[-1].arrival > self.begin:
                self.later.append(events)
            else:
                model.apply(events)
            if len(self.later) * STEP >= 2 * AROUND:
                break
        self.snapshot = model.snapshot()

    def draws(self, panel: str, size: tuple[int, int], pool: ThreadPoolExecutor) -> list[float]:
        """CPU milliseconds of each draw of a panel, the first first."""
        model = new_model(self.config, LateFinder(lambda key, now, prepare: pool.submit(prepare())))
        model.apply(self.snapshot)
        host = PanelHost(panel, plugins.load_panel(panel), perf=time.thread_time)
        gc.freeze()
        took = [_timed(host, Frame(model, self.begin, *size, "BTC", True))]
        for number, events in enumerate(self.later, 1):
            model.apply(events)
            took.append(_timed(host, Frame(model, self.begin + number * STEP, *size, "BTC", True)))
        assert not host.broken, host.fault or host.suspended
        return took


def _slices(events: Iterator[Event], begin: int, step: int) -> Iterator[list[Event]]:
    """The events up to `begin` in thousands, then those of each `step` ms."""
    held: list[Event] = []
    until = begin
    for event in events:
        if event.arrival > until or (until == begin and len(held) == 1_000):
            yield held
            held = []
        while event.arrival > until:
            until += step
            if event.arrival > until:
                yield []
        held.append(event)
    yield held


def _timed(host: PanelHost, frame: Frame) -> float:
    started = time.thread_time()
    host.refresh(frame)
    return (time.thread_time() - started) * 1000


def main() -> None:
    import numpy  # noqa: F401 - as the screen, which has it before the first frame of a market

    with ThreadPoolExecutor(1) as pool:
        for name, hour in DEMOS.items():
            market = Market(name, hour)
            for panel in PANELS:
                for width, height in SIZES:
                    first, *rest = market.draws(panel, (width, height), pool)
                    print(f"{name:10}  {panel:6}  {width:3} × {height}  first {first:4.1f}  median {median(rest):4.1f}"
                          f"  p99 {sorted(rest)[len(rest) * 99 // 100]:4.1f}  worst {max(rest):4.1f}"
                          f"  of {len(rest)}    limit {LIMIT_MS:.0f} ms")  # fmt: skip


if __name__ == "__main__":
    main()
