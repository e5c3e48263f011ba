"""The desk's colours for what textual draws itself: its command palette."""

from __future__ import annotations

from typing import Any

from textual.theme import Theme as TextualTheme

from deskmon.colours.theme import Theme

COLOURS = {
    "background": "ground",
    "foreground": "text",
    "surface": "raised",
    "panel": "raised",
    "accent": "accent",
}
"""Textual's names, and the desk's."""


def textual_theme(palette: Theme) -> TextualTheme:
    """The palette as textual takes one. Where it has no ground or text of its own, textual keeps its own colours."""
    colors = palette.hexadecimal
    made: dict[str, Any] = {name: colors[color] for name, color in COLOURS.items() if color in colors}
    if not {"background", "foreground"} <= made.keys():
        made = {}
    return TextualTheme(f"deskmon-{palette.name}", colors.get("accent", "#888888"), dark=palette.dark, **made)
