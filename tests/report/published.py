"""What five reports state, frozen: `published/NAME.toml`, a row for each figure, and how the desk's report is searched.

A row has the report's `label`, `words` that stand together with the figure, and the figure as `published`. A word is
found in capitals or not and from its beginning on (`correlat` in `correlation`); of `day|week` one is enough.
They stand together in one sentence, or in a cell of a table with its caption, its column and the name of its row.

`published` is read as in `tests/reconstructions/published.py`, with its unit behind each number: `-817.9M`, `6.5%`,
`4.1 to 4.2`, `nearly 3T`. A number in percent is compared with such ones alone. Above or below 0 is only a number with
its sign. A length of time (`24 h`, `30 days`) is a number only where the words name its unit. What has no digit is a
word that stands there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import NamedTuple

import tomli

from tests.reconstructions.published import Row

FOLDER = Path(__file__).with_name("published")
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
_UNITS = {"": 1.0, "%": 1.0, "K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2})?(?!\d)")
_TIME = re.compile(r"(?<![\w.,])\d(?:[\d.,]*\d)? ?(seconds|minutes|hours?|days?|weeks?|months?|years?|h|d|m|s)\b")
_NUMBER = re.compile(r"(?<![\w.,])(?P<sign>[-+−])?\$?(?P<size>\d[\d,]*(?:\.\d+)?)(?P<unit>[%KMBT]?)(?!\w|-[A-Za-z])")
_ZONE = re.compile(r"zone: (\d[\d,.]*) to (\d[\d,.]*)$")
WIDEST = 1.03
"""Of a zone that tells a price: its upper end over its lower."""
_UNIT = re.compile(r"(?<=\d)[%KMBT]")


@dataclass(frozen=True)
class Stated:
    label: str
    words: Sequence[str]
    published: str
    reason: str = ""

    def is_in(self, statement: str) -> bool:
        """Whether one sentence, or a cell with what names it, says this."""
        if not all(any(_stands(word, statement) for word in words.split("|")) for words in self.words):
            return False
        if re.fullmatch(r"\d{4}(-\d{1,2})+", self.published):
            return any(date.startswith(self.published) for date in _DATE.findall(statement))
        if not re.search(r"\d", self.published):
            return _stands(self.published, statement)
        said = self._without_times(statement)
        return any(self._is(number) for number in _numbers(said)) or self._is_in_a_zone(said)

    def _is(self, number: Number) -> bool:
        unit = next(iter(_UNIT.findall(self.published)), "")
        if (unit == "%") != (number.unit == "%"):
            return False
        published, value = _UNIT.sub("", self.published), number.value / _UNITS[unit]
        if published.endswith((" 0", " -0")) and not number.signed:
            return False
        if re.match(r"(nearly|just above) -", published):
            published, value = published.replace("-", ""), -value
        return Row("", "prices.BTC.last", published).holds(value)

    def _is_in_a_zone(self, statement: str) -> bool:
        if not re.fullmatch(r"\d[\d,]*", self.published):
            return False
        price = float(self.published.replace(",", ""))
        zones = ((_price(low), _price(high)) for low, high in _ZONE.findall(statement))
        return any(low <= price <= high <= low * WIDEST for low, high in zones)

    def _without_times(self, statement: str) -> str:
        named = " ".join(self.words)
        return _TIME.sub(lambda found: found[0] if found[1] in named else " ", statement)


class Number(NamedTuple):
    value: float
    unit: str
    signed: bool


def rows(name: str) -> list[Stated]:
    """What a report states."""
    return [Stated(**row) for row in tomli.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["figure"]]


def statements(markdown: str) -> Iterator[str]:
    """The desk's own sentences and cells of a report in Markdown, each cell after its table's caption, its row and its
    column."""
    caption, head = "", list[str]()
    for line in _own_words(markdown).splitlines():
        if not line.startswith("|"):
            caption, head = _plain(line) or caption, []
            yield from _sentences(_plain(line))
            continue
        cells = [_plain(cell) for cell in line[1:-1].split("|")]
        if not head:
            head = cells
        elif set(line) - set("|-: "):
            yield from (f"{caption} {cells[0]}, {head[n]}: {cell}" for n, cell in enumerate(cells))


def missing(stated: Iterable[Stated], said: Sequence[str]) -> list[Stated]:
    """Those that none of the statements says."""
    return [each for each in stated if not any(each.is_in(statement) for statement in said)]


def _own_words(markdown: str) -> str:
    """Without headlines, the words of others, and without the paths behind each section and what isn't known."""
    markdown = re.sub(r"^## Headlines\n(?:(?!## ).*\n?)*", "", markdown, flags=re.M)
    return re.sub(r"^(?:Sources|Unknown):\n\n(?:- .*\n?)+", "", markdown, flags=re.M)


def _plain(line: str) -> str:
    """A line of Markdown as a reader sees it."""
    line = re.sub(r"!?\[([^\]]*)\]\(<[^>]*>\)", r"\1", line)
    return unescape(re.sub(r"\\(?=[^\w\s])|^#+ ", "", line)).strip()


def _sentences(line: str) -> list[str]:
    return [each for each in re.split(r"(?<=[.?!]) +(?=\W*[A-Z\d])", line) if each]


def _stands(word: str, statement: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}", statement, flags=re.IGNORECASE) is not None


def _price(text: str) -> float:
    return float(text.replace(",", ""))


def _numbers(statement: str) -> Iterator[Number]:
    for found in _NUMBER.finditer(_DATE.sub(" ", statement)):
        size = float(found["size"].replace(",", "")) * _UNITS[found["unit"]]
        yield Number(-size if found["sign"] in ("-", "−") else size, found["unit"], bool(found["sign"]))
