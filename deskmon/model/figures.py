"""The figures of the desk, as typed structs: what `deskmon state` prints, what panels show, one and the same.

Units as in docs/metrics/: `rate`, `apr`, shares are fractions; `_pct` percent; `usd` US dollars; times and ages ms.
None is unknown, and never written as 0.
"""

# Annotations are evaluated here once: as texts, msgspec would compile each of them at every start.

from typing import Any, Literal

import msgspec

from deskmon.events import FeedState, LevelKind, LevelStatus, Mode, Source
from deskmon.model.alert_figures import AlertFigure as AlertFigure
from deskmon.model.alert_figures import LegFigure as LegFigure
from deskmon.model.alert_figures import ScenarioFigure as ScenarioFigure
from deskmon.model.context_figures import CalendarFigure as CalendarFigure
from deskmon.model.context_figures import CorrelationFigure as CorrelationFigure
from deskmon.model.context_figures import FlowDay as FlowDay
from deskmon.model.context_figures import FlowFigure as FlowFigure
from deskmon.model.context_figures import FlowSums as FlowSums
from deskmon.model.context_figures import FundFlow as FundFlow
from deskmon.model.context_figures import HeadlineFigure as HeadlineFigure
from deskmon.model.context_figures import HolderFigure as HolderFigure
from deskmon.model.context_figures import MetricFigure as MetricFigure
from deskmon.model.context_figures import MetricPeak as MetricPeak
from deskmon.model.figure import Figure
from deskmon.model.hub_figures import HubFigure as HubFigure
from deskmon.model.hub_figures import JournalFigure as JournalFigure
from deskmon.model.liquidation_figures import Coverage as Coverage
from deskmon.model.liquidation_figures import DayFigure as DayFigure
from deskmon.model.liquidation_figures import LiquidationFigures as LiquidationFigures
from deskmon.model.liquidation_figures import PriceBucket as PriceBucket
from deskmon.model.liquidation_figures import SideSums as SideSums
from deskmon.model.liquidation_figures import StressFigure as StressFigure
from deskmon.model.liquidation_figures import Sums as Sums
from deskmon.model.liquidation_figures import VenueSums as VenueSums
from deskmon.model.liquidation_figures import WaveBaseline as WaveBaseline
from deskmon.model.liquidation_figures import WaveFigure as WaveFigure
from deskmon.model.liquidation_figures import WindowFigure as WindowFigure
from deskmon.model.log_figures import LogFigure as LogFigure
from deskmon.model.log_figures import LogKind as LogKind
from deskmon.model.price_figures import PeakFigure as PeakFigure
from deskmon.model.price_figures import PriceFigure as PriceFigure
from deskmon.model.price_figures import ReturnFigure as ReturnFigure
from deskmon.model.price_figures import VenuePrice as VenuePrice
from deskmon.model.since import Since as Since


class VenueFunding(Figure):
    """`rate` per interval, as predicted, `rate_8h` its 8-hour equivalent, `streak` intervals of one sign (negative
    below zero). `settled`: the newest settled rate, of an interval of `settled_hours`, at `settled_ts`; `realised_7d`:
    sum of the rates settled in 7 d. `age_ms`: of the prediction; of the settled rate where nothing was predicted."""

    rate: float | None
    interval_hours: float | None
    rate_8h: float | None
    apr: float | None
    next_ts: int | None
    settled: float | None
    settled_hours: float | None
    settled_ts: int | None
    realised_7d: float | None
    streak: int | None
    age_ms: int


class FundingFigure(Figure):
    """`mean_8h`: weighted by open interest; `since` is its, among the means of what was settled each day."""

    venues: dict[str, VenueFunding]
    mean_8h: float | None
    mean_apr: float | None
    since: Since | None


class InterestChange(Figure):
    """Open interest in base coins, where they are known, and in dollars, and by window how both changed."""

    amount: float | None
    usd: float
    change_1h_pct: float | None
    change_1h_amount_pct: float | None
    change_24h_pct: float | None
    change_24h_amount_pct: float | None
    change_7d_pct: float | None
    change_7d_amount_pct: float | None


class PeakedInterest(InterestChange):
    """`drawdown_pct`: below the highest value of 90 days that is known, `peak_usd` at `peak_ts`."""

    peak_usd: float
    peak_ts: int
    drawdown_pct: float | None


class VenueInterest(PeakedInterest):
    age_ms: int


class InterestFigure(PeakedInterest):
    """All venues of a symbol, or of several, together. `since` is that of `usd`, `change_24h_since` that of
    `change_24h_pct`. `fall_pct`: the deepest fall within 24 h that the look-back holds, by the hour, which ended at
    `fall_ts`; None where it never fell."""

    venues: dict[str, VenueInterest]
    since: Since | None
    change_24h_since: Since | None
    fall_pct: float | None
    fall_ts: int | None


class ExpiryFigure(Figure):
    """One expiry as of its newest quote: `forward`, strikes and ranges in USD, volatilities and `rr25`, `bf25` in vol
    points, `put_skew` in percent of the volatility at the money, `expected_low` to `expected_high` the lognormal range
    of one standard deviation, `implied_low` to `implied_high` the 16 % and 84 % quantiles that the smile implies, open
    interest and volume in coins, `gex_usd` per 1 %.
    `no_bid` and `crossed` of the `quotes` are in no smile."""

    expiry: int
    days: float
    forward: float
    atm_iv: float | None
    rr25: float | None
    bf25: float | None
    put_skew: float | None
    call25_iv: float | None
    call25_strike: float | None
    put25_iv: float | None
    put25_strike: float | None
    call_oi: float | None
    put_oi: float | None
    put_call_oi: float | None
    call_volume: float | None
    put_volume: float | None
    put_call_volume: float | None
    max_pain: float | None
    expected_low: float | None
    expected_high: float | None
    implied_low: float | None
    implied_high: float | None
    gex_usd: float | None
    quotes: int
    no_bid: int
    crossed: int


class MaturityFigure(Figure):
    """At a constant maturity, in vol points. `since` is that of `rr25`, at 7 and 30 days."""

    atm_iv: float | None
    rr25: float | None
    bf25: float | None
    since: Since | None = None


class ChainFigures(Figure):
    """What one venue's options on one underlying tell, whenever it is asked: see `OptionsFigure`."""

    nearest_forward: float | None
    vix_style_30d: float | None
    expiries: list[ExpiryFigure]
    constant_maturity: dict[str, MaturityFigure]
    put_call_oi: float | None
    put_call_volume: float | None
    gex_usd: float | None
    gex_flip: float | None
    quotes: int
    crossed: int


class OptionsFigure(Figure):
    """Options of one underlying on its reference `venue`, and its volatility index.

    `quote_currency`: what prices are in, where the quotes say so (`USDC`). `nearest_forward`: forward of the nearest
    expiry, USD. `expired`: instruments still quoted after their expiry. `unquoted`: what
    newer readings of the venue don't name; they are in no figure. `since` is that of `dvol`;
    `dvol_rank` and `dvol_percentile` are among the daily values of a year; `dvol_change_24h` in vol points."""

    venue: str | None
    quote_currency: str | None
    age_ms: int | None
    nearest_forward: float | None
    dvol: float | None
    dvol_age_ms: int | None
    dvol_change_24h: float | None
    dvol_rank: float | None
    dvol_percentile: float | None
    since: Since | None
    expected_daily_move_pct: float | None
    vix_style_30d: float | None
    expiries: list[ExpiryFigure]
    constant_maturity: dict[str, MaturityFigure]
    put_call_oi: float | None
    put_call_volume: float | None
    gex_usd: float | None
    gex_flip: float | None
    gex_assumption: str
    quotes: int | None
    crossed: int | None
    expired: int
    unquoted: int | None


class StrikeFigure(Figure):
    """One strike over all expiries: open interest in coins, `gex_usd` per 1 %."""

    strike: float
    call_oi: float
    put_oi: float
    gex_usd: float


class SmileQuote(Figure):
    """One option of a smile: volatilities in vol points, `bid_iv` 0 without a bid; `used`: it carries the figures."""

    strike: float
    kind: Literal["call", "put"]
    iv: float | None
    bid_iv: float | None
    ask_iv: float | None
    delta: float | None
    open_interest: float | None
    used: bool


class TermPoint(Figure):
    """One expiry of a term structure, in vol points."""

    expiry: int
    days: float
    atm_iv: float | None
    rr25: float | None
    bf25: float | None


class TermStructure(Figure):
    """How the expiries stood at `ts`, the nearest first, with both figures at 30 days."""

    ts: int
    points: list[TermPoint]
    atm_30d: float | None
    rr25_30d: float | None
    rr25_7d: float | None


class Band(Figure):
    """USD within the band on each side; `truncated`: the book ends inside it, so both are lower bounds.

    `imbalance`: (bid − ask) / (bid + ask), unknown of lower bounds."""

    bid_usd: float
    ask_usd: float
    truncated: bool
    imbalance: float | None


class Slippage(Figure):
    """What an order costs beyond mid, in basis points; None where the book doesn't hold as much."""

    buy_bps: float | None
    sell_bps: float | None


class VenueDepth(Figure):
    """`reference` is `mid` or `best`; `crossed` books have no mid and no bands; `stale` ones stay out of the sums."""

    reference: str
    mid: float | None
    spread_bps: float | None
    bands: dict[str, Band]
    slippage: dict[str, Slippage]
    crossed: bool
    stale: bool
    age_ms: int


class DepthFigure(Figure):
    """`bands`: of all live books together. `baseline`: median over the look-back of bid and ask together, from samples
    since `baseline_since` (ms). `since` is that of the 1 % band, bid and ask together. `then_ratio`: of the bands of 1
    and 2 %, against the median of the seven days from `then_from` (ms) on."""

    venues: dict[str, VenueDepth]
    bands: dict[str, Band]
    slippage: dict[str, Slippage]
    baseline: dict[str, float | None]
    baseline_since: int | None
    baseline_ratio: dict[str, float | None]
    since: Since | None
    then_from: int | None
    then_ratio: dict[str, float | None]


class LevelFigure(Figure):
    """A support or resistance zone [`low`, `high`]; `price` is that of what founded it, `kind` support where the price
    stands above it. `status` and `status_since` (ms) by closes, but `testing` as soon as the price comes near.

    Distances are from the price to the nearest edge, positive above it, 0 within: in percent, in ATR14 of days, in
    standard deviations of a day's expected move.

    Where the price is already so far beyond the zone that a close there would turn it, `beyond_since` (ms) is the
    minute in which it went there and `decides` the end (ms) of the candle whose close decides."""

    id: str
    price: float
    low: float
    high: float
    kind: LevelKind
    score: float
    status: LevelStatus
    status_since: int
    distance_pct: float
    distance_atr: float | None
    distance_sigma: float | None
    tolerance_pct: float
    sources: list[str]
    label: str | None
    pinned: bool
    beyond_since: int | None = None
    decides: int | None = None


class FeedFigure(Figure):
    """What a feed says of itself; `service`: no feed but a part of the hub, such as its journal."""

    state: FeedState
    detail: str
    venue: str | None
    age_ms: int | None
    events: int
    dropped: int
    rejected: int
    reconnects: int
    lag_ms: float | None
    blocked_ms: float | None
    rate: float | None
    channels: dict[str, str]
    service: bool


class State(Figure):
    """The whole model at desk time `at`. `flows` by asset, `holdings` by asset and entity, `metrics` by name;
    `headlines`: the newest first; `calendar`: the earliest first; `correlations` by window,
    asset and what it is compared with; `log`: the oldest first; `alerts` by rule, `scenarios` by set and path; `hub`:
    null where no hub was heard, as in a journal; `hubs`: all of a desk on a broker, by their id there."""

    at: int
    mode: Mode
    source: Source
    hub: HubFigure | None
    hubs: dict[str, HubFigure]
    prices: dict[str, PriceFigure]
    liquidations: LiquidationFigures
    funding: dict[str, FundingFigure]
    open_interest: dict[str, InterestFigure]
    options: dict[str, OptionsFigure]
    levels: dict[str, list[LevelFigure]]
    depth: dict[str, DepthFigure]
    flows: dict[str, FlowFigure]
    holdings: dict[str, dict[str, HolderFigure]]
    metrics: dict[str, MetricFigure]
    headlines: list[HeadlineFigure]
    calendar: list[CalendarFigure]
    correlations: dict[str, dict[str, dict[str, CorrelationFigure]]]
    log: list[LogFigure]
    feeds: dict[str, FeedFigure]
    alerts: dict[str, AlertFigure]
    scenarios: dict[str, dict[str, ScenarioFigure]]


def schema() -> dict[str, Any]:
    """JSON Schema of `State`."""
    return msgspec.json.schema(State)
