"""The page of one asset's flows, or of one fund's: the days as bars, the funds, and the sum since any day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from deskmon.api import Choice, Drill, Frame, Intent, Line, Row, Section, TablePanel, figures, fmt
from deskmon.components.bars import BARS_LEAST
from deskmon.components.flow_periods import PERIOD_DEFINITIONS, PERIODS, by_period, period_columns, period_rows
from deskmon.components.flows import (
    FLOW_DEFINITIONS,
    assets_headline,
    day_name,
    flow_bars,
    flow_columns,
    flow_extreme,
    flow_headline,
    fund_row,
    signed_amount,
)
from deskmon.components.since import flow_words, since_phrase
from deskmon.components.text import wrapped

WINDOWS = {"30d": 30, "90d": 90, "365d": 365, "all": 0}
TALLEST = 14


class Flow(TablePanel):
    """How the flows went day by day."""

    name = "flow"
    title = "Flow history"
    topics = frozenset({"flows", "clock"})
    has_live_figures = False
    window = Choice(
        tuple(WINDOWS), default="90d", key="v", window=True,
        help="Length of the chart: 30d, 90d, 365d, all; also w, left and right",
    )  # fmt: skip
    period = Choice(tuple(PERIODS), key="p", help="A row for each day, week (from Monday) or month")
    definitions = (
        *FLOW_DEFINITIONS,
        ("bars", "net flow of a day, week or month, inflows above; of several in one cell the largest of each"),
        *PERIOD_DEFINITIONS,
    )

    class Options(TablePanel.Options, frozen=True):
        """asset: the linked one where empty; fund: one of its funds, all together where empty."""

        asset: str = ""
        fund: str = ""

    def heading(self, frame: Frame) -> str:
        return " ".join(filter(None, ("flows", self._asset(frame), self.options.fund)))

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return ("USD", *super().note_parts(frame))

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        return flow_bars(by_period(self._days(frame), self.period), *size)

    def sections(self, frame: Frame) -> Sequence[Section]:
        asset = self._asset(frame)
        figure = frame.model.flows.figures(frame.now).get(asset)
        columns = period_columns(self.period)
        if figure is None or not self._days(frame):
            return (Section("days", columns, (), f"no flow of {self.options.fund or asset} in {self.window}"),)
        found = [
            Section(
                "days", columns, period_rows(self._history(frame), self.period, self._first(frame)), sorted_by="date"
            )
        ]
        if not self.options.fund:
            rows = [fund_row(name, flow, frame.now) for name, flow in figure.funds.items()]
            found.insert(0, Section("funds", flow_columns("fund"), rows))
        return found

    def open(self, row: Row, frame: Frame) -> Intent | None:
        kind, _, fund = row.key.partition("/")
        return Drill("flow", {"asset": self._asset(frame), "fund": fund}, fund) if kind == "fund" else None

    def _asset(self, frame: Frame) -> str:
        return self.options.asset or frame.symbol

    def _days(self, frame: Frame) -> list[figures.FlowDay]:
        """The days of the window, oldest first."""
        first = self._first(frame)
        return [day for day in self._history(frame) if day.date >= first]

    def _history(self, frame: Frame) -> list[figures.FlowDay]:
        return frame.model.flows.history(self._asset(frame), self.options.fund)

    def _first(self, frame: Frame) -> str:
        """The first day of the window; "" for all."""
        length = WINDOWS[self.window]
        today = datetime.fromtimestamp(frame.now / 1000, UTC).date()
        return (today - timedelta(days=length - 1)).isoformat() if length else ""

    def chart_height(self, frame: Frame) -> int:
        room = (frame.height - len(self.headline(frame))) // 2
        fits = frame.width >= BARS_LEAST[0] and room >= BARS_LEAST[1] + 1 and self._days(frame)
        return min(TALLEST, room) if fits else 0

    def headline(self, frame: Frame) -> Sequence[Line]:
        figure = frame.model.flows.figures(frame.now).get(self._asset(frame))
        if figure is None or frame.height < 5:
            return []
        flow = figure.funds.get(self.options.fund)
        if self.options.fund and flow is None:
            return []
        parts = flow_headline(self._asset(frame), figure, frame.now)
        parts += assets_headline(self._asset(frame), figure, (None, None))
        parts += [[(words, "muted")] for words in _standing(figure) if words]
        if flow is not None:
            day = f"{fmt.UNKNOWN} on {day_name(figure.date, frame.now)}"
            told = signed_amount(flow.day_usd)
            newest = (f"{told[0]} on {day_name(flow.date, frame.now)}", told[1])
            parts = [[(f"{self.options.fund} ", "sum"), newest]]
            parts += [[(f"{day}, not reported yet", "warn")]] if flow.expected and not flow.reported else []
            parts += [[(f"source {flow.source}", "muted")]] if flow.source else []
        return wrapped(parts, frame.width, 3 if frame.height >= 24 else 2 if frame.height >= 10 else 1)


def _standing(figure: figures.FlowFigure) -> Iterable[str]:
    """Since when the newest whole day, and its week so far, were not as extreme; what the headline has is left out."""
    if figure.whole_usd is None:
        return
    if not flow_extreme(figure):
        yield since_phrase(figure.since, flow_words(figure.whole_usd, "daily"))
    if figure.whole_date == figure.date:
        yield since_phrase(figure.week_since, flow_words(figure.week_usd, "weekly"), "week")
        if figure.week_streak_since is not None and abs(figure.week_streak or 0) > 1:
            words = flow_words(figure.week_streak_usd or 0.0, "run of weekly")
            yield since_phrase(figure.week_streak_since, words, "run")
        yield since_phrase(figure.month_since, flow_words(figure.month_usd, "monthly"), "month")
