"""The candle chart of one asset: candles, levels and pins, average price, waves, and a cursor that reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from deskmon.api import Drill, Frame, Intent, Line, Panel, action, fmt
from deskmon.components.candle_view import CHART_DEFINITIONS, CHART_TOPICS, PIN_HELP, CandleView, timeframe_choice
from deskmon.components.markets import contract
from deskmon.components.text import fit


class Chart(Panel):
    """Where the price came from, and what stands in its way."""

    name = "chart"
    title = "Chart"
    topics = CHART_TOPICS
    timeframe = timeframe_choice()
    definitions = CHART_DEFINITIONS

    class Options(Panel.Options, frozen=True):
        """symbol: asset (`BTC`) or unified symbol, the linked asset where empty."""

        symbol: str = ""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._view = CandleView(self.timeframe)

    def heading(self, frame: Frame) -> str:
        return f"Chart {fmt.base(self._asset(frame))}"

    def note_parts(self, frame: Frame) -> Iterable[str]:
        symbol = self._symbol(frame)
        return contract(symbol) if symbol else "", *super().note_parts(frame)

    def oldest(self, frame: Frame) -> int | None:
        price = frame.model.prices.figures(frame.now).get(self._symbol(frame))
        return price.age_ms if price else None

    def draw(self, frame: Frame) -> Sequence[Line]:
        symbol = self._symbol(frame)
        if not symbol:
            return [fit([(f"no candles of {self._asset(frame)} yet", "muted")], frame.width)][: frame.height]
        return self._view.draw(symbol, frame, (frame.width, frame.height))

    def answers(self, frame: Frame) -> Collection[str]:
        return ("enter",) if self._symbol(frame) else ()

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        if symbol := self._symbol(frame):
            self._view.read(symbol, step, frame)
        return None

    @action("enter")
    def open_page(self, frame: Frame) -> Intent | None:
        symbol = self._symbol(frame)
        return Drill("symbol", {"symbol": symbol}, fmt.base(symbol)) if symbol else None

    @action("pin", key="p", help=PIN_HELP)
    def pin(self, frame: Frame) -> Intent | None:
        return self._view.pin(self._symbol(frame), frame)

    @timeframe.offered
    def _timeframes(self, frame: Frame) -> Sequence[str]:
        symbol = self._symbol(frame)
        return self._view.timeframes(symbol, frame) if symbol else ()

    def changed(self) -> None:
        self._view.timeframe = self.timeframe

    def _asset(self, frame: Frame) -> str:
        return self.options.symbol or frame.symbol

    def _symbol(self, frame: Frame) -> str:
        return self._view.symbol(self._asset(frame), frame)
