"""One frame without a terminal: text, ANSI or SVG."""

from __future__ import annotations

import io
from typing import Literal

import msgspec
from rich.console import Console
from rich.segment import Segment, Segments
from rich.terminal_theme import TerminalTheme

from deskmon import plugins
from deskmon.config.schema import Cell, Config, Layout
from deskmon.errors import UsageError
from deskmon.model import Model
from deskmon.screen.app import theme_or_dark
from deskmon.screen.desk import Desk
from deskmon.screen.theme import Theme

SVG = """<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px;
line-height: {line_height}px; white-space: pre; }}
{styles}
</style>
<defs>{lines}</defs>
<rect width="100%" height="100%" fill="GROUND"/>
<g transform="translate(9, 9)">{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g>
</svg>
"""
"""A picture that needs no font from elsewhere and draws no window around the desk."""


def desk_frame(
    model: Model,
    config: Config,
    *,
    now: int,
    size: tuple[int, int],
    layout: str | None = None,
    panel: str | None = None,
) -> Desk:
    """A desk painted once at desk time `now` (ms) on `size` (columns, rows). Raises UsageError: unknown layout."""
    if panel is not None:
        plugins.load_panel(panel)
        cells = (Cell(panel=panel),)
        config = _with_layout(config, panel, Layout(cells=cells))
    elif layout is not None:
        if layout not in config.layouts:
            raise UsageError(f"no layout {layout!r}", f"choose of {', '.join(config.layouts)}")
        config = _with_layout(config, layout, config.layouts[layout])
    desk = Desk(config, model, load_panel=plugins.load_panel)
    header = model.header
    status = desk.status
    status.link = "live"
    status.mode = (header.mode if header else None) or "live"
    if model.pulse is not None:
        status.mode, status.speed, status.paused = model.pulse.mode, model.pulse.speed, model.pulse.paused
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
    """The frame as text, as ANSI sequences, or as an SVG picture."""
    desk = desk_frame(model, config, now=now, size=size, layout=layout, panel=panel)
    if format == "text":
        return desk.canvas.text()
    return paint(desk, theme_or_dark(theme or config.desk.theme), format)


def paint(desk: Desk, theme: Theme, format: Literal["ansi", "svg"]) -> str:
    """The desk's canvas in colours."""
    svg = format == "svg"
    file = io.StringIO()
    console = Console(
        width=desk.canvas.width,
        height=desk.canvas.height,
        file=file,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        record=svg,
    )
    segments: list[Segment] = []
    for row in desk.canvas.rows():
        segments += (Segment(text, theme.style(spec)) for text, spec in row)
        segments.append(Segment.line())
    console.print(Segments(segments), end="")
    if svg:
        terminal = _terminal(theme)
        frame = SVG.replace("GROUND", terminal.background_color.hex)
        return console.export_svg(title="", theme=terminal, code_format=frame, unique_id="desk")
    return file.getvalue()


def _terminal(theme: Theme) -> TerminalTheme:
    ground = theme.colors.get("ground", "default")
    text = theme.colors.get("text", "default")
    return TerminalTheme(
        _rgb(ground, (12, 12, 12)), _rgb(text, (217, 217, 217)), [(0, 0, 0)] * 8, [(128, 128, 128)] * 8
    )


def _rgb(color: str, default: tuple[int, int, int]) -> tuple[int, int, int]:
    if not color.startswith("#"):
        return default
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _with_layout(config: Config, name: str, layout: Layout) -> Config:
    return msgspec.structs.replace(
        config, layouts={name: layout}, desk=msgspec.structs.replace(config.desk, layout=name)
    )
