"""Option chains for tests: made by hand from one volatility, and the recorded ones of Deribit."""

from __future__ import annotations

import ast
import csv
import gzip
import io
import math
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import NormalDist, median

import pytest

from deskmon.analytics.black76 import MS_PER_YEAR
from deskmon.clock import DAY
from deskmon.events import Option

RECORDED = Path(os.environ.get("DESKMON_RECORDED", Path(__file__).parents[3] / "shared" / "data")) / "options"

recorded = pytest.mark.skipif(not RECORDED.is_dir(), reason="recorded data is not beside this checkout")

NOW = 1_769_126_400_000
"""2026-01-23 00:00 UTC."""

N = NormalDist()


def worth(forward: float, strike: float, years: float, vol: float, kind: str) -> float:
    """Black-76 one option at a time, by the standard library."""
    total = vol * math.sqrt(years)
    upper = math.log(forward / strike) / total + total / 2
    call = forward * N.cdf(upper) - strike * N.cdf(upper - total)
    return call if kind == "call" else call - forward + strike


def quote(strike: float, kind: str, *, days: float = 30.0, forward: float = 90_000.0, vol: float = 0.5, ts: int = NOW,
          expiry: int | None = None, **fields) -> Option:  # fmt: skip
    """One option of a market at volatility `vol`, a vol point of spread on each side unless `fields` say so."""
    about = {"mark_iv": vol * 100, "bid_iv": vol * 100 - 1, "ask_iv": vol * 100 + 1, "open_interest": 10.0}
    return Option(
        **{
            "ts": ts, "venue": "deribit", "underlying": "BTC", "expiry": expiry or ts + round(days * DAY),
            "strike": strike, "kind": kind, "underlying_price": forward, **about, **fields,
        }
    )  # fmt: skip


def market(strikes, *, days: float = 30.0, smile: Callable[[float], float] = lambda strike: 0.5, **fields):
    """Puts and calls at `strikes`, each at the volatility that `smile` gives its strike."""
    return [
        quote(strike, kind, days=days, vol=smile(strike), **fields) for strike in strikes for kind in ("put", "call")
    ]


def _number(text: str) -> float | None:
    return float(text) if text not in ("", "nan") else None


@cache
def chain_2020() -> tuple[Option, ...]:
    """The whole chain of 2020-05-21, with the venue's own delta and gamma."""
    with (RECORDED / "deribit_btc_chain_2020-05-21.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(_option_2020(row) for row in rows)


def _option_2020(row) -> Option:
    greeks = ast.literal_eval(row["greeks"])
    return Option(
        ts=int(row["timestamp"]), venue="deribit", underlying="BTC", expiry=int(row["expiration_timestamp"]),
        strike=float(row["strike"]), kind=row["option_type"], underlying_price=float(row["underlying_price"]),
        mark_iv=_number(row["mark_iv"]), bid_iv=_number(row["bid_iv"]), ask_iv=_number(row["ask_iv"]),
        bid=_number(row["best_bid_price"]), ask=_number(row["best_ask_price"]), mark=_number(row["mark_price"]),
        open_interest=_number(row["open_interest"]), delta=greeks["delta"], gamma=greeks["gamma"],
    )  # fmt: skip


@cache
def chains_2026() -> dict[int, tuple[Option, ...]]:
    """Twelve hourly chains of 2026-01-23 by time (ms). They lack the forward: it is found from the venue's deltas."""
    with gzip.open(RECORDED / "deribit_btc_chains_2026-01-23.csv.gz", "rb") as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, encoding="utf-8")))
    grouped: dict[tuple[int, int], list] = {}
    for row in rows:
        ts = _ms(row["date"])
        grouped.setdefault((ts, _ms(f"{row['expiry_date']}T08:00:00")), []).append(row)
    chains: dict[int, list[Option]] = {}
    for (ts, expiry), listed in grouped.items():
        forward = _forward(listed, (expiry - ts) / MS_PER_YEAR)
        if forward is not None:
            chains.setdefault(ts, []).extend(_option_2026(row, ts, expiry, forward) for row in listed)
    return {ts: tuple(options) for ts, options in sorted(chains.items())}


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def _forward(rows, years: float) -> float | None:
    """F = K·exp(N⁻¹(Δ)·σ√T − σ²T/2), the median over the options near the money."""
    found = []
    for row in rows:
        delta = float(row["delta"]) + (row["type"] == "put")
        if 0.2 < delta < 0.8 and years > 0:
            total = float(row["mark_iv"]) / 100 * math.sqrt(years)
            found.append(float(row["strike"]) * math.exp(N.inv_cdf(delta) * total - total**2 / 2))
    return median(found) if found else None


def _option_2026(row, ts: int, expiry: int, forward: float) -> Option:
    return Option(
        ts=ts, venue="deribit", underlying="BTC", expiry=expiry, strike=float(row["strike"]), kind=row["type"],
        underlying_price=forward, mark_iv=float(row["mark_iv"]), bid_iv=float(row["bid_iv"]),
        ask_iv=float(row["ask_iv"]), open_interest=float(row["open_interest"]), volume_24h=float(row["volume"]),
        delta=float(row["delta"]),
    )  # fmt: skip
