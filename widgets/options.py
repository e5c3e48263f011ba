"""Options of one underlying: a row for each expiry, and the same at constant maturities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import Cell, Column, Drill, Frame, Intent, Line, Row, Section, figures, is_stale
from deskmon.components.options import (
    EXPIRY_COLUMNS,
    OPTIONS_DEFINITIONS,
    UnderlyingPanel,
    chain_name,
    dim,
    expiries_section,
    expiry_name,
    no_chain,
    options_headline,
    skew_cell,
    underlying_key,
    vol,
)

MATURITIES = (
    Column("maturity", "maturity", 9),
    *(column for column in EXPIRY_COLUMNS if column.id in ("atm", "rr", "bf")),
)


class Options(UnderlyingPanel):
    """What the options market fears, expiry by expiry."""

    name = "options"
    title = "Options"
    keys = (underlying_key("options"),)
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

    def heading(self, frame: Frame) -> str:
        return f"{self._underlying.of(frame)} options".strip()

    def note(self, frame: Frame) -> str:
        return " · ".join(filter(None, (super().note(frame), chain_name(self._underlying.figure(frame)))))

    def head_height(self, frame: Frame) -> int:
        figure = self._underlying.figure(frame)
        return 1 if figure and figure.expiries and frame.height >= 4 else 0

    def head(self, frame: Frame, height: int) -> Sequence[Line]:
        figure = self._underlying.figure(frame)
        return [options_headline(figure, frame.width)] if figure else []

    def sections(self, frame: Frame) -> Sequence[Section]:
        figure = self._underlying.figure(frame)
        missing = no_chain(figure, self._underlying.of(frame))
        if figure is None or missing:
            return (Section("none", (), (), missing),)
        stale = is_stale("options", figure.age_ms)
        expiries = expiries_section(figure.expiries, stale)
        constant = Section("maturities", MATURITIES, _constant(figure, stale), selectable=False)
        room = frame.height - len(figure.expiries) - len(figure.constant_maturity)
        return (expiries, constant) if room >= 3 else (expiries,)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        underlying = self._underlying.of(frame)
        options = {"underlying": underlying, "expiry": int(row.key)}
        return Drill("smile", options, f"{underlying} {expiry_name(int(row.key)).strip()}")


def _constant(figure: figures.OptionsFigure, stale: bool) -> Iterable[Row]:
    for name, at in figure.constant_maturity.items():
        cells: dict[str, Cell] = {
            "maturity": (name, "text"),
            "atm": (vol(at.atm_iv), "sum flash"),
            "rr": skew_cell(at.rr25),
            "bf": (skew_cell(at.bf25)[0], "text flash"),
        }
        yield Row(name, dim(cells, stale))
