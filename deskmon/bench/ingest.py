"""Ingest: how long decoding and folding a market takes, beside decoding alone, in alternating rounds of one run.

The ratio is what counts: both halves meet the same noise of the machine.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from deskmon.events import (
    Book,
    Event,
    Funding,
    Journal,
    Liquidation,
    OpenInterest,
    Ticker,
    Trade,
    decode_event,
    encode_event,
)
from deskmon.model import Model

EVENTS = 20_000
ROUNDS = 11
LIMIT = 3.0
"""Decode + fold may take this many times as long as decoding alone."""

LEAST_PER_S = 100_000
"""Events a second that decode + fold takes on a quiet core."""

START = 1_767_225_600_000
_VENUES = ("binance", "bybit", "okx", "hyperliquid", "deribit")
_PRICES = {"BTC": 90_000.0, "ETH": 3_000.0, "SOL": 130.0, "BNB": 850.0, "XRP": 1.9}
_MIX = {"ticker": 50, "trade": 30, "book": 12, "liquidation": 4, "open_interest": 2, "funding": 2}
"""Events of a busy market, percent by kind."""


def market(count: int, seed: int = 7) -> Iterator[Event]:
    """A header and `count` events of a busy market, about 2,000 a second, the same for a seed."""
    rng = random.Random(seed)
    yield Journal(version=1, source="simulated", ts=START, started=START)
    kinds = rng.choices(tuple(_MIX), tuple(_MIX.values()), k=count)
    for number, kind in enumerate(kinds):
        ts = START + number // 2
        asset = rng.choice(tuple(_PRICES))
        price = round(_PRICES[asset] * (1 + rng.gauss(0, 0.001)), 6)
        about = {
            "ts": ts,
            "recv": ts + rng.randrange(5, 80),
            "venue": rng.choice(_VENUES),
            "symbol": f"{asset}/USDT:USDT",
        }
        yield _event(kind, about, price, str(number), rng)


def _event(kind: str, about: dict[str, Any], price: float, id: str, rng: random.Random) -> Event:
    amount = round(rng.expovariate(price / 5_000), 6) + 1e-6
    if kind == "ticker":
        return Ticker(**about, last=price, bid=price * 0.9999, ask=price * 1.0001, mark=price, high_24h=price * 1.02)
    if kind == "trade":
        return Trade(**about, price=price, amount=amount, side=rng.choice(("buy", "sell")), id=id)
    if kind == "book":
        bids = tuple((price * (1 - step / 5_000), amount) for step in range(1, 26))
        asks = tuple((price * (1 + step / 5_000), amount) for step in range(1, 26))
        return Book(**about, bids=bids, asks=asks)
    if kind == "liquidation":
        return Liquidation(
            **about, side=rng.choice(("long", "short")), price=price, amount=amount, usd=price * amount, id=id
        )
    if kind == "open_interest":
        return OpenInterest(**about, amount=1e5 + amount, usd=(1e5 + amount) * price)
    return Funding(**about, rate=rng.gauss(1e-4, 1e-4), interval_hours=8.0)


def run() -> dict[str, Any]:
    """Alternates decoding alone with decoding and folding, medians: µs per event, their ratio, events a second."""
    return measure([encode_event(event) for event in market(EVENTS)])


def measure(lines: Sequence[bytes]) -> dict[str, Any]:
    """The same for the lines of any journal, without its first."""
    decode, both = [], []
    for _ in range(ROUNDS):
        decode.append(_timed(lines, None))
        both.append(_timed(lines, Model()))
    alone, together = median(decode) / len(lines), median(both) / len(lines)
    return {
        "decode_us": round(alone * 1e6, 3),
        "decode_fold_us": round(together * 1e6, 3),
        "ratio": round(together / alone, 3),
        "limit": LIMIT,
        "events_per_s": round(1 / together),
        "least_per_s": LEAST_PER_S,
        "ok": together / alone <= LIMIT and 1 / together >= LEAST_PER_S,
        "rounds": ROUNDS,
    }


def _timed(lines: Sequence[bytes], model: Model | None) -> float:
    start = perf_counter()
    if model is None:
        for line in lines:
            decode_event(line)
    else:
        model.apply(map(decode_event, lines))
    return perf_counter() - start
