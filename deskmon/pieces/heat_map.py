"""A map of liquidations, venue × asset: USD in each cell, hotter the more of the largest cell it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deskmon import format as fmt
from deskmon.columns import Cell, Column, Row
from deskmon.model.figures import SideSums
from deskmon.pieces.bars import heat_of
from deskmon.pieces.breakdown import COVERAGE
from deskmon.table import Section

MOST = 15
"""Assets that have a column of their own."""

HEAT_REST = "other"
"""Column of all other assets together."""

_WIDTH = 7


def heat_assets(matrix: Mapping[tuple[str, str], SideSums]) -> list[str]:
    """The assets of a matrix by (venue, asset) that have a column, most liquidated first; `HEAT_REST` for others."""
    totals: dict[str, float] = {}
    for (_, asset), sums in matrix.items():
        totals[asset] = totals.get(asset, 0.0) + sums.usd
    ranked = sorted(totals, key=lambda asset: (-totals[asset], asset))
    return ranked if len(ranked) <= MOST + 1 else [*ranked[:MOST], HEAT_REST]


def heat_section(matrix: Mapping[tuple[str, str], SideSums], coverage: Mapping[str, str], chosen: str) -> Section:
    """The map as a table; key of a row: `heat/VENUE`, id of a column: `heat/ASSET`.

    coverage: of each venue; what a sampled one published prints with ≥. chosen: the asset whose column is
    marked, "" for the column of all.
    """
    assets = heat_assets(matrix)
    rows: dict[str, dict[str, float]] = {}
    for (venue, asset), sums in matrix.items():
        place = asset if asset in assets else HEAT_REST
        row = rows.setdefault(venue, {})
        row[place] = row.get(place, 0.0) + sums.usd
    columns = [Column("name", "heat map", 13, least=9)]
    for rank, asset in enumerate(("", *assets), 1):
        id, label = (f"heat/{asset}", _short(asset)) if asset else ("all", "all")
        label, style = (f"▾{label}", "accent") if asset == chosen else (label, "label")
        columns.append(Column(id, label, _WIDTH, "right", rank, style=style))
    most = max((usd for row in rows.values() for usd in row.values()), default=0.0)
    ranked = sorted(rows, key=lambda venue: (-sum(rows[venue].values()), venue))
    cells = (_row(venue, rows[venue], assets, most, coverage.get(venue, "")) for venue in ranked)
    return Section("heat", columns, cells)


def _row(venue: str, row: Mapping[str, float], assets: Sequence[str], most: float, coverage: str) -> Row:
    sampled = coverage == "sampled"
    cells: dict[str, Cell] = {
        "name": (f"{COVERAGE.get(coverage, ' ')[0]} {venue}", "text"),
        "all": (fmt.amount(sum(row.values()), lower_bound=sampled), "sum flash"),
    }
    for asset in assets:
        usd = row.get(asset)
        if usd is None:
            cells[f"heat/{asset}"] = ("·", "faint")
        else:
            cells[f"heat/{asset}"] = (fmt.amount(usd, lower_bound=sampled), f"{heat_of(usd, most)} flash")
    return Row(f"heat/{venue}", cells, text=venue)


def _short(asset: str) -> str:
    return asset if len(asset) < _WIDTH else f"{asset[: _WIDTH - 2]}…"
