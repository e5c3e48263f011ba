"""Liquidations: windows by side, then by venue and by asset for the window chosen, and both at once as a heat map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from deskmon.api import WINDOWS, Choice, Drill, Frame, Intent, Row, Section, TablePanel, action, figures, following
from deskmon.components.feed_health import is_partial, listening, who_listens
from deskmon.components.figure_words import figure_paths
from deskmon.components.liquidations import (
    HEAT_REST,
    breakdown_columns,
    breakdown_row,
    cross_check,
    heat_assets,
    heat_section,
    windows_of,
    windows_section,
)
from deskmon.components.proposals import proposal
from deskmon.components.sections import only_words
from deskmon.components.since import SINCE_DEFINITION, since_note, sum_words


class Liquidations(TablePanel):
    """What was closed by force: how much, which side, where."""

    name = "liquidations"
    title = "Liquidations"
    topics = frozenset({"liquidations", "feeds", "metrics", "clock"})
    min_interval_ms = 5_000
    wave_interval_ms = 2_000
    definitions = (
        ("long, short", "the side of the position that was closed, in USD; a long is closed by a sale"),
        ("window", "covers (now − length, now] by the venue's time; w chooses the one broken down below"),
        ("long %", "long / (long + short), in USD"),
        ("≥", "a lower bound: a venue in it publishes only part of its liquidations, or some were missed"),
        ("share", "of the window's total over all venues, in USD"),
        ("heat map", "USD by venue and asset; hotter from 3, 10, 30 and 60 % of its largest cell; · is none"),
        ("coverage", "full: every order; sampled: a part; polled, inferred: by REST, from trades; none: not heard"),
        ("Coinalyze", "its own total of the same assets, to hold the desk's against; it is in no sum"),
        ("from", "the desk has listened for less than the window: from when the figure counts, UTC"),
        SINCE_DEFINITION,
    )

    view = Choice(
        ("tables", "heat map"), key="v", help="Tables by venue and by asset, or the heat map of both", note=None
    )
    window = Choice(tuple(WINDOWS), default="24h", window=True, note=None)

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._asset = ""

    def note_parts(self, frame: Frame) -> Iterable[str]:
        chosen = self._chosen_window(frame)
        if chosen is None:
            return ()
        window, sums = chosen
        sampled = sum(venue.coverage == "sampled" for venue in sums.by_venue.values())
        bound = f"≥ {sampled} of {len(sums.by_venue)} venues sampled" if sampled else "≥ some missed"
        return window, bound if sums.lower_bound else ""

    def sections(self, frame: Frame) -> Sequence[Section]:
        chosen = self._chosen_window(frame)
        windows = self._windows(frame)
        if chosen is None or not (any(sums.count for sums in windows.values()) or listening(frame.model, frame.now)):
            return only_words(f"waiting for liquidations; {who_listens(frame.model, frame.now)}")
        window, sums = chosen
        bounds = {name: figure.lower_bound for name, figure in windows.items()}
        since = {name: figure.counts_from for name, figure in windows.items() if figure.warming_up}
        matrix = windows_section(windows, frame.now, chosen=window, lower_bounds=bounds, since=since, counts=True)
        if not sums.count:
            quiet = f"unknown in {window}" if sums.count is None else f"no liquidations in {window}"
            return matrix, *only_words(f"{quiet}; {who_listens(frame.model, frame.now)}")
        if self.view != "tables":
            return matrix, self._heat(window, sums, frame)
        tables: tuple[Section, ...] = (
            matrix,
            Section("venues", breakdown_columns("venue", window), self._venues(sums), sorted_by="total"),
            Section("assets", breakdown_columns("asset", window), self._assets(sums), sorted_by="total"),
        )
        lines = 13 + bool(since) + 2 * len(sums.by_venue) + len(sums.by_symbol)
        if lines <= frame.height:
            tables = (*tables, self._heat(window, sums, frame))
        return (*tables, Section("extreme", (), (), self._extreme(windows, frame), selectable=False))

    def _extreme(self, windows: dict[str, figures.WindowFigure], frame: Frame) -> str:
        """Another's total beside the desk's, and since when a day and a week did not see as much, where that is worth a
        word."""
        told = {name: since_note(windows[name].since, frame.now, sum_words("liquidated")) for name in ("24h", "7d")}
        notes = [f"{name}: {words}" for name, words in told.items() if words]
        return " · ".join(filter(None, (cross_check(windows["24h"], frame.model.metrics.figures(frame.now)), *notes)))

    def proposes(self, frame: Frame) -> str:
        chosen = self._chosen_window(frame)
        if chosen is None:
            return ""
        window, sums = chosen
        return proposal("liquidations", "", f"windows.{window}.usd", sums.usd, is_above=True)

    def compares(self, frame: Frame) -> Sequence[str]:
        windows = frame.model.liquidations.windows(frame.now)
        found = [path for part in ("usd", "long_usd", "short_usd") for path in
                 figure_paths("liquidations.windows", windows, part)]  # fmt: skip
        chosen = self._chosen_window(frame)
        if chosen is None:
            return found
        venues = figure_paths(f"liquidations.windows.{chosen[0]}.by_venue", chosen[1].by_venue, "usd")
        return [
            *found,
            *venues,
            *figure_paths(f"liquidations.windows.{chosen[0]}.by_symbol", chosen[1].by_symbol, "usd"),
        ]

    def open(self, row: Row, frame: Frame) -> Intent | None:
        chosen = self._chosen_window(frame)
        kind, _, name = row.key.partition("/")
        if chosen is None or not name:
            return None
        options: dict[str, Any] = {"window": chosen[0], ("asset" if kind == "symbol" else "venue"): name}
        if kind == "heat" and (asset := self._chosen_asset(frame)):
            options["asset"] = asset
            name = f"{name} {asset}"
        return Drill("orders", options, name)

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        if not self._on_heat(frame):
            return super().on_left_right(step, frame)
        self._asset = following(self._columns(frame), self._asset, step)
        return None

    @action("page", key="o", help="The page of the venue or asset under the cursor")
    def open_page(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        kind, _, name = row.key.partition("/") if row else ("", "", "")
        page = "symbol" if kind == "symbol" else "venue"
        return Drill(page, {page: name}, name) if name else None

    @action("days", key="d", help="By day and by week, two of them side by side")
    def open_days(self, frame: Frame) -> Intent | None:
        return Drill("liquidation_days", {}, "days")

    @window.offered
    def _offered(self, frame: Frame) -> Sequence[str]:
        return windows_of(self._windows(frame))

    @window.shown
    def _shown(self, frame: Frame) -> str:
        names = windows_of(self._windows(frame))
        return self.window if self.window in names or not names else names[-1]

    def _windows(self, frame: Frame) -> dict[str, figures.WindowFigure]:
        return frame.model.liquidations.windows(frame.now)

    def _chosen_window(self, frame: Frame) -> tuple[str, figures.WindowFigure] | None:
        windows, name = self._windows(frame), self._shown(frame)
        return (name, windows[name]) if name in windows else None

    def _venues(self, sums: figures.WindowFigure) -> Iterable[Row]:
        total = breakdown_row("all", "all", sums, sums.usd, lower_bound=sums.lower_bound)
        yield replace(total, cells={**total.cells, "bar": ("", "")}, pinned=True)
        for name, venue in sorted(sums.by_venue.items(), key=lambda item: (-item[1].usd, item[0])):
            partial = is_partial(name, venue.coverage)
            key = f"venue/{name}"
            yield breakdown_row(key, name, venue, sums.usd, lower_bound=partial, coverage=venue.coverage)

    def _assets(self, sums: figures.WindowFigure) -> Iterable[Row]:
        for name, asset in sorted(sums.by_symbol.items(), key=lambda item: (-item[1].usd, item[0])):
            yield breakdown_row(f"symbol/{name}", name, asset, sums.usd, lower_bound=sums.lower_bound)

    def _heat(self, window: str, sums: figures.WindowFigure, frame: Frame) -> Section:
        assets = heat_assets(sums.by_symbol)
        matrix = frame.model.liquidations.matrix(window, frame.now, assets=assets)
        return heat_section(matrix, sums.by_venue, assets, self._asset if self._asset in assets else "")

    def _on_heat(self, frame: Frame) -> bool:
        row = self.selected(frame)
        return row is not None and row.key.startswith("heat/")

    def _columns(self, frame: Frame) -> list[str]:
        """What left and right go through on the heat map: the venue as a whole, then its assets."""
        shown = self.visible("heat", frame)
        return ["", *(id.removeprefix("heat/") for id in shown if id.startswith("heat/") and id != f"heat/{HEAT_REST}")]

    def _chosen_asset(self, frame: Frame) -> str:
        """The asset whose column is marked; "" for the venue as a whole, or where the column has no room."""
        return self._asset if self._asset in self._columns(frame) else ""
