"""The page of one context series: its line over time, its extremes, how it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import DAY, Choice, Frame, Line, Panel, Span, figures, fmt
from deskmon.components.charts import CHART_LEAST, chart_below, extremes, within
from deskmon.components.series import series_change, series_name, series_unit, series_value
from deskmon.components.since import is_notable, return_words, since_phrase
from deskmon.components.text import fit, one_line

WINDOWS = {"7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY, "365d": 365 * DAY}


class Metric(Panel):
    """How a series went."""

    name = "metric"
    title = "Context series"
    topics = frozenset({"metrics", "clock"})
    window = Choice(
        tuple(WINDOWS), default="90d", key="v", window=True,
        help="Length of the chart: 7d, 30d, 90d, 365d; also w, left and right",
    )  # fmt: skip
    definitions = (
        ("line", "its values, a month by the hour, a year by the day; it breaks where values are missing"),
        ("high, low", "the highest and lowest value in the window, and when (UTC)"),
        ("percentile", "share of the n daily values of a year below the newest; none under 30 values"),
        ("from", "the newest value below the highest daily one that is held"),
        ("day", "how the change from the day before, or the session before, stands among those of earlier days"),
        ("of the market", "a value in US dollars as a share of the whole market's capitalisation of its time"),
    )

    class Options(Panel.Options, frozen=True):
        """series: its name."""

        series: str = "fear_greed"

    def heading(self, frame: Frame) -> str:
        return series_name(self.options.series)

    def note_parts(self, frame: Frame) -> Iterable[str]:
        figure = frame.model.metrics.figures(frame.now).get(self.options.series)
        return (one_line(figure.source or "") if figure else "", *super().note_parts(frame))

    def oldest(self, frame: Frame) -> int | None:
        figure = frame.model.metrics.figures(frame.now).get(self.options.series)
        return figure.age_ms if figure else None

    def draw(self, frame: Frame) -> Sequence[Line]:
        span = (frame.now - WINDOWS[self.window], frame.now)
        points = within(frame.model.metrics.history(self.options.series), *span)
        if not points:
            missing = f"no {series_name(self.options.series)} in {self.window}"
            return [fit([(missing, "muted")], frame.width)][: frame.height]
        words = self._words(points, frame)[: max(1, frame.height - CHART_LEAST[1])]
        hold = frame.model.metrics.patience(self.options.series)
        return chart_below(words, points, span, (frame.width, frame.height), series_value, hold_ms=hold)

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
            if window != "ytd" or text != fmt.UNKNOWN:
                words = f"{text} this year" if window == "ytd" else f"{text} in {window}"
                parts.append((words, style if text != fmt.UNKNOWN else "muted"))
        low, high = extremes(points)
        below: list[Span] = [
            (f"{word} {series_value(value)} on {fmt.date(ts)}", "muted")
            for word, (ts, value) in (("high", high), ("low", low))
        ]
        since = figure.since
        if since is not None and since.percentile is not None:
            below.append((f"percentile {since.percentile:.0f} over {since.n} days", "text"))
        below += [(since_phrase(since), "accent"), *_days(figure)]
        return [fit([part for part in parts if part[0]], frame.width), fit(below, frame.width)]


def _days(figure: figures.MetricFigure) -> Iterable[Span]:
    """How far the value is from its highest, how unusual its newest day is, and what part of the market it is."""
    peak = figure.peak
    if peak is not None and peak.drawdown_pct:
        yield f"{fmt.percent(peak.drawdown_pct, 1)} from {series_value(peak.value)} on {fmt.date(peak.ts)}", "muted"
    if figure.day_since is not None and is_notable(figure.day_since, figure.ts):
        yield since_phrase(figure.day_since, return_words("1d", figure.day_change_pct)), "accent"
    if figure.market_share is not None:
        yield f"{fmt.percent(100 * figure.market_share, 1).removeprefix('+')} of the market", "muted"
