"""Flows of funds by asset, and of the linked asset by fund."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Drill, Frame, Intent, Line, Row, Section, TablePanel, figures
from deskmon.components.awaited import awaited
from deskmon.components.flows import (
    BARS_LEAST,
    FLOW_DEFINITIONS,
    asset_row,
    flow_bars,
    flow_columns,
    flow_headline,
    fund_row,
)
from deskmon.components.text import wrapped

CHARTED = 60
"""Days on the chart, which stands where the tables leave room."""
TALLEST = 12
SOURCES = ("etf_btc", "etf_eth", "etf_sol", "etf_xrp")
"""Of the feed `context`: those that tell flows."""


class Flows(TablePanel):
    """Is money coming or leaving, through which funds, and for how long already?"""

    name = "flows"
    title = "ETF flows"
    topics = frozenset({"flows", "feeds", "clock"})
    has_live_figures = False
    definitions = (
        *FLOW_DEFINITIONS,
        ("reported", "of a fund: final, prelim (may be corrected), not yet, or — where it isn't expected"),
        ("share", "of the AUM of all funds of the asset"),
        ("bars", "net flow of the asset's funds on each of 60 days, inflows above the line"),
    )

    class Options(TablePanel.Options, frozen=True):
        """asset: whose funds are shown; where empty the linked one, if it has flows, else the first that has."""

        asset: str = ""

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return ("USD",)

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        return flow_bars(self._days(frame), *size)

    def sections(self, frame: Frame) -> Sequence[Section]:
        known = frame.model.flows.figures(frame.now)
        asset = self._asset(frame)
        assets = [asset_row(name, figure, frame.now) for name, figure in known.items()]
        found = [Section("assets", flow_columns("asset"), assets, awaited("flow", SOURCES, frame.model, frame.now))]
        if asset in known:
            figure = known[asset]
            ranked = sorted(
                figure.funds.items(), key=lambda item: (not item[1].reported, -abs(item[1].day_usd), item[0])
            )
            rows = [fund_row(name, flow, figure, frame.now) for name, flow in ranked]
            found.append(Section("funds", flow_columns(f"{asset} fund"), rows))
        return found

    def open(self, row: Row, frame: Frame) -> Intent | None:
        kind, _, fund = row.key.partition("/")
        if fund:
            return Drill("flow", {"asset": self._asset(frame), "fund": fund}, fund)
        return Drill("flow", {"asset": kind}, f"{kind} flows")

    def _asset(self, frame: Frame) -> str:
        known = frame.model.flows.figures(frame.now)
        wanted = self.options.asset or frame.symbol
        return wanted if wanted in known or self.options.asset else next(iter(known), "")

    def _days(self, frame: Frame) -> Sequence[figures.FlowDay]:
        return frame.model.flows.history(self._asset(frame))[-CHARTED:]

    def chart_height(self, frame: Frame) -> int:
        """The lines that the tables leave."""
        known = frame.model.flows.figures(frame.now)
        asset = self._asset(frame)
        if asset not in known or frame.width < BARS_LEAST[0]:
            return 0
        tables = len(known) + len(known[asset].funds) + 3
        room = frame.height - len(self.headline(frame)) - tables
        return min(TALLEST, room) if room >= BARS_LEAST[1] + 1 else 0

    def headline(self, frame: Frame) -> Sequence[Line]:
        figure = frame.model.flows.figures(frame.now).get(self._asset(frame))
        if figure is None or frame.height < 5:
            return []
        return wrapped(
            flow_headline(self._asset(frame), figure, frame.now), frame.width, 2 if frame.height >= 10 else 1
        )
