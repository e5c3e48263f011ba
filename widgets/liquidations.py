"""Liquidations: windows by side, then by venue and by asset for the window chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from deskmon.api import (
    Drill,
    Frame,
    Intent,
    Row,
    Section,
    TablePanel,
    breakdown_columns,
    breakdown_row,
    figures,
    following,
    listening,
    windows_of,
    windows_section,
)


class Liquidations(TablePanel):
    """What was closed by force: how much, which side, where."""

    name = "liquidations"
    title = "Liquidations"
    topics = frozenset({"liquidations", "feeds", "clock"})
    definitions = (
        ("long, short", "the side of the position that was closed, in USD; a long is closed by a sale"),
        ("window", "covers (now − length, now] by the venue's time; w chooses the one broken down below"),
        ("long %", "long / (long + short), in USD"),
        ("≥", "a lower bound: a venue in it publishes only part of its liquidations, or some were missed"),
        ("share", "of the window's total over all venues, in USD"),
        ("coverage", "full: every order; sampled: the venue drops some; polled, inferred: by REST, from trades"),
        ("since", "the desk has listened for less than the window: from when the figure counts, UTC"),
    )

    class Options(TablePanel.Options, frozen=True):
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
        sampled = sum(venue.coverage == "sampled" for venue in sums.by_venue.values())
        bound = f"≥ {sampled} of {len(sums.by_venue)} venues sampled" if sampled else "≥ some missed"
        return " · ".join(filter(None, (super().note(frame), window, bound if sums.lower_bound else "")))

    def sections(self, frame: Frame) -> Sequence[Section]:
        chosen = self._chosen_window(frame)
        heard = listening(frame.model, frame.now)
        if chosen is None or not (heard or any(sums.count for sums in self._windows(frame).values())):
            return (Section("none", (), (), f"waiting for liquidations; {heard or 'no feed'} listening"),)
        window, sums = chosen
        windows = self._windows(frame)
        bounds = {name: figure.lower_bound for name, figure in windows.items()}
        since = {name: figure.since for name, figure in windows.items() if figure.warming_up}
        matrix = windows_section(windows, frame.now, chosen=window, lower_bounds=bounds, since=since, counts=True)
        if not sums.count:
            quiet = f"no liquidations in {window}; {heard or 'no feed'} listening"
            return matrix, Section("none", (), (), quiet)
        return (
            matrix,
            Section("venues", breakdown_columns("venue", window), self._venues(sums)),
            Section("assets", breakdown_columns("asset", window), self._assets(sums)),
        )

    def open(self, row: Row, frame: Frame) -> Intent | None:
        page, _, name = row.key.partition("/")
        return Drill(page, {page: name}, name) if name else None

    def act(self, action: str, frame: Frame) -> Intent | None:
        steps = {"window": 1, "right": 1, "left": -1}
        chosen = self._chosen_window(frame) if action in steps else None
        if chosen is None:
            return super().act(action, frame)
        windows = windows_of(self._windows(frame))
        self._window = following(windows, chosen[0], steps[action])
        self.changed()
        return None

    def _windows(self, frame: Frame) -> dict[str, figures.WindowFigure]:
        return frame.model.liquidations.figures(frame.now).windows

    def _chosen_window(self, frame: Frame) -> tuple[str, figures.WindowFigure] | None:
        windows = self._windows(frame)
        names = windows_of(windows)
        if not names:
            return None
        name = self._window if self._window in names else names[-1]
        return name, windows[name]

    def _venues(self, sums: figures.WindowFigure) -> Iterable[Row]:
        yield replace(breakdown_row("all", "all", sums, sums.usd, lower_bound=sums.lower_bound), pinned=True)
        for name, venue in sorted(sums.by_venue.items(), key=lambda item: (-item[1].usd, item[0])):
            sampled = venue.coverage == "sampled"
            key = f"venue/{name}"
            yield breakdown_row(key, name, venue, sums.usd, lower_bound=sampled, coverage=venue.coverage)

    def _assets(self, sums: figures.WindowFigure) -> Iterable[Row]:
        for name, asset in sorted(sums.by_symbol.items(), key=lambda item: (-item[1].usd, item[0])):
            yield breakdown_row(f"symbol/{name}", name, asset, sums.usd, lower_bound=sums.lower_bound)
