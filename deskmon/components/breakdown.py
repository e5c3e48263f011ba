"""Sums of liquidations by venue or by asset."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.windows import long_share
from deskmon.model.figures import Sums

COVERAGE = {"full": "● full", "sampled": "◐ sampled", "polled": "◔ polled", "inferred": "◌ inferred", "none": "○ none"}


def breakdown_columns(label: str, window: str) -> tuple[Column, ...]:
    """Columns of sums in `window` ("" where none is named) by `label`, `venue` or `asset`: the same widths for both."""
    return (
        Column("name", f"{label} {window}".strip(), 13, least=11, order="up"),
        Column("total", "total", 8, "right", 1, order="down"),
        Column("long", "long", 7, "right", 2, order="down"),
        Column("short", "short", 7, "right", 3, order="down"),
        Column("long %", "long %", 6, "right", 4, order="down"),
        Column("share", "share", 5, "right", 5, order="down"),
        Column("bar", "", 8, priority=7, least=5, most=40),
        Column("coverage", "coverage" if label == "venue" else "", 10, priority=6, order="up"),
    )


def breakdown_row(
    key: str, name: str, sums: Sums, total: float | None, *, lower_bound: bool = False, coverage: str = ""
) -> Row:
    """`sums` of one venue or asset to two digits; `total` (USD) is what its share is of, `lower_bound` prints ≥."""

    def usd(value: float | None) -> str:
        return fmt.amount(value, lower_bound=lower_bound, digits=2)

    share = sums.usd / total if sums.usd is not None and total else None
    cells: dict[str, Cell] = {
        "name": (name, "text"),
        "total": (usd(sums.usd), "sum flash"),
        "long": (usd(sums.long_usd), "long flash"),
        "short": (usd(sums.short_usd), "short flash"),
        "long %": (fmt.fraction(long_share(sums), 1), "text flash"),
        "share": (fmt.fraction(share, 1), "text flash"),
        "bar": (lambda width: fmt.bar(share, width), "heat2"),
        "coverage": (COVERAGE.get(coverage, coverage), "muted" if coverage == "full" else "warn"),
    }
    sort = {
        "name": name, "total": sums.usd, "long": sums.long_usd, "short": sums.short_usd, "share": share,
        "long %": long_share(sums), "coverage": coverage,
    }  # fmt: skip
    return Row(key, cells, sort)
