"""Liquidation waves: the one that runs in words, USD per minute as bars, and all waves of the session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import (
    EACH_FRAME,
    HOUR,
    MINUTE,
    WINDOWS,
    Choice,
    Drill,
    Frame,
    Intent,
    Line,
    Row,
    Span,
    TablePanel,
    figures,
    fmt,
)
from deskmon.components.feed_health import who_listens
from deskmon.components.text import JOINT, wrapped
from deskmon.components.waves import (
    TIMELINE_LEAST,
    WAVE_COLUMNS,
    WAVE_DEFINITIONS,
    baseline_words,
    wave_headline,
    wave_row,
    wave_timeline,
)

SPANS = ("1h", "4h", "12h", "24h")
TALLEST = 12
"""Lines that the timeline has at most; it leaves the list at least as many as it takes."""


DOUBT_FITS = 32
"""Cells from which on one line says of a wave, or of none, also that it is provisional."""


class Waves(TablePanel):
    """Who is being closed out, in which waves: is it building, cresting or fading?"""

    name = "waves"
    title = "Waves"
    sorted_by = "wave"
    topics = frozenset({"waves", "liquidations", "prices", "open_interest", "feeds", "clock"})
    wave_interval_ms = EACH_FRAME
    window = Choice(SPANS, default="", window=True)
    columns = WAVE_COLUMNS
    definitions = (
        *WAVE_DEFINITIONS,
        (
            "bars",
            "USD in the busiest minute that ended in the cell, as in peak/min: longs above the line, shorts below",
        ),
        ("shaded", "the time of a wave, its number on the line, its bars in colour; w, left, right: 1h, 4h, 12h, 24h"),
        ("warming up", "for its first minute a desk may not call yet what runs; it knows nothing of its own"),
        (
            "prior",
            "what a calm day usually liquidates, shipped with deskmon: the measure until 4 calm minutes were heard",
        ),
        ("stresses", "runs of waves, less than 12 h apart, that took a fifth or more of what all waves of 7 days took"),
        ("window", "until one is chosen an hour while there are waves, else the day"),
    )

    def note_parts(self, frame: Frame) -> Iterable[str]:
        span, held = WINDOWS[self._span(frame)], frame.model.waves.figures(frame.now)
        waves = [wave for wave in held if wave.end is None or frame.now - wave.end < span]
        count = f"{len(waves)} wave{'s' * (len(waves) != 1)}" if waves else ""
        found = len(frame.model.waves.stresses(frame.now)) if len(held) > 1 else 0
        stresses = f"{found} stress{'es' * (found != 1)} in 7d" if found else ""
        return (*baseline_words(frame.model, frame.now)[:1], count, stresses, *super().note_parts(frame))

    def head_height(self, frame: Frame) -> int:
        headline, timeline = self._layout(frame)
        return len(headline) + timeline

    def head(self, frame: Frame, height: int) -> Sequence[Line]:
        headline, rows = self._layout(frame)
        if not rows:
            return headline
        model, now = frame.model, frame.now
        minutes = model.waves.busiest_minutes(now, WINDOWS[self._span(frame)], MINUTE)
        return [*headline, *wave_timeline(minutes, model.waves.figures(now), now, frame.width, rows)]

    def rows(self, frame: Frame) -> Iterable[Row]:
        for wave in reversed(frame.model.waves.figures(frame.now)):
            yield wave_row(wave, frame.now, style="" if wave.state == "over" else "bold")

    def empty(self, frame: Frame) -> str:
        since = frame.model.liquidations.since
        heard = since is not None and self._heard(frame)
        return f"no wave since {fmt.moment(since, frame.now)}" if heard else "no wave yet"

    def open(self, row: Row, frame: Frame) -> Intent | None:
        return Drill("wave", {"wave": int(row.key)}, f"wave {row.key}")

    @window.shown
    def _span(self, frame: Frame) -> str:
        """The window chosen; until one is, an hour where a wave reaches into it, else the day."""
        newest = frame.model.waves.figures(frame.now)[-1:]
        recent = any(wave.end is None or frame.now - wave.end < HOUR for wave in newest)
        return self.window or ("1h" if recent else "24h")

    def _heard(self, frame: Frame) -> bool:
        """Whether somebody listened to liquidations within the day."""
        day = frame.model.liquidations.windows(frame.now).get("24h")
        return day is not None and day.usd is not None

    def _layout(self, frame: Frame) -> tuple[list[list[Span]], int]:
        """The lines of the headline, and how many the timeline has; none where the list would suffer."""
        if frame.height < 2:
            return [], 0
        doubtful = frame.width < DOUBT_FITS and baseline_words(frame.model, frame.now) and frame.height > 2
        headline = wrapped(self._words(frame), frame.width, 2 if doubtful or frame.height >= 10 else 1)
        rows = min(TALLEST, (frame.height - len(headline)) // 2)
        fits = self._heard(frame) and frame.width >= TIMELINE_LEAST[0] and rows >= TIMELINE_LEAST[1]
        return headline, rows if fits else 0

    def _words(self, frame: Frame) -> list[list[Span]]:
        model, now = frame.model, frame.now
        if (wave := model.waves.current(now)) is not None:
            return wave_headline(wave, now)
        windows = model.liquidations.windows(now)
        if not windows:
            return [[(f"waiting for liquidations; {who_listens(model, now)}", "muted")]]
        if windows["1h"].usd is None:
            last = _last_wave(model.waves.figures(now), now)
            why = who_listens(model, now).replace(": ", JOINT).split(JOINT)
            return [[(f"{fmt.UNKNOWN} in 1h", "muted")], *([(part, "warn")] for part in why), *last]
        words = [[(part, "warn")] for part in baseline_words(model, now)]
        return [
            [("no wave now", "text")], *words[:1],
            *_last_hour(windows["1h"]), *_last_wave(model.waves.figures(now), now), *words[1:],
        ]  # fmt: skip


def _last_hour(hour: figures.WindowFigure) -> list[list[Span]]:
    usd = fmt.amount(hour.usd, lower_bound=hour.lower_bound)
    return [[(f"{usd} in 1h", "text flash")]]


def _last_wave(waves: Sequence[figures.WaveFigure], now: int) -> list[list[Span]]:
    """The newest wave in words, where it ended within a day."""
    wave = waves[-1] if waves else None
    if wave is None or wave.end is None or now - wave.end > 24 * HOUR:
        return []
    return [[(f"wave {wave.id} ended {fmt.duration_words(max(0, now - wave.end))} ago", "muted")]]
