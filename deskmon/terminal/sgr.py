"""What a style is to the terminal: two colours and attributes, and the fewest characters from one style to the next."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

PLAIN = 0
"""Number of the terminal's default style."""

_OFF = {1: 22, 2: 22, 3: 23, 4: 24, 5: 25, 6: 25, 7: 27, 8: 28, 9: 29, 21: 24, 53: 55}
"""Attribute → the parameter that ends it (ECMA-48; 53 and 55 are overline)."""

_COLOURED = {
    **dict.fromkeys((*range(30, 40), *range(90, 98)), 0),
    **dict.fromkeys((*range(40, 50), *range(100, 108)), 1),
}
"""Parameters that colour → 0 for the foreground, 1 for the background."""

_SEEN_ON_BLANK = frozenset({4, 7, 9, 21, 53})
"""Attributes that show on a blank cell, where the foreground doesn't."""


class Style(msgspec.Struct, frozen=True):
    """Colours as SGR parameters (`38;2;255;0;0`, "" for the terminal's own) and attributes in ascending order."""

    foreground: str = ""
    background: str = ""
    attributes: tuple[int, ...] = ()


class Styles:
    """Numbers styles, so that a cell's style is a small int; number 0 is the terminal's default.

    Only what is understood is kept: parameters that aren't a colour or a known attribute never reach the terminal.
    """

    def __init__(self) -> None:
        self._styles: list[Style] = []
        self._numbers: dict[Style, int] = {}
        self._pens: dict[tuple[int, str], int] = {}
        self._changes: dict[tuple[int, int], str] = {}
        self.blank: list[int] = []
        """By style: the style that looks the same on a blank cell."""
        self.erasable: list[bool] = []
        """By style: whether erasing with this pen leaves what a blank in this style looks like."""
        self.number(Style())

    @property
    def size(self) -> int:
        """Things remembered: styles, ways of writing them, ways between them."""
        return len(self._styles) + len(self._pens) + len(self._changes)

    def __getitem__(self, number: int) -> Style:
        return self._styles[number]

    def number(self, style: Style) -> int:
        """The number of `style`, a new one at its first use."""
        known = self._numbers.get(style)
        if known is not None:
            return known
        number = self._numbers[style] = len(self._styles)
        self._styles.append(style)
        shows = not _SEEN_ON_BLANK.isdisjoint(style.attributes)
        self.erasable.append(not shows)
        self.blank.append(number)
        if not shows:
            self.blank[number] = self.number(Style(background=style.background))
        return number

    def after(self, pen: int, parameters: str) -> int:
        """The style after `ESC [ parameters m` when the pen was `pen`."""
        key = (pen, parameters)
        number = self._pens.get(key)
        if number is None:
            number = self._pens[key] = self.number(_apply(self._styles[pen], parameters))
        return number

    def change(self, old: int | None, new: int) -> str:
        """The shortest sequence that makes the pen `new` when it is `old` (None: unknown)."""
        if old is None:
            return _afresh(self._styles[new])
        key = (old, new)
        sequence = self._changes.get(key)
        if sequence is None:
            before, after = self._styles[old], self._styles[new]
            sequence = self._changes[key] = min(_step(before, after), _afresh(after), key=len)
        return sequence


def _afresh(style: Style) -> str:
    parameters = [*map(str, style.attributes), style.foreground, style.background]
    given = ";".join(filter(None, parameters))
    return f"\x1b[;{given}m" if given else "\x1b[m"


def _step(old: Style, new: Style) -> str:
    ended = {_OFF[a] for a in old.attributes if a not in new.attributes}
    kept = [a for a in old.attributes if _OFF[a] not in ended]
    parameters = [str(a) for a in (*sorted(ended), *(a for a in new.attributes if a not in kept))]
    if old.foreground != new.foreground:
        parameters.append(new.foreground or "39")
    if old.background != new.background:
        parameters.append(new.background or "49")
    return f"\x1b[{';'.join(parameters)}m" if parameters else ""


def _apply(style: Style, parameters: str) -> Style:
    colours, attributes = [style.foreground, style.background], set(style.attributes)
    codes = iter([int(p or 0) for p in parameters.split(";")])
    for code in codes:
        if code == 0:
            colours, attributes = ["", ""], set()
        elif code in _COLOURED:
            index = _COLOURED[code]
            colours[index] = _colour(code, codes, colours[index])
        elif code in _OFF:
            attributes.add(code)
        else:
            attributes -= {a for a, off in _OFF.items() if off == code}
    return Style(colours[0], colours[1], tuple(sorted(attributes)))


def _colour(code: int, codes: Iterator[int], before: str) -> str:
    """What a code that colours makes of the colour that was before."""
    if code in (38, 48):
        return _extended(code, codes) or before
    return "" if code in (39, 49) else str(code)


def _extended(code: int, codes: Iterator[int]) -> str:
    """The colour after 38 or 48: `5;n` or `2;r;g;b`; "" where it is cut or out of range."""
    kind = next(codes, None)
    count = {5: 1, 2: 3}.get(kind or 0, 0)
    values = [value for _, value in zip(range(count), codes, strict=False)]
    if not count or len(values) < count or any(value > 255 for value in values):
        return ""
    return ";".join(map(str, (code, kind, *values)))
