"""Columns of a table: which of them fit, how wide they are, and how one row of cells is laid out.

A figure is shown whole or not at all: columns leave by priority, only text is ever shortened. A wide text that has no
room takes no figure with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby
from math import inf
from typing import Any, Literal

import msgspec

from deskmon import format as fmt
from deskmon.components.panel import Span
from deskmon.components.text import ELLIPSIS, NARROW, cell_width, ljust, rjust, shorten, split

__all__ = [
    "Cell",
    "Column",
    "Row",
    "is_stale",
    "never_cut",
]

CURSOR, CALLED = "▸", "!"
"""Before the row under the cursor, and before one that a firing rule is about."""
RISING, FALLING = "▲", "▼"
AGE = "age"
"""Id of the column that shows a row's age; where it has left, a stale row shows its age in its first cell."""

Text = str | Callable[[int], str]
Cell = tuple[Text, str]
"""(text, style) as a span's; in a column of text, a function gets the cells it may fill: for a bar or a sparkline."""

STALE_AFTER_MS = {
    "prices": 10_000,
    "depth": 30_000,
    "funding": 600_000,
    "open_interest": 600_000,
    "options": 120_000,
}
"""By topic: the age (ms) from which a figure counts as stale."""


_from_before: ContextVar[float] = ContextVar("_from_before", default=inf)


@contextmanager
def remembering(age_ms: float | None) -> Iterator[None]:
    """While the block draws, figures of this age or older are from before the desk began, and their feeds may not be
    heard yet: they count as stale. None: all feeds were heard."""
    token = _from_before.set(inf if age_ms is None else age_ms)
    try:
        yield
    finally:
        _from_before.reset(token)


def is_from_before(age_ms: float | None) -> bool:
    """True where a figure is from before the desk began and its feed may not be heard yet."""
    return age_ms is not None and age_ms >= _from_before.get()


def is_stale(topic: str, age_ms: float | None) -> bool:
    """True where a figure of `topic` is older than its limit, or from before the desk began and its feed not yet heard;
    an unknown age isn't stale, it is unknown."""
    return age_ms is not None and (age_ms > STALE_AFTER_MS[topic] or is_from_before(age_ms))


class Column(msgspec.Struct, frozen=True):
    """One column.

    width: cells it has; a column of figures grows when its content needs more, and never shrinks again.
    align: `decimal` lines figures up on their point. What isn't `left` is a figure and never cut.
    priority: columns of the highest number leave first when room is short, those of one number together; 0 stays
        longest. A text that is wider than the room goes before narrower columns of a higher number.
    least: cells down to which a column of text may be shortened; `most`: cells up to which it may grow (0: its width).
    order: direction of its sort: `down` for the largest first, `up` for A to Z, "" where it can't be sorted.
    style: style of the label. name: what `hide` calls it, where that isn't its id.
    """

    id: str
    label: str
    width: int
    align: Literal["left", "right", "decimal"] = "left"
    priority: int = 0
    least: int = 0
    most: int = 0
    order: Literal["", "up", "down"] = ""
    style: str = "label"
    name: str = ""


class Row(msgspec.Struct, frozen=True):
    """One row: `cells` and `sort` values by column id (an absent cell is blank, an absent value sorts last).

    key: identifies the row for the cursor from frame to frame.
    age_ms: age of its live figures, if they age; `stale` rows are dimmed and always show it.
    text: what a filter searches; its cells where empty.
    style: added to every cell, `sum` for a row of totals; `pinned` rows stay on top whatever the
        sort and the filter, and the cursor passes over them.
    continues: a further line of the row before it, which the cursor passes over too.
    """

    key: str
    cells: Mapping[str, Cell]
    sort: Mapping[str, Any] = msgspec.field(default_factory=dict)
    age_ms: float | None = None
    stale: bool = False
    text: str = ""
    style: str = ""
    pinned: bool = False
    continues: bool = False

    def matches(self, words: Sequence[str]) -> bool:
        """True where each of `words` (casefolded) occurs in the row."""
        if not words:
            return True
        text = (self.text or " ".join(text for text, _ in self.cells.values() if isinstance(text, str))).casefold()
        return all(word in text for word in words)


Need = tuple[int, int]
"""Cells before the decimal point, and from the point on; of a column that isn't `decimal` the second is 0."""


def measure(column: Column, texts: Iterable[str], known: Need = (0, 0)) -> Need:
    """Cells that figures `texts` need in `column`, at least those `known` from before."""
    whole, fraction = known
    if column.align != "decimal":
        return max([whole, *_widths([*texts])]), 0
    for text in texts:
        before, point, after = text.partition(".")
        if (width := _width(before)) > whole:
            whole = width
        if point and (width := 1 + _width(after)) > fraction:
            fraction = width
    return whole, fraction


def _widths(texts: Sequence[str]) -> Iterable[int]:
    return map(len if NARROW.issuperset("".join(texts)) else cell_width, texts)


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_width(text)


class Place(msgspec.Struct, frozen=True):
    """A column that is shown: its cells, and how many of them stand behind the decimal point."""

    column: Column
    width: int
    fraction: int = 0


class Plan(msgspec.Struct, frozen=True):
    """The columns shown at one width, in their declared order, `gap` cells apart."""

    places: tuple[Place, ...]
    gap: int
    left_out: float = inf
    """The lowest priority of a column that isn't shown."""

    def shows(self, id: str) -> bool:
        """True where column `id` is among them."""
        return any(place.column.id == id for place in self.places)

    def shows_all(self, priority: int) -> bool:
        """True where no column of a priority up to this one is left out."""
        return self.left_out > priority


def plan(columns: Sequence[Column], needs: Mapping[str, Need], room: int) -> Plan:
    """Choose columns for `room` cells: by priority as many as fit, then whole texts, a wider gap, columns that grow.

    A column of text that has no room leaves its cells to what comes after it, once the texts that are shown are whole.
    Where a figure has none, nothing comes after it: what does often tells more of that figure, as Δ24h or n."""
    full = {column.id: _full(column, needs) for column in columns}
    least = {c.id: min(c.least or full[c.id], full[c.id]) if c.align == "left" else full[c.id] for c in columns}
    widths: dict[str, int] = {}
    spare = room
    for group in _groups(columns):
        cells = sum(least[column.id] + 1 for column in group) - (0 if widths else 1)
        if cells <= spare:
            widths.update((column.id, least[column.id]) for column in group)
            spare -= cells
        elif not widths and group[0].align == "left" and room > 0:
            widths[group[0].id], spare = room, 0
            break
        elif group[0].priority == 0 or any(column.align != "left" for column in group):
            break
        else:
            spare = _grown(columns, widths, full, spare)
    chosen = [column for column in columns if column.id in widths]
    spare = _grown(chosen, widths, full, spare)
    gaps = len(chosen) - 1
    gap = 2 if gaps > 0 and spare >= gaps else 1
    _grown(chosen, widths, {column.id: column.most for column in chosen}, spare - gaps * (gap - 1))
    places = tuple(Place(c, widths[c.id], needs.get(c.id, (0, 0))[1]) for c in chosen)
    return Plan(places, gap, min((column.priority for column in columns if column.id not in widths), default=inf))


def _grown(columns: Sequence[Column], widths: dict[str, int], up_to: Mapping[str, int], spare: int) -> int:
    """Widen the columns that have a width, from the left, as far as `spare` cells last; what is left of these."""
    for column in columns:
        if column.id in widths:
            more = max(0, min(spare, up_to[column.id] - widths[column.id]))
            widths[column.id] += more
            spare -= more
    return spare


def _groups(columns: Sequence[Column]) -> list[list[Column]]:
    """What comes at once, in the order in which it comes: a column of priority 0 alone, others with their like."""
    ordered = sorted(columns, key=lambda column: column.priority)
    first = [[column] for column in ordered if column.priority == 0]
    return first + [list(like) for number, like in groupby(ordered, lambda column: column.priority) if number]


def _full(column: Column, needs: Mapping[str, Need]) -> int:
    if column.align == "left":
        return column.width
    return max(column.width, cell_width(column.label), sum(needs.get(column.id, (0, 0))))


def never_cut(text: str) -> Text:
    """A figure for a column of text: shown whole, or as an ellipsis where it doesn't fit."""
    return lambda width: text if cell_width(text) <= width else ELLIPSIS[:width]


def place_text(text: Text, place: Place) -> str:
    """`text` aligned in its place, exactly as wide as that."""
    if not isinstance(text, str):
        text = text(place.width)
    align = place.column.align
    if align == "left":
        return ljust(shorten(text, place.width), place.width)
    if align == "decimal":
        point = text.find(".")
        behind = 0 if point < 0 else _width(text[point:])
        text += " " * (place.fraction - behind)
    return rjust(text, place.width)


def header(plan: Plan, sorted_by: str = "", reverse: bool = False, mark_style: str = "accent") -> list[Span]:
    """The labels; the mark of the sorted column stands beside its label, in the gap where the label fills its place.
    One cell wider than the rows, for the mark behind a last label."""
    chars: list[str] = []
    styles: list[str] = []
    mark, direction = -1, ""
    for i, place in enumerate(plan.places):
        if i:
            chars += " " * plan.gap
            styles += [""] * plan.gap
        column, start = place.column, len(chars)
        label = shorten(column.label, place.width)
        left = column.align == "left"
        chars += split(ljust(label, place.width) if left else rjust(label, place.width))
        styles += [column.style] * place.width
        if column.id == sorted_by:
            used = cell_width(label)
            before = start + place.width - used - 1
            mark = start + used if left or before < 0 else before
            direction = FALLING if (column.order == "down") is not reverse else RISING
    chars.append(" ")
    styles.append("")
    if mark >= 0:
        chars[mark], styles[mark] = direction, mark_style
    return _spans(chars, styles)


class KeptPlans:
    """Plans and headers of the tables of a panel, made anew only where what they are made of is another: figures seldom
    need another width. Tables are named by their ids."""

    def __init__(self) -> None:
        self._plans: dict[str, tuple[tuple[Column, ...], Mapping[str, Need], int, Plan]] = {}
        self._headers: dict[str, tuple[tuple[Plan, str, bool, str], list[Span]]] = {}

    def plan(self, table: str, columns: Sequence[Column], needs: Mapping[str, Need], room: int) -> Plan:
        """`plan` of the columns in `room` cells."""
        known, columns = self._plans.get(table), tuple(columns)
        if known is None or known[:3] != (columns, needs, room):
            known = self._plans[table] = columns, dict(needs), room, plan(columns, needs, room)
        return known[3]

    def header(self, table: str, plan: Plan, sorted_by: str, reverse: bool, mark_style: str) -> list[Span]:
        """`header` of a plan."""
        of = plan, sorted_by, reverse, mark_style
        known = self._headers.get(table)
        if known is None or known[0] != of:
            known = self._headers[table] = of, header(*of)
        return known[1]


def _spans(chars: Sequence[str], styles: Sequence[str]) -> list[Span]:
    spans: list[Span] = []
    for char, style in zip(chars, styles, strict=True):
        if spans and spans[-1][1] == style:
            spans[-1] = (spans[-1][0] + char, style)
        else:
            spans.append((char, style))
    return spans


def row_spans(plan: Plan, row: Row, overlay: str = "") -> list[Span]:
    """The row's cells in their places; `overlay` is added to every style."""
    spans: list[Span] = []
    cells, gap = row.cells, (" " * plan.gap, overlay)
    stale = row.stale or is_from_before(row.age_ms)
    common = f"{row.style} {overlay}".strip()
    for place in plan.places:
        if spans:
            spans.append(gap)
        text, style = cells.get(place.column.id, ("", ""))
        if stale:
            style = "stale"
        if common:
            style = f"{style} {common}" if style else common
        spans.append((place_text(text, place), style))
    if stale and spans and not plan.shows(AGE):
        spans[0] = (_with_age(row, plan.places[0]), spans[0][1])
    return spans


def _with_age(row: Row, place: Place) -> str:
    """The first cell of a stale row whose age column has left: its text, and the age at its right edge."""
    text, _ = row.cells.get(place.column.id, ("", ""))
    age = fmt.age(row.age_ms)
    room = place.width - len(age) - 1
    if not isinstance(text, str) or place.column.align != "left" or room < 1:
        return place_text(text, place)
    return f"{ljust(shorten(text, room), room)} {age}"


def edge_mark(is_here: bool, overlay: str, called: str) -> Span:
    """The cell before a row. is_here: the cursor is on it; overlay: its style, "" where nobody works in the table;
    called: style of the mark of a firing rule, "" for none."""
    style = called or ("accent" if overlay else "faint" if is_here else "")
    return CURSOR if is_here else CALLED if called else " ", f"{style} {overlay}".strip()
