"""Stresses: runs of waves that took a large part of what all waves of a week took. Two flushes of one week are two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import fsum

from deskmon.clock import DAY, HOUR
from deskmon.model.liquidation_figures import StressFigure, WaveFigure

APART = 12 * HOUR
"""A wave that begins so long (ms) after the last of a run begins another run."""
SHARE = 0.2
"""A run is a stress where it took so large a part of what the waves of the look-back took."""
LOOK_BACK = 7 * DAY
"""Waves that began within it (ms) count."""


def stresses(waves: Iterable[WaveFigure], now: int) -> list[StressFigure]:
    """The stresses of the week that ends at `now` (ms), the oldest first; `waves` in order of their start."""
    counted = [wave for wave in waves if now - LOOK_BACK < wave.start <= now]
    whole = fsum(wave.usd for wave in counted)
    runs: list[list[WaveFigure]] = []
    for wave in counted:
        if runs and wave.start - _end(runs[-1][-1], now) < APART:
            runs[-1].append(wave)
        else:
            runs.append([wave])
    return [found for run in runs if (found := _figure(run, whole, now)).share >= SHARE]


def _end(wave: WaveFigure, now: int) -> int:
    return now if wave.end is None else wave.end


def _figure(run: Sequence[WaveFigure], whole: float, now: int) -> StressFigure:
    long, short = fsum(wave.long_usd for wave in run), fsum(wave.short_usd for wave in run)
    return StressFigure(
        usd=long + short, long_usd=long, short_usd=short, count=sum(wave.count for wave in run), start=run[0].start,
        end=max((wave.end for wave in run if wave.end is not None), default=None) if run[-1].end is not None else None,
        long_share=long / (long + short), share=(long + short) / whole, waves=[wave.id for wave in run],
    )  # fmt: skip
