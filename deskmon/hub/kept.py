"""What the desk remembers of its stream: of each kind of event the series it belongs to, and how long it is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from deskmon.clock import DAY, HOUR, MINUTE
from deskmon.events import (
    CalendarEntry,
    Candle,
    DayValue,
    DepthSample,
    EtfFlow,
    Event,
    Funding,
    Headline,
    Holding,
    HoldingTrade,
    LiquidationDay,
    Metric,
    OpenInterest,
    VolatilityIndex,
    Wave,
)
from deskmon.model.since import DAYS_HELD

CANDLES = {"1h": HOUR, "1d": DAY}
"""Timeframes of which closed candles are kept → their length (ms)."""

DEPTH_KEPT = 30 * DAY
"""Depth is kept no longer by the ten minutes than its baseline looks back (ms): there is much of it."""
YEARS = DAYS_HELD * DAY
"""How long what is compared by the day is kept (ms)."""
LATELY = 32 * DAY
"""How long what is compared by the hour is kept (ms)."""
TOLD = 7 * DAY
"""How long headlines and dates are kept (ms)."""

KEPT = {
    "depth_sample": DEPTH_KEPT, "candle 1h": 5_000 * HOUR, "candle 1d": YEARS, "metric": LATELY, "metric 1d": YEARS,
    "volatility_index": LATELY, "volatility_index 1d": YEARS, "etf_flow": YEARS, "holding": YEARS,
    "holding_trade": YEARS, "headline": TOLD, "calendar": TOLD, "liquidation_day": YEARS, "day_value": YEARS,
    "wave": YEARS,
}  # fmt: skip
"""Series that are kept for a time of their own (ms), by kind; others as long as `days` in [history] says."""

Key = tuple[str, str, str]
"""Kind (the journal's tag; where several of its kind are kept with their timeframe), whose it is, and of what."""
Place = tuple[Key, int]
"""A series and the slot's start (ms): the newest event of a slot is kept."""


class Kind(NamedTuple):
    """Whose an event is and of what; and by what it is kept: pairs of a suffix of the kind and a slot (ms)."""

    names: Callable[[Any], tuple[str, str]]
    slots: tuple[tuple[str, int], ...]


_OF_VENUE: Callable[[Any], tuple[str, str]] = lambda event: (event.venue, event.symbol)  # noqa: E731
_BOTH = (("", HOUR), ("1d", DAY))

KINDS: dict[type[Event], Kind] = {
    OpenInterest: Kind(_OF_VENUE, (("", HOUR),)),
    Funding: Kind(_OF_VENUE, (("", 1),)),
    DepthSample: Kind(lambda event: ("", event.symbol), (("", 10 * MINUTE),)),
    Candle: Kind(_OF_VENUE, ()),
    Metric: Kind(lambda event: ("", event.name), _BOTH),
    VolatilityIndex: Kind(lambda event: (event.venue, f"{event.name} {event.underlying}"), _BOTH),
    EtfFlow: Kind(lambda event: (f"{event.fund} {event.status or ''}".strip(), event.asset), ()),
    Holding: Kind(lambda event: (event.entity, event.asset), (("", DAY),)),
    HoldingTrade: Kind(lambda event: (event.entity, event.asset), (("", 1),)),
    Headline: Kind(lambda event: (event.source or "", event.text), (("", MINUTE),)),
    CalendarEntry: Kind(lambda event: (event.source or "", event.uid or f"{event.time} {event.text}"), ()),
    LiquidationDay: Kind(lambda event: ("", event.asset or ""), ()),
    DayValue: Kind(lambda event: ("", event.figure), (("", DAY),)),
    Wave: Kind(lambda event: ("", event.group), ()),
}
"""Kinds that are kept. Those without a slot have one that `_own_slot` knows."""


def places(event: Event) -> list[Place]:
    """The series and slots that `event` belongs to; none of one that isn't kept."""
    kind = KINDS.get(type(event))
    if kind is None or (isinstance(event, Funding) and event.kind != "settled"):
        return []
    tag, (owner, of) = str(type(event).__struct_config__.tag), kind.names(event)
    if kind.slots:
        return [((f"{tag} {suffix}".strip(), owner, of), event.ts - event.ts % slot) for suffix, slot in kind.slots]
    suffix, start = _own_slot(event)
    return [] if start is None else [((f"{tag} {suffix}".strip(), owner, of), start)]


def _own_slot(event: Event) -> tuple[str, int | None]:
    """Suffix of the kind, and the start (ms) of the slot; None of one that isn't kept."""
    match event:
        case Candle():
            length = CANDLES.get(event.timeframe)
            closed = length is not None and event.ts >= event.open_time + length
            return event.timeframe, event.open_time if closed else None
        case EtfFlow() | LiquidationDay():
            return "", (date.fromisoformat(event.date).toordinal() - date(1970, 1, 1).toordinal()) * DAY
        case Wave():
            return "", event.start if event.state == "over" else None
        case _:
            return "", 0
