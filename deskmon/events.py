"""The vocabulary: everything that can happen to a desk, as frozen structs.

An invalid event can't exist: each struct checks itself when it is made, by a feed or by a decoder,
and raises ValueError (msgspec.ValidationError when decoding) that names the field.
Times are integer ms UTC, prices and amounts positive numbers below 1e18, `usd` notional in US dollars.
Tags and fields are those of the journal; `reset`, `checkpoint` and `pulse` travel between hub and screen only.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, get_args

import msgspec

LIMIT = 1e18
"""Below it stands every price, amount and sum: beyond, a unit must be wrong, and no product of two overflows."""

MIN_TS = 946_684_800_000  # 2000-01-01: anything earlier is seconds mistaken for ms, or a zero
MAX_TS = 4_102_444_800_000  # 2100-01-01
MAX_NAME = 64
MAX_TEXT = 2_000

Side = Literal["buy", "sell"]
PositionSide = Literal["long", "short"]
FeedState = Literal["connecting", "live", "stale", "reconnecting", "down", "removed"]
"""`removed`: the feed left the configuration, and nobody shows it any more."""
WaveState = Literal["building", "cresting", "fading", "over"]
LevelKind = Literal["support", "resistance"]
LevelStatus = Literal["holding", "testing", "broken", "reclaimed", "flipped"]
Source = Literal["live", "recorded", "reconstructed", "simulated", "imported"]
Mode = Literal["live", "replay", "demo"]

_known_names: set[str] = set()


def _name(field: str, value: str) -> None:
    if value in _known_names:
        return
    if not value or len(value) > MAX_NAME or not value.isprintable():
        raise ValueError(f"{field}: {value[:80]!r} is not a name of 1 to {MAX_NAME} printable characters")
    if len(_known_names) > 50_000:
        _known_names.clear()
    _known_names.add(value)


def _positive(**values: float | None) -> None:
    for field, value in values.items():
        if value is not None and not 0 < value < LIMIT:
            raise ValueError(f"{field}: {value!r} is not a positive number below 1e18")


def _not_negative(**values: float | None) -> None:
    for field, value in values.items():
        if value is not None and not 0 <= value < LIMIT:
            raise ValueError(f"{field}: {value!r} is not a number from 0 to 1e18")


def _finite(**values: float | None) -> None:
    for field, value in values.items():
        if value is not None and not -LIMIT < value < LIMIT:
            raise ValueError(f"{field}: {value!r} is not a number within 1e18 of 0")


def _member(field: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{field}: {value!r} is none of {', '.join(allowed)}")


def _text(field: str, value: str | None) -> None:
    if value is not None and len(value) > MAX_TEXT:
        raise ValueError(f"{field}: longer than {MAX_TEXT} characters")


def _date(field: str, value: str) -> None:
    """The form that sorts by time, and no other of ISO 8601."""
    try:
        known = len(value) == 10 and date.fromisoformat(value).isoformat() == value
    except ValueError:
        known = False
    if not known:
        raise ValueError(f"{field}: {value[:80]!r} is not a date as in 2025-11-21")


class Event(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    gc=False,
    omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="type",
):
    """Base of all: `ts` the venue's clock, `recv` ours, both ms UTC."""

    ts: int
    recv: int | None = None

    def __post_init__(self) -> None:
        recv = self.recv
        if not MIN_TS <= self.ts <= MAX_TS:
            raise ValueError(f"ts: {self.ts!r} is not a time in ms between 2000 and 2100")
        if recv is not None and not MIN_TS <= recv <= MAX_TS:
            raise ValueError(f"recv: {recv!r} is not a time in ms between 2000 and 2100")

    @property
    def arrival(self) -> int:
        """When the desk knew of it: `recv`, else `ts` (ms)."""
        return self.ts if self.recv is None else self.recv


class VenueEvent(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An event of one symbol on one venue."""

    venue: str
    symbol: str

    def __post_init__(self) -> None:
        recv = self.recv
        if not MIN_TS <= self.ts <= MAX_TS or (recv is not None and not MIN_TS <= recv <= MAX_TS):
            Event.__post_init__(self)
        if self.venue not in _known_names:
            _name("venue", self.venue)
        if self.symbol not in _known_names:
            _name("symbol", self.symbol)


class Ticker(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="ticker"):
    """The newest prices of a symbol. A field that is absent is unchanged, or unknown if never given."""

    last: float
    bid: float | None = None
    ask: float | None = None
    mark: float | None = None
    index: float | None = None
    open_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    volume_24h: float | None = None
    quote_volume_24h: float | None = None

    def __post_init__(self) -> None:
        VenueEvent.__post_init__(self)
        bid, ask, mark, index = self.bid, self.ask, self.mark, self.index
        if not (
            0 < self.last < LIMIT
            and (bid is None or 0 < bid < LIMIT)
            and (ask is None or 0 < ask < LIMIT)
            and (mark is None or 0 < mark < LIMIT)
            and (index is None or 0 < index < LIMIT)
        ):
            _positive(last=self.last, bid=bid, ask=ask, mark=mark, index=index)
        if self.open_24h is not None or self.high_24h is not None or self.low_24h is not None:
            _positive(open_24h=self.open_24h, high_24h=self.high_24h, low_24h=self.low_24h)
        if self.volume_24h is not None or self.quote_volume_24h is not None:
            _not_negative(volume_24h=self.volume_24h, quote_volume_24h=self.quote_volume_24h)


class Candle(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="candle"):
    """Open, high, low, close and base volume from `open_time` (ms) on for one `timeframe`."""

    timeframe: str
    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float

    def __post_init__(self) -> None:
        VenueEvent.__post_init__(self)
        _name("timeframe", self.timeframe)
        if not MIN_TS <= self.open_time <= MAX_TS:
            raise ValueError(f"open_time: {self.open_time!r} is not a time in ms between 2000 and 2100")
        _positive(open=self.open, high=self.high, low=self.low, close=self.close)
        _not_negative(volume=self.volume)


class Trade(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="trade"):
    """A public trade; `side` is the taker's, `amount` in base."""

    price: float
    amount: float
    side: Side
    id: str | None = None

    def __post_init__(self) -> None:
        VenueEvent.__post_init__(self)
        if not (0 < self.price < LIMIT and 0 < self.amount < LIMIT):
            _positive(price=self.price, amount=self.amount)
        if self.side != "buy" and self.side != "sell":
            _member("side", self.side, ("buy", "sell"))


class Liquidation(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="liquidation"):
    """A forced close; `side` is the position that was closed, `usd` its notional."""

    side: PositionSide
    price: float
    amount: float
    usd: float
    id: str | None = None

    def __post_init__(self) -> None:
        VenueEvent.__post_init__(self)
        if not (0 < self.price < LIMIT and 0 < self.amount < LIMIT and 0 < self.usd < LIMIT):
            _positive(price=self.price, amount=self.amount, usd=self.usd)
        if self.side != "long" and self.side != "short":
            _member("side", self.side, ("long", "short"))


class Funding(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="funding"):
    """Funding rate per the symbol's own interval, as a fraction."""

    rate: float
    interval_hours: float
    next_ts: int | None = None
    kind: Literal["predicted", "settled"] = "predicted"

    def __post_init__(self) -> None:
        VenueEvent.__post_init__(self)
        _finite(rate=self.rate)
        _positive(interval_hours=self.interval_hours)
        _member("kind", self.kind, ("predicted", "settled"))
        if self.next_ts is not None and not MIN_TS <= self.next_ts <= MAX_TS:
            raise ValueError(f"next_ts: {self.next_ts!r} is not a time in ms between 2000 and 2100")


class OpenInterest(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="open_interest"):
    """Open contracts in base coins and in US dollars."""

    amount: float
    usd: float

    def __post_init__(self) -> None:
        VenueEvent.__post_init__(self)
        if not (0 <= self.amount < LIMIT and 0 <= self.usd < LIMIT):
            _not_negative(amount=self.amount, usd=self.usd)


PriceLevel = tuple[float, float]
"""(price, amount in base)"""


class Book(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="book"):
    """An order book, best first on both sides."""

    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    nonce: int | None = None

    def __post_init__(self) -> None:
        VenueEvent.__post_init__(self)
        above = LIMIT
        for price, amount in self.bids:
            if not (0 < price < above and 0 <= amount < LIMIT):
                raise ValueError(f"bids: level {price!r}, {amount!r} is out of order or not positive and below 1e18")
            above = price
        below = 0.0
        for price, amount in self.asks:
            if not (below < price < LIMIT and 0 <= amount < LIMIT):
                raise ValueError(f"asks: level {price!r}, {amount!r} is out of order or not positive and below 1e18")
            below = price


class DepthSample(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="depth_sample"):
    """What stood at `ts` in all live books of a symbol together, both sides, in US dollars within bands around the
    middle or from the best price (`reference`), by percent: `{"0.1": 5.2e6, …}`. What a desk remembers of depth."""

    symbol: str
    reference: Literal["mid", "best"]
    bands: dict[str, float]

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("symbol", self.symbol)
        _member("reference", self.reference, ("mid", "best"))
        _not_negative(**self.bands)


class Option(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="option"):
    """One option's quote; implied volatilities in percent, `expiry` in ms, prices as the venue quotes them."""

    venue: str
    underlying: str
    expiry: int
    strike: float
    kind: Literal["call", "put"]
    underlying_price: float
    mark_iv: float | None = None
    bid_iv: float | None = None
    ask_iv: float | None = None
    bid: float | None = None
    ask: float | None = None
    mark: float | None = None
    open_interest: float | None = None
    volume_24h: float | None = None
    delta: float | None = None
    gamma: float | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("venue", self.venue)
        _name("underlying", self.underlying)
        _member("kind", self.kind, ("call", "put"))
        if not MIN_TS <= self.expiry <= MAX_TS:
            raise ValueError(f"expiry: {self.expiry!r} is not a time in ms between 2000 and 2100")
        _positive(strike=self.strike, underlying_price=self.underlying_price)
        _not_negative(
            mark_iv=self.mark_iv, bid_iv=self.bid_iv, ask_iv=self.ask_iv, bid=self.bid, ask=self.ask, mark=self.mark,
            open_interest=self.open_interest, volume_24h=self.volume_24h,
        )  # fmt: skip
        _finite(delta=self.delta, gamma=self.gamma)


class VolatilityIndex(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="volatility_index"):
    """A volatility index such as Deribit's DVOL, in percent."""

    venue: str
    name: str
    underlying: str
    value: float

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("venue", self.venue)
        _name("name", self.name)
        _name("underlying", self.underlying)
        _positive(value=self.value)


class EtfFlow(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="etf_flow"):
    """Net creation (+) or redemption (−) of one fund on one day, `date` as YYYY-MM-DD."""

    asset: str
    fund: str
    date: str
    usd: float
    aum_usd: float | None = None
    status: Literal["preliminary", "final"] | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("asset", self.asset)
        _name("fund", self.fund)
        _date("date", self.date)
        _finite(usd=self.usd)
        _not_negative(aum_usd=self.aum_usd)
        if self.status is not None:
            _member("status", self.status, ("preliminary", "final"))
        _text("source", self.source)


class Holding(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="holding"):
    """What an entity holds of an asset, and its average cost per unit."""

    entity: str
    asset: str
    amount: float
    average_cost: float
    note: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("entity", self.entity)
        _name("asset", self.asset)
        _not_negative(amount=self.amount, average_cost=self.average_cost)
        _text("note", self.note)


class HoldingTrade(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="holding_trade"):
    """A purchase (+) or sale (−) by an entity."""

    entity: str
    asset: str
    amount: float
    usd: float

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("entity", self.entity)
        _name("asset", self.asset)
        _finite(amount=self.amount, usd=self.usd)


class Metric(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="metric"):
    """One value of a named context series."""

    name: str
    value: float
    unit: str | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("name", self.name)
        _finite(value=self.value)
        _text("unit", self.unit)
        _text("source", self.source)


class Headline(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="headline"):
    """A line of news."""

    text: str
    source: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        if not self.text.strip():
            raise ValueError("text: says nothing")
        _text("text", self.text)
        _text("source", self.source)
        _text("url", self.url)


class Gap(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="gap"):
    """A stretch of a feed's channel that the desk missed: from `since` to `until` (ms), `dropped` events if counted."""

    feed: str
    venue: str
    channel: str
    since: int
    until: int
    dropped: int

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("feed", self.feed)
        _name("venue", self.venue)
        _name("channel", self.channel)
        if not MIN_TS <= self.since <= self.until <= MAX_TS:
            raise ValueError(f"since: {self.since!r} to {self.until!r} is not a stretch of time in ms")
        _not_negative(dropped=self.dropped)


class Wave(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="wave"):
    """A liquidation wave as it stood at `ts`, when its state changed: said by a hub, found anew by whoever replays.

    `start`, `peak`, `end` in ms, `by_venue` and `by_symbol` in US dollars, the rest as in `figures.WaveFigure`.
    """

    id: int
    group: str
    state: WaveState
    start: int
    peak: int
    usd: float
    long_usd: float
    short_usd: float
    count: int
    peak_usd_per_min: float
    lead: str
    by_venue: dict[str, float]
    by_symbol: dict[str, float]
    lower_bound: bool
    end: int | None = None
    price_move_pct: float | None = None
    open_interest_change_pct: float | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _member("state", self.state, ("building", "cresting", "fading", "over"))
        _name("group", self.group)
        _name("lead", self.lead)
        for time in (self.start, self.peak, self.end):
            if time is not None and not MIN_TS <= time <= MAX_TS:
                raise ValueError(f"start, peak, end: {time!r} is not a time in ms between 2000 and 2100")
        _not_negative(usd=self.usd, long_usd=self.long_usd, short_usd=self.short_usd, count=self.count)
        _not_negative(peak_usd_per_min=self.peak_usd_per_min)
        _finite(price_move_pct=self.price_move_pct, open_interest_change_pct=self.open_interest_change_pct)


class Level(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="level"):
    """A support or resistance zone changed its status with the `close` of a candle of `timeframe` that ended at `ts`:
    said by a hub, found anew by whoever replays.

    `id` names the zone of a symbol, `price` is its own, [`low`, `high`] its edges; more in `figures.LevelFigure`.
    """

    symbol: str
    id: str
    price: float
    low: float
    high: float
    kind: LevelKind
    status: LevelStatus
    before: LevelStatus
    close: float
    timeframe: str
    score: float
    sources: tuple[str, ...] = ()
    label: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("symbol", self.symbol)
        _name("timeframe", self.timeframe)
        _member("kind", self.kind, get_args(LevelKind))
        _member("status", self.status, get_args(LevelStatus))
        _member("before", self.before, get_args(LevelStatus))
        _positive(price=self.price, low=self.low, high=self.high, close=self.close)
        _not_negative(score=self.score)
        for text in (self.id, self.label, *self.sources):
            _text("id, label, sources", text)


class FeedStatus(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="feed_status"):
    """What a feed says of itself. Counters run from the feed's start; `lag_ms` is recv − ts of its newest events."""

    feed: str
    state: FeedState
    detail: str
    venue: str | None = None
    last_event: int | None = None
    events: int = 0
    dropped: int = 0
    rejected: int = 0
    reconnects: int = 0
    lag_ms: float | None = None
    channels: dict[str, str] | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _name("feed", self.feed)
        _member("state", self.state, ("connecting", "live", "stale", "reconnecting", "down", "removed"))
        _text("detail", self.detail)
        _finite(lag_ms=self.lag_ms)


class Journal(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="journal"):
    """First line of a journal and first event of every stream: what this market is, and since when it was heard."""

    version: int
    source: Source
    ts: int = MIN_TS
    note: str = ""
    started: int = MIN_TS
    mode: Mode | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        _member("source", self.source, ("live", "recorded", "reconstructed", "simulated", "imported"))
        if not MIN_TS <= self.started <= MAX_TS:
            raise ValueError(f"started: {self.started!r} is not a time in ms between 2000 and 2100")
        _text("note", self.note)


class Reset(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="reset"):
    """Forget everything: a snapshot follows."""


class Checkpoint(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="checkpoint"):
    """One part of a model, whole, as that part wrote it."""

    part: str
    data: Any


class Pulse(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="pulse"):
    """The hub's heartbeat: `ts` is the desk clock, `loop_lag_ms` the hub's worst loop delay since the last pulse."""

    seq: int
    mode: Mode
    speed: float = 1.0
    paused: bool = False
    loop_lag_ms: float = 0.0


MarketEvent = (
    Ticker | Candle | Trade | Liquidation | Funding | OpenInterest | Book | Option | VolatilityIndex | EtfFlow
    | Holding | HoldingTrade | Metric | Headline | Gap | FeedStatus | Wave | Level | DepthSample
)  # fmt: skip
"""What a journal holds after its first line."""

StreamEvent = MarketEvent | Journal | Reset | Checkpoint | Pulse
"""What travels from hub to screen."""

LEDGER = frozenset(
    {
        Trade, Liquidation, EtfFlow, Holding, HoldingTrade, Headline, Gap, Wave, Level, DepthSample, Journal, Reset,
        Checkpoint,
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
        return (kind, event.venue, event.underlying, event.expiry, event.strike, event.kind)  # type: ignore[attr-defined]
    if kind is Metric:
        return (kind, event.name, event.ts // 60_000)  # type: ignore[attr-defined]
    if kind is VolatilityIndex:
        return (kind, event.venue, event.name, event.underlying, event.ts // 60_000)  # type: ignore[attr-defined]
    if kind is FeedStatus:
        return (kind, event.feed)  # type: ignore[attr-defined]
    return (kind, getattr(event, "venue", ""), getattr(event, "symbol", ""))


decode_event = msgspec.json.Decoder(MarketEvent | Journal).decode
"""bytes or str of one JSON object → event. Raises msgspec.DecodeError (ValidationError names the field)."""

decode_batch = msgspec.json.Decoder(list[StreamEvent]).decode
"""bytes of a JSON array → list of events, as the hub sends them."""

encode_event = msgspec.json.Encoder().encode
"""event → bytes of one JSON object; absent and default fields are left out."""
