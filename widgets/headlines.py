"""Headlines, newest first, each in as many lines as its text takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Choice, Column, Drill, Frame, Intent, Row, Section, TablePanel, fmt
from deskmon.components.awaited import awaited
from deskmon.components.headlines import headline_key, is_about, text_lines
from deskmon.components.text import one_line

LINES = 4
"""Lines of a headline at most; its page shows the rest."""
SOURCES = ("headlines",)
"""Of the feed `context`: the one that tells headlines."""
SOURCE = 14
WITH_SOURCE = 60
"""Cells from which on the source has a column."""


class Headlines(TablePanel):
    """What was said, by whom, how long ago."""

    name = "headlines"
    title = "Headlines"
    topics = frozenset({"headlines", "feeds", "clock"})
    most_rows = 400
    stay_on_first = True
    has_live_figures = False
    about = Choice(("all", "linked"), key="v", help="All headlines, or those that name the linked asset")
    definitions = (
        ("age", "since it was published, or since it arrived where that is earlier"),
        ("source", "as the sender says; a headline is text from outside and isn't checked"),
        ("linked", "the headline names the asset by its ticker or its name, such as BTC or bitcoin"),
        ("held", "the newest 200; the same line of the same time and source counts once"),
    )

    def sections(self, frame: Frame) -> Sequence[Section]:
        room = max(1, frame.width - 2 - 4 - 2)
        columns = [Column("age", "age", 4, "right", 2)]
        if frame.width >= WITH_SOURCE:
            columns.append(Column("source", "source", SOURCE, priority=1))
            room -= SOURCE + 2
        columns.append(Column("text", "headline", room, least=1))
        rows = list(self._lines(room, frame))
        quiet = awaited("headline", SOURCES, frame.model, frame.now)
        if frame.model.headlines.figures(frame.now):
            quiet = f"no headline of {len(frame.model.headlines.figures(frame.now))} names {frame.symbol}"
        return (
            Section(
                "headlines",
                columns,
                rows,
                quiet,
                header=frame.height > 3,
                sorted_by="age",
            ),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        return Drill("headline", {"key": row.key.partition(" ")[2]}, "headline")

    def _lines(self, room: int, frame: Frame) -> Iterable[Row]:
        for each in frame.model.headlines.figures(frame.now):
            if self.about == "linked" and not is_about(each.text, frame.symbol):
                continue
            key, source = headline_key(each), one_line(each.source or "")
            style = "text" if each.age_ms < 3_600_000 else "muted"
            for n, line in enumerate(text_lines(each.text, room, LINES)):
                cells = {"text": (line, style)}
                if n == 0:
                    cells |= {"age": (fmt.age(each.age_ms), "faint"), "source": (source, "accent")}
                yield Row(f"{n} {key}", cells, text=f"{source} {each.text}", continues=n > 0)
