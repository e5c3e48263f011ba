"""Flows of funds by asset, and of the linked asset by fund, or by week or month."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

from msgspec import Meta

from deskmon.api import Choice, Drill, Frame, Intent, Line, Row, Section, TablePanel, figures
from deskmon.components.awaited import awaited, by_file_only
from deskmon.components.bars import BARS_LEAST
from deskmon.components.figure_words import figure_paths
from deskmon.components.flow_periods import (
    PERIOD_DEFINITIONS,
    PERIODS,
    by_period,
    cumulative,
    period_columns,
    period_rows,
)
from deskmon.components.flows import (
    FLOW_DEFINITIONS,
    asset_row,
    assets_headline,
    flow_bars,
    flow_columns,
    flow_headline,
    fund_row,
)
from deskmon.components.text import wrapped

CHARTED = {"day": 60, "week": 52, "month": 36}
"""Days, weeks or months on the chart, which stands where the tables leave room."""
LISTED = {"week": 12, "month": 12}
TALLEST = 12
SOURCES = ("etf_btc", "etf_eth", "etf_sol", "etf_xrp")
"""Of the feed `context`: those that tell flows."""


class Flows(TablePanel):
    """Is money coming or leaving, through which funds, and for how long already?"""

    name = "flows"
    title = "ETF flows"
    topics = frozenset({"flows", "holders", "metrics", "feeds", "clock"})
    has_live_figures = False
    period = Choice(tuple(PERIODS), key="p", help="The linked asset by fund, or by week or month; bars to match")
    definitions = (
        *FLOW_DEFINITIONS,
        ("reported", "of a fund: final, prelim (may be corrected), not yet, or — where it isn't expected"),
        ("bars", "net flow of the asset's funds on each of 60 days, in weeks or in months, inflows above the line"),
        *PERIOD_DEFINITIONS,
    )

    class Options(TablePanel.Options, frozen=True):
        """asset: whose funds are shown; where empty the linked one, if it has flows, else the first that has. since: a
        day, YYYY-MM-DD; the sum of all flows from then on has a column."""

        asset: str = ""
        since: Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$")] = ""

    def plots(self, frame: Frame) -> str:
        return figure_paths("flows", (self._asset(frame),), "day_usd")[0]

    def compares(self, frame: Frame) -> Sequence[str]:
        known = frame.model.flows.figures(frame.now)
        parts = ("day_usd", "five_days_usd", "week_usd", "month_usd", "aum_usd")
        return [path for part in parts for path in figure_paths("flows", known, part)]

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return ("USD",)

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        return flow_bars(by_period(self._history(frame), self.period)[-CHARTED[self.period] :], *size)

    def sections(self, frame: Frame) -> Sequence[Section]:
        known = frame.model.flows.figures(frame.now)
        assets = [asset_row(name, each, frame.now, self._since(frame, name)) for name, each in known.items()]
        columns = flow_columns("asset", self.options.since, share="of cap")
        found = [Section("assets", columns, assets, awaited("flow", SOURCES, frame.model, frame.now))]
        asset = self._asset(frame)
        if asset in known:
            found += [
                self._table(asset, known[asset], frame),
                *by_file_only(_missing(known[asset], frame), frame.model),
            ]
        return found

    def _table(self, asset: str, figure: figures.FlowFigure, frame: Frame) -> Section:
        """The asset's funds, or its weeks or months."""
        if self.period == "day":
            ranked = sorted(
                figure.funds.items(), key=lambda item: (not item[1].reported, -abs(item[1].day_usd), item[0])
            )
            rows = [fund_row(name, flow, frame.now, self._since(frame, asset, name)) for name, flow in ranked]
            return Section("funds", flow_columns(f"{asset} fund", self.options.since), rows)
        rows = list(period_rows(self._history(frame), self.period))[: LISTED[self.period]]
        return Section("periods", period_columns(self.period), rows, sorted_by="date")

    def open(self, row: Row, frame: Frame) -> Intent | None:
        kind, _, fund = row.key.partition("/")
        if fund:
            return Drill("flow", {"asset": self._asset(frame), "fund": fund}, fund)
        if kind in frame.model.flows.figures(frame.now):
            return Drill("flow", {"asset": kind}, f"{kind} flows")
        return Drill("flow", {"asset": self._asset(frame), "period": self.period}, f"{self._asset(frame)} flows")

    def _asset(self, frame: Frame) -> str:
        known = frame.model.flows.figures(frame.now)
        wanted = self.options.asset or frame.symbol
        return wanted if wanted in known or self.options.asset else next(iter(known), "")

    def _history(self, frame: Frame, asset: str = "", fund: str = "") -> Sequence[figures.FlowDay]:
        return frame.model.flows.history(asset or self._asset(frame), fund)

    def _since(self, frame: Frame, asset: str, fund: str = "") -> float | None:
        return cumulative(self._history(frame, asset, fund), self.options.since) if self.options.since else None

    def chart_height(self, frame: Frame) -> int:
        """The lines that the tables leave."""
        known = frame.model.flows.figures(frame.now)
        asset = self._asset(frame)
        if asset not in known or frame.width < BARS_LEAST[0]:
            return 0
        listed = len(known[asset].funds) if self.period == "day" else LISTED[self.period]
        room = frame.height - len(self.headline(frame)) - len(known) - listed - 3
        return min(TALLEST, room) if room >= BARS_LEAST[1] + 1 else 0

    def headline(self, frame: Frame) -> Sequence[Line]:
        figure = frame.model.flows.figures(frame.now).get(self._asset(frame))
        if figure is None or frame.height < 5:
            return []
        etps = frame.model.metrics.value("etp_aum"), frame.model.metrics.value("total_market_cap")
        parts = flow_headline(self._asset(frame), figure, frame.now)
        parts += assets_headline(self._asset(frame), figure, etps)
        return wrapped(parts, frame.width, 1 if frame.height < 10 else 2 if frame.height < 20 else 3)


def _missing(figure: figures.FlowFigure, frame: Frame) -> list[str]:
    """What nobody tells of the funds."""
    shares = [fund.share for fund in figure.funds.values() if fund.share is not None]
    told = {
        "AUM": figure.aum_usd, "each fund's share": shares or None,
        "the average cost": figure.average_cost, "all ETPs' AUM": frame.model.metrics.value("etp_aum"),
    }  # fmt: skip
    return [name for name, value in told.items() if value is None]
