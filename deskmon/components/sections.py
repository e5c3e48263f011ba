"""The tables that a panel stacks, and the columns that a trader leaves out of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from deskmon.components.columns import Column, Row

__all__ = [
    "Section",
    "only_words",
]

OTHER_WAY = "-"
"""Before a column that is sorted the other way than it usually is."""


class Section(msgspec.Struct, frozen=True):
    """One table of a panel. The cursor, filter and sort act on `selectable` sections only.

    empty: what it says, in words and lines, when it has no row; a section with neither rows nor words isn't shown.
    header: whether the labels of its columns are shown. sorted_by: the column that its rows come sorted by, as options
    keep a sort; "" where they are in an order of their own.
    """

    id: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    empty: str = ""
    selectable: bool = True
    header: bool = True
    sorted_by: str = ""


def only_words(words: str, section: str = "none") -> tuple[Section, ...]:
    """In place of tables: words that say why there are none."""
    return (Section(section, (), (), words),)


class Item(msgspec.Struct, frozen=True):
    """One line of the stack of tables: a row; without one the labels, the words of an empty table, or a blank."""

    section: Section | None = None
    row: Row | None = None
    words: str = ""

    @property
    def selectable(self) -> bool:
        row, section = self.row, self.section
        return row is not None and not row.pinned and not row.continues and section is not None and section.selectable


class Hidden:
    """Columns that a trader doesn't want to see, by name: in every table that has them, but where they stand first,
    since the first column says what a row is about."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self._known: dict[str, None] = {}

    @property
    def known(self) -> list[tuple[str, bool]]:
        """(name, whether it is shown) of the columns that may be hidden."""
        return [(name, name not in self.names) for name in self._known]

    def turn(self, name: str) -> None:
        """Hide a column, or show it again."""
        self.names = tuple(each for each in self.names if each != name) if name in self.names else (*self.names, name)

    def leave(self, section: Section) -> Section:
        """The section without what is hidden."""
        names = [column.name or column.id for column in section.columns]
        self._known.update(dict.fromkeys(names[1:]))
        if not self.names:
            return section
        kept = [c for n, c in enumerate(section.columns) if not n or names[n] not in self.names]
        return msgspec.structs.replace(section, columns=kept)


def sorting(kept: str) -> tuple[str, bool]:
    """(column, whether it is sorted the other way than it usually is) of what options keep of a sort."""
    return kept.removeprefix(OTHER_WAY), kept.startswith(OTHER_WAY)


def in_order(rows: Sequence[Row], column: Column, other_way: bool) -> list[Row]:
    """Rows sorted by a column, or the other way: pinned ones on top, those without a value below all."""
    pinned = [row for row in rows if row.pinned]
    known = [row for row in rows if not row.pinned and row.sort.get(column.id) is not None]
    unknown = [row for row in rows if not row.pinned and row.sort.get(column.id) is None]
    known.sort(key=lambda row: row.sort[column.id], reverse=(column.order == "down") is not other_way)
    return pinned + known + unknown


def kind(section: Section) -> tuple[str, ...]:
    """What sections have in common that line up: their columns."""
    return tuple(column.id for column in section.columns)


def labelled(section: Section) -> bool:
    """Whether a line of labels stands above its rows."""
    return section.header and bool(section.columns)
