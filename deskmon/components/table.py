"""The panel that most panels are: one table or several, a cursor that stays on its row, scroll, sort and filter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice, zip_longest
from typing import Any, ClassVar

import msgspec
from msgspec.structs import replace

from deskmon import format as fmt
from deskmon.components.choices import action, following
from deskmon.components.columns import Column, KeptPlans, Need, Plan, Row, edge_mark, measure, row_spans
from deskmon.components.panel import Frame, Intent, Line, Needs, Notify, Panel, Span
from deskmon.components.scrollbar import with_thumb
from deskmon.components.sections import OTHER_WAY, Hidden, Item, Section, in_order, kind, labelled, sorting
from deskmon.components.text import JOINT, beside, crop_line, line_width, shorten, wrap

__all__ = ["TablePanel"]

MOVES = ("up", "down", "top", "bottom", "page_up", "page_down")
LEAST_ROWS = 5
"""Rows of the first table that a layout shows before it gives lines to others."""
LOW = 10
"""Lines of a panel that is low: how many of them its head takes then is what it needs."""
MATTERS = 2
"""Columns up to this priority are shown where a panel fits beside another."""
FRAMED_WIDTH = 12
"""From this width on a table has a cell for the cursor's mark at its left and one for the scroll mark at its right."""


class TablePanel(Panel):
    """Subclasses give `columns` and `rows`, or `sections` for a stack of tables; `open` says what Enter does."""

    class Options(Panel.Options, frozen=True):
        """What all tables have. hide: names of columns that aren't shown; sort: the column that each table is sorted
        by, with `-` before it where the other way round, by the table's id; filter: words that a row contains."""

        hide: tuple[str, ...] = ()
        sort: dict[str, str] = msgspec.field(default_factory=dict)
        filter: str = ""

    columns: ClassVar[tuple[Column, ...]] = ()
    most_rows: ClassVar[int] = 500
    """Rows of a section beyond these aren't shown."""
    stay_on_first: ClassVar[bool] = False
    """True where a cursor on the first row stays there when rows are added above, as on a tape."""
    has_live_figures: ClassVar[bool] = True
    """False where no figure ages while it is shown, so that the title has no age."""
    home: ClassVar[str] = ""
    """Key of the row that stays in the middle until the cursor is moved; the first row stays on top where empty."""
    sorted_by: ClassVar[str] = ""
    """Of a panel with one table: the column that `rows` come sorted by, `-` before it where the other way round."""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._at: tuple[str, str] | None = None
        self._index = 0
        self._top = 0
        kept = self.options if isinstance(self.options, TablePanel.Options) else TablePanel.Options()
        self._filter = kept.filter
        self._sorted: dict[str, str] = dict(kept.sort)
        self._hidden = Hidden(kept.hide)
        self._needs: dict[tuple[str, ...], dict[str, Need]] = {}
        self._needs_width = 0
        self._whole = not self.stay_on_first
        self._seen: tuple[Any, ...] = ()
        self._items: list[Item] = []
        self._plans: dict[str, Plan] = {}
        self._made = KeptPlans()
        self._marks: Mapping[str, str] = {}

    def rows(self, frame: Frame) -> Iterable[Row]:
        """The rows of a panel with one table."""
        raise NotImplementedError

    def empty(self, frame: Frame) -> str:
        """What a table without rows says."""
        return "nothing yet"

    def sections(self, frame: Frame) -> Sequence[Section]:
        """The tables, from the top."""
        return (Section(self.name, self.columns, self.rows(frame), self.empty(frame), sorted_by=self.sorted_by),)

    def headline(self, frame: Frame) -> Sequence[Line]:
        """Lines of words above all else."""
        return ()

    def chart_height(self, frame: Frame) -> int:
        """How many lines `chart` has, 0 for none."""
        return 0

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        """What stands between the headline and the tables, in at most `size` (width, height) cells."""
        return ()

    def head_height(self, frame: Frame) -> int:
        """How many lines stand above the tables, at most `frame.height`."""
        return len(self.headline(frame)) + self.chart_height(frame)

    def head(self, frame: Frame, height: int) -> Sequence[Line]:
        """What stands above the tables, in exactly `height` lines: headline and chart."""
        words, rows = self.headline(frame), self.chart_height(frame)
        return [*words, *self.chart(frame, (frame.width, rows))] if rows else words

    def beside_width(self, frame: Frame) -> int:
        """How many cells `beside` has left of the tables."""
        return 0

    def beside(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        """What stays beside the tables, in at most `size` (width, height) cells."""
        return ()

    def open(self, row: Row, frame: Frame) -> Intent | None:
        """What Enter on `row` does."""
        return None

    def marked(self, frame: Frame) -> Mapping[str, str]:
        """Keys of rows that a firing rule is about, each with the style of its mark."""
        return {}

    @property
    def filtered(self) -> bool:
        return bool(self._filter)

    def options_now(self) -> Any:
        options = super().options_now()
        if not isinstance(options, TablePanel.Options):
            return options
        chosen = {table: column for table, column in self._sorted.items() if column}
        return replace(options, hide=self._hidden.names, sort=chosen, filter=self._filter)

    def hideable(self, frame: Frame) -> Sequence[tuple[str, bool]]:
        self._stack(self._below_head(frame))
        return self._hidden.known

    def note(self, frame: Frame) -> str:
        words = f"/{self._filter}" if self._filter else ""
        return JOINT.join(filter(None, (words, *self.note_parts(frame))))

    def oldest(self, frame: Frame) -> int | None:
        if not self.has_live_figures:
            return None
        rows = [item.row for item in self._stack(self._below_head(frame)) if item.row]
        ages = [(row.stale, row.age_ms) for row in rows if row.age_ms is not None]
        live = [age for stale, age in ages if not stale] or [age for _, age in ages]
        return int(max(live)) if live else None

    def answers(self, frame: Frame) -> Collection[str]:
        below = self._below_head(frame)
        found = {*super().answers(frame)}
        if any(item.section is not None and item.section.selectable for item in self._stack(below)):
            found.add("filter")
        if self._sortable(below):
            found.add("sort")
        if self.open_selected(frame) is not None:
            found.add("enter")
        return found

    def needs(self, frame: Frame) -> Needs:
        items = self._stack(self._below_head(frame))
        rows = [n for n, item in enumerate(items, 1) if item.row is not None]
        first = rows[min(LEAST_ROWS, len(rows)) - 1] if rows else len(items)
        low = self.head_height(replace(frame, height=LOW))
        fits = all(plan.shows_all(MATTERS) for plan in self._plans.values())
        return Needs(low + first, self.head_height(frame) + len(items), fits)

    def selected(self, frame: Frame) -> Row | None:
        """The row under the cursor."""
        items = self._stack(self._below_head(frame))
        spot = self._spot(items)
        return None if spot is None else items[spot].row

    def visible(self, section: str, frame: Frame) -> list[str]:
        """Ids of the columns of a section that have room."""
        self._stack(self._below_head(frame))
        return [place.column.id for place in plan.places] if (plan := self._plans.get(section)) else []

    def draw(self, frame: Frame) -> Sequence[Line]:
        below = self._below_head(frame)
        height = frame.height - below.height
        tables = self._draw_tables(below)
        width = frame.width - below.width
        if width:
            left = self.beside(frame, (width, below.height))
            tables = [beside(*pair, width) for pair in zip_longest(left, tables, fillvalue=())]
        return [*self.head(frame, height), *tables] if height else tables

    def _below_head(self, frame: Frame) -> Frame:
        size = frame.width - self.beside_width(frame), frame.height - self.head_height(frame)
        return frame if size == (frame.width, frame.height) else replace(frame, width=size[0], height=size[1])

    def _draw_tables(self, frame: Frame) -> Sequence[Line]:
        items = self._stack(frame)
        spot = self._spot(items)
        height = max(0, frame.height)
        self._scroll(items, spot, height)
        shown = range(self._top, min(len(items), self._top + height))
        self._marks = self.marked(frame)
        lines = [self._line(items[i], frame, i == spot) for i in shown]
        if (pinned := self._pinned_header(items, height)) is not None:
            lines[0] = self._line(pinned, frame, False)
        scrolls = self._whole and len(items) > height and frame.width >= FRAMED_WIDTH
        return with_thumb(lines, self._top, len(items), frame.width) if scrolls else lines

    def on_action(self, action: str, frame: Frame) -> Intent | None:
        verb, _, text = action.partition(":")
        if verb == "filter":
            self._filter = text.strip()
        elif verb == "hide":
            self._hidden.turn(text)
        elif verb in MOVES:
            self._move(action, self._below_head(frame))
            return None
        else:
            return super().on_action(action, frame)
        self.changed()
        return None

    @action("enter")
    def open_selected(self, frame: Frame) -> Intent | None:
        """Open the row under the cursor, where it is in view."""
        below = self._below_head(frame)
        items = self._stack(below)
        spot = self._spot(items)
        row = None if spot is None or not self._top <= spot < self._top + below.height else items[spot].row
        return None if row is None else self.open(row, below)

    def changed(self) -> None:
        """Make the tables anew at the next look: call it when the panel's own state changed."""
        self._seen = ()

    # The stack of tables

    def _stack(self, frame: Frame) -> list[Item]:
        if self._seen and frame is self._seen[0]:  # of the same draw: nothing was folded since
            return self._items
        seen = (frame, tuple(frame.model.revisions.values()))
        if seen == self._seen:
            return self._items
        if frame.width != self._needs_width:
            self._needs, self._needs_width = {}, frame.width
        sections = map(self._hidden.leave, self.sections(frame))
        tables = [(section, self._chosen(section, frame.height)) for section in sections]
        tables = [(section, rows) for section, rows in tables if rows or section.empty]
        for section, rows in tables:
            self._measure(section, rows, frame.wide_signs)
        lines = sum(max(1, len(rows)) + labelled(section) for section, rows in tables)
        spaced = lines + len(tables) - 1 <= frame.height
        room = frame.width - 2 * (frame.width >= FRAMED_WIDTH)
        items: list[Item] = []
        for section, rows in tables:
            needs = self._needs[kind(section)]
            self._plans[section.id] = self._made.plan(section.id, section.columns, needs, room)
            if items and spaced:
                items.append(Item())
            if labelled(section):
                items.append(Item(section))
            items += [Item(section, row) for row in rows]
            if not rows:
                items += [Item(section, words=line) for line in self._why_empty(section, frame.width)]
        self._seen, self._items = seen, items
        return items

    def _why_empty(self, section: Section, width: int) -> list[str]:
        words = f"nothing matches “{self._filter}”" if self._filter and section.selectable else section.empty
        room = max(1, width - 2 * (width >= FRAMED_WIDTH))
        return [piece for line in words.splitlines() for piece in wrap(line, room)]

    def _chosen(self, section: Section, height: int) -> list[Row]:
        if not section.selectable:
            return list(islice(section.rows, self.most_rows))
        words = self._filter.casefold().split()
        by, reverse = sorting(self._sorted.get(section.id, ""))
        column = next((c for c in section.columns if c.id == by), None)
        # A tape that nobody touched is asked for what it shows: making all its rows would cost most of a frame.
        most = self.most_rows if self._whole or column is not None else height
        rows = list(islice((row for row in section.rows if row.pinned or row.matches(words)), most))
        return rows if column is None else in_order(rows, column, reverse)

    def _measure(self, section: Section, rows: Sequence[Row], wide_signs: bool) -> None:
        """Note what the section's figures need. Sections of the same columns share it, so that they line up."""
        needs = self._needs.setdefault(kind(section), {})
        for column in section.columns:
            if column.align != "left":
                name = column.id
                texts = [cell[0] for row in rows if (cell := row.cells.get(name)) and isinstance(cell[0], str)]
                if wide_signs:
                    texts = [text.replace(fmt.AT_LEAST, 2 * fmt.AT_LEAST) for text in texts]
                needs[name] = measure(column, texts, needs.get(name, (0, 0)))

    # Lines

    def _line(self, item: Item, frame: Frame, here: bool) -> list[Span]:
        framed = frame.width >= FRAMED_WIDTH
        room = frame.width - 2 * framed
        if item.section is None:
            return [("", "")]
        if item.words:
            return [(" " * framed + shorten(item.words, room), "muted")]
        plan = self._plans[item.section.id]
        if item.row is None:
            chosen = self._sorted.get(item.section.id, "")
            by = sorting(chosen or item.section.sorted_by)
            labels = self._made.header(item.section.id, plan, *by, "accent" if chosen else "muted")
            return crop_line([(" ", ""), *labels] if framed else labels, frame.width)
        overlay = "cursor" if here and frame.focused else ""
        spans = row_spans(plan, item.row, overlay)
        if framed:
            spans.insert(0, edge_mark(here, overlay, self._marks.get(item.row.key, "")))
        if overlay:
            spans.append((" " * (frame.width - line_width(spans)), overlay))
        return spans

    # The cursor

    def _spot(self, items: Sequence[Item]) -> int | None:
        """Index of the line under the cursor; where its row is gone, of the row that stands in its place."""
        if self._at is None and not self.home:
            self._index = 0
            return next((i for i, item in enumerate(items) if item.selectable), None)
        spots = [i for i, item in enumerate(items) if item.selectable]
        if not spots:
            return None
        if self._at is None:
            at_home = (n for n, i in enumerate(spots) if (row := items[i].row) is not None and row.key == self.home)
            self._index = next(at_home, 0)
            return spots[self._index]
        for n, i in enumerate(spots):
            if (section := items[i].section) and (row := items[i].row) and (section.id, row.key) == self._at:
                self._index = n
                return i
        return spots[min(self._index, len(spots) - 1)]

    def _scroll(self, items: Sequence[Item], spot: int | None, height: int) -> None:
        limit = max(0, len(items) - height)
        top = min(self._top, limit)
        if self._at is None and any(item.selectable for item in items):
            # Nobody moved the cursor yet: what stands first, or at home, is what matters.
            top = spot - height // 2 if self.home and spot is not None else 0
        elif spot is not None:
            above = 1 if height > 2 else 0  # the line that a pinned header may cover
            top = max(min(top, spot - above), spot - height + 1)
            if not any(item.selectable for item in items[:spot]) and spot < height:
                top = 0
            if not any(item.selectable for item in items[spot + 1 :]) and spot - above >= limit:
                top = limit
        self._top = max(0, min(top, limit))

    def _pinned_header(self, items: Sequence[Item], height: int) -> Item | None:
        """The labels of the table that the first line cuts into."""
        if height < 3 or self._top == 0 or self._top >= len(items):
            return None
        first = items[self._top]
        if first.row is None or first.section is None or not labelled(first.section):
            return None
        return replace(first, row=None)

    def _move(self, action: str, frame: Frame) -> None:
        if not self._whole and action != "top":
            self._whole, self._seen = True, ()
        items = self._stack(frame)
        spots = [i for i, item in enumerate(items) if item.selectable]
        page = max(1, frame.height - 2)
        steps = {"up": -1, "down": 1, "top": -len(items), "bottom": len(items), "page_up": -page, "page_down": page}
        if not spots:
            self._top = max(0, min(self._top + steps[action], len(items) - frame.height))
            return
        spot = self._spot(items)
        n = spots.index(spots[0] if spot is None else spot)
        if self._at is not None or self._top <= spots[n] < self._top + frame.height:
            n = max(0, min(len(spots) - 1, n + steps[action]))
        section, row = items[spots[n]].section, items[spots[n]].row
        first = (action == "top" and not self.home) or (self.stay_on_first and n == 0)
        self._at = None if first or section is None or row is None else (section.id, row.key)
        self._whole = not (self.stay_on_first and self._at is None)

    @action("sort")
    def sort_next(self, frame: Frame) -> Intent | None:
        """Sort the table under the cursor the other way, then by its next visible column that can be sorted; after the
        last, as its rows come."""
        section, columns = self._sortable(self._below_head(frame)) or (None, ())
        if section is None:
            return Notify("nothing here can be sorted", "warn")
        turn = ["", *(way + column for column in columns for way in ("", OTHER_WAY))]
        if section.sorted_by in turn[1:]:
            turn = ["" if each == section.sorted_by else each for each in turn[1:]]
        self._sorted[section.id] = following(turn, self._sorted.get(section.id, ""))
        return None

    def _sortable(self, frame: Frame) -> tuple[Section, Sequence[str]] | None:
        """The table under the cursor and those of its visible columns that can be sorted; None where there are none."""
        items = self._stack(frame)
        spot = self._spot(items)
        section = None if spot is None else items[spot].section
        if section is None:
            return None
        columns = [column.id for column in section.columns if column.order and self._plans[section.id].shows(column.id)]
        return (section, columns) if columns else None
