"""What the model of the default desk's simulated market holds more from minute to minute, by what holds it.

    python -m benchmarks.held                      an hour, folded at once
    python -m benchmarks.held --minutes 10 20

Events are decoded from the bytes that a hub sends, as a screen has them. Once a minute all of the state's figures are
computed. What Python allocated for the model is counted, KB (10³ bytes); what a process holds is in `benchmarks.hour`.
"""

from __future__ import annotations

import gc
import tracemalloc
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from deskmon.clock import MINUTE
from deskmon.config.schema import Config, FeedConfig
from deskmon.configured_model import new_model
from deskmon.events import Event, decode_batch, encode_event
from deskmon.past.market import timeline_feed

LOOKS = (10, 20, 30, 40, 50, 60)
"""Minutes after the market's start."""
HOLDERS = {
    "rows.py": "liquidations, 20 bytes each", "recent.py": "ids, 8 bytes each", "held.py": "events of tape and orders",
    "series.py": "values by the minute",
}  # fmt: skip
"""Where memory was allocated, and what for."""


def grown(looks: Sequence[int]) -> Iterator[tuple[int, int, Counter[str]]]:
    """Minutes, liquidations that are held, and KB by holder after them."""
    desk = Config(feeds={"demo": FeedConfig(type="demo")})
    timeline, model = timeline_feed(desk).timeline(), new_model(desk)
    tracemalloc.start()
    model.apply([timeline.header])
    events: list[Event] = []
    minute = timeline.start + MINUTE
    for event in timeline.events():
        events.append(event)
        if event.arrival < minute:
            continue
        model.apply(decode_batch(b"[" + b",".join(map(encode_event, events)) + b"]"))
        events.clear()
        model.state(minute)
        if (passed := (minute - timeline.start) // MINUTE) in looks:
            yield passed, len(model.liquidations.rows), held()
            if passed == max(looks):
                return
        minute += MINUTE


def held() -> Counter[str]:
    """KB by holder. What makes the market isn't among them: a screen has no part in it."""
    gc.collect()
    found: Counter[str] = Counter()
    for each in tracemalloc.take_snapshot().statistics("filename"):
        file = Path(each.traceback[0].filename)
        if file.name in HOLDERS or file.parent.name in ("model", "analytics"):
            found[HOLDERS.get(file.name, "all else")] += round(each.size / 1000)
    return found


def main(looks: Sequence[int]) -> None:
    names = [*HOLDERS.values(), "all else"]
    print(f"{'minute':>6}{'held':>10}" + "".join(f"{name:>28}" for name in names))
    found = list(grown(looks))
    for minute, count, kb in found:
        print(f"{minute:>6}{count:>10,}" + "".join(f"{kb[name]:>28,}" for name in names))
    (first, _, before), (last, _, after) = found[0], found[-1]
    more = {name: after[name] - before[name] for name in names}
    print(f"{first:>3}–{last} +{sum(more.values()):>8,}" + "".join(f"{more[name]:>28,}" for name in names))


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, nargs="+", default=LOOKS)
    main(parser.parse_args().minutes)
