"""A map of liquidations, venue × asset: USD in each cell, hotter the more of the largest cell it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from deskmon import format as fmt
from deskmon.components.bars import heat_of
from deskmon.components.breakdown import COVERAGE
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.sections import Section
from deskmon.components.text import shorten
from deskmon.model.coverage import is_partial
from deskmon.model.figures import SideSums, VenueSums

MOST = 15
"""Assets that have a column of their own."""

HEAT_REST = "other"
"""Column of all other assets together."""

_WIDTH = 7


def heat_assets(by_symbol: Mapping[str, SideSums]) -> list[str]:
    """The assets of a window's sums that have a column of their own, the most liquidated first."""
    ranked = sorted(by_symbol, key=lambda asset: (-by_symbol[asset].usd, asset))
    return ranked if len(ranked) <= MOST + 1 else ranked[:MOST]


def heat_section(
    matrix: Mapping[tuple[str, str], SideSums], venues: Mapping[str, VenueSums], assets: Sequence[str], chosen: str
) -> Section:
    """The map as a table; key of a row: `heat/VENUE`, id of a column: `heat/ASSET`.

    matrix: sums by (venue, asset) of `assets`. venues: all that each liquidated; what is of no asset among these has
    the column `HEAT_REST`. chosen: the asset whose column is marked, "" for that of all. Sampled venues print with ≥.
    """
    rows = {
        venue: {asset: matrix[venue, asset].usd for asset in assets if (venue, asset) in matrix} for venue in venues
    }
    for venue, row in rows.items():
        rest = round(venues[venue].usd - sum(row.values()), 2)
        if rest > 0:
            row[HEAT_REST] = rest
    shown = [*assets, HEAT_REST] if any(HEAT_REST in row for row in rows.values()) else list(assets)
    columns = [Column("name", "heat map", 13, least=9)]
    for rank, asset in enumerate(("", *shown), 1):
        id, label = (f"heat/{asset}", _short(asset)) if asset else ("all", "all")
        label, style = (f"▾{label}", "accent") if asset == chosen else (label, "label")
        columns.append(Column(id, label, _WIDTH, "right", rank, style=style))
    most = max((usd for row in rows.values() for usd in row.values()), default=0.0)
    ranked = sorted(venues, key=lambda venue: (-venues[venue].usd, venue))
    return Section("heat", columns, (_row(venue, venues[venue], rows[venue], shown, most) for venue in ranked))


def _row(name: str, venue: VenueSums, row: Mapping[str, float], assets: Sequence[str], most: float) -> Row:
    partial = is_partial(venue.coverage)
    cells: dict[str, Cell] = {
        "name": (f"{COVERAGE[venue.coverage][0]} {name}", "text"),
        "all": (fmt.amount(venue.usd, lower_bound=partial), "sum flash"),
    }
    for asset in assets:
        usd = row.get(asset)
        if usd is None:
            cells[f"heat/{asset}"] = ("·", "faint")
        else:
            cells[f"heat/{asset}"] = (fmt.amount(usd, lower_bound=partial), f"{heat_of(usd, most)} flash")
    return Row(f"heat/{name}", cells, text=name)


def _short(asset: str) -> str:
    return shorten(asset, _WIDTH - 1)
