"""Context series in sentences: the value, its changes, how far it is from its peak."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.components.series import series_value
from deskmon.model.figures import MetricFigure
from deskmon.report.content import Figure, Paragraph
from deskmon.report.phrases import path_of, signed_percent
from deskmon.report.reading import Reading, Words, says


def known(reading: Reading, name: str) -> MetricFigure | None:
    """The series at the end; None, and kept as absent, where nobody told it."""
    found = reading.model.metrics.figures(reading.end).get(name)
    if found is None:
        reading.lacks(path_of("metrics", name, "value"), "unknown: no feed told it")
    return found


def value(reading: Reading, name: str, words: Words = series_value) -> Figure | None:
    """The newest value."""
    return reading.figure(path_of("metrics", name, "value"), words)


def percent(reading: Reading, name: str, window: str) -> Figure | None:
    """Its change in a window, in percent: −5.9%."""
    return reading.figure(path_of("metrics", name, "change_pct", window), signed_percent)


def change(reading: Reading, name: str, window: str, words: Words) -> Figure | None:
    """Its change in a window, in its own unit."""
    return reading.figure(path_of("metrics", name, "change", window), words)


def from_peak(reading: Reading, name: str, called: str, words: Words = series_value) -> Paragraph | None:
    """How far it is below the highest daily value that is held, and when that was; None where it is the highest."""
    figure = reading.model.metrics.figures(reading.end).get(name)
    if figure is None or figure.peak is None or not figure.peak.drawdown_pct:
        return None
    peak, drawdown = (path_of("metrics", name, "peak", field) for field in ("value", "drawdown_pct"))
    return says(
        f"The peak of {called} was ", reading.figure(peak, words), f" on {fmt.date(figure.peak.ts)}; it is ",
        reading.figure(drawdown, signed_percent), " from there.",
    )  # fmt: skip


def age_note(figure: MetricFigure) -> str:
    """A word where a value is older than it should be: ` (stale, 3d old)`."""
    return f" (stale, {fmt.age(figure.age_ms)} old)" if figure.stale else ""
