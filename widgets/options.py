"""Options of one underlying: a row for each expiry, and the same at constant maturities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Column, Frame, Intent, Line, Row, Section, figures, is_stale
from deskmon.components.options import (
    EXPIRY_COLUMNS,
    EXPIRY_DEFINITIONS,
    OPTIONS_DEFINITIONS,
    ChainPanel,
    dim,
    expiries_section,
    options_headline,
    skew_cell,
    smile_page,
    vol,
)

MATURITIES = (
    Column("maturity", "maturity", 9),
    *(column for column in EXPIRY_COLUMNS if column.id in ("atm", "rr", "bf")),
)


class Options(ChainPanel):
    """What the options market fears, expiry by expiry."""

    name = "options"
    title = "Options"
    definitions = (
        *OPTIONS_DEFINITIONS,
        *EXPIRY_DEFINITIONS,
        ("maturity", "at 7 to 180 days, interpolated in total variance between expiries, never beyond them"),
        ("VIX-style", "30-day volatility from the prices of options out of the money, as a check on DVOL"),
        ("crossed, expired", "quotes with bid above ask, in no smile; instruments quoted after their expiry"),
    )

    def headline(self, frame: Frame) -> Sequence[Line]:
        figure = self.figure(frame)
        return [options_headline(figure, frame.width)] if figure and figure.expiries and frame.height >= 4 else ()

    def tables(self, frame: Frame) -> Sequence[Section]:
        figure = self.figure(frame)
        if figure is None:
            return ()
        stale = is_stale("options", figure.age_ms)
        expiries = expiries_section(figure.expiries, stale)
        constant = Section("maturities", MATURITIES, _constant(figure, stale), selectable=False)
        room = frame.height - len(figure.expiries) - len(figure.constant_maturity)
        return (expiries, constant) if room >= 3 else (expiries,)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        return smile_page(self.underlying(frame), int(row.key))


def _constant(figure: figures.OptionsFigure, stale: bool) -> Iterable[Row]:
    for name, at in figure.constant_maturity.items():
        cells: dict[str, Cell] = {
            "maturity": (name, "text"),
            "atm": (vol(at.atm_iv), "sum flash"),
            "rr": skew_cell(at.rr25),
            "bf": (skew_cell(at.bf25)[0], "text flash"),
        }
        yield Row(name, dim(cells, stale))
