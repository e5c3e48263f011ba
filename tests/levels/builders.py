"""Candles made by hand and by seed, and recorded ones as they were published."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from random import Random

import numpy as np

from deskmon.analytics.bars import Bars
from deskmon.clock import HOUR
from deskmon.events import Candle
from deskmon.model import Model
from deskmon.pins import OperatorPins

T = 1_759_276_800_000
"""2025-10-01 00:00 UTC, a Wednesday."""

RECORDED = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[2] / ".." / "shared" / "data"))


def bars(rows, step=HOUR, start=T):
    """Rows of (open, high, low, close, volume), or closes alone, as candles of `step` ms."""
    full = [row if isinstance(row, tuple) else (row, row, row, row, 1.0) for row in rows]
    columns = np.array(full, float).reshape(-1, 5).T
    return Bars(start + step * np.arange(len(full), dtype=np.int64), *(np.array(column) for column in columns))


EMPTY = bars([])


def pinned_model(settings):
    """A model with these level settings, and their pins folded as a hub does."""
    model = Model(levels=settings)
    model.apply(OperatorPins(settings.pins).events(T))
    return model


def walk(seed, hours, price=100_000.0, spread=0.004, start=T):
    """A random walk of hourly candles."""
    rng = Random(seed)
    rows = []
    for _ in range(hours):
        close = price * (1 + rng.gauss(0, spread))
        high = max(price, close) * (1 + abs(rng.gauss(0, spread / 3)))
        low = min(price, close) * (1 - abs(rng.gauss(0, spread / 3)))
        rows.append((price, high, low, close, rng.uniform(1, 100)))
        price = close
    return bars(rows, start=start)


def candles(held, symbol="BTC/USDT:USDT", venue="binance", timeframe="1h", length=HOUR):
    """The same as events, each arriving when it has closed."""
    return [
        Candle(
            ts=time + length, venue=venue, symbol=symbol, timeframe=timeframe, open_time=time, open=open_, high=high,
            low=low, close=close, volume=volume,
        )
        for time, open_, high, low, close, volume in zip(*(column.tolist() for column in held), strict=True)
    ]  # fmt: skip


def recorded(name, time, scale, columns, until):
    """Recorded candles that closed by `until` (ms): `time` and `columns` (open, high, low, close, volume) by place."""
    with (RECORDED / "price" / name).open() as file:
        rows = list(csv.reader(file))[1:]
    held = np.array([[float(row[time]) * scale, *(float(row[place]) for place in columns)] for row in rows])
    held = held[held[:, 0] <= until]
    return Bars(held[:, 0].astype(np.int64), *(np.array(held[:, place]) for place in range(1, 6)))


def october_2025(until):
    return recorded("btc_usd_1h_cryptocompare_2025-05-13_2025-10-31.csv", 0, 1000, (3, 4, 6, 5, 7), until - HOUR)


def august_2024(until):
    """Hours, and the days of the four years before."""
    hours = recorded("btc_usd_1h_coinbase_2024-07-25_2024-08-14.csv", 1, 1000, (4, 3, 2, 5, 6), until - HOUR)
    days = recorded("btc_usdt_1d_binance_2020-08_2024-12.csv", 0, 1, (1, 2, 3, 4, 5), until - 24 * HOUR)
    return hours, days
