"""How long the hub takes for a refresh of two chains of 1,000 options: parse, events, fold, and all figures anew; and
how long each panel of options draws, at the first draw after a refresh, which makes its figures, and at the next ones.

    python -m benchmarks.options            medians in ms, of draws also the worst, CPU; some seconds

The rows are those of Deribit's summary of a currency, made by hand. What is asked for: 50 ms for a refresh, 16 ms for a
draw.
"""

from __future__ import annotations

import math
from statistics import median
from time import perf_counter, process_time

from deskmon.analytics.black76 import MS_PER_YEAR
from deskmon.clock import DAY, SECOND
from deskmon.components.panel import Frame
from deskmon.desk.host import PanelHost
from deskmon.events import Option
from deskmon.feeds.deribit_options import Contract, option
from deskmon.model import Model
from deskmon.plugins import load_panel

START = 1_769_126_400_000
DAYS = (0.3, 1.3, 2.3, 7.3, 14.3, 21.3, 35.3, 63.3, 154.3, 245.3)
STRIKES = 50
ROUNDS = 21
LIMIT_MS = 50.0
DRAW_MS = 16.0
SPOTS = {"BTC": 90_000.0, "ETH": 3_000.0}
PANELS = ("options", "skew", "smile", "gamma", "dvol")


def contracts(coin: str, spot: float) -> dict[str, Contract]:
    """1,000 options on `coin` around `spot` (USD), by name."""
    listed = {}
    for days in DAYS:
        for step in range(STRIKES):
            strike = round(spot * math.exp((step - STRIKES / 2) / 25 * max(0.1, math.sqrt(days / 365))), 2)
            for kind in ("call", "put"):
                listed[f"{days}-{strike}-{kind}"] = Contract(coin, None, START + round(days * DAY), strike, kind)
    return listed


def summary(listed: dict[str, Contract], spot: float, ts: int) -> list[dict]:
    """The venue's answer at `ts`."""
    rows = []
    for name, what in listed.items():
        distance = math.log(what.strike / spot)
        years = (what.expiry - ts) / MS_PER_YEAR
        vol = 0.45 - 0.1 * distance / math.sqrt(years) + 0.05 * distance**2 / years
        worth = max(0.0001, 0.4 * vol * math.sqrt(years) * math.exp(-2 * abs(distance) / (vol * math.sqrt(years))))
        rows.append({
            "instrument_name": name, "underlying_price": spot, "mark_iv": 100 * vol, "mark_price": worth,
            "bid_price": worth * 0.98, "ask_price": worth * 1.02, "open_interest": 40.0, "volume": 2.0,
            "creation_timestamp": ts,
        })  # fmt: skip
    return rows


def run() -> dict[str, float]:
    """Median ms of each step over refreshes of BTC and ETH together, and of the sum."""
    listed = {coin: contracts(coin, spot) for coin, spot in SPOTS.items()}
    model = Model()
    taken: dict[str, list[float]] = {"parse": [], "fold": [], "figures": [], "all": []}
    for number in range(ROUNDS):
        ts = START + number * 30 * SECOND
        rows = {coin: summary(listed[coin], spot * (1 + number * 1e-4), ts) for coin, spot in SPOTS.items()}
        start = perf_counter()
        events: list[Option] = [
            option(row, listed[coin][row["instrument_name"]], ts + 50) for coin in SPOTS for row in rows[coin]
        ]
        parsed = perf_counter()
        model.apply(events)
        folded = perf_counter()
        figures = model.options.figures(ts + 100)
        strikes = [model.options.strikes(coin, ts + 100) for coin in SPOTS]
        done = perf_counter()
        assert not model.rejected and len(figures) == 2 and all(strikes) and len(events) == 2_000
        for name, seconds in zip(taken, (parsed - start, folded - parsed, done - folded, done - start), strict=True):
            taken[name].append(seconds)
    return {name: round(1_000 * median(values[1:]), 2) for name, values in taken.items()}


def draws(name: str) -> dict[str, float]:
    """CPU ms of one panel's draws on 100 × 40, the first after each refresh and the following: median and worst."""
    listed = {coin: contracts(coin, spot) for coin, spot in SPOTS.items()}
    model, host = Model(), PanelHost(name, load_panel(name), perf=lambda: 0.0)
    taken: dict[str, list[float]] = {"first": [], "next": []}
    for number in range(ROUNDS):
        ts = START + number * 30 * SECOND
        for coin, spot in SPOTS.items():
            rows = summary(listed[coin], spot * (1 + number * 1e-4), ts)
            model.apply(option(row, listed[coin][row["instrument_name"]], ts + 50) for row in rows)
        for second in range(1, 4):
            frame = Frame(model, ts + second * SECOND, 100, 40, "BTC/USDT:USDT")
            start = process_time()
            host.refresh(frame)
            taken["first" if second == 1 else "next"].append(1_000 * (process_time() - start))
    assert not host.broken, host.card(80)
    return {f"{when} {what}": round(of(values[2:]), 1)
            for when, values in taken.items() for what, of in (("median", median), ("worst", max))}  # fmt: skip


if __name__ == "__main__":
    measured = run()
    print("  ".join(f"{name} {ms} ms" for name, ms in measured.items()), f"  limit {LIMIT_MS} ms")
    for panel in PANELS:
        print(f"{panel:8}", "  ".join(f"{name} {ms}" for name, ms in draws(panel).items()), f"  limit {DRAW_MS}")
