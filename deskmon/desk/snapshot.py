"""One frame without a terminal: text, ANSI or SVG."""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Literal

import msgspec
from rich.console import Console
from rich.segment import Segment, Segments
from rich.terminal_theme import TerminalTheme

from deskmon import plugins
from deskmon.colours.colour import XTERM, rgb_of
from deskmon.colours.colour_depth import find_colour_depth
from deskmon.colours.theme import Theme
from deskmon.colours.theme_choice import theme_or_dark
from deskmon.components.text import BLANK, cell_width
from deskmon.config.schema import Cell, Config, Layout
from deskmon.desk.canvas import Canvas
from deskmon.desk.desk import Desk
from deskmon.errors import UsageError
from deskmon.model import Model
from deskmon.terminal.charset import UTF_8, Charset, charset

SVG = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px; white-space: pre; }}
{styles}
</style>
<rect width="100%" height="100%" fill="GROUND"/>
<g transform="translate(9, 9)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""
"""A picture that needs no font from elsewhere and draws no window around the desk."""
_LENGTH_OF_ONE = re.compile(r'<text [^>]*( textLength="[^"]*")[^>]*>(.)</text>')


def desk_frame(
    model: Model,
    config: Config,
    *,
    now: int,
    size: tuple[int, int],
    layout: str | None = None,
    panel: str | None = None,
    carried: Charset = UTF_8,
) -> Desk:
    """A desk painted once at desk time `now` (ms) on `size` (columns, rows), for a terminal that shows the characters
    `carried`. Raises UsageError: unknown layout."""
    if panel is not None:
        plugins.load_panel(panel)
        cells = (Cell(panel=panel),)
        config = _with_layout(config, panel, Layout(cells=cells))
    elif layout is not None:
        if layout not in config.layouts:
            raise UsageError(f"no layout {layout!r}", f"choose of {', '.join(config.layouts)}")
        config = _with_layout(config, layout, config.layouts[layout])
    still = 0.0  # no clock for hooks: a picture says the same on a busy machine
    desk = Desk(config, model, load_panel=plugins.load_panel, perf=lambda: still)
    header = model.header
    status = desk.status
    status.link = "live"
    status.mode = (header.mode if header else None) or "live"
    if model.pulse is not None:
        status.mode, status.speed, status.paused = model.pulse.mode, model.pulse.speed, model.pulse.paused
    desk.painter.charset = carried
    desk.resize(*size)
    desk.frame(now)
    return desk


def render(
    model: Model,
    config: Config,
    *,
    now: int,
    size: tuple[int, int],
    layout: str | None = None,
    panel: str | None = None,
    format: Literal["text", "ansi", "svg"] = "text",
    theme: str | None = None,
) -> str:
    """The frame as text, as ANSI sequences, or as an SVG picture: the first two in the characters of the locale, the
    sequences in the colours of the terminal, of all there are where the frame goes elsewhere."""
    name, carried = theme or config.desk.theme, charset(os.environ, config.desk.ascii)
    shown = UTF_8 if format == "svg" else carried
    desk = desk_frame(model, config, now=now, size=size, layout=layout, panel=panel, carried=shown)
    if format == "svg":
        return paint(desk.canvas, theme_or_dark(name), format)
    if format == "text":
        return carried.text(desk.canvas.text())
    ours = sys.stdout.isatty() or "NO_COLOR" in os.environ or config.desk.colors != "auto"
    depth = find_colour_depth(os.environ, config.desk.colors) if ours else "truecolor"
    return carried.text(paint(desk.canvas, theme_or_dark(name, depth), format))


def paint(canvas: Canvas, theme: Theme, format: Literal["ansi", "svg"]) -> str:
    """A canvas in colours."""
    svg = format == "svg"
    file = io.StringIO()
    console = Console(
        width=canvas.width,
        height=canvas.height,
        file=file,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        record=svg,
    )
    segments: list[Segment] = []
    for row in canvas.rows():
        for text, spec in row:
            segments += (Segment(piece, theme.style(spec)) for piece in (_apart(text) if svg else (text,)))
        segments.append(Segment.line())
    console.print(Segments(segments), end="")
    if svg:
        terminal = _terminal(theme)
        frame = SVG.replace("GROUND", terminal.background_color.hex)
        picture = console.export_svg(title="", theme=terminal, code_format=frame, unique_id="desk")
        return _superfluous(terminal.background_color.hex).sub("", _LENGTH_OF_ONE.sub(_without_length, picture))
    return file.getvalue()


def _apart(text: str) -> Iterator[str]:
    """`text` in pieces: each wide character one of its own, blanks at both ends too, as some programs leave out those
    with which a text of a picture begins."""
    for wide, chars in groupby(text, lambda char: cell_width(char) == 2):
        piece = "".join(chars)
        if wide:
            yield from piece
        else:
            words = piece.strip(BLANK)
            lead, _, trail = piece.partition(words) if words else (piece, "", "")
            yield from filter(None, (lead, words, trail))


def _without_length(found: re.Match[str]) -> str:
    """A text of a picture; where it is one wide character, without the length that rich takes for one cell's."""
    return found[0].replace(found[1], "") if cell_width(found[2]) == 2 else found[0]


def _superfluous(ground: str) -> re.Pattern[str]:
    """What a picture is larger for and not better: clips of lines that fit, ground on the ground."""
    return re.compile(rf' clip-path="[^"]*"|<rect fill="{ground}"[^>]*/>')


def _terminal(theme: Theme) -> TerminalTheme:
    """The colours of a picture of a terminal: the theme's ground, and xterm's palette."""
    color, ground = theme.ground.color, theme.ground.bgcolor
    return TerminalTheme(
        (ground and rgb_of(ground)) or (12, 12, 12), (color and rgb_of(color)) or (217, 217, 217),
        list(XTERM[:8]), list(XTERM[8:16]),
    )  # fmt: skip


def _with_layout(config: Config, name: str, layout: Layout) -> Config:
    return msgspec.structs.replace(
        config, layouts={name: layout}, desk=msgspec.structs.replace(config.desk, layout=name)
    )
