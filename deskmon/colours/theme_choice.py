"""Which theme is worn: the one named, as far as the terminal's colours go."""

from __future__ import annotations

import logging

from deskmon import plugins
from deskmon.colours.colour_depth import ColourDepth
from deskmon.colours.theme import Theme, load_theme
from deskmon.errors import DeskError

LOG = logging.getLogger("deskmon.desk")
FALLBACK = "dark"


def theme_or_dark(name: str, depth: ColourDepth = "truecolor") -> Theme:
    """The theme named, or `dark` where it is missing or broken: a wrong theme doesn't stop the desk.

    With sixteen colours a theme that wants more is stood in for by `sixteen` or `sixteen_light`, without any by `mono`:
    sixteen colours near to a theme's own are another theme, and a bad one.
    """
    try:
        theme = load_theme(plugins.theme_path(name))
    except DeskError as error:
        LOG.warning("%s", error)
        theme = load_theme(plugins.theme_path(FALLBACK))
    if depth == "none":
        return _replacement(theme, "mono")
    if depth == 16 and theme.rich:
        return _replacement(theme, "sixteen" if theme.dark else "sixteen_light")
    return theme.at(depth)


def _replacement(theme: Theme, name: str) -> Theme:
    return load_theme(plugins.theme_path(name)).named(theme.name)
