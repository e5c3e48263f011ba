"""What panels may read of prices, liquidations, funding, open interest and depth. `view` has the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from math import inf
from typing import TYPE_CHECKING, Protocol, TypeVar

from deskmon.clock import MINUTE
from deskmon.events import (
    Book,
    Liquidation,
    Trade,
)
from deskmon.model.figures import (
    DayFigure,
    DepthFigure,
    FundingFigure,
    InterestFigure,
    LiquidationFigures,
    PriceBucket,
    PriceFigure,
    SideSums,
    Slippage,
    StressFigure,
    Sums,
    WaveBaseline,
    WaveFigure,
    WindowFigure,
)

if TYPE_CHECKING:
    pass

F = TypeVar("F", covariant=True)


class PartView(Protocol[F]):
    """What every part of the model tells."""

    @property
    def revision(self) -> int:
        """Moves whenever something of the part changed."""

    def figures(self, now: int) -> F:
        """The part's figures at desk time `now` (ms UTC). Read them, don't change them: they are shared."""

    def age(self, now: int, ts: int) -> int:
        """Age (ms) at `now` of a quote of the time `ts`, at the pace of the market's reports: in a time-lapse of 60, a
        quote that is a minute old is a second old."""


class HeldLiquidations(Protocol):
    """Liquidations that are held."""

    @property
    def events(self) -> Sequence[Liquidation]:
        """The newest, oldest first."""


class PricesView(PartView[dict[str, PriceFigure]], Protocol):
    """Prices by symbol: newest, past, and their ranges."""

    def price(self, symbol: str) -> float | None:
        """The newest price of a unified symbol on its reference venue, None where there is none."""

    def price_then(self, symbol: str, ts: int, tolerance: int) -> float | None:
        """The price of a symbol on its reference venue that was the newest at `ts` (ms), at most `tolerance` (ms) old
        then; None where none is held."""

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a price, by name."""

    def sparkline_values(self, symbol: str, now: int, window_ms: int, points: int) -> list[float]:
        """Prices of the reference venue at `points` even steps over the window that ends now, oldest first; steps
        before the first known price are left out."""

    def ranges(self, symbol: str, now: int, step_ms: int, steps: int) -> list[tuple[float, float, float] | None]:
        """(last, lowest, highest) price of the reference venue in each of `steps` stretches of `step_ms` up to `now`,
        oldest first; where no price came the last one known, None before the first. Of the last day, to the minute."""


class LiquidationsView(PartView[LiquidationFigures], Protocol):
    """Liquidations: sums by window, and the orders behind them."""

    def windows(self, now: int) -> dict[str, WindowFigure]:
        """The figures of all windows at desk time `now` (ms), as `figures` has them, but for their largest orders."""

    @property
    def since(self) -> int | None:
        """From when (ms) the desk has listened; None before that."""

    def orders(
        self, now: int, window_ms: int, venue: str | None = None, symbol: str | None = None, side: str | None = None,
        limit: int = 200, low: float = 0.0, high: float = inf,
    ) -> list[Liquidation]:  # fmt: skip
        """The newest single liquidations of the window that are still held, newest first: all that the tape holds, and
        of what has left it the largest. `symbol` is an asset or a unified symbol; low ≤ price < high."""

    @property
    def tape_since(self) -> int | None:
        """From when (ms) every single liquidation is held; None where none has left the tape."""

    def of_venue(self, venue: str, window: str, now: int) -> dict[str, SideSums]:
        """Sums of one venue by asset, in a window of `WINDOWS` at desk time `now` (ms), as `figures` counts them."""

    def matrix(
        self, window: str, now: int, venues: Collection[str] | None = None, assets: Collection[str] | None = None
    ) -> dict[tuple[str, str], SideSums]:
        """Sums by (venue, asset), of all or of those named, in a window of `WINDOWS` at desk time `now` (ms), as
        `figures` counts them."""

    def days(self, now: int, asset: str = "", count: int = 31) -> list[DayFigure]:
        """The newest `count` UTC days up to `now` (ms) on which something was liquidated, of all assets or of one,
        the oldest first."""

    def nothing(self, window: str, now: int, venue: str = "") -> Sums:
        """What is known of a window in which nothing was counted, of `venue` alone where one is named: zeros where
        somebody listened."""


class WavesView(PartView[list[WaveFigure]], Protocol):
    """Liquidation waves, and the baseline by which they are found."""

    def orders(self, wave: int, now: int) -> list[Liquidation]:
        """The largest orders of the wave of this id, of all, of each venue and of each asset, the largest first."""

    def stresses(self, now: int) -> list[StressFigure]:
        """Runs of waves that took a large part of what those of the week before `now` (ms) took, the oldest first."""

    def current(self, now: int) -> WaveFigure | None:
        """The wave that runs at desk time `now` (ms)."""

    def baseline(self, now: int) -> WaveBaseline | None:
        """By what waves are called at desk time `now` (ms)."""

    def busiest_minutes(self, now: int, span_ms: int, step_ms: int = MINUTE) -> list[tuple[int, float, float]]:
        """(start in ms, USD of longs, USD of shorts) of the busiest minute, six buckets in a row as in a wave's peak,
        that ended within each stretch of `step_ms`, a whole number of minutes. Stretches begin in (now − span, now],
        oldest first. Nothing is known from before `TIMELINE`."""


class PriceBucketsView(PartView[dict[str, list[PriceBucket]]], Protocol):
    """Liquidations by price."""

    def of(self, asset: str, now: int) -> list[PriceBucket]:
        """The buckets of `asset` (`BTC`) that hold something at desk time `now` (ms), the lowest price first."""


class TapeView(PartView[Sequence[Trade | Liquidation]], Protocol):
    """The newest liquidations and big trades."""

    @property
    def entries(self) -> Sequence[Trade | Liquidation]:
        """Liquidations and trades of at least `big_trade_usd`, newest last."""

    def newest(self) -> Iterator[Trade | Liquidation]:
        """The same from the newest on. A few cost less than all."""

    @property
    def liquidations(self) -> HeldLiquidations:
        """The newest liquidations alone."""


class FundingRatesView(PartView[dict[str, FundingFigure]], Protocol):
    """Funding: predicted and settled rates."""

    def settled(self, symbol: str, venue: str) -> list[tuple[int, float]]:
        """(time in ms, 8-hour equivalent) of the settled rates that are held, oldest first."""

    def predicted(self, symbol: str, venue: str) -> list[tuple[int, float]]:
        """The same of the predictions: the last of each hour of a week, of the last day of each ten minutes."""


class OpenInterestsView(PartView[dict[str, InterestFigure]], Protocol):
    """Open interest: newest, past, and distance from its peak."""

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with open interest, by name."""

    def weights(self, symbol: str) -> dict[str, float]:
        """Open interest in US dollars by venue that is followed."""

    def amounts(self, symbol: str, now: int, step_ms: int, steps: int) -> dict[str, list[float | None]]:
        """By venue the open interest in coins at the end of each of `steps` stretches of `step_ms` up to `now`, oldest
        first: the newest value known by then, None before the first."""

    def together(self, symbols: Sequence[str], now: int) -> InterestFigure | None:
        """Several symbols as one, over all their venues, those by `venue symbol`; None where none is known."""

    def history(self, symbols: Sequence[str], venue: str | None = None) -> list[tuple[int, float]]:
        """(time in ms, USD) of `symbols` together, over all venues or on one: by the hour, the last day by the minute
        where it is one symbol on one venue."""


class DepthView(PartView[dict[str, DepthFigure]], Protocol):
    """Order books: their depth in bands, and what orders cost."""

    @property
    def symbols(self) -> list[str]:
        """Unified symbols with a book, by name."""

    def figure(self, symbol: str, now: int) -> DepthFigure | None:
        """One symbol's figure at desk time `now` (ms); None where it has no book."""

    def book(self, symbol: str, venue: str) -> Book | None:
        """The newest book of a unified symbol on a venue."""

    def slippage(self, symbols: list[str], now: int) -> dict[str, Slippage]:
        """By name of `ORDERS`, what an order costs that takes from all live books of `symbols` together."""
