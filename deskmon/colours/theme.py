"""A theme: named colours, and styles made of them. One TOML file each."""

from __future__ import annotations

from pathlib import Path

from rich.color import Color, ColorParseError
from rich.errors import StyleSyntaxError
from rich.style import Style

from deskmon.colours.colour import rgb_of
from deskmon.colours.colour_depth import ColourDepth, Reducer
from deskmon.components.panel import STYLES
from deskmon.config.reading import read_bytes
from deskmon.config.toml import parse
from deskmon.errors import DeskError

CHROME = (
    "bright", "border", "border_focus", "header", "header_name", "header_muted", "live", "unreal", "lost", "footer",
    "footer_key",
)  # fmt: skip
"""Styles that the screen itself needs, beside those of panels."""

ATTRIBUTES = {"bold": "bold", "dim": "dim", "reverse": "reverse", "underline": "underline"}


class Theme:
    """Looks styles up by the words a panel gives: `"down bold"` is the theme's `down` made bold, on its ground."""

    def __init__(self, name: str, title: str, dark: bool, colors: dict[str, str], styles: dict[str, Style]) -> None:
        self.name, self.title, self.dark, self.colors = name, title, dark, colors
        self._styles = styles
        self._made: dict[str, Style] = {}
        self._ground = Style(
            color=colors.get("text", "default"), bgcolor=colors.get("ground", "default"), bold=False, italic=False
        )
        self._reducer = Reducer("truecolor")

    def at(self, depth: ColourDepth) -> Theme:
        """The same theme for a terminal of so many colours."""
        theme = Theme(self.name, self.title, self.dark, self.colors, self._styles)
        theme._reducer = Reducer(depth)
        return theme

    def named(self, name: str) -> Theme:
        """The same theme under another's name, for which it stands in."""
        return Theme(name, self.title, self.dark, self.colors, self._styles)

    @property
    def rich(self) -> bool:
        """Whether it wants more than the sixteen colours every terminal has."""
        numbers = [Color.parse(value).number for value in self.colors.values() if value != "default"]
        return any(number is None or number > 15 for number in numbers)

    @property
    def hexadecimal(self) -> dict[str, str]:
        """Its colours as #rrggbb by name, without those that are the terminal's own."""
        looks = {name: rgb_of(Color.parse(value)) for name, value in self.colors.items()}
        return {name: "#{:02x}{:02x}{:02x}".format(*rgb) for name, rgb in looks.items() if rgb is not None}

    @property
    def ground(self) -> Style:
        """What everything is written on."""
        return self.style("")

    def style(self, spec: str) -> Style:
        """The rich style of blank-separated style words; words the theme doesn't know change nothing."""
        made = self._made.get(spec)
        if made is None:
            made = self._ground
            for word in spec.split():
                made = made + (self._styles.get(word) or Style.parse(ATTRIBUTES.get(word, "")))
            made = self._made[spec] = self._reducer.style(made)
        return made


def load_theme(path: Path) -> Theme:
    """Read a theme file. Raises DeskError that lists every missing or unreadable colour and style."""
    try:
        data = parse(read_bytes(path).decode())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DeskError(f"theme {path}: {reason}", "mend the file or choose another theme") from error
    for table in ("colors", "styles"):
        if not isinstance(data.get(table), dict):
            raise DeskError(
                f"theme {path}: there is no table [{table}]",
                "begin with a copy of a built-in one, docs/themes.md says where",
            )
    problems: list[str] = []
    colors = {str(name): str(value) for name, value in data["colors"].items()}
    for name, value in colors.items():
        try:
            Color.parse(value)
        except ColorParseError:
            problems.append(f"colors.{name}: {value!r} is not a colour")
    styles: dict[str, Style] = {}
    for name in (*STYLES, *CHROME):
        spec = data["styles"].get(name)
        if not isinstance(spec, str):
            problems.append(f"styles.{name} is missing")
            continue
        try:
            styles[name] = Style.parse(" ".join(colors.get(word, word) for word in spec.split()))
        except StyleSyntaxError as error:
            problems.append(f"styles.{name}: {error}")
    if problems:
        raise DeskError(f"theme {path}: " + "; ".join(problems), "mend the file or choose another theme")
    return Theme(path.stem, str(data.get("title", path.stem)), bool(data.get("dark", True)), colors, styles)
