"""Recorded candles of several markets, read from the folder of records as their publishers wrote them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from deskmon.analytics.bars import DAY, Bars, coarser
from deskmon.clock import HOUR
from deskmon.model.market_candles import CAPACITY

Row = tuple[float, ...]


class Market(NamedTuple):
    """Hourly candles and the daily ones of the years before, where there are any; the first hour that is measured."""

    name: str
    hours: Bars
    days: Bars
    first: int


def markets(folder: Path) -> Iterator[Market]:
    """Each of the recorded markets, from the `price` folder of the records. Raises OSError where a file is missing."""
    yield Market("BTC 2021-05", *_index(folder, "btc", "2021-05"), 24)
    yield Market("ETH 2021-05", *_index(folder, "eth", "2021-05"), 24)
    yield Market("BTC 2022-11", *_index(folder, "btc", "2022-11"), 24)
    yield Market("ETH 2022-11", *_index(folder, "eth", "2022-11"), 24)
    august = _table(folder / "btc_usd_1h_coinbase_2024-07-25_2024-08-14.csv", 1, 1000, (4, 3, 2, 5, 6))
    yield Market("BTC 2024-08", august, _days(folder, "btc"), 24)
    year = _table(folder / "btc_usd_1h_cryptocompare_2025-05-13_2025-10-31.csv", 0, 1000, (3, 4, 6, 5, 7))
    yield Market("BTC 2025", year, bars([]), 30 * 24)


def table(path: Path) -> Market:
    """A CSV file of hours with a head line: time (ISO 8601), open, high, low, close, volume; measured from the 181st
    day on, with all its days, and as many hours as a desk holds."""
    with path.open() as file:
        rows = list(csv.reader(file))[1:]
    hours = bars(
        [(datetime.fromisoformat(row[0]).timestamp() * 1000, *(float(value) for value in row[1:6])) for row in rows]
    )
    return Market(path.stem, hours, coarser(hours, DAY), 180 * 24)


def bars(rows: list[Row]) -> Bars:
    """Candles of rows of (open time in ms, open, high, low, close, volume), the oldest first."""
    held = np.array(sorted(rows), float).reshape(-1, 6)
    return Bars(held[:, 0].astype(np.int64), *(np.array(held[:, place]) for place in range(1, 6)))


def _index(folder: Path, asset: str, month: str) -> tuple[Bars, Bars]:
    rows = json.loads((folder / f"{asset}_usdt_1h_binance_index_{month}.json").read_text())
    return bars([tuple(float(value) for value in row[:6]) for row in rows]), _days(folder, asset)


def _days(folder: Path, asset: str) -> Bars:
    return _table(folder / f"{asset}_usdt_1d_binance_2020-08_2024-12.csv", 0, 1, (1, 2, 3, 4, 5))


def _table(path: Path, time: int, scale: int, columns: tuple[int, ...]) -> Bars:
    """The candles of a CSV file with a head line: open time in units of `scale` ms, and the places of the others."""
    with path.open() as file:
        rows = list(csv.reader(file))[1:]
    return bars([(float(row[time]) * scale, *(float(row[place]) for place in columns)) for row in rows])


def until(market: Market, end: int) -> tuple[Bars, Bars]:
    """The hours and the days that had closed by `end` (ms)."""
    hours, days = market.hours, market.days
    last = int(hours.time.searchsorted(end - HOUR, "right"))
    return (
        hours.cut(max(0, last - CAPACITY["1h"]), last),
        days.cut(0, int(days.time.searchsorted(end - DAY, "right"))),
    )
