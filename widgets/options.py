"""Options of one underlying: a row for each expiry, and the same at constant maturities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Column, Frame, Intent, Line, Row, Section, figures, is_stale
from deskmon.components.options import (
    EXPIRY_COLUMNS,
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
        ("put skew%", "(IV of the 25-delta put − that of the call) / ATM; + puts are dearer"),
        (
            "forward",
            "the venue's price of the underlying for that expiry, USD; nearest: that of the next expiry",
        ),
        ("1σ range", "forward × exp(±ATM × √T): where two of three outcomes lie by the expiry, if ATM is right"),
        (
            "implied range",
            "where the price ends with 68 %, 16 % on each side, if the whole smile is right; — beyond its wings",
        ),
        ("max pain", "the settlement price at which holders of this expiry get least"),
        ("call OI, put OI", "open interest in coins; P/C OI: puts / calls"),
        ("GEX", "dealers' gamma, USD per 1 % move, if they are long the calls and short the puts (an assumption)"),
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
