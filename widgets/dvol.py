"""DVOL: Deribit's 30-day volatility index, how it stands in its own history, and what it expects of a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import DAY, Cell, Choice, Column, Frame, Line, Row, Span, figures, fmt, is_stale
from deskmon.components.awaited import awaited_options
from deskmon.components.charts import CHART_LEAST, line_chart, within
from deskmon.components.figure_words import figure_paths
from deskmon.components.options import UnderlyingPanel, skew_cell, vol
from deskmon.components.since import SINCE_DEFINITION, since_phrase
from deskmon.components.text import wrapped
from deskmon.components.values import aged

WINDOWS = {"24h": DAY, "7d": 7 * DAY, "90d": 90 * DAY, "365d": 365 * DAY}
HOLD = {"24h": DAY // 12, "7d": DAY // 6, "90d": 2 * DAY, "365d": 2 * DAY}
"""How long a value counts on the chart (ms): a line breaks where more is missing."""
TALLEST = 14
COLUMNS = (
    Column("underlying", "asset", 5, least=4, most=8, order="up"),
    Column("dvol", "DVOL", 5, "right", 0, order="down"),
    Column("change", "Δ24h", 5, "right", 1, order="down"),
    Column("percentile", "pctl", 5, "right", 2, order="down"),
    Column("rank", "IV rank", 7, "right", 4, order="down"),
    Column("n", "n", 4, "right", 5),
    Column("move", "day ±%", 6, "right", 3, order="down"),
    Column("check", "VIX-style", 9, "right", 8),
    Column("line", "90d", 10, priority=6, least=8, most=60),
    Column("age", "age", 4, "right", 9),
)


class Dvol(UnderlyingPanel):
    """How much movement is priced, and how unusual that is."""

    name = "dvol"
    title = "DVOL"
    columns = COLUMNS
    sorted_by = "underlying"
    window = Choice(
        tuple(WINDOWS), default="365d", key="v", window=True, note=None,
        help="Length of the chart: 24h, 7d, 90d, 365d; also w, left and right",
    )  # fmt: skip
    definitions = (
        ("DVOL", "Deribit's 30-day forward implied volatility of the underlying, percent a year"),
        ("Δ24h", "in vol points, against 24 h before; — without a value of that time"),
        ("pctl", "share of the n daily values of a year below the newest, 0–100; — under 30 values"),
        ("IV rank", "(newest − lowest) / (highest − lowest) of the same values, 0–100"),
        ("day ±%", "expected daily move, 1σ: DVOL / √365"),
        ("VIX-style", "30-day volatility from the prices of options out of the money, as a check on DVOL"),
        SINCE_DEFINITION,
    )

    def plots(self, frame: Frame) -> str:
        return figure_paths("options", (self.underlying(frame),), "dvol")[0]

    def compares(self, frame: Frame) -> Sequence[str]:
        return figure_paths("options", frame.model.options.figures(frame.now), "dvol")

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return (f"{self.underlying(frame)} {self.window}" if self.chart_height(frame) else "",)

    def empty(self, frame: Frame) -> str:
        return awaited_options("DVOL", "DVOL", frame.model, frame.now)

    def rows(self, frame: Frame) -> Iterable[Row]:
        for name, figure in frame.model.options.figures(frame.now).items():
            if figure.dvol is not None:
                yield self._row(name, figure, frame)

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        span = (frame.now - WINDOWS[self.window], frame.now)
        points = self._points(frame, self.underlying(frame), span[0])
        figure = self.figure(frame)
        style = "stale" if figure and is_stale("options", figure.dvol_age_ms) else "accent"
        return line_chart(points, span, size, vol, hold_ms=HOLD[self.window], style=style)

    def _points(self, frame: Frame, underlying: str, since: int) -> Sequence[tuple[int, float]]:
        return within(frame.model.options.index_history(underlying, since), since, frame.now)

    def chart_height(self, frame: Frame) -> int:
        figure = self.figure(frame)
        if figure is None or figure.dvol is None or frame.width < CHART_LEAST[0]:
            return 0
        known = sum(each.dvol is not None for each in frame.model.options.figures(frame.now).values())
        room = frame.height - len(self.headline(frame)) - 1 - min(known, 4)
        return min(TALLEST, room) if room >= CHART_LEAST[1] + 1 else 0

    def headline(self, frame: Frame) -> Sequence[Line]:
        """How the shown underlying stands, in a sentence."""
        figure, name = self.figure(frame), self.underlying(frame)
        if figure is None or figure.dvol is None or frame.height < 4:
            return []
        stale = is_stale("options", figure.dvol_age_ms)
        style = "stale" if stale else "text"
        parts: list[list[Span]] = [[(f"{name} DVOL {vol(figure.dvol)}", "stale" if stale else "sum flash")]]
        if stale:
            parts.append([(f"stale, {fmt.age(figure.dvol_age_ms)} old", "warn")])
        parts += (
            [(f"{skew_cell(figure.dvol_change_24h)[0]} in 24h", style)],
            [(_standing(figure), style)],
            [(since_phrase(figure.since), style)],
            [(f"±{_percent(figure.expected_daily_move_pct)}% a day", style)],
        )
        return wrapped([part for part in parts if part[0][0]], frame.width, 2 if frame.height >= 8 else 1)

    def _row(self, name: str, figure: figures.OptionsFigure, frame: Frame) -> Row:
        age = figure.dvol_age_ms
        days = {ts // DAY: value for ts, value in self._points(frame, name, frame.now - WINDOWS["90d"])}
        values = list(days.values())
        cells: dict[str, Cell] = {
            "underlying": (name, "text"),
            "dvol": (vol(figure.dvol), "sum flash"),
            "change": skew_cell(figure.dvol_change_24h),
            "percentile": (_of_100(figure.dvol_percentile), "text flash"),
            "rank": (_of_100(figure.dvol_rank), "text"),
            "n": (str(_days(figure)), "muted"),
            "move": (_percent(figure.expected_daily_move_pct), "text flash"),
            "check": aged("options", figure.age_ms, (vol(figure.vix_style_30d), "muted")),
            "line": (lambda width: fmt.sparkline(values, width), "accent"),
            "age": (fmt.age(age), "faint"),
        }
        sort = {
            "underlying": name, "dvol": figure.dvol, "change": figure.dvol_change_24h,
            "percentile": figure.dvol_percentile, "rank": figure.dvol_rank, "move": figure.expected_daily_move_pct,
        }  # fmt: skip
        return Row(name, cells, sort, age, is_stale("options", age), text=name)


def _of_100(value: float | None) -> str:
    """A percentile or rank, written as 100 only where it is."""
    return fmt.UNKNOWN if value is None else f"{min(value, 99.9):.1f}" if value < 100 else "100"


def _percent(value: float | None) -> str:
    return fmt.UNKNOWN if value is None else f"{value:.1f}"


def _standing(figure: figures.OptionsFigure) -> str:
    if figure.dvol_percentile is None:
        return f"{_days(figure)} daily values: too few for a percentile"
    percentile, rank = _of_100(figure.dvol_percentile), _of_100(figure.dvol_rank)
    return f"percentile {percentile}, IV rank {rank} over {_days(figure)} days"


def _days(figure: figures.OptionsFigure) -> int:
    """Daily values among which rank and percentile are: a year's at most."""
    return 0 if figure.since is None else min(figure.since.n, 365)
