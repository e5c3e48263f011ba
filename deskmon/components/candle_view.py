"""The candle chart of an asset as pages show it: candles, levels, average price, waves, and a cursor that reads."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from deskmon import format as fmt
from deskmon.analytics.candle_columns import CandleColumns, average_prices
from deskmon.assets import main_symbols
from deskmon.clock import DAY
from deskmon.components.candles import CANDLES_LEAST, Band, Candlestick, candle_chart
from deskmon.components.choices import Choice
from deskmon.components.columns import is_stale
from deskmon.components.levels import level_style, level_words
from deskmon.components.panel import Frame, Line, Notify, Pin, Span
from deskmon.components.text import fit
from deskmon.components.values import change
from deskmon.components.waves import waves_axis
from deskmon.model.figures import LevelFigure, WaveFigure
from deskmon.model.market_candles import LENGTHS

__all__ = [
    "CHART_DEFINITIONS",
    "CHART_TOPICS",
    "PIN_HELP",
    "CandleView",
    "timeframe_choice",
]

CHART_TOPICS = frozenset({"prices", "candles", "levels", "waves", "clock"})
"""Topics of a panel that shows the chart."""

CHART_DEFINITIONS = (
    ("candles", "UTC; thin ┃ closed above its open or at it, filled █ below; │ from lowest to highest"),
    ("levels", "zones of the levels panel, the heaviest: ░ or ╌ at their prices; sup, res, status; ◆ pinned"),
    ("• VWAP", "average price by volume since the UTC day began; 1h, 4h: the week (Monday); 1d: the month"),
    ("━3━", "under the candles: the time of liquidation wave 3"),
    ("V", "volume of the candle in coins at the venue whose candles are the longest; — unknown"),
)
"""What the chart shows, for the help page."""

MOST_LEVELS = 5
"""More would shade everything."""
_WIDE, _WIDER = 70, 110
"""Widths from which labels have room for a status, and for the label of a pin."""


PIN_HELP = "Pin the close of the candle that is read, or the price, with a label"
"""Of the key that pins from a chart."""


def timeframe_choice() -> Choice[str]:
    """A panel's choice of the length of a candle."""
    return Choice(
        tuple(LENGTHS), default="1h", key="i", label="timeframe",
        help="Length of a candle: 1m, 5m, 15m, 1h, 4h, 1d; left, right: read",
    )  # fmt: skip


class CandleView:
    """A chart's own state: its timeframe, and the candle under the cursor."""

    def __init__(self, timeframe: str = "1h") -> None:
        self._timeframe = timeframe
        self._cursor: int | None = None
        self._held: tuple[Any, CandleColumns] | None = None
        self._drawn: tuple[Any, Sequence[Line]] | None = None
        self._zones: tuple[Any, list[LevelFigure]] | None = None

    def symbol(self, asset: str, frame: Frame) -> str:
        """The unified symbol charted for an asset or symbol; "" where no candle of it is held."""
        known = frame.model.candles.symbols
        return asset if asset in known else main_symbols(known).get(fmt.base(asset), "")

    def number(self, symbol: str, frame: Frame) -> int:
        """How many candles are held, of the timeframe that has the most."""
        columns = (frame.model.candles.columns(symbol, timeframe) for timeframe in LENGTHS) if symbol else ()
        return max((len(each.time) for each in columns), default=0)

    @property
    def timeframe(self) -> str:
        """Length of a candle; the cursor leaves where it changes."""
        return self._timeframe

    @timeframe.setter
    def timeframe(self, timeframe: str) -> None:
        if timeframe != self._timeframe:
            self._timeframe, self._cursor = timeframe, None

    def timeframes(self, symbol: str, frame: Frame) -> Sequence[str]:
        """Those of which candles are held."""
        return frame.model.candles.figures(frame.now).get(symbol) or list(LENGTHS)

    def pin(self, symbol: str, frame: Frame) -> Pin | Notify:
        """Pin the close of the candle that is read, or the price."""
        price = self.close(symbol, frame) if symbol else None
        return Notify("no price to pin yet", "warn") if price is None else Pin(fmt.base(symbol), price)

    def close(self, symbol: str, frame: Frame) -> float | None:
        """Close of the candle that is read; the price where none is."""
        if self._cursor is not None:
            candles = self._candles(symbol, frame)
            index = bisect_left(candles.time, self._cursor)
            if index < len(candles.time):
                return candles.close[index]
        return frame.model.prices.price(symbol)

    def draw(self, symbol: str, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        """At most `height` lines for `size` (width, height): what is read, the candles, waves, and times."""
        model = frame.model
        price = model.prices.price(symbol)
        revisions = (model.candles.revision, model.levels.revision, model.waves.revision)
        seen = (symbol, size, self.timeframe, self._cursor, price, frame.now // 2_000, model, *revisions)
        if self._drawn is None or self._drawn[0] != seen:
            self._drawn = seen, self._lines(symbol, frame, size, price)
        return self._drawn[1]

    def _lines(self, symbol: str, frame: Frame, size: tuple[int, int], price: float | None) -> Sequence[Line]:
        width, height = size
        candles = self._candles(symbol, frame)
        if not candles.time:
            return [fit([(f"no {self.timeframe} candles yet", "muted")], width)][:height]
        digits = fmt.price_digits(candles.close[-1])
        lines: list[Line] = [self._status(symbol, candles, digits, frame, width)]
        if width < CANDLES_LEAST[0] or height < CANDLES_LEAST[1] + 3:
            return lines[:height]
        levels = self._levels(symbol, frame)
        widest = len(fmt.price(1.25 * max(*candles.high, price or 0.0), digits)) + 3
        margin = max(26, widest) if width >= _WIDE else widest
        if width >= _WIDER and any(level.pinned for level in levels):
            margin = max(38, widest)
        if margin * 2 > width:
            margin = 0
        columns, length = width - margin, LENGTHS[self.timeframe]
        first = self._first(candles, columns, frame.now)
        sticks = _sticks(candles, self.timeframe, first, columns, price)
        if not sticks:
            return lines
        rows = height - 3
        most = min(MOST_LEVELS, max(2, rows // 6))
        shown = [_band(each, digits, margin) for each in _heaviest(levels, sticks.values(), most)]
        cursor = None if self._cursor is None else (self._cursor - first) // length
        chart = candle_chart(
            sticks, shown, (width, rows), margin=margin, write=lambda value: fmt.price(value, digits),
            price=price if first + columns * length > frame.now else None, cursor=cursor,
            stale=_is_stale(symbol, frame),
        )  # fmt: skip
        waves = frame.model.waves.figures(frame.now)
        lines += [*chart, waves_axis(_marks(waves, first, columns, length, frame.now))]
        lines.append([(_times(first, columns, length), "faint")])
        return lines

    def _candles(self, symbol: str, frame: Frame) -> CandleColumns:
        """The candles held."""
        candles = frame.model.candles
        seen = (symbol, self.timeframe, candles, candles.revision)
        if self._held is None or self._held[0] != seen:
            self._held = seen, candles.columns(symbol, self.timeframe)
        return self._held[1]

    def _levels(self, symbol: str, frame: Frame) -> list[LevelFigure]:
        """The levels, looked up anew every other second: they stand for hours, and looking costs as much as drawing."""
        levels = frame.model.levels
        seen = (symbol, levels, levels.revision, frame.now // 2_000)
        if self._zones is None or self._zones[0] != seen:
            self._zones = seen, levels.of(symbol, frame.now)
        return self._zones[1]

    def _first(self, candles: CandleColumns, columns: int, now: int) -> int:
        """Open time of the first column: the newest candles, or as far back as the cursor is."""
        length = LENGTHS[self.timeframe]
        first = max(candles.time[-1], now // length * length) - (columns - 1) * length
        if now - candles.time[-1] >= columns * length:
            first = candles.time[-1] - (columns - 1) * length
        first -= first % length
        return first if self._cursor is None else min(first, self._cursor)

    def read(self, symbol: str, step: int, frame: Frame) -> None:
        """Move the cursor, to the candle before (`step` −1) or after (1)."""
        time = self._candles(symbol, frame).time
        if not time:
            return
        at = len(time) - 1 if self._cursor is None else bisect_left(time, self._cursor)
        at = max(0, at + step)
        self._cursor = time[at] if at < len(time) - 1 else None

    def _status(self, symbol: str, candles: CandleColumns, digits: int, frame: Frame, width: int) -> list[Span]:
        """The candle under the cursor, else the newest, in figures."""
        at = newest = len(candles.time) - 1
        if self._cursor is not None:
            at = min(bisect_left(candles.time, self._cursor), newest)
        start = candles.time[at]
        before, high, low, close, volume = (column[at] for column in candles[1:])
        [average] = average_prices(candles, self.timeframe, at, at + 1)
        figure = frame.model.prices.figures(frame.now).get(symbol)
        if self._cursor is None and figure is not None and start + LENGTHS[self.timeframe] > frame.now:
            close = figure.last
            high, low = max(high, close), min(low, close)
        stale = self._cursor is None and _is_stale(symbol, frame)
        time = fmt.day(start) if self.timeframe == "1d" else f"{fmt.day(start)} {fmt.clock(start)[:5]}"
        parts: list[Span] = [
            (f"{self.timeframe} {time}", "accent" if self._cursor is not None else "muted"),
            (f"C {fmt.price(close, digits)}", "stale" if stale else "sum flash"),
            change((close / before - 1) * 100 if before else None),
            (f"• VWAP {fmt.price(average, digits)}", "accent"),
            (f"O {fmt.price(before, digits)}", "text"), (f"H {fmt.price(high, digits)}", "text"),
            (f"L {fmt.price(low, digits)}", "text"),
            (f"V {fmt.amount(volume) if volume else fmt.UNKNOWN}", "text"),
        ]  # fmt: skip
        return fit(parts, width)


def _is_stale(symbol: str, frame: Frame) -> bool:
    price = frame.model.prices.figures(frame.now).get(symbol)
    return price is not None and is_stale("prices", price.age_ms)


def _sticks(
    candles: CandleColumns, timeframe: str, first: int, columns: int, price: float | None
) -> dict[int, Candlestick]:  # fmt: skip
    """The candles by column, the newest of all up to the price."""
    length = LENGTHS[timeframe]
    start, stop = (bisect_left(candles.time, edge) for edge in (first, first + columns * length))
    averages = average_prices(candles, timeframe, start, stop)
    rows = zip(*(column[start:stop] for column in candles[:5]), averages, strict=True)
    sticks = {(time - first) // length: Candlestick(*prices) for time, *prices in rows}
    if sticks and price is not None and stop == len(candles.time):
        newest = max(sticks)
        last = sticks[newest]
        sticks[newest] = last._replace(high=max(last.high, price), low=min(last.low, price), close=price)
    return sticks


def _heaviest(levels: Sequence[LevelFigure], sticks: Collection[Candlestick], most: int) -> list[LevelFigure]:
    """Pinned levels, and of the others those with the highest scores near what is shown."""
    low, high = min(stick.low for stick in sticks), max(stick.high for stick in sticks)
    reach = (high - low) / 8
    near = [each for each in levels if each.high >= low - reach and each.low <= high + reach]
    return sorted(near, key=lambda each: (not each.pinned, -each.score))[:most]


def _band(level: LevelFigure, digits: int, margin: int) -> Band:
    mark, kind = "◆ " if level.pinned else "", level.kind[:3]
    words = f"{mark}{fmt.price(level.price, digits)}"
    if margin >= 26:
        words = f"{words} {level.label or kind}" if level.label else f"{words} {kind} {level_words(level, 0)[-1]}"
    return Band(level.low, level.high, words, level_style(level))


def _marks(waves: Sequence[WaveFigure], first: int, columns: int, length: int, now: int) -> list[int]:
    """By column the number of the wave in its time, 0 for none."""
    marks = [0] * columns
    for wave in waves:
        start, end = (wave.start - first) // length, ((now if wave.end is None else wave.end) - first) // length
        if end >= 0 and start < columns:
            start, end = max(0, start), min(columns - 1, end)
            marks[start : end + 1] = [wave.id] * (end + 1 - start)
    return marks


def _times(first: int, columns: int, length: int) -> str:
    """Times under their columns, evenly spaced, each whole."""
    text = ""
    for column in range(0, columns, 16):
        ts = first + column * length
        at = datetime.fromtimestamp(ts / 1000, UTC)
        word = f"{fmt.day(ts)} {at:%H:%M}" if length < DAY else f"{fmt.day(ts)} {at:%Y}"
        if column + len(word) <= columns:
            text = text.ljust(column) + word
    return text
