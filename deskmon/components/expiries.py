"""The expiries of an underlying as a table: the rows that several panels show."""

from __future__ import annotations

from collections.abc import Iterable

from deskmon import format as fmt
from deskmon.components.columns import Cell, Column, Row
from deskmon.components.options import dim, dollars, expiry_name, skew_cell, vol
from deskmon.components.sections import Section
from deskmon.model.figures import ExpiryFigure

EXPIRY_COLUMNS = (
    Column("expiry", "expiry", 9, order="up"),
    Column("days", "days", 5, "right", 3, order="up"),
    Column("forward", "forward", 8, "right", 9),
    Column("atm", "ATM", 5, "right", 1, order="down"),
    Column("rr", "RR25", 5, "right", 1, order="up"),
    Column("bf", "BF25", 4, "right", 4, order="down"),
    Column("skew", "put skew%", 9, "right", 7, order="down"),
    Column("ratio", "P/C OI", 6, "right", 5, order="down"),
    Column("calls", "call OI", 7, "right", 12, order="down"),
    Column("puts", "put OI", 6, "right", 11, order="down"),
    Column("pain", "max pain", 8, "right", 8),
    Column("range", "1σ range", 14, "right", 2),
    Column("implied", "implied range", 14, "right", 6),
    Column("gex", "GEX", 6, "right", 10, order="down"),
)


def expiries_section(expiries: Iterable[ExpiryFigure], stale: bool) -> Section:
    """The table of these expiries, a row of each by its time (ms); dimmed where their chain is stale."""
    return Section("expiries", EXPIRY_COLUMNS, [_row(each, stale) for each in expiries])


def _row(expiry: ExpiryFigure, stale: bool) -> Row:
    cells: dict[str, Cell] = {
        "expiry": (expiry_name(expiry.expiry), "text"),
        "days": (f"{expiry.days:.1f}" if expiry.days < 10 else f"{expiry.days:,.0f}", "muted"),
        "forward": (dollars(expiry.forward), "text flash"),
        "atm": (vol(expiry.atm_iv), "sum flash"),
        "rr": skew_cell(expiry.rr25),
        "bf": (skew_cell(expiry.bf25)[0], "text flash"),
        "skew": (skew_cell(expiry.put_skew)[0], "text flash"),
        "ratio": (fmt.UNKNOWN if expiry.put_call_oi is None else f"{expiry.put_call_oi:,.2f}", "text"),
        "calls": (fmt.amount(expiry.call_oi), "muted"),
        "puts": (fmt.amount(expiry.put_oi), "muted"),
        "pain": (dollars(expiry.max_pain), "text"),
        "range": (_range(expiry.expected_low, expiry.expected_high), "text flash"),
        "implied": (_range(expiry.implied_low, expiry.implied_high), "text flash"),
        "gex": (fmt.amount(expiry.gex_usd, plus=True), "text flash"),
    }
    sort = {
        "expiry": expiry.expiry, "days": expiry.days, "atm": expiry.atm_iv, "rr": expiry.rr25, "bf": expiry.bf25,
        "skew": expiry.put_skew, "ratio": expiry.put_call_oi, "calls": expiry.call_oi, "puts": expiry.put_oi,
        "gex": expiry.gex_usd,
    }  # fmt: skip
    return Row(str(expiry.expiry), dim(cells, stale), sort)


def _range(low: float | None, high: float | None) -> str:
    """Both ends, `—` for one that isn't known; a single one where neither is."""
    return fmt.UNKNOWN if low is None and high is None else f"{dollars(low)}–{dollars(high)}"
