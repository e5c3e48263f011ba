"""The plot of one figure over time, from what the desk holds of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from deskmon.api import DAY, HOUR, Choice, Frame, Line, Panel, Span, fmt
from deskmon.components.charts import chart_below, extremes
from deskmon.components.figure_words import figure_at, figure_words
from deskmon.components.text import fit, one_line, wrap

PointsOf = Callable[[int, int, int], Sequence[tuple[int, float]]]
"""Since (ms), until, how many: (time, value) at even steps."""
WINDOWS = {"4h": 4 * HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY, "365d": 365 * DAY}
FINER = 200
"""So much finer than a step is looked for when a value began, twice."""
POINTS_PER_CELL = 2
"""Columns of dots in a cell."""


class Plot(Panel):
    """A line, the newest value, the extremes of the window and the usual change over a tenth of it."""

    name = "plot"
    title = "Plot of a figure"
    topics = frozenset({"clock"})
    definitions = (
        ("line", "the figure over time, from the histories that the desk holds; it breaks where nothing is known"),
        ("high, low", "the highest and lowest value held in the window, one each so long as is said, and when (UTC)"),
        ("±", "the standard deviation of its changes over a tenth of the window, and of how many changes that is"),
        ("window", "w, left, right: 4h to 365d; a line that begins later is as long as the desk's memory"),
    )
    window = Choice(tuple(WINDOWS), default="7d", window=True)

    class Options(Panel.Options, frozen=True):
        """figure: its path, as `deskmon list figures` has it; the linked asset's price where empty."""

        figure: str = ""

    def heading(self, frame: Frame) -> str:
        return one_line(self._path(frame))

    def plots(self, frame: Frame) -> str:
        return self._path(frame)

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return (figure_at(self._path(frame)).unit, *super().note_parts(frame))

    def draw(self, frame: Frame) -> Sequence[Line]:
        figure, length = figure_at(self._path(frame)), WINDOWS[self.window]
        held = frame.model.changes.history(figure, frame.now, length // 10)
        span = (frame.now - length, frame.now)
        points = [] if held is None else held.points(*span, POINTS_PER_CELL * frame.width)
        if held is None or not points:
            words = f"the desk holds no history of {figure.text} in {self.window}"
            remedy = f"deskmon plot {figure.text} draws it from the journal"
            return [[(line, "muted")] for text in (words, remedy) for line in wrap(text, frame.width)][: frame.height]

        def write(value: float) -> str:
            return figure_words(figure.unit, value)

        first, last = -(-max(span[0], held.first) // held.step) * held.step, span[1] // held.step * held.step
        ends = held.points(first, last, (last - first) // held.step + 1) if first < last else []
        low, high = extremes(sorted([*ends, *points]))
        parts: list[Span] = [(write(points[-1][1]), "sum flash")]
        parts += [
            (f"{name} {write(value)} on {fmt.date(at)} {fmt.clock(at)[:5]}", "muted")
            for name, (at, value) in (
                ("high", began(held.points, held.step, *high)),
                ("low", began(held.points, held.step, *low)),
            )
        ]
        usual = held.usual(length // 10, frame.now)
        if usual is not None and usual.sigma is not None:
            sigma = fmt.percent(usual.sigma, plus=False) if held.relative else write(usual.sigma)
            parts.append((f"±{sigma} in {fmt.age(length // 10)} (n {usual.n:,})", "text"))
        parts.append((f"a value each {fmt.age(held.step)}", "muted"))
        step = max(held.step, length // max(1, POINTS_PER_CELL * frame.width))
        head = fit(parts, frame.width)
        return chart_below([head], points, span, (frame.width, frame.height), write, hold_ms=3 * step)

    def _path(self, frame: Frame) -> str:
        return self.options.figure or f"prices.{frame.symbol}.last"


def began(points: PointsOf, step: int, at: int, value: float) -> tuple[int, float]:
    """Since when (ms) a value stood that was found at `at`, a step of its history later at most."""
    for length in (step, step // FINER):
        at = next((ts for ts, each in points(at - length, at, FINER + 1) if each == value), at)
    return at, value
