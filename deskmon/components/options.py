"""What panels of options share: which underlying they show, how expiries are written, what the figures mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from deskmon import format as fmt
from deskmon.components.awaited import awaited_options
from deskmon.components.choices import action, following
from deskmon.components.columns import Cell, Column, Row, is_stale
from deskmon.components.panel import Drill, Frame, Span
from deskmon.components.sections import Section, only_words
from deskmon.components.table import TablePanel
from deskmon.components.text import fit
from deskmon.model.figures import ExpiryFigure, OptionsFigure

__all__ = [
    "EXPIRY_COLUMNS",
    "EXPIRY_DEFINITIONS",
    "OPTIONS_DEFINITIONS",
    "ChainPanel",
    "UnderlyingPanel",
    "chain_name",
    "dim",
    "dollars",
    "expiries_section",
    "expiry_name",
    "expiry_of",
    "no_chain",
    "options_headline",
    "skew_cell",
    "smile_page",
    "text_style",
    "vol",
    "vol_change",
    "warnings_of",
]

OPTIONS_DEFINITIONS = (
    ("ATM", "implied volatility at the forward of the expiry, in vol points (percent a year)"),
    ("RR25 (C−P)", "IV of the 25-delta call less that of the 25-delta put, in vol points; − puts are dearer"),
    ("BF25", "the mean of both 25-delta IVs less ATM, in vol points"),
    ("—", "not known: no value beyond the listed strikes or expiries, nor from fewer than four strikes with bids"),
)
"""What figures of options mean, for the help page."""

EXPIRY_DEFINITIONS = (
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
)
"""The same of the columns of `expiries_section`."""

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class UnderlyingPanel(TablePanel):
    """Base of the panels that show the options of one underlying, which the key `u` changes: the one chosen by key
    while the linked asset stays the same, else that of the options, else the linked one if it has options, else the
    first that has."""

    topics = frozenset({"options", "clock"})

    class Options(TablePanel.Options, frozen=True):
        """underlying: `BTC`; where empty the linked asset, if it has options, else the first that has."""

        underlying: str = ""

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._picked: tuple[str, str] = ("", "")
        """The underlying chosen by key, and the asset that was linked then."""

    def underlying(self, frame: Frame) -> str:
        """Name of the one shown: `BTC`; "" where nothing is known."""
        known = frame.model.options.underlyings()
        picked, linked = self._picked
        wanted = picked if picked and linked == frame.symbol else self.options.underlying or fmt.base(frame.symbol)
        if wanted in known or self.options.underlying:
            return wanted
        return known[0] if known else ""

    def figure(self, frame: Frame) -> OptionsFigure | None:
        """Figures of the one shown."""
        return frame.model.options.figure(self.underlying(frame), frame.now)

    @action("underlying", key="u", help="The next underlying that has options")
    def next_underlying(self, frame: Frame) -> None:
        """Show the next one."""
        known = frame.model.options.underlyings()
        if known:
            self._picked = (following(known, self.underlying(frame)), frame.symbol)


class ChainPanel(UnderlyingPanel):
    """Base of the panels that show one chain of options; where there is none they say why in place of their tables."""

    def heading(self, frame: Frame) -> str:
        return f"{self.underlying(frame)} {self.title.lower()}".strip()

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return (chain_name(self.figure(frame)), *super().note_parts(frame))

    def oldest(self, frame: Frame) -> int | None:
        figure = self.figure(frame)
        return figure.age_ms if figure else None

    def awaits(self, frame: Frame) -> bool:
        return frame.model.options.awaited(self.underlying(frame), frame.now)

    def missing(self, frame: Frame) -> str:
        """Why there is nothing to show, in words; "" where there is."""
        return no_chain(self.figure(frame), self.underlying(frame), frame)

    def tables(self, frame: Frame) -> Sequence[Section]:
        """The tables of a chain that isn't missing."""
        return super().sections(frame)

    def sections(self, frame: Frame) -> Sequence[Section]:
        missing = self.missing(frame)
        return only_words(missing) if missing else self.tables(frame)


def smile_page(underlying: str, expiry: int) -> Drill:
    """Opens the page of an expiry (ms)."""
    return Drill("smile", {"underlying": underlying, "expiry": expiry}, f"{underlying} smile")


def text_style(figure: OptionsFigure) -> str:
    """Style of words on a chain."""
    return "stale" if is_stale("options", figure.age_ms) else "text"


def expiry_name(expiry: int) -> str:
    """An expiry (ms) by its UTC date, as venues name it: 27 Mar 26."""
    at = datetime.fromtimestamp(expiry / 1000, UTC)
    return f"{at.day:>2} {MONTHS[at.month - 1]} {at.year % 100:02}"


def vol(value: float | None) -> str:
    """A volatility in vol points: 52.1."""
    return fmt.UNKNOWN if value is None else f"{value:,.1f}"


def vol_change(value: float | None) -> str:
    """A difference of volatilities with its sign: −5.2."""
    return fmt.percent(value, 1).removesuffix("%")


def skew_cell(value: float | None) -> Span:
    """A risk reversal or a change of a volatility, with its sign and colour."""
    text = vol_change(value)
    return text, "down" if text[0] == fmt.MINUS else "up" if text[0] == "+" else "text"


def dollars(value: float | None) -> str:
    """A strike or a forward: in whole dollars from 1,000 on."""
    return fmt.price(value, 0) if value is not None and abs(value) >= 1_000 else fmt.price(value)


def dim(cells: dict[str, Cell], stale: bool) -> dict[str, Cell]:
    """The cells of a row, dimmed where its chain is stale; a chain ages as a whole, so its headline says how old."""
    return {id: (text, "stale") for id, (text, _) in cells.items()} if stale else cells


FINDING = "finding figures"
"""What a panel says while the figures of a chain are found."""


def chain_name(figure: OptionsFigure | None) -> str:
    """Whose chain it is, what its prices are in where the venue has several, and the unit of volatilities."""
    if figure is None or figure.venue is None:
        return ""
    return f"{figure.venue} {figure.quote_currency or ''}".strip() + " · vol points"


def no_chain(figure: OptionsFigure | None, underlying: str, frame: Frame) -> str:
    """In words why nothing of a chain can be shown; "" where it can."""
    if figure is not None and figure.expiries:
        return ""
    if frame.model.options.awaited(underlying, frame.now):
        return FINDING
    if figure is not None and figure.expired:
        return f"all {underlying} options listed have expired"
    return awaited_options(f"{underlying} options".strip(), "chain", frame.model, frame.now)


def warnings_of(figure: OptionsFigure) -> list[Span]:
    """What is wrong with a chain, in words."""
    found: list[Span] = []
    if is_stale("options", figure.age_ms):
        found.append((f"stale, newest quote {fmt.age(figure.age_ms)} old", "warn"))
    if figure.crossed:
        found.append((f"{figure.crossed} crossed left out", "warn"))
    if figure.expired:
        found.append((f"{figure.expired} expired still quoted", "warn"))
    if figure.unquoted:
        found.append((f"{figure.unquoted} without a new quote left out", "warn"))
    return found


def expiry_of(figure: OptionsFigure | None, expiry: int) -> ExpiryFigure | None:
    """The figures of one expiry (ms), for 0 of the nearest with a week to go, else of the last."""
    expiries = figure.expiries if figure else []
    if expiry:
        return next((each for each in expiries if each.expiry == expiry), None)
    return next((each for each in expiries if each.days >= 7), expiries[-1] if expiries else None)


def options_headline(figure: OptionsFigure, width: int) -> list[Span]:
    """Nearest forward, volatility index, put/call ratio and exposure of an underlying in one line, as much as fits."""
    style = text_style(figure)
    ratio = fmt.UNKNOWN if figure.put_call_oi is None else f"{figure.put_call_oi:.2f}"
    parts = [
        (f"nearest forward {dollars(figure.nearest_forward)}", style if style == "stale" else "sum flash"),
        *warnings_of(figure),
        (f"DVOL {vol(figure.dvol)}", "stale" if is_stale("options", figure.dvol_age_ms) else "text"),
        (f"VIX-style {vol(figure.vix_style_30d)}", style),
        (f"put/call OI {ratio}", style),
        (f"GEX {fmt.amount(figure.gex_usd, plus=True)}", style),
    ]
    return fit(parts, width)


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
"""Columns of `expiries_section`."""


def expiries_section(expiries: Iterable[ExpiryFigure], stale: bool) -> Section:
    """The table of these expiries, a row of each by its time (ms); dimmed where their chain is stale."""
    return Section("expiries", EXPIRY_COLUMNS, [_expiry_row(each, stale) for each in expiries], sorted_by="expiry")


def _expiry_row(expiry: ExpiryFigure, stale: bool) -> Row:
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
