"""Every theme can be read by everyone it is for, in every depth of colour."""

import re
from itertools import product
from pathlib import Path

import pytest
from rich.color import Color
from rich.style import Style

from deskmon import plugins
from deskmon.colours.theme import CHROME, Theme, load_theme
from deskmon.colours.theme_choice import theme_or_dark
from deskmon.components.panel import STYLES
from deskmon.errors import DeskError

ROOT = Path(__file__).parents[2]
LINES = {"border"}
"""Styles of lines, which nobody reads."""
OVER = ("cursor", "stale", "bright", "cursor bright", "cursor stale")
"""What the desk lays over the styles of panels."""
PALETTES = {
    "xterm": "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 "
    "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff",
    "console": "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa "
    "555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff",
}
"""What the first sixteen colours are in two families of terminals."""

# Colour vision without long (protan) or medium cones (deutan), linear RGB: Machado, Oliveira and Fernandes (2009).
BLINDNESS = {
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def themes(*depths: str | int) -> list[Theme]:
    """Every theme as it is worn at each depth."""
    return [theme_or_dark(name, depth) for name in plugins.theme_names() for depth in depths or ("truecolor",)]


def rgb(color: Color, palette: str = "xterm") -> tuple[float, ...]:
    """Red, green and blue, 0 to 1."""
    if color.number is not None and color.number < 16:
        hexes = PALETTES[palette].split()[color.number]
        return tuple(int(hexes[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return tuple(value / 255 for value in color.get_truecolor())


def linear(channels: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def luminance(color: Color, palette: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    red, green, blue = linear(rgb(color, palette))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(style: Style) -> float:
    """Contrast ratio of a style's text on its ground, in the palette where it is worst."""
    assert style.color is not None
    assert style.bgcolor is not None
    ratios = []
    for palette in PALETTES:
        low, high = sorted(luminance(color, palette) for color in (style.color, style.bgcolor))
        ratios.append((high + 0.05) / (low + 0.05))
    return min(ratios)


def written() -> list[str]:
    """All styles that carry text: each word alone, under what is laid over it, and in the header."""
    words = [*(set(STYLES) | set(CHROME)) - LINES, "header bright"]
    return [*words, *(f"{word} {over}" for word, over in product(STYLES, OVER)), *(f"header {word}" for word in STYLES)]


@pytest.mark.parametrize("depth", ["truecolor", 256, 16])
@pytest.mark.parametrize("name", plugins.theme_names())
def test_every_text_has_a_contrast_of_four_and_a_half_on_its_ground(name, depth):
    theme = theme_or_dark(name, depth)
    if theme.colors["ground"] == "default":
        colors = {theme.style(spec).color for spec in written()}
        assert colors == {Color.default()}, "a theme on the terminal's own ground must leave its colours alone"
        return
    faint = {spec: round(contrast(theme.style(spec)), 2) for spec in written() if contrast(theme.style(spec)) < 4.5}
    assert not faint
    assert not any(theme.style(spec).dim for spec in written()), "nobody knows how faint a terminal makes what is dim"


def test_there_are_themes_for_everyone():
    found = {theme.name: theme for theme in themes()}
    assert len(found) >= 8
    assert sum(not theme.dark for theme in found.values()) >= 2
    assert {"mono", "sixteen", "safe"} <= found.keys()
    looks = {tuple(str(theme.style(word)) for word in STYLES) for theme in found.values()}
    assert len(looks) == len(found), "two themes look the same"


@pytest.mark.parametrize("theme", themes(), ids=lambda theme: theme.name)
def test_modes_focus_and_heat_stand_out(theme):
    assert len({str(theme.style(name)) for name in ("header", "unreal", "live")}) == 3
    assert theme.style("lost") != theme.style("header")
    assert theme.style("border") != theme.style("border_focus")
    assert theme.style("text") != theme.style("text cursor") != theme.style("cursor bright")
    assert len({str(theme.style(f"heat{n}")) for n in range(1, 6)}) >= 4


def seen_by(color: Color, kind: str) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of a colour as someone with this colour blindness sees it."""
    channels = linear(rgb(color))
    red, green, blue = (max(0.0, min(1.0, sum(map(float.__mul__, row, channels)))) for row in BLINDNESS[kind])
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (c ** (1 / 3) if c > 216 / 24389 else (24389 / 27 * c + 16) / 116 for c in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def apart(theme: Theme, one: str, other: str, kind: str) -> float:
    """CIE 1976 difference of two styles' text: 2 can just be seen."""
    pair = [seen_by(theme.style(style).color, kind) for style in (one, other)]
    return sum((a - b) ** 2 for a, b in zip(*pair, strict=True)) ** 0.5


@pytest.mark.parametrize("depth", ["truecolor", 256])
@pytest.mark.parametrize("kind", BLINDNESS)
def test_safe_is_safe_for_those_who_do_not_tell_red_from_green(kind, depth):
    theme = theme_or_dark("safe", depth)
    for pair in (("up", "down"), ("long", "short"), ("ok", "error"), ("up", "warn"), ("up", "long"), ("down", "short")):
        assert apart(theme, *pair, kind) > 40, pair
    dark = theme_or_dark("dark", depth)
    assert apart(dark, "up", "down", kind) < apart(theme, "up", "down", kind)


@pytest.mark.parametrize("theme", themes(256), ids=lambda theme: theme.name)
def test_with_256_colours_only_those_of_the_fixed_palette_are_used(theme):
    for spec in written():
        for color in (theme.style(spec).color, theme.style(spec).bgcolor):
            assert color.is_default or color.number is not None


@pytest.mark.parametrize("name", plugins.theme_names())
def test_with_fewer_colours_a_theme_made_for_them_stands_in_under_the_same_name(name):
    sixteen, none = theme_or_dark(name, 16), theme_or_dark(name, "none")
    assert sixteen.name == none.name == name
    for spec in written():
        assert all(c.is_default or c.number < 16 for c in (sixteen.style(spec).color, sixteen.style(spec).bgcolor))
        assert none.style(spec).color.is_default
        assert none.style(spec).bgcolor.is_default
    assert sixteen.dark == load_theme(plugins.theme_path(name)).dark


@pytest.mark.parametrize("name", plugins.theme_names())
@pytest.mark.parametrize("depth", ["truecolor", 256, 16, "none"])
def test_what_textual_shows_wears_every_theme_with_any_number_of_colours(name, depth):
    colors = theme_or_dark(name, depth).hexadecimal
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in colors.values())
    assert {"ground", "text"} <= colors.keys() or depth == "none" or name == "mono"


def test_a_theme_of_sixteen_colours_is_worn_as_it_is_where_there_are_sixteen(tmp_path):
    text = (ROOT / "themes" / "sixteen.toml").read_text()
    path = tmp_path / "own.toml"
    path.write_text(text)
    assert "black" in text and not load_theme(path).rich
    path.write_text(text.replace('"black"', '"color(16)"'))
    assert load_theme(path).rich


@pytest.mark.parametrize("text", ["", "colors = 1", "[colors]\nstyles = 1", "styles = []", "a = " + "[" * 100_000])
def test_a_theme_of_any_shape_is_a_fault_in_words(tmp_path, text):
    path = tmp_path / "odd.toml"
    path.write_text(text)
    with pytest.raises(DeskError, match=r"odd\.toml"):
        load_theme(path)


def test_a_broken_theme_names_every_fault(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text('[colors]\nground = "#10141"\n[styles]\ntext = "no-such-colour"\n')
    with pytest.raises(DeskError) as caught:
        load_theme(path)
    words = str(caught.value)
    assert str(path) in words
    assert "colors.ground" in words
    assert "styles.text" in words
    assert "styles.up is missing" in words


def test_a_theme_of_ones_own_lies_in_the_config_folder_and_goes_before_a_packaged_one(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "deskmon" / "themes"
    folder.mkdir(parents=True)
    text = plugins.theme_path("dark").read_text(encoding="utf-8")
    (folder / "mine.toml").write_text(text.replace('title = "Dark"', 'title = "Mine"'))
    (folder / "light.toml").write_text(text.replace('title = "Dark"', 'title = "Not so light"'))
    (folder / "broken.toml").write_text('[colors]\ntext = "no-such-colour"\n')
    assert {"mine", "light", "dark"} <= set(plugins.theme_names())
    assert theme_or_dark("mine").title == "Mine"
    assert theme_or_dark("light").title == "Not so light"
    assert theme_or_dark("broken").name == "dark"
    with pytest.raises(DeskError):
        plugins.theme_path("../themes/mine")


def test_words_add_up_and_unknown_words_change_nothing():
    theme = load_theme(plugins.theme_path("dark"))
    assert theme.style("down bold").bold
    assert theme.style("down nonsense") == theme.style("down")
    assert theme.style("") == theme.ground


@pytest.mark.parametrize("name", [path.stem for path in sorted((ROOT / "themes").glob("*.toml"))])
def test_the_page_shows_every_theme(name):
    page = (ROOT / "docs" / "themes.md").read_text(encoding="utf-8")
    assert f"](themes/{name}.svg)" in page
    picture = (ROOT / "docs" / "themes" / f"{name}.svg").read_text(encoding="utf-8")
    assert len(picture) < 60_000
    theme = load_theme(ROOT / "themes" / f"{name}.toml")
    for color in (theme.ground.bgcolor, theme.style("accent").color):
        hexes = "".join(f"{round(255 * channel):02x}" for channel in rgb(color))
        assert color.is_default or f"#{hexes}" in picture
