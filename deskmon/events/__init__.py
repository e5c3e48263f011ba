"""The vocabulary: everything that can happen to a desk, as frozen structs.

An invalid event can't exist: each struct checks itself when it is made, by a feed or by a decoder,
and raises ValueError (msgspec.ValidationError when decoding) that names the field.
Times are integer ms UTC, prices and amounts positive numbers below 1e18, `usd` notional in US dollars.
Tags and fields are those of the journal; `reset`, `checkpoint` and `pulse` travel between hub and screen only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from deskmon.events.alerts import MOST_LEGS, SCENARIO, Alert, AlertMark, AlertState, LegReading, Severity
from deskmon.events.base import Event, VenueEvent
from deskmon.events.checks import LIMIT, MAX_NAME, MAX_TEXT, MAX_TS, MIN_TS
from deskmon.events.context import CalendarEntry, EtfFlow, Headline, Holding, HoldingTrade, Metric
from deskmon.events.desk import (
    FeedState,
    FeedStatus,
    Gap,
    Level,
    LevelKind,
    LevelStatus,
    Note,
    PinnedLevel,
    Wave,
    WaveState,
)
from deskmon.events.encoded import Encoded, encode_event
from deskmon.events.lenient import event_of
from deskmon.events.market import (
    Book,
    Candle,
    DayValue,
    DepthSample,
    Funding,
    Liquidation,
    LiquidationDay,
    OpenInterest,
    PositionSide,
    PriceLevel,
    Side,
    Ticker,
    Trade,
)
from deskmon.events.option_quotes import Option, VolatilityIndex
from deskmon.events.stream import (
    MAX_PACE,
    Checkpoint,
    HubStatus,
    Journal,
    JournalFiles,
    Mode,
    Pulse,
    Reset,
    Source,
)

__all__ = [
    "LEDGER",
    "LIMIT",
    "MAX_NAME",
    "MAX_PACE",
    "MAX_TEXT",
    "MAX_TS",
    "MIN_TS",
    "MOST_LEGS",
    "SCENARIO",
    "Alert",
    "AlertMark",
    "AlertState",
    "Book",
    "CalendarEntry",
    "Candle",
    "Checkpoint",
    "DayValue",
    "DepthSample",
    "Encoded",
    "EtfFlow",
    "Event",
    "FeedEvent",
    "FeedState",
    "FeedStatus",
    "Funding",
    "Gap",
    "Headline",
    "Holding",
    "HoldingTrade",
    "HubStatus",
    "Journal",
    "JournalFiles",
    "LegReading",
    "Level",
    "LevelKind",
    "LevelStatus",
    "Liquidation",
    "LiquidationDay",
    "MarketEvent",
    "Metric",
    "Mode",
    "Note",
    "OpenInterest",
    "Option",
    "PinnedLevel",
    "PositionSide",
    "PriceLevel",
    "Pulse",
    "Reset",
    "Severity",
    "Side",
    "Source",
    "StreamEvent",
    "Ticker",
    "Trade",
    "VenueEvent",
    "VolatilityIndex",
    "Wave",
    "WaveState",
    "decode_batch",
    "decode_event",
    "decode_market_event",
    "encode_event",
    "event_of",
    "state_key",
]

FeedEvent = (
    Ticker | Candle | Trade | Liquidation | Funding | OpenInterest | Book | Option | VolatilityIndex | EtfFlow
    | Holding | HoldingTrade | Metric | Headline | CalendarEntry | Gap | FeedStatus | Wave | Level | DepthSample
    | DayValue | LiquidationDay
)  # fmt: skip
"""What a feed may emit: pins are the operator's, notes the traders', alerts the hub's."""

MarketEvent = FeedEvent | PinnedLevel | Note | Alert
"""What a journal holds after its first line."""

StreamEvent = MarketEvent | Journal | Reset | Checkpoint | Pulse
"""What travels from hub to screen."""

LEDGER = frozenset(
    {
        Trade, Liquidation, EtfFlow, Holding, HoldingTrade, Headline, CalendarEntry, Gap, Wave, Level, PinnedLevel,
        Note, Alert, DepthSample, DayValue, LiquidationDay, Journal, Reset, Checkpoint,
    }
)  # fmt: skip
"""Kinds whose every event counts: kept in order, never conflated."""


def state_key(event: Event) -> tuple[Any, ...]:
    """Key under which a state event replaces the older one; of the same key the newest wins.

    The minute of `ts` belongs to the key of a ticker, open interest, an index or a metric, so that conflation keeps the
    last value of every minute and with it the model's series; of settled funding every rate is kept.
    """
    kind = type(event)
    if kind is Ticker or kind is OpenInterest:
        return (kind, event.venue, event.symbol, event.ts // 60_000)  # type: ignore[attr-defined]
    if kind is Funding:
        settled = event.ts if event.kind == "settled" else 0  # type: ignore[attr-defined]
        return (kind, event.venue, event.symbol, event.kind, settled)  # type: ignore[attr-defined]
    if kind is Candle:
        return (kind, event.venue, event.symbol, event.timeframe, event.open_time)  # type: ignore[attr-defined]
    if kind is Option:
        series = (event.venue, event.underlying, event.quote_currency)  # type: ignore[attr-defined]
        return (kind, *series, event.expiry, event.strike, event.kind)  # type: ignore[attr-defined]
    if kind is Metric:
        return (kind, event.name, event.ts // 60_000)  # type: ignore[attr-defined]
    if kind is VolatilityIndex:
        return (kind, event.venue, event.name, event.underlying, event.ts // 60_000)  # type: ignore[attr-defined]
    if kind is FeedStatus:
        return (kind, event.feed)  # type: ignore[attr-defined]
    return (kind, getattr(event, "venue", ""), getattr(event, "symbol", ""))


decode_event: Callable[[bytes | str], MarketEvent | Journal]
"""bytes or str of one JSON object → event. Raises msgspec.DecodeError (ValidationError names the field)."""

decode_batch: Callable[[bytes | str], list[StreamEvent]]
"""bytes of a JSON array → list of events, as the hub sends them."""

decode_market_event: Callable[[bytes | str], MarketEvent]
"""The same as `decode_event`, which refuses a header."""

_DECODED: dict[str, Any] = {
    "decode_event": MarketEvent | Journal, "decode_batch": list[StreamEvent], "decode_market_event": MarketEvent,
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Make a decoder when it is asked for: a screen that starts would wait for it, and needs it later."""
    if name not in _DECODED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    decode = globals()[name] = msgspec.json.Decoder(_DECODED[name]).decode
    return decode
