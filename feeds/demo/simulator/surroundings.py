"""What stands around the simulated market: flows of invented funds, holders, context series, headlines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random

from deskmon.events import CalendarEntry, EtfFlow, Event, Headline, Holding, HoldingTrade, Metric
from deskmon.feedkit import DAY, HOUR, MINUTE, SECOND
from deskmon.feeds.demo.simulator.step import Step
from deskmon.feeds.demo.simulator.world import ASSETS, START, WORLD

SOURCE = "simulator"
_DAYS = 120
"""Days of history."""
_CAPS = {"total_market_cap": 2.28e12, "market_cap_btc": 1.336e12}
"""USD at the assets' first prices, of 19.97 million bitcoins; they move with bitcoin, in the past too."""
_HELD = 2.63e8
"""What a fund holds in USD, by the flow of its usual day in millions: those of bitcoin, 1.24 million together."""
_LATE = START + 40 * SECOND
"""When the last fund reports the day before."""
_TELLING = {
    "cascade": "forced selling feeds on itself across venues", "recovery": "buyers step in as liquidations subside",
}  # fmt: skip


class Surroundings:
    """From a `rng` of its own: other events don't depend on it."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._phase = ""
        self._next_cap = START
        self._late = [_flow(ago=3, n=2, usd=-21.4e6, ts=_LATE)]

    def past(self, closes: Mapping[int, float]) -> Iterator[Event]:
        """What was known before the start. closes: bitcoin's price at each midnight (ms)."""
        gauss = self._rng.gauss
        midnight = START // DAY * DAY
        for ago in range(_DAYS, 2, -1):
            if datetime.fromtimestamp((midnight - ago * DAY) / 1000, UTC).weekday() < 5:
                lean = math.sin(ago / 9)
                for n, fund in enumerate(WORLD.funds):
                    if ago > 3 or n != 2:
                        usd = round(fund.usual * (lean + 0.6 * gauss(0, 1)) * 1e6)
                        yield _flow(ago, n, usd, midnight - ago * DAY + 26 * HOUR)
        for series in WORLD.series:
            drift = 0.0
            for ago in range(_DAYS, -1, -1):
                drift = 0.93 * drift + 0.3 * gauss(0, 1)
                ts, swing = midnight - ago * DAY, series.swing * max(-2.0, min(2.0, drift))
                worth = closes[ts] / ASSETS[0].price if series.name in _CAPS else 1.0
                value = round(series.middle * worth + swing, series.digits)
                yield Metric(ts=ts, name=series.name, value=value, unit=series.unit, source=SOURCE)
        for entity, coins, cost in (("Treasury A", 212_500.0, 71_200.0), ("Spot BTC ETFs", 1_240_000.0, 88_600.0)):
            yield Holding(ts=midnight - 6 * DAY, entity=entity, asset="BTC", amount=coins, average_cost=cost)
        yield HoldingTrade(ts=midnight - 9 * DAY, entity="Treasury A", asset="BTC", amount=1_150.0, usd=89.7e6)
        yield Headline(ts=START - 3 * HOUR, text="Simulated market: quiet start of the week", source=SOURCE)
        for days, text in ((1, "inflation report"), (8, "rate decision")):
            due = midnight + days * DAY + 13 * HOUR
            yield CalendarEntry(ts=midnight - DAY, time=due, text=f"Simulated market: {text}", source=SOURCE)

    def emit(self, step: Step) -> None:
        """Add what becomes known in a step: capitalisation by the minute, a late report, a line as the mood turns."""
        end = step.start + step.length
        if end > self._next_cap:
            worth = step.market.states[0].price / ASSETS[0].price
            step.out += (
                Metric(ts=step.start, name=name, value=round(cap * worth), unit="USD", source=SOURCE)
                for name, cap in _CAPS.items()
            )
            self._next_cap += MINUTE
        while self._late and self._late[0].ts < end:
            step.out.append(self._late.pop(0))
        phase = step.market.phase.name
        if phase != self._phase:
            self._phase = phase
            if phase in _TELLING:
                text = f"Simulated market: {_TELLING[phase]}"
                step.out.append(Headline(ts=step.start, text=text, source=SOURCE))


def _flow(ago: int, n: int, usd: float, ts: int) -> EtfFlow:
    """What fund `n` says at `ts` (ms) of the day `ago` days before the start's."""
    fund = WORLD.funds[n]
    day = datetime.fromtimestamp((START - ago * DAY) / 1000, UTC).date().isoformat()
    return EtfFlow(
        ts=ts, asset=fund.asset, fund=fund.name, date=day, usd=usd, aum_usd=fund.usual * _HELD, status="final",
        source=SOURCE,
    )  # fmt: skip
