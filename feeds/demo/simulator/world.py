"""What is traded in the simulated market, where, and at which scale: the figures of world.toml."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from dataclasses import dataclass

import msgspec

from deskmon.feeds.demo import data


@dataclass(frozen=True, slots=True)
class Asset:
    """One perpetual. Prices in USD; dollars are sums over all venues.

    beta: its return per market return; noise: its own volatility per √second in a calm market.
    depth: resting on one side within 1 %. interest: open. fuel: of that, what would be closed by force within 6 %.
    order: a typical forced close. day, week: log return of the last 24 h and of the six days before them.
    """

    name: str
    price: float
    tick: float
    beta: float
    noise: float
    depth: float
    interest: float
    fuel: float
    order: float
    activity: float
    day: float
    week: float

    @property
    def symbol(self) -> str:
        return f"{self.name}/USDT:USDT"


@dataclass(frozen=True, slots=True)
class Venue:
    """One exchange. Shares are of all venues; `reach` is how far its books go (fraction of the price).

    latency: fastest and slowest arrival (ms). funding_bias: added to its 8-hour rate.
    """

    name: str
    latency: tuple[int, int]
    trades: float
    forced: float
    interest: float
    depth: float
    reach: float
    half_spread: float
    funding_hours: int
    funding_bias: float
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """One asset on one venue, with the venue's shares among those that list the asset."""

    asset: int
    venue: int
    trades: float
    forced: float
    interest: float
    depth: float


class Fund(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fund of an asset; `usual`: its flow of a usual day, USD millions."""

    asset: str
    name: str
    usual: float


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A metric of the context around its `middle`."""

    name: str
    unit: str
    middle: float
    swing: float
    digits: int


class Cascade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A cascade of the week before: about so many dollars, this share of them longs."""

    hours_ago: float
    usd: float
    longs: float


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of world.toml."""

    start: int
    assets: tuple[Asset, ...]
    venues: tuple[Venue, ...]
    funds: tuple[Fund, ...]
    series: tuple[Series, ...]
    cascades: tuple[Cascade, ...]


WORLD = data.read("simulator", ("world.toml",), World)
START = WORLD.start
"""Desk time (ms) at which the demo begins to play."""
ASSETS, VENUES = WORLD.assets, WORLD.venues


def _pairs() -> tuple[Pair, ...]:
    pairs = []
    for a, asset in enumerate(ASSETS):
        listing = [(v, venue) for v, venue in enumerate(VENUES) if asset.name in venue.assets]
        totals = [
            sum(getattr(venue, kind) for _, venue in listing) for kind in ("trades", "forced", "interest", "depth")
        ]
        for v, venue in listing:
            shares = (venue.trades, venue.forced, venue.interest, venue.depth)
            pairs.append(Pair(a, v, *(share / total for share, total in zip(shares, totals, strict=True))))
    return tuple(pairs)


PAIRS = _pairs()
PAIRS_OF = tuple(tuple(p for p, pair in enumerate(PAIRS) if pair.asset == a) for a in range(len(ASSETS)))
"""Indices of each asset's pairs."""
