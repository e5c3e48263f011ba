"""The page of one context series: its line over time, its extremes, how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from deskmon.api import DAY, Frame, Intent, Key, Line, Panel, Span, fit, fmt, following
from deskmon.components.charts import CHART_LEAST, line_chart, within
from deskmon.components.series import series_change, series_name, series_unit, series_value
from deskmon.components.text import one_line

WINDOWS = {"7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY, "365d": 365 * DAY}


class Metric(Panel):
    """How a series went."""

    name = "metric"
    title = "Context series"
    topics = frozenset({"metrics", "clock"})
    windowed = True
    keys = (Key("metric.window", "v", "window", "Length of the chart: 7d, 30d, 90d, 365d; also w, left and right"),)
    definitions = (
        ("line", "its values, a month by the hour, a year by the day; it breaks where values are missing"),
        ("high, low", "the highest and lowest value in the window, and when (UTC)"),
        ("percentile", "share of the n daily values of a year below the newest; none under 30 values"),
    )

    class Options(Panel.Options, frozen=True):
        """series: its name; window: the one at start."""

        series: str = "fear_greed"
        window: str = "90d"

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._window: str = self.options.window if self.options.window in WINDOWS else "90d"

    def options_now(self) -> Any:
        return replace(super().options_now(), window=self._window)

    def heading(self, frame: Frame) -> str:
        return series_name(self.options.series)

    def note(self, frame: Frame) -> str:
        figure = frame.model.metrics.figures(frame.now).get(self.options.series)
        source = one_line(figure.source or "") if figure else ""
        return " · ".join(filter(None, (source, self._window)))

    def oldest(self, frame: Frame) -> int | None:
        figure = frame.model.metrics.figures(frame.now).get(self.options.series)
        return figure.age_ms if figure else None

    def draw(self, frame: Frame) -> Sequence[Line]:
        span = (frame.now - WINDOWS[self._window], frame.now)
        points = within(frame.model.metrics.history(self.options.series), *span)
        if not points:
            words = f"no {series_name(self.options.series)} in {self._window}"
            return [fit([(words, "muted")], frame.width)][: frame.height]
        lines: list[Line] = self._words(points, frame)[: max(1, frame.height - CHART_LEAST[1])]
        size = (frame.width, frame.height - len(lines))
        if size[0] >= CHART_LEAST[0] and size[1] >= CHART_LEAST[1]:
            hold = frame.model.metrics.patience(self.options.series)
            lines += line_chart(points, span, size, series_value, hold_ms=hold)
        return lines[: frame.height]

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        steps = {"metric.window": 1, "window": 1, "right": 1, "left": -1}
        if action in steps:
            self._window = following(tuple(WINDOWS), self._window, steps[action])
        return None

    def _words(self, points: Sequence[tuple[int, float]], frame: Frame) -> list[Line]:
        """The newest value with its changes; the extremes of the window and how it stands."""
        name = self.options.series
        figure = frame.model.metrics.figures(frame.now)[name]
        parts: list[Span] = [
            (series_value(figure.value), "stale" if figure.stale else "sum flash"),
            (series_unit(name, figure), "muted"),
        ]
        parts += [(f"stale, {fmt.age(figure.age_ms)} old", "warn")] if figure.stale else []
        for window in figure.change:
            text, style = series_change(name, figure, window)
            parts.append((f"{text} in {window}", style if text != fmt.UNKNOWN else "muted"))
        low, high = min(points, key=_value), max(points, key=_value)
        below: list[Span] = [
            (f"{word} {series_value(value)} on {fmt.date(ts)}", "muted")
            for word, (ts, value) in (("high", high), ("low", low))
        ]
        if figure.percentile is not None:
            below.append((f"percentile {figure.percentile:.0f} over {figure.n} days", "text"))
        return [fit([part for part in parts if part[0]], frame.width), fit(below, frame.width)]


def _value(point: tuple[int, float]) -> float:
    return point[1]
