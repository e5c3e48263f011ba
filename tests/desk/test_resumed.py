"""After a restart each figure is dim until it is told anew, or until the desk has heard its feeds."""

from __future__ import annotations

import pytest

from deskmon.components.columns import Row, is_stale, remembering
from deskmon.events import FeedStatus, Funding, HubStatus, Journal, OpenInterest, Pulse, Ticker
from deskmon.widgets.funding import Funding as FundingPanel
from deskmon.widgets.open_interest import OpenInterest as OpenInterestPanel
from deskmon.widgets.prices import Prices
from tests.desk.stubs import desk_of

BEGAN = 1_767_614_400_000
SECOND = 1_000
ASSETS = {"binance": "BTC", "okx": "ETH"}
"""What each venue tells of."""


def told(ts: int, *venues: str) -> list[object]:
    """What venues tell at a time (ms)."""
    return [
        event
        for venue in venues
        for symbol in [f"{ASSETS[venue]}/USDT:USDT"]
        for event in (
            Ticker(ts=ts, venue=venue, symbol=symbol, last=100.0),
            Funding(ts=ts, venue=venue, symbol=symbol, rate=0.0001, interval_hours=8, next_ts=ts + 3_600_000),
            OpenInterest(ts=ts, venue=venue, symbol=symbol, amount=10.0, usd=1_000.0),
        )
    ]


def status(ts: int, venue: str, state: str = "connecting", events: int = 0) -> FeedStatus:
    return FeedStatus(ts=ts, feed=venue, venue=venue, state=state, detail="", events=events)


class Resumed:
    """A desk that began at BEGAN, and knows what was told four seconds before."""

    def __init__(self, kind: type) -> None:
        self.desk = desk_of(kind, size=(140, 30))
        self.apply(
            Journal(version=1, source="live", started=BEGAN - 100_000, mode="live"), *told(BEGAN - 4_000, *ASSETS)
        )
        self.apply(*(status(BEGAN, venue) for venue in ASSETS))

    def apply(self, *events: object) -> None:
        self.desk.model.apply(events)

    def dim(self, now: int, seq: int = 1) -> set[str]:
        """The assets whose rows are dim at a time (ms)."""
        hub = HubStatus(version="0", started=BEGAN, screens=1)
        pulse = Pulse(ts=now, seq=seq, mode="live", hub=hub)
        self.apply(pulse)
        self.desk.status.beat(pulse)
        for _ in range(2):
            self.desk.frame(now)
        rows = [self.desk.canvas.row(y) for y in range(1, 29)]
        found = {asset: [row for row in rows if asset in "".join(text for text, _ in row)] for asset in ASSETS.values()}
        assert all(found.values())
        return {asset for asset, its in found.items() if any("stale" in style for row in its for _, style in row)}


PANELS = pytest.mark.parametrize("kind", [Prices, FundingPanel, OpenInterestPanel], ids=lambda kind: kind.name)


@PANELS
def test_a_figure_is_dim_until_it_is_told_anew_or_its_feed_is_heard(kind: type) -> None:
    resumed = Resumed(kind)
    assert resumed.dim(BEGAN + 1 * SECOND) == {"BTC", "ETH"}
    resumed.apply(status(BEGAN + 1_500, "binance", "live", 3), *told(BEGAN + 1_400, "binance"))
    assert resumed.dim(BEGAN + 2 * SECOND) == {"ETH"}
    resumed.apply(status(BEGAN + 2_500, "okx", "live"))
    assert resumed.dim(BEGAN + 3 * SECOND) == set()


@PANELS
def test_a_feed_that_fails_at_once_leaves_what_it_told_before_dim(kind: type) -> None:
    resumed = Resumed(kind)
    resumed.apply(status(BEGAN + 1_500, "binance", "live", 3), *told(BEGAN + 1_400, "binance"))
    resumed.apply(status(BEGAN + 1_500, "okx", "down"))
    assert resumed.dim(BEGAN + 2 * SECOND) == {"ETH"}


@PANELS
def test_a_feed_that_breaks_later_dims_nothing_before_its_age_does(kind: type) -> None:
    resumed = Resumed(kind)
    for venue in ASSETS:
        resumed.apply(status(BEGAN + 1_500, venue, "live", 3), *told(BEGAN + 1_400, venue))
    assert resumed.dim(BEGAN + 2 * SECOND) == set()
    resumed.apply(status(BEGAN + 2_500, "okx", "reconnecting", 3))
    assert resumed.dim(BEGAN + 3 * SECOND) == set()


def test_the_rule_is_over_once_nothing_is_drawn() -> None:
    assert not is_stale("prices", 5_000)
    with remembering(4_000):
        assert is_stale("prices", 4_000) and not is_stale("prices", 3_999) and not is_stale("prices", None)
    assert not is_stale("prices", 5_000)
    assert not Row("x", {}, age_ms=1.0).stale
