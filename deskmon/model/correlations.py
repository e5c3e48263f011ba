"""Correlations: how coins moved with each other and with other markets, by their daily closes."""

from __future__ import annotations

from deskmon.analytics.correlation import Closes, correlation
from deskmon.assets import main_symbols
from deskmon.clock import DAY
from deskmon.model.candles import Candles
from deskmon.model.context_figures import CorrelationFigure
from deskmon.model.metrics import Metrics

WINDOWS = {"30d": 30, "90d": 90}
"""Windows in days."""
MOST_COINS = 8
SERIES = ("ndx", "qqq", "spx", "igv", "msft", "gold", "silver", "dxy", "usd_broad")
"""Series of other markets that coins are compared with."""

Figures = dict[str, dict[str, dict[str, CorrelationFigure]]]
"""By window, asset and what it is compared with, in capitals."""


class Correlations:
    """A view of candles and metrics. Computed anew with each day, and when a past day of a series or candle changed."""

    def __init__(self, candles: Candles, metrics: Metrics) -> None:
        self._candles, self._metrics = candles, metrics
        self._found: tuple[tuple[int, ...], Figures] | None = None

    def figures(self, now: int) -> Figures:
        """Of all whole UTC days before `now` (ms)."""
        mains = main_symbols(self._candles.symbols)
        coins = {asset: symbol for asset, symbol in mains.items() if self._candles.closed(symbol, "1d", now)}
        versions = (self._candles.days_version(symbol) for symbol in coins.values())
        of = (now // DAY, self._metrics.days_revision, *versions)
        if self._found is None or self._found[0] != of:
            self._found = of, self._compute(coins, now // DAY - 1)
        return self._found[1]

    def _compute(self, coins: dict[str, str], last: int) -> Figures:
        closes = {asset: self._coin(symbol, last) for asset, symbol in coins.items()}
        longest = sorted(closes, key=lambda asset: (-len(closes[asset]), asset not in ("BTC", "ETH", "SOL"), asset))
        kept = sorted(longest[:MOST_COINS], key=lambda asset: (asset != "BTC", asset != "ETH", asset))
        names = (name for name in SERIES if name.upper() not in kept)
        others = {name.upper(): found for name in names if (found := self._series(name, last))}
        against = {asset: closes[asset] for asset in kept} | others
        return {
            window: {
                asset: {
                    name: CorrelationFigure(*correlation(closes[asset], other, last, days))
                    for name, other in against.items()
                    if name != asset
                }
                for asset in kept
            }
            for window, days in WINDOWS.items()
        }

    def _coin(self, symbol: str, last: int) -> Closes:
        closes = self._candles.closes(symbol, "1d")
        return {time // DAY: close for time, close in closes if time // DAY <= last and close > 0}

    def _series(self, name: str, last: int) -> Closes:
        """The newest value of each day."""
        closes = self._metrics.closes(name)
        return {ts // DAY: value for ts, value in closes if ts // DAY <= last and value > 0}
