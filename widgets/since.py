"""What moved since a moment: figures then and now, and by how many standard deviations of their usual change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deskmon.api import MINUTE, Choice, Column, Frame, Intent, Row, TablePanel, fmt
from deskmon.components.differences import (
    Difference,
    Usuals,
    called,
    change_cell,
    difference_page,
    path_of,
    sigma_words,
    sigmas_words,
    tracked_paths,
    value_words,
)

MOST_ASKED = 40
"""Histories that are looked through in one draw."""


class SinceMoment(TablePanel):
    """All that tells what moved, what moved most first; or the figures of one panel, in their order."""

    name = "since"
    title = "What changed since a moment"
    topics = frozenset({"clock"})
    has_live_figures = False
    definitions = (
        ("=", "chooses the moment: since you left, since a wave began, 2h ago, 08:00"),
        ("then, now", "the figure at the moment, and now; `—` where it isn't known"),
        ("change", "now less then: in percent of prices, open interest, depth; else in the figure's unit"),
        ("σ", "the change by the standard deviation of the figure's past changes over as long a time"),
        ("usual", "that standard deviation; none of fewer than 30 past changes, or where the history is too coarse"),
        ("n", "how many past changes"),
        ("new levels, headlines", "lines of the session log since then; σ: their count less its mean"),
    )
    columns = (
        Column("figure", "figure", 26, least=12, most=44, order="up"),
        Column("then", "then", 11, "decimal", 1),
        Column("change", "change", 9, "right", 0, order="down"),
        Column("now", "now", 11, "decimal", 1),
        Column("sigmas", "σ", 7, "right", 0, order="down"),
        Column("usual", "usual", 9, "right", 2),
        Column("n", "n", 6, "right", 3, order="down"),
        Column("words", "newest", 24, priority=4, least=10, most=80),
    )
    view = Choice(
        ("all", "panel"),
        key="v",
        help="All that tells what moved, or the figures of the panel you came from",
        note=None,
    )

    class Options(TablePanel.Options, frozen=True):
        """panel: whose figures the view `panel` shows; figures: their paths."""

        panel: str = ""
        figures: tuple[str, ...] = ()

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._usuals: Usuals | None = None
        self._shown: dict[str, Difference] = {}

    @view.offered
    def _views(self, frame: Frame) -> Sequence[str]:
        return ("all", "panel") if self.options.figures else ()

    @view.shown
    def _view(self, frame: Frame) -> str:
        return self.view if self.options.figures else "all"

    def heading(self, frame: Frame) -> str:
        return self.title if frame.then is None else f"What changed {frame.then.words}"

    def note_parts(self, frame: Frame) -> Iterable[str]:
        then = frame.then
        return ("",) if then is None else (
            f"figures of {self.options.panel}" if self._view(frame) == "panel" else "what moved most first",
            f"{fmt.date(then.state.at)} {fmt.clock(then.state.at)}Z to now "
            f"({fmt.length(frame.now - then.state.at, 2)})",
            then.state.source if then.state.source != "live" else "",
        )  # fmt: skip

    def empty(self, frame: Frame) -> str:
        if frame.then is None:
            return "= chooses the moment to compare with: since you left, since a wave began, 2h ago"
        return "nothing is known of both moments"

    def rows(self, frame: Frame) -> Iterable[Row]:
        then = frame.then
        if then is None or frame.now <= then.state.at:
            return ()
        usuals, paths = self._known(frame, then.state.at), self.options.figures
        asked = tracked_paths(paths) if self._view(frame) == "panel" else None
        found = frame.model.changes.since(then.state, frame.now, asked, usuals)
        if asked is None:
            found = [each for each in found if each.sigmas is not None or each.change or _appeared_or_went(each)]
        self._shown = {_key(each): each for each in found}
        return [_row(each, by_path=asked is not None) for each in found]

    def plots(self, frame: Frame) -> str:
        row = self.selected(frame)
        found = None if row is None else self._shown.get(row.key)
        return "" if found is None or found.figure is None else found.figure

    def open(self, row: Row, frame: Frame) -> Intent | None:
        found = self._shown.get(row.key)
        return None if found is None else difference_page(found, path_of(found))

    def _known(self, frame: Frame, then: int) -> Usuals:
        """How figures usually change over the time compared; looked up anew each minute, some at a draw."""
        known = self._usuals
        if known is None or not (known.now <= frame.now < known.now + MINUTE) or known.now - known.length != then:
            known = self._usuals = Usuals(frame.now, frame.now - then, MOST_ASKED)
        known.turn()
        return known


def _appeared_or_went(of: Difference) -> bool:
    return (of.then is None) is not (of.now is None)


def _key(of: Difference) -> str:
    return of.figure or of.topic


def _row(of: Difference, *, by_path: bool) -> Row:
    style = "text" if of.sigmas is None or abs(of.sigmas) < 2 else "warn" if abs(of.sigmas) < 4 else "warn bold"
    return Row(
        _key(of),
        {
            "figure": (of.figure or called(of) if by_path else called(of), "text"),
            "then": (value_words(of, of.then), "muted"),
            "change": change_cell(of),
            "now": (value_words(of, of.now), "text flash"),
            "sigmas": (sigmas_words(of), style),
            "usual": (sigma_words(of), "muted"),
            "n": (f"{of.n:,}" if of.n else fmt.UNKNOWN, "muted"),
            "words": (of.words, "muted"),
        },
        {
            "figure": called(of),
            "change": of.change_pct,
            "sigmas": None if of.sigmas is None else abs(of.sigmas),
            "n": of.n,
        },
        text=f"{of.topic} {called(of)} {of.figure or ''}",
    )
