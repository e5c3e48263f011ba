"""What venues tell of options: quotes, and indices of volatility."""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Literal

from deskmon.events import checks
from deskmon.events.base import Event
from deskmon.events.checks import LIMIT, MAX_TS, MIN_TS, are_times, known_names


class Option(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="option"):
    """One option's quote: implied volatilities in percent, `expiry` in ms, open interest and volume in coins.

    `bid`, `ask` and `mark` are in `quote_currency`: `USDC`, or the underlying's own name for prices in coins. Without
    one they are in what the venue's main options are quoted in: coins on Deribit and OKX, dollars elsewhere.
    """

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
    quote_currency: str | None = None

    def __post_init__(self) -> None:
        if not (
            (((recv := self.recv) is not None and MIN_TS <= self.ts <= recv <= MAX_TS) or are_times(self.ts, recv))
            and self.venue in known_names
            and self.underlying in known_names
            and ((kind := self.kind) == "call" or kind == "put")
            and ((currency := self.quote_currency) is None or currency in known_names)
            and MIN_TS <= self.expiry <= MAX_TS
            and 0.0 < self.strike < LIMIT
            and 0.0 < self.underlying_price < LIMIT
            and ((mark_iv := self.mark_iv) is None or 0.0 <= mark_iv < LIMIT)
            and ((bid_iv := self.bid_iv) is None or 0.0 <= bid_iv < LIMIT)
            and ((ask_iv := self.ask_iv) is None or 0.0 <= ask_iv < LIMIT)
            and ((bid := self.bid) is None or 0.0 <= bid < LIMIT)
            and ((ask := self.ask) is None or 0.0 <= ask < LIMIT)
            and ((mark := self.mark) is None or 0.0 <= mark < LIMIT)
            and ((interest := self.open_interest) is None or 0.0 <= interest < LIMIT)
            and ((volume := self.volume_24h) is None or 0.0 <= volume < LIMIT)
            and ((delta := self.delta) is None or -LIMIT < delta < LIMIT)
            and ((gamma := self.gamma) is None or -LIMIT < gamma < LIMIT)
        ):
            self._check()

    def _check(self) -> None:
        """The same field by field. Raises ValueError that names the one that is wrong."""
        Event.__post_init__(self)
        checks.name("venue", self.venue)
        checks.name("underlying", self.underlying)
        checks.member("kind", self.kind, ("call", "put"))
        if self.quote_currency is not None:
            checks.name("quote_currency", self.quote_currency)
        if not MIN_TS <= self.expiry <= MAX_TS:
            raise ValueError(f"expiry: {self.expiry!r} is not a time in ms between 2000 and 2100")
        checks.positive(strike=self.strike, underlying_price=self.underlying_price)
        checks.not_negative(
            mark_iv=self.mark_iv, bid_iv=self.bid_iv, ask_iv=self.ask_iv, bid=self.bid, ask=self.ask, mark=self.mark,
            open_interest=self.open_interest, volume_24h=self.volume_24h,
        )  # fmt: skip
        checks.finite(delta=self.delta, gamma=self.gamma)


class VolatilityIndex(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True, tag="volatility_index"):
    """A volatility index such as Deribit's DVOL, in percent."""

    venue: str
    name: str
    underlying: str
    value: float

    def __post_init__(self) -> None:
        Event.__post_init__(self)
        checks.name("venue", self.venue)
        checks.name("name", self.name)
        checks.name("underlying", self.underlying)
        checks.positive(value=self.value)
