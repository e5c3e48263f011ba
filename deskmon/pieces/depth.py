"""Depth: how much stands in the book near the price, by venue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def depth_section(figures: Mapping[str, DepthFigure]) -> Section:
    """Bands of the symbols of one asset, the main one first: all together, against what is usual of the main one, and
    each venue."""
    books = [(venue, symbol, depth) for symbol, figure in figures.items() for venue, depth in figure.venues.items()]
    if not books:
        return Section("depth", (), (), "no order book yet", selectable=False)
    reference = books[0][2].reference
    bands = _together(figures.values())
    usual = next(iter(figures.values())).baseline_ratio
    columns = [Column("name", f"{reference} depth", 13, least=11)]
    for band in bands:
        priority = _PRIORITY.get(band, 9)
        columns.append(Column(f"bid {band}", f"bid {band}%", 8, "right", priority))
        columns.append(Column(f"ask {band}", f"ask {band}%", 8, "right", priority))
    columns.append(Column("spread", "bps", 5, "right", 4))
    columns.append(Column("age", "age", 4, "right", 6))
    rows = [Row("all", {"name": ("all", "text"), **_bands(bands)}, style="sum")]
    if any(ratio is not None for ratio in usual.values()):
        ratios: dict[str, Cell] = {
            f"bid {band}": (fmt.UNKNOWN if ratio is None else f"{ratio:.2f}×", "text") for band, ratio in usual.items()
        }
        rows.append(Row("usual", {"name": ("× usual", "muted"), **ratios}))
    for venue, symbol, depth in books:
        cells: dict[str, Cell] = {"name": (venue, "text"), "age": (fmt.age(depth.age_ms), "faint")}
        if depth.crossed:
            cells["name"] = (f"{venue} crossed", "warn")
        else:
            spread = fmt.UNKNOWN if depth.spread_bps is None else f"{depth.spread_bps:.2f}"
            cells |= {"spread": (spread, "muted"), **_bands(depth.bands)}
        rows.append(Row(f"{venue}/{symbol}", cells, age_ms=depth.age_ms, stale=is_stale("depth", depth.age_ms)))
    return Section("depth", columns, rows, selectable=False)


def _together(figures: Iterable[DepthFigure]) -> dict[str, Band]:
    bands: dict[str, Band] = {}
    for figure in figures:
        for name, band in figure.bands.items():
            so_far = bands.get(name, Band(bid_usd=0.0, ask_usd=0.0, truncated=False, imbalance=None))
            bands[name] = Band(
                bid_usd=so_far.bid_usd + band.bid_usd,
                ask_usd=so_far.ask_usd + band.ask_usd,
                truncated=so_far.truncated or band.truncated,
                imbalance=None,
            )
    return bands


def _bands(bands: Mapping[str, Band]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for name, band in bands.items():
        for side, usd in (("bid", band.bid_usd), ("ask", band.ask_usd)):
            cells[f"{side} {name}"] = (fmt.amount(usd, lower_bound=band.truncated), "text flash")
    return cells
