"""What judging alerts costs a live hub: 100 rules over 25 symbols, once a second and at each liquidation.

    python -m benchmarks.alerts [--rules 100] [--symbols 25] [--seconds 120]

Prints the processor's time for judging one second, as a share of a core, beside that of folding.
"""

from __future__ import annotations

import argparse
import random
import time

import msgspec

from deskmon.alerts.engine import Engine
from deskmon.alerts.settings import AlertsConfig, RuleSettings
from deskmon.alerts.watch import Watch
from deskmon.clock import HOUR, SECOND
from deskmon.events import Event, Funding, Journal, Liquidation, OpenInterest, Ticker
from deskmon.model import Model

START = 1_767_614_400_000
VENUES = ("binance", "bybit", "okx", "hyperliquid")
LEGS = (
    "prices.{asset}.last < 50.{more}", "prices.{asset}.last change_pct 15m < -4.{more}%",
    "funding.{asset}.mean_8h > 0.03{more}%", "open_interest.{asset}.drawdown_pct < -30.{more}",
    "liquidations.windows.5m.by_symbol.{asset}.long_usd > 20.{more}M", "levels.{asset}[100.{more}].status = broken",
    "prices.{asset}.last crosses above 120.{more}",
)  # fmt: skip


def rules(count: int, assets: list[str]) -> dict[str, RuleSettings]:
    """`count` rules of one or two legs each, over all assets; no two rules share a leg, so each leg is judged."""
    made = {}
    for number in range(count):
        words = {"asset": assets[number % len(assets)], "more": f"{number:04}"}
        legs = [LEGS[(number + step) % len(LEGS)].format(**words) for step in range(1 + number % 2)]
        made[f"r{number}"] = msgspec.convert({"all": legs, "for": "10s"}, RuleSettings)
    return made


def market(assets: list[str], seconds: int, rng: random.Random) -> list[Event]:
    """Four venues' quotes twice a second, funding and open interest every ten, five liquidations a second."""
    events: list[Event] = [Journal(version=1, source="live", started=START - HOUR, ts=START, mode="live")]
    for half in range(2 * seconds):
        now = START + half * SECOND // 2
        for asset in assets:
            for venue in VENUES:
                where = {"ts": now, "recv": now, "venue": venue, "symbol": f"{asset}/USDT:USDT"}
                price = 100 + rng.gauss(0, 1)
                events.append(Ticker(**where, last=price, bid=price - 0.1, ask=price + 0.1))
                if half % 20 == 0:
                    events.append(Funding(**where, rate=1e-4, interval_hours=8.0))
                    events.append(OpenInterest(**where, amount=1e6, usd=1e8))
        for step in range(rng.randrange(6)):
            ts, asset = now + step * 70, rng.choice(assets)
            events.append(Liquidation(
                ts=ts, recv=ts, venue="bybit", symbol=f"{asset}/USDT:USDT", side="long", price=100.0, amount=100.0,
                usd=1e4,
            ))  # fmt: skip
    return sorted(events, key=lambda event: event.arrival)


def took(events: list[Event], alerts: AlertsConfig) -> float:
    """Seconds of processor time to fold the events and judge the rules along them."""
    model = Model()
    watch = Watch(Engine(alerts, {}), lambda: model, live=True)
    before = time.process_time()
    for at in range(0, len(events), 50):
        for _ in watch.fold(events[at : at + 50], lambda event: event):
            pass
    return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=100)
    parser.add_argument("--symbols", type=int, default=25)
    parser.add_argument("--seconds", type=int, default=120)
    args = parser.parse_args()
    assets = [f"A{number:02}" for number in range(args.symbols)]
    events = market(assets, args.seconds, random.Random(7))
    without = took(events, AlertsConfig())
    whole = took(events, AlertsConfig(rules=rules(args.rules, assets)))
    share = (whole - without) / args.seconds
    print(f"{args.rules} rules over {args.symbols} symbols: {share * 1000:.1f} ms a second, {share:.1%} of a core")
    print(f"folding the same {len(events):,} events: {without / args.seconds * 1000:.1f} ms a second")


if __name__ == "__main__":
    main()
