"""What surrounds both reconstructed markets, as what was published is compared with it."""

from __future__ import annotations

from collections import defaultdict

from deskmon.events import EtfFlow, Metric


def series(events):
    found = defaultdict(list)
    for event in events:
        if type(event) is Metric:
            found[event.name].append((event.ts, event.value))
    return found


def flows(events, asset="BTC"):
    found = defaultdict(float)
    for event in events:
        if type(event) is EtfFlow and event.asset == asset:
            found[event.date] += event.usd
    return found


def assert_bitcoin_is_compared_with_what_the_reports_compare_it_with(state):
    for window in ("30d", "90d"):
        against = state.correlations[window]["BTC"]
        assert {"NDX", "GOLD", "DXY", "IGV", "ETH", "SOL"} <= against.keys()
        assert all(against[other].n >= 20 for other in ("NDX", "GOLD", "DXY", "IGV", "ETH", "SOL"))
        assert against["ETH"].r > 0.9 and against["SOL"].r > 0.9, "altcoins highly correlated"
        assert abs(against["GOLD"].r) < 0.5 < against["NDX"].r
