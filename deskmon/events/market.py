"""What venues tell of a market: prices, trades, liquidations, funding, open interest, books."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Literal

from msgspec.structs import force_setattr

from deskmon.events import checks
from deskmon.events.base import Event, VenueEvent
from deskmon.events.checks import LIMIT, MAX_TS, MIN_TS, are_times, known_names

Side = Literal["buy", "sell"]
PositionSide = Literal["long", "short"]


class Ticker(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="ticker"):
    """The newest prices of a symbol. A field that is absent is unchanged, or unknown if never given. `contract` is the
    venue's own name where it trades many coins as one (`1000PEPEUSDT`); all figures are of one coin."""

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
    contract: str | None = None

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.symbol in known_names
            and 0.0 < self.last < LIMIT
            and ((bid := self.bid) is None or 0.0 < bid < LIMIT)
            and ((ask := self.ask) is None or 0.0 < ask < LIMIT)
            and ((mark := self.mark) is None or 0.0 < mark < LIMIT)
            and ((index := self.index) is None or 0.0 < index < LIMIT)
            and ((opened := self.open_24h) is None or 0.0 < opened < LIMIT)
            and ((high := self.high_24h) is None or 0.0 < high < LIMIT)
            and ((low := self.low_24h) is None or 0.0 < low < LIMIT)
            and ((volume := self.volume_24h) is None or 0.0 <= volume < LIMIT)
            and ((turnover := self.quote_volume_24h) is None or 0.0 <= turnover < LIMIT)
            and ((contract := self.contract) is None or contract in known_names)
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong."""
        VenueEvent.__post_init__(self)
        checks.positive(
            last=self.last, bid=self.bid, ask=self.ask, mark=self.mark, index=self.index, open_24h=self.open_24h,
            high_24h=self.high_24h, low_24h=self.low_24h,
        )  # fmt: skip
        checks.not_negative(volume_24h=self.volume_24h, quote_volume_24h=self.quote_volume_24h)
        if self.contract is not None:
            checks.name("contract", self.contract)

    def is_exact(self) -> bool:
        """Whether every field has the very type that it is declared with, so that its JSON is read back as it is."""
        return (
            _is_placed(self)
            and type(self.last) is float
            and type(self.bid) in _FLOAT_OR_NONE
            and type(self.ask) in _FLOAT_OR_NONE
            and type(self.mark) in _FLOAT_OR_NONE
            and type(self.index) in _FLOAT_OR_NONE
            and type(self.open_24h) in _FLOAT_OR_NONE
            and type(self.high_24h) in _FLOAT_OR_NONE
            and type(self.low_24h) in _FLOAT_OR_NONE
            and type(self.volume_24h) in _FLOAT_OR_NONE
            and type(self.quote_volume_24h) in _FLOAT_OR_NONE
            and type(self.contract) in _TEXT_OR_NONE
        )


class Candle(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="candle"):
    """Open, high, low, close and base volume from `open_time` (ms) on for one `timeframe`; a volume of which the unit
    isn't known is None."""

    timeframe: str
    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.symbol in known_names
            and self.timeframe in known_names
            and MIN_TS <= self.open_time <= MAX_TS
            and 0.0 < self.open < LIMIT
            and 0.0 < self.high < LIMIT
            and 0.0 < self.low < LIMIT
            and 0.0 < self.close < LIMIT
            and ((volume := self.volume) is None or 0.0 <= volume < LIMIT)
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong."""
        VenueEvent.__post_init__(self)
        checks.name("timeframe", self.timeframe)
        if not MIN_TS <= self.open_time <= MAX_TS:
            raise ValueError(f"open_time: {self.open_time!r} is not a time in ms between 2000 and 2100")
        checks.positive(open=self.open, high=self.high, low=self.low, close=self.close)
        checks.not_negative(volume=self.volume)


class Trade(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="trade"):
    """A public trade; `side` is the taker's, `amount` in base."""

    price: float
    amount: float
    side: Side
    id: str | None = None

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.symbol in known_names
            and 0.0 < self.price < LIMIT
            and 0.0 < self.amount < LIMIT
            and ((side := self.side) == "buy" or side == "sell")
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong."""
        VenueEvent.__post_init__(self)
        checks.positive(price=self.price, amount=self.amount)
        checks.member("side", self.side, ("buy", "sell"))

    def is_exact(self) -> bool:
        """Whether every field has the very type that it is declared with, so that its JSON is read back as it is."""
        return (
            _is_placed(self)
            and type(self.price) is type(self.amount) is float
            and type(self.side) is str
            and type(self.id) in _TEXT_OR_NONE
        )


class Liquidation(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="liquidation"):
    """A forced close; `side` is the position that was closed, `usd` its notional."""

    side: PositionSide
    price: float
    amount: float
    usd: float
    id: str | None = None

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.symbol in known_names
            and 0.0 < self.price < LIMIT
            and 0.0 < self.amount < LIMIT
            and 0.0 < self.usd < LIMIT
            and ((side := self.side) == "long" or side == "short")
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong."""
        VenueEvent.__post_init__(self)
        checks.positive(price=self.price, amount=self.amount, usd=self.usd)
        checks.member("side", self.side, ("long", "short"))


class Funding(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="funding"):
    """Funding rate per the symbol's own interval, as a fraction."""

    rate: float
    interval_hours: float
    next_ts: int | None = None
    kind: Literal["predicted", "settled"] = "predicted"

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.symbol in known_names
            and -LIMIT < self.rate < LIMIT
            and 0.0 < self.interval_hours < LIMIT
            and ((next_ts := self.next_ts) is None or MIN_TS <= next_ts <= MAX_TS)
            and ((kind := self.kind) == "predicted" or kind == "settled")
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong."""
        VenueEvent.__post_init__(self)
        checks.finite(rate=self.rate)
        checks.positive(interval_hours=self.interval_hours)
        checks.member("kind", self.kind, ("predicted", "settled"))
        if self.next_ts is not None and not MIN_TS <= self.next_ts <= MAX_TS:
            raise ValueError(f"next_ts: {self.next_ts!r} is not a time in ms between 2000 and 2100")


class OpenInterest(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="open_interest"):
    """Open contracts in base coins and in US dollars. `amount` is None where the venue counts dollars and no price was
    known."""

    amount: float | None = None
    usd: float

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.symbol in known_names
            and ((amount := self.amount) is None or 0.0 <= amount < LIMIT)
            and 0.0 <= self.usd < LIMIT
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong."""
        VenueEvent.__post_init__(self)
        checks.not_negative(amount=self.amount, usd=self.usd)


PriceLevel = tuple[float, float]
"""(price, amount in base)"""


class Book(VenueEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="book"):
    """An order book, best first on both sides. Levels of amount 0, which venues send for orders that left, are left
    out when the book is made."""

    bids: tuple[PriceLevel, ...]
    asks: tuple[PriceLevel, ...]
    nonce: int | None = None

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.symbol in known_names
        ):
            VenueEvent.__post_init__(self)
        above, below = limit, _ = LIMIT, 0.0
        for price, amount in self.bids:
            if price < above and amount > 0.0 and amount < limit:  # in less time than 0 < amount < limit takes
                above = price
            else:
                break
        else:
            for price, amount in self.asks:
                if price > below and amount > 0.0 and amount < limit:
                    below = price
                else:
                    break
            else:
                if above > 0.0 and below < limit:
                    return
        self._check()

    def _check(self) -> None:
        """The same level by level, without those of amount 0. Raises ValueError that names the one that is wrong."""
        above, below, empty = LIMIT, 0.0, False
        for price, amount in self.bids:
            if not (0.0 < price < above and 0.0 < amount < LIMIT):
                if amount != 0 or not 0 < price < above:
                    raise ValueError(
                        f"bids: level {price!r}, {amount!r} is out of order or no positive number below 1e18"
                    )
                empty = True
            above = price
        for price, amount in self.asks:
            if not (below < price < LIMIT and 0.0 < amount < LIMIT):
                if amount != 0 or not below < price < LIMIT:
                    raise ValueError(
                        f"asks: level {price!r}, {amount!r} is out of order or no positive number below 1e18"
                    )
                empty = True
            below = price
        if empty:
            force_setattr(self, "bids", tuple(level for level in self.bids if level[1]))
            force_setattr(self, "asks", tuple(level for level in self.asks if level[1]))

    def is_exact(self) -> bool:
        """Whether every field has the very type that it is declared with, so that its JSON is read back as it is."""
        return (
            _is_placed(self) and type(self.nonce) in _INT_OR_NONE and _are_levels(self.bids) and _are_levels(self.asks)
        )


_NONE = type(None)
_INT_OR_NONE, _FLOAT_OR_NONE, _TEXT_OR_NONE = (int, _NONE), (float, _NONE), (str, _NONE)


def _is_placed(event: VenueEvent) -> bool:
    """Whether times, venue and symbol have the very types that they are declared with."""
    return type(event.venue) is type(event.symbol) is str and type(event.ts) is int and type(event.recv) in _INT_OR_NONE


def _are_levels(side: tuple[PriceLevel, ...]) -> bool:
    if type(side) is not tuple:
        return False
    for level in side:
        if type(level) is not tuple or len(level) != 2 or type(level[0]) is not float or type(level[1]) is not float:
            return False
    return True


class DayValue(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="day_value"):
    """The last value of a UTC day of a figure that the desk makes itself, such as a risk reversal: what a desk
    remembers of it. `figure`: its name among those that are remembered."""

    figure: str
    value: float

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.text("figure", self.figure)
        checks.finite(value=self.value)


class LiquidationDay(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="liquidation_day"):
    """What the desk counted of liquidations on one UTC day, `date` as YYYY-MM-DD, until `ts`: of an asset, or of all
    together without one. `heard_ms`: for how much of the day it listened. What a desk remembers of liquidations."""

    date: str
    long_usd: float
    short_usd: float
    count: int
    heard_ms: int
    asset: str | None = None

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.date("date", self.date)
        checks.not_negative(long_usd=self.long_usd, short_usd=self.short_usd, count=self.count, heard_ms=self.heard_ms)
        checks.text("asset", self.asset)


class DepthSample(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="depth_sample"):
    """What stood at `ts` in all live books of a symbol together, both sides, in US dollars within bands around the
    middle or from the best price (`reference`), by percent: `{"0.1": 5.2e6, …}`. What a desk remembers of depth."""

    symbol: str
    reference: Literal["mid", "best"]
    bands: dict[str, float]

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("symbol", self.symbol)
        checks.member("reference", self.reference, ("mid", "best"))
        checks.not_negative(**self.bands)
