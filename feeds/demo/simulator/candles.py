"""Five-minute and hourly candles of the simulated market, and with them the statistics of the last 24 hours."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from deskmon.events import Candle
from deskmon.feedkit import DAY, HOUR, MINUTE
from deskmon.feeds.demo.simulator.step import DIGITS, SYMBOLS, Step
from deskmon.feeds.demo.simulator.world import ASSETS

VENUE = "binance"
"""The venue whose candles the desk gets; it also is the one whose prices lead."""
SHORT = 5 * MINUTE
FRAMES = {SHORT: "5m", HOUR: "1h", DAY: "1d"}
_KEPT = DAY // SHORT


@dataclass(slots=True)
class Bar:
    """An unfinished candle."""

    open: float
    high: float
    low: float
    close: float
    volume: float = 0.0

    def take(self, price: float, volume: float) -> None:
        """Count a price and what was traded at it."""
        self.high = max(self.high, price)
        self.low = min(self.low, price)
        self.close = price
        self.volume += volume


def candle(asset: int, length: int, open_time: int, bar: Bar, recv: int) -> Candle:
    """The finished candle of `length` (ms) that arrived at `recv`."""
    digits = DIGITS[asset]
    return Candle(
        ts=open_time + length,
        recv=recv,
        venue=VENUE,
        symbol=SYMBOLS[asset],
        timeframe=FRAMES[length],
        open_time=open_time,
        open=round(bar.open, digits),
        high=round(bar.high, digits),
        low=round(bar.low, digits),
        close=round(bar.close, digits),
        volume=round(bar.volume, 3),
    )


def daily_usd(asset: int) -> float:
    """Traded per day on all venues, in a usual market."""
    return 1.3 * ASSETS[asset].interest


class Days:
    """The last 24 hours of each asset in five-minute bars.

    Begins with the finished bars of each asset, oldest first, and the unfinished one of each length and asset.
    """

    def __init__(self, finished: list[list[Bar]], unfinished: dict[int, list[Bar]]) -> None:
        self._bars = [deque(bars, maxlen=_KEPT) for bars in finished]
        self._now = unfinished
        self._ranges = [_span(held) for held in self._bars]

    def statistics(self, asset: int, share: float) -> dict[str, float]:
        """The 24-hour fields of a ticker whose venue has this share of the trading."""
        bar, digits = self._now[SHORT][asset], DIGITS[asset]
        high, low, volume = self._ranges[asset]
        volume *= share
        return {
            "open_24h": round(self._bars[asset][0].open, digits),
            "high_24h": round(max(high, bar.high), digits),
            "low_24h": round(min(low, bar.low), digits),
            "volume_24h": round(volume, 2),
            "quote_volume_24h": round(volume * bar.close, 0),
        }

    def emit(self, step: Step) -> None:
        """Take the prices of a step; add the candles that end with it."""
        end = step.start + step.length
        for asset, state in enumerate(step.market.states):
            volume = daily_usd(asset) / state.price * step.length / DAY * step.market.turbulence
            for bars in self._now.values():
                bars[asset].take(state.price, volume)
        for length, bars in self._now.items():
            if end % length < step.length:
                for asset, bar in enumerate(bars):
                    open_time = end - end % length - length
                    step.out.append(candle(asset, length, open_time, bar, step.arrival(0, end)))
                    if length == SHORT:
                        self._bars[asset].append(bar)
                        self._ranges[asset] = _span(self._bars[asset])
                    bars[asset] = Bar(bar.close, bar.close, bar.close, bar.close)


def _span(bars: deque[Bar]) -> tuple[float, float, float]:
    return max(bar.high for bar in bars), min(bar.low for bar in bars), sum(bar.volume for bar in bars)
