"""Depth: how thin the book is, by band and venue, against what is usual, and what a large order costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from deskmon.api import Drill, Frame, Intent, Row, Section, TablePanel, figures, fmt, following
from deskmon.components.carry import by_interest
from deskmon.components.depth import DEPTH_DEFINITIONS, SLIPPAGE_DEFINITIONS, depth_section, slippage_section
from deskmon.components.figure_words import figure_paths
from deskmon.components.markets import symbols_of
from deskmon.components.sections import only_words
from deskmon.components.since import SINCE_DEFINITION, since_note


class Depth(TablePanel):
    """Bands and slippage of one asset: the linked one, or another by left and right."""

    name = "depth"
    title = "Depth"
    topics = frozenset({"depth", "clock"})
    min_interval_ms = 5_000
    definitions = (
        *DEPTH_DEFINITIONS,
        *SLIPPAGE_DEFINITIONS,
        SINCE_DEFINITION,
        ("left, right", "another asset; Enter: the venue's book"),
    )

    class Options(TablePanel.Options, frozen=True):
        """symbol: an asset (`BTC`) or a unified symbol, whose asset is shown; the linked asset where empty."""

        symbol: str = ""

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        self._other = ""

    def options_now(self) -> Any:
        return replace(super().options_now(), symbol=self._other or self.options.symbol)

    def heading(self, frame: Frame) -> str:
        return f"Depth {self._asset(frame)}"

    def note_parts(self, frame: Frame) -> Iterable[str]:
        venues = [depth for figure in self._figures(frame).values() for depth in figure.venues.values()]
        out = [depth for depth in venues if depth.stale or depth.mid is None]
        words = f"{len(venues) - len(out)} of {len(venues)} books live" if out else ""
        return words, f"from {venues[0].reference}" if venues else ""

    def sections(self, frame: Frame) -> Sequence[Section]:
        found = self._figures(frame)
        if not found:
            return only_words(f"no order book of {self._asset(frame)} yet", "depth")
        costs = frame.model.depth.slippage(list(found), frame.now)
        return (
            depth_section(found, frame.now, selectable=True),
            slippage_section(found, costs),
            Section("since", (), (), _since(next(iter(found.values())), frame.now), selectable=False),
        )

    def plots(self, frame: Frame) -> str:
        return figure_paths("depth", (self._asset(frame),), 'baseline_ratio."1"')[0]

    def compares(self, frame: Frame) -> Sequence[str]:
        of = figure_paths("depth", (self._asset(frame),), "bands")[0]
        bands = [path for side in ("bid_usd", "ask_usd") for path in figure_paths(of, ("0.1", "0.5", "1", "2"), side)]
        return [*figure_paths("depth", (self._asset(frame),), 'baseline_ratio."1"'), *bands]

    def open(self, row: Row, frame: Frame) -> Intent | None:
        symbol, _, venue = row.key.partition(" ")
        return Drill("ladder", {"symbol": symbol, "venue": venue}, f"{fmt.base(symbol)} {venue}")

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        assets = by_interest(frame.model, {fmt.base(symbol) for symbol in frame.model.depth.symbols})
        if assets:
            self._other = following(assets, self._asset(frame), step)
        return None

    def _asset(self, frame: Frame) -> str:
        return self._other or fmt.base(self.options.symbol) or frame.symbol

    def _figures(self, frame: Frame) -> dict[str, figures.DepthFigure]:
        depth = frame.model.depth
        symbols = symbols_of(self._asset(frame), depth.symbols)
        found = {symbol: depth.figure(symbol, frame.now) for symbol in symbols}
        return {symbol: figure for symbol, figure in found.items() if figure is not None}


def _since(main: figures.DepthFigure, now: int) -> str:
    """Since when the books of the main contract were not so deep or thin, where that is worth a word."""
    words = since_note(main.since, now, ("deepest", "thinnest"))
    return f"1 % depth {words}" if words else ""
