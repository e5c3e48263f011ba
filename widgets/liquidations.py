"""Liquidations: windows by side, then by venue and by asset for the window chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from deskmon.api import (
    Cell,
    Column,
    Drill,
    Frame,
    Intent,
    Row,
    Section,
    TablePanel,
    figures,
    fmt,
    following,
    long_share,
    windows_of,
    windows_section,
)

COVERAGE = {"full": "● full", "sampled": "◐ sampled", "polled": "◔ polled", "inferred": "◌ inferred", "none": "○ none"}


def breakdown_columns(label: str, window: str) -> tuple[Column, ...]:
    """Columns of sums by venue or asset in `window`."""
    return (
        Column("name", f"{label} {window}", 13, least=7, order="up"),
        Column("total", "total", 6, "right", 1, order="down"),
        Column("long", "long", 6, "right", 2, order="down"),
        Column("short", "short", 6, "right", 3, order="down"),
        Column("long %", "long %", 6, "right", 4, order="down"),
        Column("share", "share", 5, "right", 5, order="down"),
        Column("bar", "", 8, priority=7, least=5, most=40),
        Column("coverage", "coverage", 10, priority=6, order="up"),
    )


def breakdown_row(
    page: str, name: str, sums: figures.SideSums, total: float, lower_bound: bool, coverage: str = ""
) -> Row:
    """`sums` of one venue or asset as a row that opens `page`; `total` is what the share is of (USD)."""
    share = sums.usd / total if total > 0 else None
    cells: dict[str, Cell] = {
        "name": (name, "text"),
        "total": (fmt.amount(sums.usd, lower_bound=lower_bound), "sum flash"),
        "long": (fmt.amount(sums.long_usd, lower_bound=lower_bound), "long flash"),
        "short": (fmt.amount(sums.short_usd, lower_bound=lower_bound), "short flash"),
        "long %": (fmt.fraction(long_share(sums)), "text flash"),
        "share": (fmt.fraction(share), "text flash"),
        "bar": (lambda width: fmt.bar(share, width), "heat2"),
        "coverage": (COVERAGE.get(coverage, coverage), "muted" if coverage == "full" else "warn"),
    }
    sort = {"name": name, "total": sums.usd, "long": sums.long_usd, "short": sums.short_usd, "share": share}
    return Row(f"{page}/{name}", cells, {**sort, "long %": long_share(sums), "coverage": coverage})


class Liquidations(TablePanel):
    """What was closed by force: how much, which side, where."""

    name = "liquidations"
    title = "Liquidations"
    topics = frozenset({"liquidations", "clock"})
    definitions = (
        ("long, short", "the side of the position that was closed, in USD; a long is closed by a sale"),
        ("window", "covers (now − length, now] by the venue's time; w chooses the one broken down below"),
        ("long %", "long / (long + short), in USD"),
        ("≥", "a lower bound: a venue in it publishes only part of its liquidations, or some were missed"),
        ("share", "of the window's total over all venues, in USD"),
        ("coverage", "full: every order; sampled: the venue drops some; polled, inferred: by REST, from trades"),
        ("since", "the desk has listened for less than the window: from when the figure counts, UTC"),
    )

    class Options(TablePanel.Options):
        """window: the one broken down at start."""

        window: str = "24h"

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._window: str = self.options.window

    def note(self, frame: Frame) -> str:
        chosen = self._chosen_window(frame)
        if chosen is None:
            return super().note(frame)
        window, sums = chosen
        partial = sum(venue.coverage != "full" for venue in sums.by_venue.values())
        bound = f"≥ {partial} of {len(sums.by_venue)} venues partial" if partial else "≥ some missed"
        return " · ".join(filter(None, (super().note(frame), window, bound if sums.lower_bound else "")))

    def sections(self, frame: Frame) -> Sequence[Section]:
        chosen = self._chosen_window(frame)
        if chosen is None:
            return (Section("none", (), (), "waiting for liquidations"),)
        window, sums = chosen
        windows = frame.model.liquidations.figures(frame.now).windows
        bounds = {name: figure.lower_bound for name, figure in windows.items()}
        since = {name: figure.since for name, figure in windows.items() if figure.warming_up}
        matrix = windows_section(windows, frame.now, chosen=window, lower_bounds=bounds, since=since)
        if not sums.count:
            return matrix, Section("none", (), (), self._quiet(window, sums))
        return (
            matrix,
            Section("venues", breakdown_columns("venue", window), self._venues(sums)),
            Section("assets", breakdown_columns("asset", window)[:-1], self._assets(sums)),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        page, _, name = row.key.partition("/")
        return Drill(page, {page: name}, name) if name else None

    def act(self, action: str, frame: Frame) -> Intent | None:
        steps = {"window": 1, "right": 1, "left": -1}
        chosen = self._chosen_window(frame) if action in steps else None
        if chosen is None:
            return super().act(action, frame)
        windows = windows_of(frame.model.liquidations.figures(frame.now).windows)
        self._window = following(windows, chosen[0], steps[action])
        self.changed()
        return None

    def _chosen_window(self, frame: Frame) -> tuple[str, figures.WindowFigure] | None:
        windows = frame.model.liquidations.figures(frame.now).windows
        names = windows_of(windows)
        if not names:
            return None
        name = self._window if self._window in names else names[-1]
        return name, windows[name]

    def _venues(self, sums: figures.WindowFigure) -> Iterable[Row]:
        yield replace(breakdown_row("", "all", sums, sums.usd, sums.lower_bound), key="all", pinned=True)
        for name, venue in sorted(sums.by_venue.items(), key=lambda item: (-item[1].usd, item[0])):
            yield breakdown_row("venue", name, venue, sums.usd, venue.coverage != "full", venue.coverage)

    def _assets(self, sums: figures.WindowFigure) -> Iterable[Row]:
        for name, asset in sorted(sums.by_symbol.items(), key=lambda item: (-item[1].usd, item[0])):
            yield breakdown_row("symbol", name, asset, sums.usd, sums.lower_bound)

    def _quiet(self, window: str, sums: figures.WindowFigure) -> str:
        """Why the tables are empty, in words."""
        listening = ", ".join(sorted(name for name, venue in sums.by_venue.items() if venue.coverage != "none"))
        return f"no liquidations in {window}; {listening or 'no venue'} listening"
