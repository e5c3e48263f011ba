"""How many colours a terminal has, and styles in so many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from rich.color import Color
from rich.style import Style

from deskmon.colours.colour import READABLE, RGB, contrast, luminance, nearest, readability, rgb_of

ColourDepth = Literal["truecolor", 256, 16, "none"]

_TRUE = ("kitty", "ghostty", "alacritty", "wezterm", "foot", "contour", "konsole", "iterm")
"""Terminals that call themselves by name and have all colours."""

_NONE = ("dumb", "unknown", "vt52", "vt100", "vt102", "vt220", "vt320")

_GROUNDS = (*range(8), 15)
"""Of the first sixteen, those that serve as a ground: the bright ones don't everywhere, and grey carries no text."""

_SHOWS = 0.1
"""Luminance from which on a ground is a mark on the dark ground of a colourless theme, such as a row chosen."""


def find_colour_depth(environ: Mapping[str, str], wanted: ColourDepth | Literal["auto"] = "auto") -> ColourDepth:
    """How many colours to use: as `wanted`, else none where NO_COLOR says so (no-color.org), else what TERM and
    COLORTERM promise."""
    if wanted != "auto":
        return wanted
    term = environ.get("TERM", "").lower()
    if environ.get("NO_COLOR") or not term or term.startswith(_NONE) or term.endswith(("-m", "-mono")):
        return "none"
    # GNU screen hands its parent's COLORTERM on but knows no true colour; tmux, also called screen, translates it.
    believed = "TMUX" in environ or not term.startswith("screen")
    if believed and environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "truecolor"
    if term.endswith(("-direct", "-truecolor")) or any(name in term for name in _TRUE) or environ.get("WT_SESSION"):
        return "truecolor"
    return 256 if "256color" in term else 16


class Reducer:
    """Turns styles into those that a terminal of this depth can show."""

    def __init__(self, depth: ColourDepth) -> None:
        self.depth = depth
        self._made: dict[Style, Style] = {}
        self._texts: Sequence[int] = range(16, 256) if depth == 256 else range(16)
        self._grounds: Sequence[int] = range(16, 256) if depth == 256 else _GROUNDS

    def style(self, style: Style) -> Style:
        """`style` in the colours there are: the most alike, where text stays as readable as it was, up to 4.5:1."""
        if self.depth == "truecolor":
            return style
        made = self._made.get(style)
        if made is None:
            made = self._made[style] = self._colourless(style) if self.depth == "none" else self._reduced(style)
        return made

    def _reduced(self, style: Style) -> Style:
        text, ground = _rgb(style.color), _rgb(style.bgcolor)
        number = None if ground is None else nearest(ground, self._grounds)
        return style + Style.from_color(
            None if text is None else Color.from_ansi(self._readable(text, ground, number)),
            None if number is None else Color.from_ansi(number),
        )

    def _readable(self, text: RGB, ground: RGB | None, number: int | None) -> int:
        if ground is None or number is None:
            return nearest(text, self._texts)
        wanted = min(READABLE, contrast(text, ground))
        return nearest(text, self._texts, lambda candidate: readability(candidate, number) / wanted)

    def _colourless(self, style: Style) -> Style:
        ground = _rgb(style.bgcolor)
        marked = ground is not None and luminance(ground) > _SHOWS
        return style.without_color + Style(reverse=not style.reverse if marked else style.reverse)


def _rgb(color: Color | None) -> RGB | None:
    """What a colour of more than sixteen looks like; None for one that needs no reducing."""
    return None if color is None or (color.number is not None and color.number < 16) else rgb_of(color)
