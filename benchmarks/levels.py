"""How long the levels of one symbol take from 5,000 hourly candles.

    python -m benchmarks.levels           milliseconds of CPU: median, worst of 50, of a model when first asked

A seeded random walk; the limit is 20 ms.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from random import Random
from statistics import median

import numpy as np

from deskmon.analytics.bars import Bars, coarser
from deskmon.analytics.level_settings import LevelSettings
from deskmon.analytics.levels import level_map
from deskmon.clock import DAY, HOUR
from deskmon.events import Candle
from deskmon.model import Model

START = 1_735_689_600_000
COUNT = 5_000
LIMIT_MS = 20.0
ROUNDS = 50


def walk(seed: int = 7, count: int = COUNT) -> Bars:
    """Hourly candles of a random walk."""
    rng = Random(seed)
    rows, price = [], 100_000.0
    for _ in range(count):
        close = price * (1 + rng.gauss(0, 0.004))
        high, low = max(price, close) * (1 + rng.random() * 0.003), min(price, close) * (1 - rng.random() * 0.003)
        rows.append((price, high, low, close, rng.uniform(1, 100)))
        price = close
    columns = np.array(rows).T
    return Bars(START + HOUR * np.arange(count, dtype=np.int64), *(np.array(column) for column in columns))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds of CPU that a call takes."""
    started = time.process_time()
    call()
    return (time.process_time() - started) * 1000


def model_of(hours: Bars) -> Model:
    """A model that holds the candles."""
    model = Model()
    columns = zip(*(column.tolist() for column in hours), strict=True)
    model.apply(
        Candle(ts=at + HOUR, venue="binance", symbol="BTC/USDT:USDT", timeframe="1h", open_time=at, open=opened,
               high=high, low=low, close=close, volume=volume)
        for at, opened, high, low, close, volume in columns
    )  # fmt: skip
    return model


def main() -> None:
    hours, settings = walk(), LevelSettings()
    days = coarser(hours, DAY)
    level_map(hours, days, hours, HOUR, settings)
    took = [timed(lambda: level_map(hours, days, hours, HOUR, settings)) for _ in range(ROUNDS)]
    print(f"{COUNT:,} hours, {days.number} days    median {median(took):5.1f} ms    worst {max(took):5.1f} ms")
    model, now = model_of(hours), int(hours.time[-1]) + HOUR
    first = timed(lambda: model.levels.of("BTC/USDT:USDT", now))
    again = median(timed(partial(model.levels.of, "BTC/USDT:USDT", now + n)) for n in range(ROUNDS))
    print(f"of a model    first {first:5.1f} ms    again, nothing closed {again:5.2f} ms    limit {LIMIT_MS:.0f} ms")


if __name__ == "__main__":
    main()
