"""Liquidations by side and window: the table that several panels show."""

from __future__ import annotations

from collections.abc import Mapping

from deskmon import format as fmt
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.sections import Section
from deskmon.model.figures import Sums

SHOWN = ("5m", "15m", "1h", "4h", "12h", "24h", "7d")
"""Windows of the table, in its order."""
_PRIORITY = {"1h": 1, "24h": 2, "4h": 3, "12h": 4, "7d": 5, "15m": 6, "5m": 7}


def windows_of(sums: Mapping[str, object]) -> list[str]:
    """The windows among the keys of `sums` that the table shows, shortest first."""
    return [window for window in SHOWN if window in sums]


def long_share(sums: Sums) -> float | None:
    """long / (long + short) in USD; None where nothing was liquidated."""
    long, short = sums.long_usd or 0.0, sums.short_usd or 0.0
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
    columns = [Column("side", "", 6)]
    for window in windows:
        marked = window == chosen
        label, style = (f"▾{window}", "accent") if marked else (window, "label")
        columns.append(Column(window, label, 6, "right", 0 if marked else _PRIORITY[window], style=style))

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
        rows.append(Row("since", {"side": ("since", "faint"), **begun}))
    return Section("windows", columns, rows, selectable=False)
