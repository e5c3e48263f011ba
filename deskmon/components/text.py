"""How text stands in cells. A wide character, such as those of Chinese, Japanese and Korean, takes two cells; every
other one takes one, and so does what stands for a character that isn't shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from textwrap import wrap as wrap_narrow
from unicodedata import bidirectional, category, east_asian_width

__all__ = [
    "JOINT",
    "cell_width",
    "clean",
    "crop",
    "fit",
    "fold",
    "line_width",
    "ljust",
    "one_line",
    "rjust",
    "shorten",
    "wrap",
    "wrapped",
]

BLANK = " "
ELLIPSIS = "…"
SUBSTITUTE = "·"
JOINT = " · "
"""Between the parts of a headline."""
TAIL = ""
"""What the right half of a wide character holds."""

Cells = list[str] | str
"""What stands in cells, one after the other: a string where no character is wide."""

_LEFTWARD = ("R", "AL", "AN")
_EMPTY = "\u2800"  # braille without a dot: looks like a blank and is none
_UNSURE = (
    "[\u1100-\u11ff\u3164\ua960-\ua97f\ud7b0-\ud7ff\uffa0"  # parts of Korean syllables, which join, and their fillers
    "\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff"  # parts of flags, colours of skin
    "\u2630-\u2637\u268a-\u268f\u4dc0-\u4dff\U0001d300-\U0001d37f]"  # narrow before Unicode 16, wide since
)
"""Characters whose cells depend on their neighbours or on the terminal."""

_PERHAPS_WIDE = (
    "\u231a-\u232a\u23e9-\u23f3\u25fd\u25fe\u2614-\u27bf\u2b1b-\u2b55\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff"
    "\ufe10-\ufe6f\uff01-\uffe6\U00016fe0-\U0003ffff"
)
"""All wide characters and some others: what isn't among them takes one cell."""

_NARROW_RANGES = (
    (0x20, 0x7F), (0xA1, 0xAD), (0xAE, 0x180), (0x391, 0x3A2), (0x3A3, 0x3CA), (0x2010, 0x2028), (0x2030, 0x205F),
    (0x2190, 0x231A), (0x2500, 0x25B6), (0x25B7, 0x25C0), (0x25C1, 0x25FB), (0x2801, 0x2900),
)  # fmt: skip
NARROW = frozenset(char for start, end in _NARROW_RANGES for char in map(chr, range(start, end)))
"""Letters, signs, lines and shapes that take one cell in every terminal in use, so that most text is known to be clean
and narrow at once."""


def clean(text: str) -> str:
    """`text` with each character replaced that isn't printable, written from left to right and of one or two cells in
    every terminal: no escape, no bidi mark, nothing that joins the character before it; no letter or digit that a
    terminal would reorder figures around; no invisible blank."""
    return text if NARROW.issuperset(text) else "".join(map(_shown, text))


def cell_width(text: str) -> int:
    """The number of cells that `text` takes once it is clean."""
    if text.isascii() or NARROW.issuperset(text):
        return len(text)
    return len(text) + sum(map(_is_wide, text))


def line_width(line: Iterable[tuple[str, str]]) -> int:
    """The number of cells that the (text, style) spans of a line take."""
    return sum(cell_width(text) for text, _ in line)


def split(text: str) -> Cells:
    """The cells of `text`, which is made clean: a wide character is followed by `TAIL`."""
    if NARROW.issuperset(text):
        return text
    text = clean(text)
    if not any(map(_is_wide, text)):
        return text
    return [cell for char in text for cell in ((char, TAIL) if _is_wide(char) else (char,))]


def cut(cells: Cells, start: int, end: int) -> Cells:
    """`cells[start:end]`, with blanks for the halves of wide characters that are cut in two."""
    part = cells[start:end]
    if isinstance(part, str) or not part:
        return part
    if part[0] == TAIL:
        part[0] = BLANK
    if cells[end : end + 1] == [TAIL]:
        part[-1] = BLANK
    return part


def crop(text: str, width: int) -> str:
    """As much of the beginning of `text` as fits into `width` cells."""
    if text.isascii() or cell_width(text) <= width:
        return text[: max(0, width)]
    end = used = 0
    while used + (cells := cell_width(text[end])) <= width:
        end, used = end + 1, used + cells
    return text[:end]


def shorten(text: str, width: int) -> str:
    """`text`, made clean, in at most `width` cells, with an ellipsis where it is cut."""
    if text.isascii() and text.isprintable():
        return text if len(text) <= width else text[: width - 1] + ELLIPSIS if width > 0 else ""
    text = clean(text)
    if cell_width(text) <= width:
        return text
    return crop(text, width - 1) + ELLIPSIS if width > 0 else ""


def ljust(text: str, width: int) -> str:
    """`text` with blanks after it up to `width` cells."""
    return text.ljust(width) if text.isascii() else text + BLANK * (width - cell_width(text))


def rjust(text: str, width: int) -> str:
    """`text` with blanks before it up to `width` cells."""
    return text.rjust(width) if text.isascii() else BLANK * (width - cell_width(text)) + text


def fold(text: str, width: int) -> list[str]:
    """`text` in pieces of at most `width` cells, broken anywhere; a wide one has a piece in any case."""
    pieces = []
    while cell_width(text) > width and len(text) > 1:
        head = crop(text, width) or text[0]
        pieces.append(head)
        text = text[len(head) :]
    return [*pieces, text]


def wrap(text: str, width: int, *, whole_words: bool = False) -> list[str]:
    """`text` in lines of at most `width` cells, broken at blanks and beside wide characters. A longer word is broken
    too, unless `whole_words`: then it is left as long as it is."""
    return [*_wrapped(text, width, whole_words)]


@lru_cache(256)
def _wrapped(text: str, width: int, whole_words: bool) -> Sequence[str]:
    if NARROW.issuperset(text) or not any(map(_is_wide, text)):
        return wrap_narrow(text, width, break_long_words=not whole_words, break_on_hyphens=not whole_words)
    lines, line = [], ""
    for piece in _breakable().findall(text):
        if piece.isspace():
            line += BLANK
            continue
        if line.strip() and cell_width(line + piece) > width:
            lines.append(line.strip())
            line = ""
        if not whole_words:
            *full, piece = fold(piece, width)
            lines += full
        line = (line + piece).lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines


@cache
def _breakable() -> re.Pattern[str]:
    """Blanks, single characters that may be wide, and words of others. Compiled for the first text with a wide one: it
    takes longer than all else of a screen's modules."""
    return re.compile(rf"\s+|[{_PERHAPS_WIDE}]|[^\s{_PERHAPS_WIDE}]+")


@lru_cache(4096)
def _shown(char: str) -> str:
    """What stands for `char` in its cell or its two."""
    unseen = not char.isprintable() or char == _EMPTY or category(char)[0] == "M"
    return SUBSTITUTE if unseen or bidirectional(char) in _LEFTWARD or re.match(_UNSURE, char) else char


@lru_cache(4096)
def _is_wide(char: str) -> bool:
    return east_asian_width(char) in ("W", "F") and _shown(char) == char


def crop_line(line: Iterable[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """The spans of a line without what lies beyond `width` cells."""
    kept: list[tuple[str, str]] = []
    for text, style in line:
        if width <= 0:
            break
        kept.append((crop(text, width), style))
        width -= cell_width(text)
    return kept


def beside(left: Sequence[tuple[str, str]], right: Sequence[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """One line of two, the second from cell `width` on."""
    return [*left, (" " * (width - line_width(left)), ""), *right]


def one_line(text: str) -> str:
    """Text from outside on one line: blanks of any kind are one blank, and it is made clean."""
    return clean(" ".join(text.split()))


def fit(parts: Iterable[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """As many of `parts` from the left as fit whole into `width` cells, two cells apart; the first is shortened."""
    kept: list[tuple[str, str]] = []
    for text, style in parts:
        room = width - (2 if kept else 0)
        if not kept:
            text = shorten(text, room)
        if not text or cell_width(text) > room:
            break
        if kept:
            kept.append(("  ", ""))
        kept.append((text, style))
        width = room - cell_width(text)
    return kept


def wrapped(
    parts: Sequence[Sequence[tuple[str, str]]], width: int, lines: int, joint: str = JOINT
) -> list[list[tuple[str, str]]]:
    """Parts in at most `lines` lines of `width` cells; parts that have no room are left out, whole, from the first
    that has none."""
    found: list[list[tuple[str, str]]] = [[]]
    used = 0
    for part in parts:
        cells = line_width(part)
        if used and used + len(joint) + cells > width:
            if len(found) == lines:
                break
            found.append([])
            used = 0
        if cells > width:
            break
        if used:
            found[-1].append((joint, "faint"))
            used += len(joint)
        found[-1] += part
        used += cells
    return [line or [("", "")] for line in found]
