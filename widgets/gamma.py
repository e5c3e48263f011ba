"""Dealers' gamma by strike around the nearest forward, under a stated assumption, with the open interest behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import floor, log10
from typing import NamedTuple

from deskmon.api import Cell, Choice, Column, Drill, Frame, Intent, Line, Row, Span, figures, fmt, is_stale
from deskmon.components.bars import bar_left, bar_right
from deskmon.components.options import ChainPanel, dim, dollars, warnings_of
from deskmon.components.text import wrapped

REACHES = (10, 20, 40)
"""How far from the nearest forward rows go, in percent of it."""
TOP = 3
"""Strikes with the most open interest that are named."""
ASSUMPTIONS = {"naive": "if dealers are long calls, short puts", "flow": "if dealers took the other side of the flow"}
COLUMNS = (
    Column("puts", "put OI", 6, "right", 3),
    Column("calls", "call OI", 7, "right", 3),
    Column("short", "GEX −", 14, priority=2, least=5, most=22),
    Column("strike", "strike", 9, "right", 0),
    Column("long", "GEX +", 14, priority=2, least=5, most=22),
    Column("gex", "GEX", 7, "right", 1),
    Column("mark", "mark", 7, priority=4),
)


class Place(NamedTuple):
    """Sums of the strikes of one row."""

    calls: float = 0.0
    puts: float = 0.0
    gex: float = 0.0


class Gamma(ChainPanel):
    """Do dealers dampen moves here or feed them, and where does that turn?"""

    name = "gamma"
    title = "Gamma"
    columns = COLUMNS
    reach = Choice(
        REACHES, default=20, key="b", help="How far rows go from the nearest forward: about 10, 20 or 40 %", note=None
    )
    definitions = (
        ("GEX", "gamma exposure, USD of delta that dealers trade per 1 % move: ±Γ × OI × S² × 0.01, over all expiries"),
        (
            "dealers: naive",
            "assumed: dealers are long all open calls and short all open puts; nobody publishes who holds what",
        ),
        ("long gamma", "the sum is above 0: dealers sell rises and buy falls, which dampens; short gamma feeds moves"),
        ("flip", "price at which the sum crosses 0 with gamma computed anew there; — none within 50 %"),
        ("forward", "the line at the venue's price of the underlying for the nearest expiry"),
        ("call OI, put OI", "open interest in coins, over all expiries; ◆ the strikes with the most"),
        ("strike", "a row sums the strikes nearest to it; how far rows are apart stands in the title"),
    )

    def note_parts(self, frame: Frame) -> Iterable[str]:
        figure = self.figure(frame)
        if figure is None or not figure.expiries or figure.nearest_forward is None:
            return ()
        apart = f"rows of {dollars(self._step(figure.nearest_forward, self._below_head(frame)))}"
        return apart, "USD per 1%", f"dealers: {figure.gex_assumption}"

    def missing(self, frame: Frame) -> str:
        missing = super().missing(frame)
        if missing or self._strikes(frame):
            return missing
        return f"no open interest of {self.underlying(frame)} options is known"

    def rows(self, frame: Frame) -> Iterable[Row]:
        figure = self.figure(frame)
        if figure is None or figure.nearest_forward is None:
            return
        step = self._step(figure.nearest_forward, frame)
        places = _places(self._strikes(frame), step)
        first = max(0, _row_of(figure.nearest_forward, step) - _room(frame) // 2)
        shown = {number: places.get(number, Place()) for number in range(first + _room(frame) - 1, first - 1, -1)}
        marks = {_row_of(each.strike, step): "◆" for each in self._most_held(frame)}
        if figure.gex_flip is not None:
            at = _row_of(figure.gex_flip, step)
            marks[at] = f"{marks.get(at, '')} flip".strip()
        most = max((abs(place.gex) for place in shown.values()), default=0.0)
        stale = is_stale("options", figure.age_ms)
        passed = False
        for number, place in shown.items():
            if not passed and number * step < figure.nearest_forward:
                passed = True
                yield _forward_line(figure.nearest_forward, stale)
            yield _row(number * step, place, most, marks.get(number, ""), stale)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        underlying = self.underlying(frame)
        return Drill("options", {"underlying": underlying}, f"{underlying} options")

    def _strikes(self, frame: Frame) -> Sequence[figures.StrikeFigure]:
        return frame.model.options.strikes(self.underlying(frame), frame.now)

    def _most_held(self, frame: Frame) -> list[figures.StrikeFigure]:
        """The strikes with the most open interest."""
        held = [each for each in self._strikes(frame) if _interest(each) > 0]
        return sorted(held, key=_interest, reverse=True)[:TOP]

    def _step(self, spot: float, frame: Frame) -> float:
        """How far rows are apart (USD): a round step with which the reach about fits, or up to five times that where
        more open interest then stands on rows of its own, not under another strike's name."""
        least = 0.8 * 2 * self.reach / 100 * spot / _room(frame)
        unit = 10.0 ** floor(log10(least))
        steps = [unit * factor for factor in (1, 2, 2.5, 5, 10, 20, 25, 50)]
        fitting = [step for step in steps if least <= step <= 5 * least]
        held = [(each.strike, _interest(each)) for each in self._strikes(frame)]
        return max(fitting, key=lambda step: sum(interest for strike, interest in held if strike % step == 0))

    def headline(self, frame: Frame) -> Sequence[Line]:
        figure = self.figure(frame)
        if figure is None or not figure.expiries or frame.height < 4:
            return []
        stale = is_stale("options", figure.age_ms)
        style = "stale" if stale else "text"
        parts: list[list[Span]] = [[(_stance(figure), "stale" if stale else "sum")]]
        parts += ([warning] for warning in warnings_of(figure)[:1])
        parts += (
            [(f"GEX {fmt.amount(figure.gex_usd, plus=True)}", style)],
            [(_flip(figure), style)],
            [(ASSUMPTIONS.get(figure.gex_assumption, figure.gex_assumption), "muted")],
        )
        most = [f"{dollars(each.strike)} {fmt.amount(_interest(each))}" for each in self._most_held(frame)]
        if most:
            parts.append([("most OI " + ", ".join(most), style)])
        return wrapped(parts, frame.width, 3 if frame.height >= 16 else 2 if frame.height >= 8 else 1)


def _room(frame: Frame) -> int:
    """Rows beside the labels and the line at the nearest forward."""
    return max(4, frame.height - 2)


def _interest(strike: figures.StrikeFigure) -> float:
    return strike.call_oi + strike.put_oi


def _stance(figure: figures.OptionsFigure) -> str:
    if not figure.gex_usd:
        return f"dealers' gamma {fmt.UNKNOWN}"
    return f"dealers {'long' if figure.gex_usd > 0 else 'short'} gamma here"


def _flip(figure: figures.OptionsFigure) -> str:
    if figure.gex_flip is None or not figure.nearest_forward:
        return f"flip {fmt.UNKNOWN}"
    return f"flip {dollars(figure.gex_flip)} ({fmt.percent((figure.gex_flip / figure.nearest_forward - 1) * 100, 1)})"


def _row_of(strike: float, step: float) -> int:
    return round(strike / step)


def _places(strikes: Sequence[figures.StrikeFigure], step: float) -> Mapping[int, Place]:
    places: dict[int, Place] = {}
    for each in strikes:
        number = _row_of(each.strike, step)
        so_far = places.get(number, Place())
        places[number] = Place(so_far.calls + each.call_oi, so_far.puts + each.put_oi, so_far.gex + each.gex_usd)
    return places


def _row(strike: float, place: Place, most: float, mark: str, stale: bool) -> Row:
    share = abs(place.gex) / most if most else 0.0
    above, below = (share, 0.0) if place.gex > 0 else (0.0, share)
    cells: dict[str, Cell] = {
        "puts": (fmt.amount(place.puts) if place.puts else "", "muted"),
        "calls": (fmt.amount(place.calls) if place.calls else "", "muted"),
        "short": (lambda width: bar_left(below, width), "warn"),
        "strike": (dollars(strike), "text"),
        "long": (lambda width: bar_right(above, width), "accent"),
        "gex": (fmt.amount(place.gex, plus=True) if place.gex else "", "text flash"),
        "mark": (mark, "label"),
    }
    return Row(f"{strike!r}", dim(cells, stale))


def _forward_line(forward: float, stale: bool) -> Row:
    def rule(width: int) -> str:
        return "─" * width

    cells: dict[str, Cell] = {
        "short": (rule, "faint"),
        "strike": (dollars(forward), "accent bold flash"),
        "long": (rule, "faint"),
        "mark": ("forward", "faint"),
    }
    return Row("forward", dim(cells, stale))
