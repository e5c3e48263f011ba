"""What reports published, by section: `published/NAME.toml`, a row for each figure, and how a row is compared.

A row has the report's `label`, the figure's `path` in the state (`a + b`, `a - b`, `a / b` of several), what was
`published`, and where they are needed `per`, the state's units per published one, `less`, which is taken from the
figure before, and `at`, the moment, else the end. `published` is read so:

| written | holds for |
|---|---|
| `-817.9` | what rounds to it: half a unit of its last digit to each side |
| `about 40,000` | a whole unit of its last digit that isn't a zero at the end |
| `just above 60,000`, `nearly 423` | above it, below it, by at most 3 % |
| `above 3`, `below -40` | that |
| `4.1 to 4.2` | between the two, as they round |
| `2025-11`, of a time | a time within that month, day or year |
| `nothing` | what isn't known |
| anything else | that word; of a text, that it is in it |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from deskmon.model.figure_path import FigurePath, parse

FOLDER = Path(__file__).with_name("published")
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
_NEAR = 0.03
_NUMBER = r"[-+]?[\d,]+(?:\.\d+)?"


@dataclass(frozen=True)
class Row:
    label: str
    path: str
    published: str
    at: int | None = None
    per: float = 1.0
    less: float = 0.0

    @property
    def paths(self) -> tuple[FigurePath, ...]:
        return tuple(parse(text) for text in re.split(r" [-+/] ", self.path))

    def value(self, known: dict[str, Any]) -> Any:
        """The figure of the row, from those of its paths by text."""
        over, *under = (_sum(part, known) for part in self.path.split(" / "))
        if under:
            return None if over is None or under[0] is None else over / under[0]
        return over

    def holds(self, value: Any) -> bool:
        """Whether a figure is what was published."""
        if self.published == "nothing":
            return value is None
        if value is None:
            return False
        if isinstance(value, str):
            return self.published in value
        if self.path == self.paths[0].text and self.paths[0].unit == "ms since 1970":
            return datetime.fromtimestamp(value / 1000, UTC).isoformat(" ").startswith(self.published)
        return _matches(self.published, (value - self.less) / self.per)


def rows(name: str) -> list[Row]:
    """The table of a section."""
    read = tomli.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    return [Row(**{**row, "at": _ms(row["at"])} if "at" in row else row) for row in read["figure"]]


@cache
def stops(name: str) -> dict[int | None, tuple[FigurePath, ...]]:
    """What is to be read at each moment (ms), in order; at the end last, under None."""
    wanted: dict[int | None, list[FigurePath]] = {}
    for row in rows(name) if name in NAMES else ():
        wanted.setdefault(row.at, []).extend(row.paths)
    ordered = sorted(wanted, key=lambda at: (at is None, at or 0))
    return {at: tuple(wanted[at]) for at in ordered}


def _ms(moment: datetime) -> int:
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _sum(part: str, known: dict[str, Any]) -> Any:
    first, *rest = re.split(r" ([-+]) ", part)
    total = known[first]
    for sign, text in zip(rest[::2], rest[1::2], strict=True):
        if total is None or known[text] is None:
            return None
        total += known[text] if sign == "+" else -known[text]
    return total


def _matches(published: str, value: float) -> bool:
    words, *numbers = re.split(f"({_NUMBER})", published)
    first = _read(numbers[0])
    if len(numbers) > 2:
        assert numbers[1] == " to ", published
        low, high = sorted((numbers[0], numbers[2]), key=_read)
        return _read(low) - _unit(low) / 2 <= value <= _read(high) + _unit(high) / 2
    return {
        "": abs(value - first) <= _unit(numbers[0]) / 2 * (1 + 1e-9),
        "about ": abs(value - first) <= _significant(numbers[0]) * (1 + 1e-9),
        "just above ": first < value <= first * (1 + _NEAR),
        "nearly ": first * (1 - _NEAR) <= value < first,
        "above ": value > first,
        "below ": value < first,
    }[words]


def _read(number: str) -> float:
    return float(number.replace(",", ""))


def _unit(number: str) -> float:
    """Of the last digit: 0.1 of 817.9."""
    return 10.0 ** -len(number.partition(".")[2])


def _significant(number: str) -> float:
    """Of the last digit that isn't a zero at the end of a whole number: 10,000 of 40,000."""
    digits = number.replace(",", "")
    return _unit(digits) if "." in digits else 10.0 ** (len(digits) - len(digits.rstrip("0")))
