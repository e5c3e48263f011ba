"""A plot in the terminal, drawn by plotext. Nothing else imports it."""

from __future__ import annotations

import plotext

from deskmon.components.text import crop
from deskmon.plots.series import SIDES, TICKS, Series

COLOURS = ("blue+", "orange+", "green+", "magenta+", "cyan+", "red+", "yellow+", "gray+")
MARKS = ("braille", "o", "x", "+", "*", "#", "@", "%")
"""What tells lines apart without colour."""
SHOWN = {"braille": "⣿"}
WIDE = 100
"""Columns from which on there is room for all labels of times."""
LEAST_ROWS = 8


def text_plot(series: Series, size: tuple[int, int], *, coloured: bool) -> str:
    """The series on `size` (columns, rows), in colours or without any."""
    names = (_legend(series, number, size[0], coloured=coloured) for number in range(len(series.lines)))
    head = [crop(series.note, size[0]), *names]
    figure = plotext.figure
    plotext.terminal.limit(False, False)  # `size` counts, in a pipe and beyond the terminal too
    figure.clear()
    figure.theme("colorless")  # no ground of its own: it suits dark and light terminals
    figure.canvas("default")
    figure.plot_size(size[0], max(LEAST_ROWS, size[1] - len(head)))
    for number in series.backmost_first():
        _draw(series, number, coloured=coloured)
    for axis, side in enumerate(SIDES[: len(series.units)]):
        ruler, ticks = figure.ruler("y", side), series.value_ticks(axis)
        ruler.lim(*series.extent(axis))
        ruler.ticks([value for value, _ in ticks], [label for _, label in ticks])
    ruler, times = figure.ruler("x", "lower"), series.time_ticks(3 if size[0] < WIDE else TICKS)
    ruler.lim(0, len(series.times) - 1)
    ruler.ticks([_place(series, ts) for ts, _ in times], [label for _, label in times])
    text = str(figure.build().string())
    lines = (text if coloured else plotext.uncolorize(text)).splitlines()
    return "\n".join([*head, *(line.rstrip() for line in lines)]).rstrip() + "\n"


def _legend(series: Series, number: int, width: int, *, coloured: bool) -> str:
    """Mark and words of a line."""
    mark = SHOWN.get(_mark(series, number, coloured=coloured), _mark(series, number, coloured=coloured))
    shown = str(plotext.colorize(mark, COLOURS[number])) if coloured else mark
    return shown + crop(f" {series.lines[number].name}{series.reading(number)}", width - 1)


def _mark(series: Series, number: int, *, coloured: bool) -> str:
    return "braille" if coloured or not number else MARKS[number]


def _draw(series: Series, number: int, *, coloured: bool) -> None:
    line = series.lines[number]
    if not line.known:
        return
    mark = _mark(series, number, coloured=coloured)
    signal = plotext.figure.signal(
        [_place(series, ts) for ts, _ in line.known], [value for _, value in line.known],
        marker=plotext.marker(mark, COLOURS[number]) if coloured else mark, yside=SIDES[line.axis],
    )  # fmt: skip
    joined = [place > 0 for points in line.stretches for place in range(len(points))]
    for index in range(1, len(joined)):
        signal.line(index, joined[index])
    if line.look == "area":
        signal.fillx()
    plotext.figure.draw(signal)


def _place(series: Series, ts: int) -> float:
    """Where a time stands on the axis, which counts the steps."""
    first, last = series.times[0], series.times[-1]
    return (ts - first) / max(1, last - first) * (len(series.times) - 1)
