"""The characters a terminal's locale carries, and what stands for those it doesn't: as many cells."""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping
from itertools import chain, product
from pathlib import Path
from string import ascii_letters, digits, punctuation

from deskmon.components.text import BLANK, TAIL, Cells, cell_width

_ASCII, _UTF_8 = "ascii", "utf-8"

_TRADITIONAL = "iso8859-1"
"""The character set of a locale that names a language and none, such as de_DE."""

_COERCED = ("C.UTF-8", "C.utf8", "UTF-8")
"""What Python writes into LC_CTYPE where it finds the locale C."""

_SAME = (
    ("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝", "+"), ("─━═╌┄╴╶—–‒―−‐‑▬¬", "-"), ("│┃║┆┊╎╵╷╹╻╿╽▏▎▌▐▕¦", "|"),
    ("▁", "_"), ("▂", "."), ("▃", "-"), ("▄▍", "="), ("▅▋", "+"), ("▆▊", "*"), ("▇▉▓", "%"), ("█■▮◼▙▛▜▟", "#"),
    ("▔▀“”″", '"'), ("▘▝‘’′", "'"), ("▖▗░·∙⋅", "."), ("▒", ":"), ("▚", "\\"), ("▞÷", "/"), ("≡", "="),
    ("▲△↑", "^"), ("▼▽↓√✓✔ν", "v"), ("▶▸▷►→›»⟩≥", ">"), ("◀◂◁◄←‹«⟨≤⏎", "<"), ("↔↕×✕", "x"), ("≠✖✗⚠", "!"),
    ("…≈∼±∓", "~"), ("●•⬤▾▴", "*"), ("◆", "#"),
    ("○◌◇◦°Øø", "o"), ("◐◔◑◒◓¢", "c"), ("€", "E"), ("£", "L"), ("¥", "Y"), ("₿", "B"),
    ("§Σ", "S"), ("∞", "8"), ("Δδ", "d"), ("σß", "s"), ("Γ", "G"), ("γ", "g"), ("αÆæ", "a"), ("β", "b"), ("θ", "t"),
    ("φ", "f"), ("µμ", "u"), ("Łł", "l"),
)  # fmt: skip
_ALPHABETS = (
    ("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "abvgdeejzijklmnoprstufhcqwx'y`eua"),
    ("αβγδεζηθικλμνξοπρςστυφχψω", "abgdezhtiklmnxoprsstufcyw"),
)
_LETTERS = {letter: like for letters, likes in _ALPHABETS for letter, like in zip(letters, likes, strict=True)}
_SUBSTITUTES = {letter.upper(): like.upper() for letter, like in _LETTERS.items()} | _LETTERS
_SUBSTITUTES |= {char: substitute for chars, substitute in _SAME for char in chars}

_PAIRS = {"≥": ">=", "≤": "<=", "≠": "!=", "±": "+-", "⏎": "<-"}
"""Signs that one ASCII character would make another sign of: they take a blank beside them, too."""

_UNKNOWN = "?"

_MARKS = "#" + punctuation.translate({ord(char): None for char in "#?$/:-_."})
_SECONDS = (digits[1:] + ascii_letters + digits[0], punctuation)
"""A wide character becomes a mark that no name of a market has, and a second character: #1, #2, and so on."""

_DOTS = (((0x01, 0x08), 0), ((0x02, 0x10), 1), ((0x04, 0x20), 2), ((0x40, 0x80), 3))
"""Bits of a braille pattern's dots, left and right, by row from the top."""

_FULL, _STEEP = 6, 3


class Charset(dict[int, str]):
    """Maps what the character set `name` lacks; usable as a table of `str.translate`. UTF-8 lacks nothing.

    Wide characters are numbered as they come, since no two cells look like one of them: names that differ in one stay
    different. Those that come when all numbers are taken, of which there are 2,350, become ??.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        try:
            self.encoding = codecs.lookup(name).name
        except LookupError:
            self.encoding = _ASCII
        self.full = self.encoding == _UTF_8
        self.wide_signs = not self.full and not self._carries("≥")
        self._codes = map("".join, chain.from_iterable(product(_MARKS, seconds) for seconds in _SECONDS))

    def __missing__(self, ordinal: int) -> str:
        char = chr(ordinal)
        if ordinal < 0x80 or self._carries(char):
            self[ordinal] = char
        elif cell_width(char) == 2:
            self[ordinal] = next(self._codes, _UNKNOWN * 2)
        else:
            self[ordinal] = substitute(char)
        return self[ordinal]

    def text(self, text: str) -> str:
        """`text`, which is clean, in this character set."""
        return text if self.full or text.isascii() else text.translate(self)

    def widen(self, chars: list[str], styles: list[str]) -> None:
        """Write signs that take two characters, such as >= for ≥, in the cells of a line: into the blank before them
        where that isn't the only one, else into the one after them. Where they have no blank they stay as they are."""
        if self.full:
            return
        for at, char in enumerate(chars):
            if char in _PAIRS and not self._carries(char):
                first = _with_blank(chars, at)
                if first is not None:
                    chars[first : first + 2] = _PAIRS[char]
                    styles[first : first + 2] = [styles[at]] * 2

    def cells(self, cells: Cells) -> Cells:
        """Cells as `deskmon.components.text.split` and `deskmon.terminal.vt.split` make them, in this character set."""
        if self.full:
            return cells
        if isinstance(cells, str):
            return self.text(cells)
        carried: list[str] = []
        for at, cell in enumerate(cells):
            if cell != TAIL:
                size = 2 if cells[at + 1 : at + 2] == [TAIL] else 1
                found = self.text(cell[0])
                carried += found if len(found) == size else _UNKNOWN * size
        return carried

    def _carries(self, char: str) -> bool:
        """Whether it is one byte; where it could be more, one character can't be told to be one cell."""
        try:
            return char.isprintable() and len(char.encode(self.encoding)) == 1
        except UnicodeEncodeError:
            return False


UTF_8 = Charset(_UTF_8)


def charset(environ: Mapping[str, str], ascii_only: bool | None = None) -> Charset:
    """The character set of the locale in `environ`, unless `ascii_only` says ASCII or Unicode."""
    if ascii_only is not None:
        return Charset(_ASCII if ascii_only else _UTF_8)
    return Charset(_codeset(_locale(environ)))


def _with_blank(chars: list[str], at: int) -> int | None:
    """Where the two cells begin that the sign at `at` and a blank beside it take; None where there is no blank."""
    before, after = chars[max(0, at - 2) : at], chars[at + 1 : at + 2]
    if before != [BLANK, BLANK] and after == [BLANK]:
        return at
    return at - 1 if before[-1:] == [BLANK] else None


def substitute(char: str) -> str:
    """The one ASCII character that looks most like `char`, ? where none does."""
    if "\u2800" <= char <= "\u28ff":
        return _braille(ord(char) - 0x2800)
    found = _SUBSTITUTES.get(char)
    if found is None:
        plain = unicodedata.normalize("NFKD", char)[:1]
        plain = _SUBSTITUTES.get(plain, plain)
        found = plain if plain.isascii() and plain.isprintable() and plain else _UNKNOWN
    return found


def _braille(dots: int) -> str:
    """By how many dots there are, how steep they lie and how high."""
    rows = [row for bits, row in _DOTS if dots & sum(bits)]
    if not rows:
        return " "
    if dots.bit_count() >= _FULL:
        return "#"
    if rows[-1] - rows[0] >= _STEEP - 1:
        return ":" if dots.bit_count() < _STEEP else "|"
    middle = (rows[0] + rows[-1]) / 2
    return "'" if middle < 1 else "-" if middle <= 2 else "."


def _locale(environ: Mapping[str, str]) -> str:
    """The locale of characters, as the environment had it before Python made UTF-8 of the locale C (PEP 538)."""
    name = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    if environ.get("LC_ALL") or environ.get("LC_CTYPE") not in _COERCED or "UTF-8" in _codeset(environ.get("LANG", "")):
        return name
    given = _environment_at_start()
    return name if given is None or "LC_CTYPE" in given else environ.get("LANG") or "C"


def _environment_at_start() -> dict[str, str] | None:
    """The environment this process was started with; None where the system doesn't tell."""
    try:
        pairs = Path("/proc/self/environ").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:
        return None
    return dict(pair.partition("=")[::2] for pair in pairs if "=" in pair)


def _codeset(locale: str) -> str:
    """de_DE.UTF-8 → UTF-8, de_DE@euro → iso8859-15, C → ascii."""
    language, _, modifier = locale.partition("@")
    language, _, codeset = language.partition(".")
    if codeset or language == "UTF-8":
        return codeset or language
    if language in ("", "C", "POSIX"):
        return _ASCII
    return "iso8859-15" if modifier == "euro" else _TRADITIONAL
