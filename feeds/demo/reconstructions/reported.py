"""What reports of those weeks say of flows, holders and news, beside the figures of each day's own module.

Figures are those that were published; hours are chosen. Headlines say in neutral words of ours what a report says.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from deskmon.events import Event, Headline, Holding, Metric
from deskmon.feedkit import DAY
from deskmon.feeds.demo.reconstructions import context

_ALL = {"all funds": 1.0}
"""Where only a sum was published."""


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def headlines(lines: Sequence[tuple[int, str]]) -> list[Headline]:
    """Lines by time (ms), marked as reconstructed."""
    return [Headline(ts=ts, text=text, source=context.SOURCE) for ts, text in lines]


NOVEMBER_HEADLINES = (
    ("2025-11-20T10:30", "Strategy holds 649,870 bitcoin at an average of $74,333, 3.2 % of the supply"),
    ("2025-11-20T13:40", "Coin Metrics: depth within 2 % of bitcoin 30 to 40 % below early October"),
    ("2025-11-20T22:15", "Spot bitcoin funds: more than $3 billion out in November so far, a record month"),
    ("2025-11-21T00:58", "Bitcoin falls through $85,000, support until now"),
    ("2025-11-21T07:40", "Bitcoin touches $81,600; short-dated puts are dearer than calls"),
    ("2025-11-21T09:10", "Fear & Greed between 10 and 15, extreme fear; less than a month ago it was greed"),
    ("2025-11-21T10:35", "CoinGlass: $2.0 billion liquidated in 24 hours, $1.86 billion of it longs"),
)


def november_2025() -> list[Event]:
    """Around 2025-11-21: treasuries and funds as of the 20th, supply, what short-term holders realise, headlines."""
    day = _ms("2025-11-20T00:00")
    holders = (("Strategy", 649_870.0, 74_333.0), ("IBIT", 780_000.0, 0.0))
    return [
        *(
            Holding(ts=day, entity=name, asset="BTC", amount=coins, average_cost=cost, note=context.SOURCE)
            for name, coins, cost in holders
        ),
        Metric(ts=day, name="supply_btc", value=19_950_000.0, unit="BTC", source=context.SOURCE),
        Metric(ts=day, name="sopr_sth", value=0.77, unit="ratio", source=context.SOURCE),
        *headlines([(_ms(time), text) for time, text in NOVEMBER_HEADLINES]),
    ]


JANUARY_FLOWS = {"ETH": -155.6, "XRP": -92.9, "SOL": -2.2}
"""Net flow of all spot funds on 2026-01-29, USD millions."""
JANUARY_CAP = ((_ms("2026-01-29T00:00"), 3.1e12), (_ms("2026-01-30T00:00"), 2.92e12))
"""Total market capitalisation: $2.92T, about −6 % in a day."""


def january_2026() -> list[Event]:
    """Of 2026-01-29: funds of the other assets, total market capitalisation."""
    found: list[Event] = []
    for asset, millions in JANUARY_FLOWS.items():
        found += context.etf_flows(asset, {"2026-01-29": millions}, _ALL)
    times = range(JANUARY_CAP[0][0], JANUARY_CAP[-1][0] + 1, DAY)
    return [*found, *context.metrics("total_market_cap", "USD", JANUARY_CAP, times, 0)]
