"""What levels are made of and what they are: plain values, without numpy, for who shows what another process found."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["holding", "testing", "broken", "reclaimed", "flipped"]


class Outside(NamedTuple):
    """Prices from elsewhere, each with its share (0 to 1) of the heaviest of its kind: option strikes by open interest,
    walls of the book, prices where positions were liquidated; cost bases by name."""

    strikes: tuple[tuple[float, float], ...] = ()
    walls: tuple[tuple[float, float], ...] = ()
    liquidations: tuple[tuple[float, float], ...] = ()
    cost_bases: tuple[tuple[str, float], ...] = ()


class Zone(NamedTuple):
    """A zone. price: its founder's; low, high: of the sources that stay where they are, if it has such; tolerance: in
    dollars; born: since when (ms) the oldest source is known; grown: (ms, low, high) from each time it grew, by what
    moves until there is a source that stays; pinned: one of its sources is the operator's, and `label` what that says;
    named: one of them is `named`; past: its score on each of the days that were asked for, of the sources that can
    found a zone."""

    id: str
    price: float
    low: float
    high: float
    tolerance: float
    score: float
    sources: tuple[str, ...]
    born: int
    grown: tuple[tuple[int, float, float], ...]
    label: str
    pinned: bool
    named: bool
    past: tuple[float, ...]


class StatusChange(NamedTuple):
    """A change of status at the close of a candle: its end (ms) and price; above: where the price stood then."""

    time: int
    status: Status
    before: Status
    close: float
    above: bool


class ZoneStanding(NamedTuple):
    """How a zone stands after all closes. away: the price has been far from it since it last crossed or tested it, so
    that coming near is a test."""

    status: Status
    since: int
    above: bool
    away: bool
    changes: tuple[StatusChange, ...]


class RatedZone(NamedTuple):
    """A zone and how it stands."""

    zone: Zone
    standing: ZoneStanding


class Map(NamedTuple):
    """The levels, the lowest price first. tolerance: as a fraction of price; atr: ATR14 of days, in dollars;
    realised: volatility of a day in percent; None where too little is held. outside: what they were found with."""

    levels: tuple[RatedZone, ...]
    tolerance: float
    atr: float | None
    realised: float | None
    outside: Outside


def through(price: float, low: float, high: float, tolerance: float, above: bool) -> bool:
    """Whether a close at `price` would turn the zone [low, high], which stands below the price where `above`."""
    return price < low - tolerance / 2 if above else price > high + tolerance / 2
