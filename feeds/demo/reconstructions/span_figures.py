"""What the file of a market holds that is made span by span."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from deskmon.feeds.demo.reconstructions.chain_figures import ChainFigures
from deskmon.feeds.demo.reconstructions.figures import Fall, Sides, Surroundings
from deskmon.feeds.demo.reconstructions.orders import Wave
from deskmon.feeds.demo.reconstructions.prices import Knot


class Span(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Liquidations after `since` up to `until` (ms), USD millions: of all venues, and of those whose own were
    published. Most of the longs' are closed in its `falls`."""

    since: int
    until: int
    long: float
    short: float
    exactly: Mapping[str, Sides] = {}
    falls: list[Fall] = []


class Depth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """USD within 1 % on one side of all venues while calm; `over` time as a multiple of it."""

    usd: float
    over: list[Knot]


class SpanFigures(Surroundings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """history, path: BTC's prices until the second begins, and from then on. ties: prices that others pass through.
    daily: those of whom daily candles are known from the first day of the `history` on; others since `daily_since`.
    venue_shares, asset_shares: weights of what was liquidated where nothing was published."""

    history: list[Knot]
    path: list[Knot]
    ties: Mapping[str, list[Knot]] = {}
    daily: list[str]
    daily_since: int
    noise: float
    venue_shares: Mapping[str, float]
    asset_shares: Mapping[str, float]
    spans: list[Span]
    depth: Mapping[str, Depth]
    books_since: int
    holdings_at: int
    chain: ChainFigures | None = None

    @property
    def falls(self) -> list[Fall]:
        """All of them, in order."""
        return [fall for span in self.spans for fall in span.falls]

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The cascades from start to end."""
        return tuple(fall.wave for fall in self.falls if fall.onset >= self.start)
