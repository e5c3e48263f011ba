"""Every theme can be read, and says without colour what it says with colour."""

import pytest
from rich.color import Color
from rich.style import Style

from deskmon import plugins
from deskmon.errors import DeskError
from deskmon.panel import STYLES
from deskmon.screen.theme import CHROME, Theme, load_theme

LINES = {"border"}
"""Styles of lines, which nobody reads."""


def luminance(color: Color) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [value / 255 for value in color.get_truecolor()]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(style: Style) -> float:
    """Contrast ratio of a style's text on its ground."""
    assert style.color is not None
    assert style.bgcolor is not None
    low, high = sorted((luminance(style.color), luminance(style.bgcolor)))
    return (high + 0.05) / (low + 0.05)


def themes() -> list[Theme]:
    return [load_theme(plugins.theme_path(name)) for name in plugins.theme_names()]


@pytest.mark.parametrize("theme", themes(), ids=lambda theme: theme.name)
def test_every_style_is_readable_on_the_ground_and_under_the_cursor(theme):
    if theme.colors["ground"] == "default":
        colors = {theme.style(name).color for name in (*STYLES, *CHROME)}
        assert colors == {Color.default()}, "a theme on the terminal's own ground must leave its colours alone"
        return
    for name in set(STYLES) | set(CHROME) - LINES:
        assert contrast(theme.style(name)) >= 4.5, name
    for name in ("text", "muted", "up", "down", "long", "short", "warn", "accent", "error"):
        assert contrast(theme.style(f"{name} cursor")) >= 4.5, f"{name} under the cursor"


@pytest.mark.parametrize("theme", themes(), ids=lambda theme: theme.name)
def test_modes_stand_out(theme):
    assert len({str(theme.style(name)) for name in ("header", "unreal")}) == 2
    assert theme.style("lost") != theme.style("header")


def test_a_broken_theme_names_every_fault(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text('[colors]\nground = "#10141"\n[styles]\ntext = "no-such-colour"\n')
    with pytest.raises(DeskError) as caught:
        load_theme(path)
    words = str(caught.value)
    assert "colors.ground" in words
    assert "styles.text" in words
    assert "styles.up is missing" in words


def test_words_add_up_and_unknown_words_change_nothing():
    theme = load_theme(plugins.theme_path("dark"))
    assert theme.style("down bold").bold
    assert theme.style("down nonsense") == theme.style("down")
    assert theme.style("") == theme.ground
