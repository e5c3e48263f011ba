"""Figures of prices. Units as in `figures`."""

from __future__ import annotations

from deskmon.model.figure import Figure
from deskmon.model.since import Since


class VenuePrice(Figure):
    """`contract` is the venue's own name where it trades many coins as one; prices are of one coin. `age_ms` is the age
    of `last`; mark and index come by ways of their own, and have ages of their own. `premium` is mark / index − 1."""

    last: float
    bid: float | None
    ask: float | None
    mark: float | None
    index: float | None
    age_ms: int
    contract: str | None
    mark_age_ms: int | None
    index_age_ms: int | None
    premium: float | None
    premium_since: Since | None


class ReturnFigure(Figure):
    """Percent to the last price from the one so many days before, and how that stands among the returns over as many
    days up to each earlier daily close."""

    change_pct: float | None
    since: Since | None


class PeakFigure(Figure):
    """The highest price that the desk knows of, by daily candles, and the day (ms) on which it was; `drawdown_pct` of
    the last price from it, `since` that of the drawdown among those of earlier daily closes from the highest until
    then."""

    price: float
    ts: int
    drawdown_pct: float
    since: Since


class PriceFigure(Figure):
    """`last` is the reference venue's; `change_pct` by window `1h 24h 7d`; `drawdown_pct` from the 24 h high;
    `returns` by `1d 7d 30d week`, the last since Monday 00:00 UTC; `peak`: the highest price of the history that is
    held, None without one."""

    last: float
    venue: str
    age_ms: int
    change_pct: dict[str, float | None]
    high_24h: float | None
    low_24h: float | None
    drawdown_pct: float | None
    returns: dict[str, ReturnFigure]
    peak: PeakFigure | None
    venues: dict[str, VenuePrice]
