"""The model as panels may read it: what each part tells, and nothing that changes it.

`Model` keeps these protocols: mypy compares the types, a test the words. docs/model.md is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from deskmon.events import (
    Alert,
    Gap,
    HoldingTrade,
    Mode,
    PinnedLevel,
)
from deskmon.model.figures import (
    AlertFigure,
    CalendarFigure,
    CorrelationFigure,
    FeedFigure,
    FlowDay,
    FlowFigure,
    HeadlineFigure,
    HolderFigure,
    LevelFigure,
    LogFigure,
    MetricFigure,
    OptionsFigure,
    ScenarioFigure,
    SmileQuote,
    StrikeFigure,
    TermStructure,
)
from deskmon.model.market_view import (
    DepthView,
    FundingRatesView,
    LiquidationsView,
    OpenInterestsView,
    PartView,
    PriceBucketsView,
    PricesView,
    TapeView,
    WavesView,
)

if TYPE_CHECKING:
    from deskmon.analytics.candle_columns import CandleColumns
    from deskmon.analytics.level_settings import LevelSettings
    from deskmon.model.differences import Difference, Tracked, Usuals
    from deskmon.model.figure_path import FigurePath
    from deskmon.model.figures import State
    from deskmon.model.histories import History
    from deskmon.model.levels import DistanceUnits, LevelChange


class CorrelationsView(Protocol):
    """How coins moved with each other and with other markets, by their daily closes."""

    def figures(self, now: int) -> dict[str, dict[str, dict[str, CorrelationFigure]]]:
        """Of all whole UTC days before `now` (ms)."""


class OptionsView(PartView[dict[str, OptionsFigure]], Protocol):
    """Options: chains, smiles, term structure, and the volatility index."""

    def underlyings(self) -> list[str]:
        """Names of those that have a chain or an index, sorted."""

    def expiries(self, now: int) -> dict[int, list[str]]:
        """Underlyings by the expiries (ms) that are ahead of `now`."""

    def figure(self, underlying: str, now: int) -> OptionsFigure | None:
        """The figures of one underlying: a panel that shows one needn't pay for all. None where nothing is known."""

    def awaited(self, underlying: str, now: int) -> bool:
        """Whether the first figures of its chain are being found, or its first smile."""

    def strikes(self, underlying: str, now: int) -> list[StrikeFigure]:
        """Open interest and exposure by strike, ascending."""

    def smile(self, underlying: str, expiry: int, now: int) -> list[SmileQuote]:
        """The options of one expiry (ms), by strike, puts before calls."""

    def term_structure(self, underlying: str, now: int, ago: int) -> TermStructure | None:
        """How the expiries stood `ago` ms before `now`, at most two hours earlier; None where that isn't known."""

    def skew_history(self, underlying: str, now: int) -> Sequence[TermStructure]:
        """Term structures at the end of each hour of a week, the oldest first."""

    def index_history(self, underlying: str, since: int) -> list[tuple[int, float]]:
        """(time in ms, DVOL) after `since`: by the day, the last 8 days by five minutes."""


class MetricsView(PartView[dict[str, MetricFigure]], Protocol):
    """Context series, such as `fear_greed`."""

    def value(self, name: str) -> float | None:
        """The newest value of a series, None where there is none."""

    def history(self, name: str) -> list[tuple[int, float]]:
        """(time in ms, value) of a series, oldest first: years by the day, the last month by the hour."""

    def patience(self, name: str) -> int:
        """How long a value of a series counts (ms)."""


class FlowsView(PartView[dict[str, FlowFigure]], Protocol):
    """Net flows of funds."""

    def history(self, asset: str, fund: str = "") -> list[FlowDay]:
        """The days of an asset's funds, or of one of them, oldest first."""


class HoldersView(PartView[dict[str, dict[str, HolderFigure]]], Protocol):
    """What holders hold, and what they bought and sold."""

    @property
    def trades(self) -> Sequence[HoldingTrade]:
        """The newest purchases and sales, oldest first."""


class DaysView(PartView[dict[str, int]], Protocol):
    """What the desk remembers by the day of figures that it makes itself; `figures` gives how many days of each."""

    def history(self, figure: str) -> list[tuple[int, float]]:
        """(time in ms, last value) of each day that is held of a figure, the oldest first."""


class FeedsView(PartView[dict[str, FeedFigure]], Protocol):
    """Health of feeds, and the gaps they left."""

    @property
    def gaps(self) -> Sequence[Gap]:
        """The gaps that came last, newest last."""


class CandlesView(PartView[dict[str, list[str]]], Protocol):
    """Candles; `figures` gives the lengths known of each symbol."""

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a candle or a price, by name."""

    def columns(self, symbol: str, timeframe: str, venue: str | None = None) -> CandleColumns:
        """The candles of a timeframe of `LENGTHS`, oldest first, the last perhaps unfinished; where no venue is named
        of the one whose are the longest and still come. Raises KeyError for another timeframe."""

    def closed(self, symbol: str, timeframe: str, now: int) -> int:
        """End (ms) of the newest candle of a timeframe that has closed at desk time `now`; 0 where there is none."""

    def minutes(self, symbol: str, after: int) -> list[tuple[int, float]]:
        """(open time in ms, close) of the minutes that opened at `after` (ms) or later, the oldest first; the last may
        be unfinished."""

    def closes(self, symbol: str, timeframe: str, after: int = 0) -> list[tuple[int, float]]:
        """The same of another timeframe of `LENGTHS`."""

    def version(self, symbol: str) -> int:
        """Moves whenever a candle of a symbol changed that isn't the newest of its timeframe."""


class LevelsView(PartView[dict[str, list[LevelFigure]]], Protocol):
    """Support and resistance, and the operator's pins."""

    @property
    def settings(self) -> LevelSettings:
        """How levels are found."""

    @property
    def pins(self) -> list[PinnedLevel]:
        """What the operator pinned, the first pinned first."""

    @property
    def symbols(self) -> list[str]:
        """The main symbol of each asset with candles or a price."""

    def of(self, symbol: str, now: int) -> list[LevelFigure]:
        """The levels of a unified symbol at desk time `now` (ms), the highest price first."""

    def distance_units(self, symbol: str, now: int) -> DistanceUnits:
        """What the distances of `of` are measured by."""

    def awaited(self, symbol: str) -> bool:
        """Whether the first levels of a symbol are being found."""

    def closed(self, symbol: str, now: int) -> int:
        """End (ms) of the newest candle that has decided, at desk time `now`; 0 before the first."""

    def changes(self, symbol: str, now: int, after: int) -> list[LevelChange]:
        """Changes of status with closes after `after` (ms), in order of time, the lowest price first."""


class AlertsView(PartView[dict[str, AlertFigure]], Protocol):
    """Rules: how each stands; `figures` gives them by name."""

    @property
    def rules(self) -> list[str]:
        """All rules and paths that something was said of, by name."""

    def told(self, rule: str) -> Alert | None:
        """What was said of a rule last."""

    def scenarios(self, now: int) -> dict[str, dict[str, ScenarioFigure]]:
        """The paths of scenarios, by set and path."""


class ChangesView(Protocol):
    """How figures changed: what is held of each, and how they differ from another moment's."""

    def history(self, figure: FigurePath, now: int, length: int) -> History | None:
        """What is held of a figure at desk time `now` (ms), as fine as changes over `length` (ms) want; None of one
        without a history."""

    def since(self, then: State, now: int, figures: Sequence[Tracked] | None, usuals: Usuals) -> list[Difference]:
        """How figures at desk time `now` (ms) differ from the state `then`, measured by `usuals`: those named as they
        come; without any named all that tell what moved, what moved most first."""


class ModelView(Protocol):
    """`frame.model`. Times are ms UTC; symbols are unified, such as `BTC/USDT:USDT`; None is unknown."""

    @property
    def mode(self) -> Mode:
        """live, replay or demo."""

    @property
    def revisions(self) -> dict[str, int]:
        """By topic of `TOPICS`, a number that moves whenever something of the topic changed."""

    @property
    def prices(self) -> PricesView:
        """Prices by symbol: newest, past, and their ranges."""

    @property
    def liquidations(self) -> LiquidationsView:
        """Liquidations: sums by window, and the orders behind them."""

    @property
    def waves(self) -> WavesView:
        """Liquidation waves, and the baseline by which they are found."""

    @property
    def price_buckets(self) -> PriceBucketsView:
        """Liquidations by price."""

    @property
    def tape(self) -> TapeView:
        """The newest liquidations and big trades."""

    @property
    def funding(self) -> FundingRatesView:
        """Funding: predicted and settled rates."""

    @property
    def open_interest(self) -> OpenInterestsView:
        """Open interest: newest, past, and distance from its peak."""

    @property
    def depth(self) -> DepthView:
        """Order books: their depth in bands, and what orders cost."""

    @property
    def options(self) -> OptionsView:
        """Options: chains, smiles, term structure, and the volatility index."""

    @property
    def metrics(self) -> MetricsView:
        """Context series, such as `fear_greed`."""

    @property
    def flows(self) -> FlowsView:
        """Net flows of funds."""

    @property
    def holders(self) -> HoldersView:
        """What holders hold, and what they bought and sold."""

    @property
    def headlines(self) -> PartView[list[HeadlineFigure]]:
        """Headlines, the newest first."""

    @property
    def calendar(self) -> PartView[list[CalendarFigure]]:
        """What is due, the earliest first."""

    @property
    def correlations(self) -> CorrelationsView:
        """How coins moved with each other and with other markets."""

    @property
    def log(self) -> PartView[list[LogFigure]]:
        """The session log, the oldest line first."""

    @property
    def days(self) -> DaysView:
        """What the desk remembers by the day of figures that it makes itself."""

    @property
    def feeds(self) -> FeedsView:
        """Health of feeds, and the gaps they left."""

    @property
    def candles(self) -> CandlesView:
        """Candles; `figures` gives the lengths known of each symbol."""

    @property
    def levels(self) -> LevelsView:
        """Support and resistance, and the operator's pins."""

    @property
    def alerts(self) -> AlertsView:
        """Rules and scenarios: how each stands."""

    @property
    def changes(self) -> ChangesView:
        """How figures changed: what is held of each, and how they differ from another moment's."""
