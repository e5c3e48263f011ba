"""The candle chart of one asset: candles, levels and pins, average price, waves, and a cursor that reads."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from msgspec.structs import replace

from deskmon.api import Drill, Frame, Intent, Line, Notify, Panel, Pin, contract, fit, fmt
from deskmon.components.candle_view import CHART_DEFINITIONS, CHART_TOPICS, CandleView, chart_keys


class Chart(Panel):
    """Where the price came from, and what stands in its way."""

    name = "chart"
    title = "Chart"
    topics = CHART_TOPICS
    keys = chart_keys("chart")
    definitions = CHART_DEFINITIONS

    class Options(Panel.Options, frozen=True):
        """symbol: asset (`BTC`) or unified symbol, the linked asset where empty; timeframe: the one at start."""

        symbol: str = ""
        timeframe: str = "1h"

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._view = CandleView(self.options.timeframe)

    def options_now(self) -> Any:
        return replace(super().options_now(), timeframe=self._view.timeframe)

    def heading(self, frame: Frame) -> str:
        return f"Chart {fmt.base(self._asset(frame))}"

    def note(self, frame: Frame) -> str:
        symbol = self._symbol(frame)
        return " · ".join(filter(None, (contract(symbol) if symbol else "", self._view.timeframe)))

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

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        symbol = self._symbol(frame)
        if action == "enter":
            return Drill("symbol", {"symbol": symbol}, fmt.base(symbol)) if symbol else None
        if action == "chart.pin":
            price = self._view.close(symbol, frame) if symbol else None
            return Notify("no price to pin yet", "warn") if price is None else Pin(fmt.base(symbol), price)
        if symbol:
            self._view.on_action(action.removeprefix("chart."), symbol, frame)
        return None

    def _asset(self, frame: Frame) -> str:
        asset: str = self.options.symbol or frame.symbol
        return asset

    def _symbol(self, frame: Frame) -> str:
        return self._view.symbol(self._asset(frame), frame)
