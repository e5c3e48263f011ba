"""Colours as people see them: luminance and contrast (WCAG 2.2), likeness (OKLab), and the palettes of terminals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from rich.color import Color, ColorType

RGB = tuple[int, int, int]

READABLE = 4.5
"""Contrast that text has on its ground at least (WCAG 2.2, level AA)."""

_LEVELS = (0, 95, 135, 175, 215, 255)
XTERM: tuple[RGB, ...] = (
    (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
    (255, 255, 255),
    *((red, green, blue) for red in _LEVELS for green in _LEVELS for blue in _LEVELS),
    *((grey, grey, grey) for grey in range(8, 248, 10)),
)  # fmt: skip
"""The 256 colours of xterm; from 16 on they are the same in every terminal."""

_CONSOLE: tuple[RGB, ...] = (
    (0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0), (0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170),
    (85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85), (85, 85, 255), (255, 85, 255), (85, 255, 255),
    (255, 255, 255),
)  # fmt: skip
"""The first sixteen as consoles have them; a choice among them must do with either."""


@cache
def luminance(rgb: RGB) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.2)."""
    red, green, blue = map(_linear, rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: RGB, other: RGB) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@cache
def oklab(rgb: RGB) -> tuple[float, float, float]:
    """Lightness and two axes of hue, in which equal steps look equal (Björn Ottosson, 2020)."""
    r, g, b = map(_linear, rgb)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def unlikeness(one: RGB, other: RGB) -> float:
    """How different two colours look: 0 for the same, 1 for black and white."""
    return float(sum((a - b) ** 2 for a, b in zip(oklab(one), oklab(other), strict=True)) ** 0.5)


def rgb_of(color: Color) -> RGB | None:
    """What a colour looks like, by xterm's palette where it is one of a palette; None for the terminal's own."""
    if color.type is ColorType.DEFAULT:
        return None
    if color.triplet is not None:
        return color.triplet.red, color.triplet.green, color.triplet.blue
    return None if color.number is None else XTERM[color.number]


def nearest(rgb: RGB, numbers: Iterable[int], fits: Callable[[int], float] = lambda number: 1.0) -> int:
    """The number of the palette's colour that looks most like `rgb` among those that fit (1 or more); where none does,
    the one that fits best."""
    return min(numbers, key=lambda number: (max(0.0, 1.0 - fits(number)), unlikeness(rgb, XTERM[number])))


def readability(number: int, ground: int) -> float:
    """Contrast of two colours of the palette; of two of the first sixteen in the worse of the palettes in use."""
    found = contrast(XTERM[number], XTERM[ground])
    if number < 16 and ground < 16:
        return min(found, contrast(_CONSOLE[number], _CONSOLE[ground]))
    return found


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
