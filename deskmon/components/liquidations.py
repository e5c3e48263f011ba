"""Liquidations: sums by side and window, by venue or asset, and both at once as a heat map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from deskmon import format as fmt
from deskmon.components.bars import heat_of
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.sections import Section
from deskmon.components.text import shorten
from deskmon.model.coverage import is_partial
from deskmon.model.figures import MetricFigure, SideSums, Sums, VenueSums, WindowFigure

__all__ = [
    "HEAT_REST",
    "breakdown_columns",
    "breakdown_row",
    "cross_check",
    "heat_assets",
    "heat_section",
    "long_share",
    "windows_of",
    "windows_section",
]

SHOWN = ("5m", "15m", "1h", "4h", "12h", "24h", "7d")
"""Windows of the table, in its order."""
_PRIORITY = {"1h": 1, "24h": 2, "4h": 3, "12h": 4, "7d": 5, "15m": 6, "5m": 7}


def windows_of(sums: Mapping[str, object]) -> list[str]:
    """The windows among the keys of `sums` that the table shows, shortest first."""
    return [window for window in SHOWN if window in sums]


def long_share(sums: Sums) -> float | None:
    """long / (long + short) in USD; None where nothing was liquidated."""
    return _share(sums.long_usd, sums.short_usd)


def _share(long: float | None, short: float | None) -> float | None:
    long, short = long or 0.0, short or 0.0
    return long / (long + short) if long + short > 0 else None


def windows_section(
    sums: Mapping[str, Sums],
    now: int,
    *,
    chosen: str = "",
    lower_bounds: Mapping[str, bool] | None = None,
    since: Mapping[str, int | None] | None = None,
    counts: bool = False,
) -> Section:
    """The table of `sums` by window, side under side.

    chosen: the window whose label is marked. lower_bounds: by window, whether its sums print with ≥.
    since: for windows still warming up, from when (ms UTC) they count; `now` is the desk clock.
    counts: whether the number of orders is shown.
    """
    windows = windows_of(sums)
    bounds = lower_bounds or {}

    def usd(name: str, field: str, style: str) -> Row:
        cells: dict[str, Cell] = {"side": (name, style)}
        for window in windows:
            text = fmt.amount(getattr(sums[window], field), lower_bound=bounds.get(window, False))
            cells[window] = (text, f"{style} flash")
        return Row(name, cells)

    rows = [usd("total", "usd", "sum"), usd("long", "long_usd", "long"), usd("short", "short_usd", "short")]
    shares: dict[str, Cell] = {w: (fmt.fraction(long_share(sums[w]), 1), "text flash") for w in windows}
    rows.append(Row("long %", {"side": ("long %", "text"), **shares}))
    if counts:
        orders: dict[str, Cell] = {w: (fmt.amount(sums[w].count), "muted flash") for w in windows}
        rows.append(Row("orders", {"side": ("orders", "muted"), **orders}))
    if since:
        begun: dict[str, Cell] = {w: (fmt.since(since[w], now) if w in since else "", "faint") for w in windows}
        rows.append(Row("from", {"side": ("from", "faint"), **begun}))
    return Section("windows", _windows_columns(tuple(windows), chosen), rows, selectable=False)


@lru_cache
def _windows_columns(windows: Sequence[str], chosen: str) -> tuple[Column, ...]:
    columns = [Column("side", "", 6)]
    for window in windows:
        marked = window == chosen
        label, style = (f"▾{window}", "accent") if marked else (window, "label")
        columns.append(Column(window, label, 6, "right", 0 if marked else _PRIORITY[window], style=style))
    return tuple(columns)


COVERAGE = {"full": "● full", "sampled": "◐ sampled", "polled": "◔ polled", "inferred": "◌ inferred", "none": "○ none"}


CROSS_CHECK = "coinalyze_liquidations_24h_"
"""Series of another's totals by asset, as the feed `coinalyze` names them."""


def cross_check(sums: WindowFigure, metrics: Mapping[str, MetricFigure]) -> str:
    """Another's total of 24 hours beside the desk's own `sums` of the same assets, in words; "" where there is none, or
    none that is fresh. It is in no sum."""
    told = {
        name.removeprefix(CROSS_CHECK): metric.value
        for name, metric in metrics.items()
        if name.startswith(CROSS_CHECK) and not metric.stale
    }
    if not told:
        return ""
    own = sum(sums.by_symbol[asset].usd for asset in told if asset in sums.by_symbol)
    theirs = fmt.amount(sum(told.values()), digits=0)
    return (
        f"24h of {', '.join(told)}: desk {fmt.amount(own, lower_bound=sums.lower_bound, digits=0)}, Coinalyze {theirs}"
    )


@lru_cache
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
    """`sums` of one venue or asset to two digits; `total` (USD) is what its share is of, `lower_bound` prints ≥. Made
    once for all tables, as long as its figures stand."""
    return _breakdown_row(key, name, (sums.usd, sums.long_usd, sums.short_usd), total, lower_bound, coverage)


@lru_cache(512)
def _breakdown_row(
    key: str, name: str, amounts: tuple[float | None, ...], total: float | None, lower_bound: bool, coverage: str
) -> Row:
    usd, long, short = amounts
    share, longs = usd / total if usd is not None and total else None, _share(long, short)
    texts = [fmt.amount(value, lower_bound=lower_bound, digits=2) for value in amounts]
    cells: dict[str, Cell] = {
        "name": (name, "text"),
        "total": (texts[0], "sum flash"),
        "long": (texts[1], "long flash"),
        "short": (texts[2], "short flash"),
        "long %": (fmt.fraction(longs, 1), "text flash"),
        "share": (fmt.fraction(share, 1), "text flash"),
        "bar": (lambda width: fmt.bar(share, width), "heat2"),
        "coverage": (COVERAGE.get(coverage, coverage), "muted" if coverage == "full" else "warn"),
    }
    sort = {
        "name": name, "total": usd, "long": long, "short": short, "share": share, "long %": longs,
        "coverage": coverage,
    }  # fmt: skip
    return Row(key, cells, sort)


MOST_ASSETS = 15
"""Assets that have a column of their own."""

HEAT_REST = "other"
"""Column of all other assets together."""

_WIDTH = 7


def heat_assets(by_symbol: Mapping[str, SideSums]) -> list[str]:
    """The assets of a window's sums that have a column of their own, the most liquidated first."""
    ranked = sorted(by_symbol, key=lambda asset: (-by_symbol[asset].usd, asset))
    return ranked if len(ranked) <= MOST_ASSETS + 1 else ranked[:MOST_ASSETS]


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
    return Section("heat", columns, (_heat_row(venue, venues[venue], rows[venue], shown, most) for venue in ranked))


def _heat_row(name: str, venue: VenueSums, row: Mapping[str, float], assets: Sequence[str], most: float) -> Row:
    partial = is_partial(name, venue.coverage)
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
