"""Depth: how much stands in the book near the price, by venue."""

from __future__ import annotations

from collections.abc import Mapping

from deskmon import format as fmt
from deskmon.columns import Cell, Column, Row, is_stale
from deskmon.model.figures import Band, DepthFigure
from deskmon.table import Section

_PRIORITY = {"1": 1, "2": 3, "0.1": 5, "0.5": 7}

DEPTH_DEFINITIONS = (
    ("depth", "USD in the book within that many percent of the reference, bid side and ask side"),
    ("≥", "the book's last level lies inside the band: at least this much"),
    ("× usual", "the band against its own median over the look-back"),
)


def depth_section(figure: DepthFigure | None) -> Section:
    """Bands of one symbol: all venues together, against what is usual, and each venue."""
    if figure is None or not figure.venues:
        return Section("depth", (), (), "no order book yet", selectable=False)
    reference = next(iter(figure.venues.values())).reference
    columns = [Column("name", f"{reference} depth", 13, least=11)]
    for band in figure.bands:
        priority = _PRIORITY.get(band, 9)
        columns.append(Column(f"bid {band}", f"bid {band}%", 8, "right", priority))
        columns.append(Column(f"ask {band}", f"ask {band}%", 8, "right", priority))
    columns.append(Column("spread", "bps", 5, "right", 4))
    columns.append(Column("age", "age", 4, "right", 6))
    rows = [Row("all", {"name": ("all", "text"), **_bands(figure.bands)}, style="sum")]
    if any(ratio is not None for ratio in figure.baseline_ratio.values()):
        usual: dict[str, Cell] = {
            f"bid {band}": (fmt.UNKNOWN if ratio is None else f"{ratio:.2f}×", "text")
            for band, ratio in figure.baseline_ratio.items()
        }
        rows.append(Row("usual", {"name": ("× usual", "muted"), **usual}))
    for venue, depth in figure.venues.items():
        cells: dict[str, Cell] = {"name": (venue, "text"), "age": (fmt.age(depth.age_ms), "faint")}
        if depth.crossed:
            cells["name"] = (f"{venue} crossed", "warn")
        else:
            spread = fmt.UNKNOWN if depth.spread_bps is None else f"{depth.spread_bps:.2f}"
            cells |= {"spread": (spread, "muted"), **_bands(depth.bands)}
        rows.append(Row(venue, cells, age_ms=depth.age_ms, stale=is_stale("depth", depth.age_ms)))
    return Section("depth", columns, rows, selectable=False)


def _bands(bands: Mapping[str, Band]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for name, band in bands.items():
        for side, usd in (("bid", band.bid_usd), ("ask", band.ask_usd)):
            cells[f"{side} {name}"] = (fmt.amount(usd, lower_bound=band.truncated), "text flash")
    return cells
