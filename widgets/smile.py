"""The page of one expiry: its smile, puts and calls, with the points at 25 delta, and the quotes by strike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deskmon.api import Cell, Choice, Column, Frame, Intent, Line, Row, Span, figures, fmt, following, is_stale
from deskmon.components.curves import CURVES_LEAST, Axes, Curve, curve_chart
from deskmon.components.options import (
    FINDING,
    OPTIONS_DEFINITIONS,
    ChainPanel,
    dim,
    dollars,
    expiry_name,
    expiry_of,
    skew_cell,
    vol,
    vol_change,
    warnings_of,
)
from deskmon.components.text import fit, wrapped

TALLEST = 16
LEGEND = (("○ puts", "accent"), ("● calls", "accent"), ("◆ 25Δ", "warn"), ("│ forward", "faint"), ("× unused", "faint"))
LEGEND_FROM = 7
"""Lines of a chart from which it has a legend."""
COLUMNS = (
    Column("put oi", "put OI", 6, "right", 4),
    Column("put delta", "put Δ", 5, "right", 3),
    Column("put bid", "bid", 5, "right", 2),
    Column("put ask", "ask", 5, "right", 2),
    Column("put iv", "put IV", 6, "right", 1),
    Column("strike", "strike", 8, "right", 0),
    Column("call iv", "call IV", 7, "right", 1),
    Column("call bid", "bid", 5, "right", 2),
    Column("call ask", "ask", 5, "right", 2),
    Column("call delta", "call Δ", 6, "right", 3),
    Column("call oi", "call OI", 7, "right", 4),
)
Quotes = Sequence[figures.SmileQuote]


class Smile(ChainPanel):
    """Implied volatility by strike."""

    name = "smile"
    title = "Smile"
    columns = COLUMNS
    all_strikes = Choice(
        (False, True), key="a", label="all", help="All strikes, or those nearest to the forward",
        note=lambda chosen: "all strikes" if chosen else "",
    )  # fmt: skip
    definitions = (
        *OPTIONS_DEFINITIONS,
        ("○ ● ◆", "puts, calls, the points at 25 delta; the line: those out of the money; │ the forward"),
        ("×, dim", "a quote that no figure uses: no bid, crossed, or no volatility"),
        ("bid, ask", "implied volatilities of bid and ask, vol points; 0.0: nobody bids"),
        ("Δ", "unadjusted delta of the forward (Black-76)"),
        ("OI", "open interest in coins"),
        ("expiry", "left, right: the one before, the next"),
    )

    class Options(ChainPanel.Options, frozen=True):
        """underlying: `BTC`, the linked asset where empty; expiry: ms, 0 for the nearest with a week to go."""

        expiry: int = 0

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._expiry: int = self.options.expiry

    def heading(self, frame: Frame) -> str:
        return f"{self.underlying(frame)} smile".strip()

    def note_parts(self, frame: Frame) -> Iterable[str]:
        expiry = self._figure(frame)
        which = (expiry_name(expiry.expiry).strip(), f"{expiry.days:.1f} days") if expiry else ()
        return *which, *super().note_parts(frame)

    def follow_closely(self, frame: Frame) -> str:
        underlying, expiry = self.underlying(frame), self._figure(frame)
        at = expiry.expiry if expiry else self._expiry if frame.model.options.awaited(underlying, frame.now) else 0
        return f"option:{underlying}:{at}" if at else ""

    def missing(self, frame: Frame) -> str:
        missing = super().missing(frame)
        if missing:
            return missing
        expiry = self._figure(frame)
        if expiry is not None:
            found = self._quotes(expiry, frame) or not frame.model.options.awaited(self.underlying(frame), frame.now)
            return "" if found else FINDING
        return f"no {self.underlying(frame)} options of {expiry_name(self._expiry).strip()} any more"

    def rows(self, frame: Frame) -> Iterable[Row]:
        figure, expiry = self.figure(frame), self._figure(frame)
        if figure is None or expiry is None:
            return
        strikes: dict[float, dict[str, figures.SmileQuote]] = {}
        for quote in self._quotes(expiry, frame):
            strikes.setdefault(quote.strike, {})[quote.kind] = quote
        chosen = sorted(strikes)
        if not self.all_strikes:
            near = sorted(chosen, key=lambda strike: abs(strike - expiry.forward))
            chosen = sorted(near[: max(1, frame.height - 2)])
        stale = is_stale("options", figure.age_ms)
        above = next((strike for strike in chosen if strike > expiry.forward), None)
        for strike in chosen:
            if strike == above:
                yield Row("forward", {"strike": (dollars(expiry.forward), "stale" if stale else "accent bold flash")})
            yield Row(f"{strike!r}", dim(_strike_cells(strike, strikes[strike]), stale))

    def next_underlying(self, frame: Frame) -> None:
        self._expiry = 0
        super().next_underlying(frame)

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        figure, expiry = self.figure(frame), self._figure(frame)
        known = [each.expiry for each in figure.expiries] if figure else []
        if known:
            self._expiry = following(known, expiry.expiry if expiry else known[0], step)
        return None

    def _figure(self, frame: Frame) -> figures.ExpiryFigure | None:
        return expiry_of(self.figure(frame), self._expiry)

    def _quotes(self, expiry: figures.ExpiryFigure, frame: Frame) -> Quotes:
        return frame.model.options.smile(self.underlying(frame), expiry.expiry, frame.now)

    def headline(self, frame: Frame) -> Sequence[Line]:
        figure, expiry = self.figure(frame), self._figure(frame)
        if figure is None or expiry is None or frame.height < 4:
            return []
        style = "stale" if is_stale("options", figure.age_ms) else "text"
        parts: list[list[Span]] = [
            [(f"ATM {vol(expiry.atm_iv)}", style if style == "stale" else "sum flash")],
            [("RR25 ", style), (skew_cell(expiry.rr25)[0], style)],
            [(f"BF25 {vol_change(expiry.bf25)}", style)],
            *([warning] for warning in warnings_of(figure)),
            [(f"25Δ put {dollars(expiry.put25_strike)} at {vol(expiry.put25_iv)}", style)],
            [(f"25Δ call {dollars(expiry.call25_strike)} at {vol(expiry.call25_iv)}", style)],
            [(f"max pain {dollars(expiry.max_pain)}", style)],
        ]
        if expiry.no_bid:
            parts.append([(f"{expiry.no_bid} of {expiry.quotes} without a bid", "muted")])
        return wrapped(parts, frame.width, 2 if frame.height >= 12 else 1)

    def chart_height(self, frame: Frame) -> int:
        expiry = self._figure(frame)
        if expiry is None or frame.width < CURVES_LEAST[0] + 4 or not any(q.used for q in self._quotes(expiry, frame)):
            return 0
        height = min(TALLEST, (frame.height - len(self.headline(frame))) * 3 // 5)
        return height if height >= CURVES_LEAST[1] else 0

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        figure, expiry = self.figure(frame), self._figure(frame)
        if figure is None or expiry is None:
            return []
        curves = _curves(expiry, self._quotes(expiry, frame), is_stale("options", figure.age_ms))
        strikes = sorted({strike for curve in curves for strike, _ in curve.points})
        ticks = [expiry.forward, strikes[0], strikes[-1], *strikes[:: max(1, len(strikes) // 8)]]
        axes = Axes(dollars, vol, ticks, expiry.forward, logarithmic=True)
        width, height = size
        if height < LEGEND_FROM:
            return curve_chart(curves, axes, size)
        return [fit(LEGEND, width), *curve_chart(curves, axes, (width, height - 1))]


def _curves(expiry: figures.ExpiryFigure, quotes: Quotes, stale: bool) -> list[Curve]:
    """The smile: where marks would cover each other what stands first is on top."""
    used = [(quote.strike, quote.iv, quote.kind) for quote in quotes if quote.used and quote.iv is not None]
    low, high = min(iv for _, iv, _ in used), max(iv for _, iv, _ in used)
    first, last = used[0][0], used[-1][0]
    others = [
        (quote.strike, quote.iv)
        for quote in quotes
        if not quote.used and quote.iv is not None and low <= quote.iv <= high and first <= quote.strike <= last
    ]
    wings = [(expiry.put25_strike, expiry.put25_iv), (expiry.call25_strike, expiry.call25_iv)]
    out = [(k, iv, kind) for k, iv, kind in used if (k > expiry.forward) == (kind == "call")]

    def of(chosen: Sequence[tuple[float, float, str]], *kinds: str) -> list[tuple[float, float]]:
        return [(strike, iv) for strike, iv, kind in chosen if kind in kinds]

    curves = [
        Curve([(k, iv) for k, iv in wings if k is not None and iv is not None], "◆", "warn"),
        Curve(of(out, "put"), "○", "accent"),
        Curve(of(out, "call"), "●", "accent"),
        Curve(of(out, "put", "call"), "", "muted", joined=True),
        Curve(of(used, "put"), "○", "muted"),
        Curve(of(used, "call"), "●", "muted"),
        Curve(others, "×", "faint"),
    ]
    return [curve._replace(style="stale") for curve in curves] if stale else curves


def _strike_cells(strike: float, quotes: Mapping[str, figures.SmileQuote]) -> dict[str, Cell]:
    cells: dict[str, Cell] = {"strike": (dollars(strike), "text bold")}
    for kind, quote in quotes.items():
        style = "text" if quote.used else "faint"
        cells |= {
            f"{kind} iv": (vol(quote.iv), f"{style} flash"),
            f"{kind} bid": (vol(quote.bid_iv), style),
            f"{kind} ask": (vol(quote.ask_iv), style),
            f"{kind} delta": (fmt.UNKNOWN if quote.delta is None else _delta(quote.delta), style),
            f"{kind} oi": (fmt.amount(quote.open_interest), "muted" if quote.used else "faint"),
        }
    return cells


def _delta(value: float) -> str:
    return f"{value:.2f}".replace("-", fmt.MINUS)
