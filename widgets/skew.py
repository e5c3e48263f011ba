"""The term structure of skew and volatility, now against a day and a week ago, as curves and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import DAY, Cell, Choice, Column, Frame, Intent, Line, Row, Span, figures, fmt, is_stale
from deskmon.components.curves import CURVES_LEAST, Axes, Curve, curve_chart
from deskmon.components.figure_words import figure_paths
from deskmon.components.options import (
    OPTIONS_DEFINITIONS,
    ChainPanel,
    dim,
    expiry_name,
    skew_cell,
    smile_page,
    vol,
    vol_change,
    warnings_of,
)
from deskmon.components.proposals import proposal
from deskmon.components.since import SINCE_DEFINITION, since_note
from deskmon.components.text import fit, line_width

CURVES = {"rr25": "RR25 (C−P)", "atm_iv": "ATM", "bf25": "BF25"}
AGO = {"24h": DAY, "7d": 7 * DAY}
LOOKS = (("●", "now", "accent"), ("○", "24h", "text"), ("×", "7d", "muted"))
TICKS = (1, 2, 7, 14, 30, 60, 90, 180, 365)
"""Days."""
CHART_WIDTH, TALLEST = 36, 13
COLUMNS = (
    Column("expiry", "expiry", 9, order="up"),
    Column("days", "days", 5, "right", 6, order="up"),
    Column("rr25", "RR25", 5, "right", 0, order="up"),
    Column("rr25 24h", "Δ24h", 5, "right", 2, order="up"),
    Column("rr25 7d", "Δ7d", 5, "right", 4, order="up"),
    Column("atm_iv", "ATM", 5, "right", 1, order="down"),
    Column("atm_iv 24h", "Δ24h", 5, "right", 3, order="down"),
    Column("atm_iv 7d", "Δ7d", 5, "right", 5, order="down"),
    Column("bf25", "BF25", 5, "right", 7, order="down"),
    Column("bf25 24h", "Δ24h", 5, "right", 8, order="down"),
    Column("bf25 7d", "Δ7d", 5, "right", 9, order="down"),
)
Point = figures.ExpiryFigure | figures.TermPoint


class Skew(ChainPanel):
    """How much dearer puts are than calls by expiry, and whether that grows."""

    name = "skew"
    title = "Skew"
    columns = COLUMNS
    sorted_by = "expiry"
    first_curve = Choice(
        tuple(CURVES), key="v", label="view", note=None,
        help="Which curve stands first: RR25, ATM or BF25; more where there is room",
    )  # fmt: skip
    definitions = (
        *OPTIONS_DEFINITIONS,
        ("● ○ ×", "the expiries now, 24 h ago and 7 d ago, over the days that they had to go then (logarithmic)"),
        ("Δ24h, Δ7d", "change of the same expiry, in vol points; — where the desk hasn't known it that long"),
        SINCE_DEFINITION,
        ("30d", "at 30 days, interpolated in total variance between expiries, never beyond them"),
    )

    def headline(self, frame: Frame) -> Sequence[Line]:
        figure = self.figure(frame)
        return [self._words(figure, frame)] if figure and figure.expiries and frame.height >= 4 else ()

    def chart_height(self, frame: Frame) -> int:
        """What the table leaves, or three fifths where that is little."""
        figure = self.figure(frame)
        if figure is None or not self.headline(frame) or frame.width < CURVES_LEAST[0] + 4:
            return 0
        height = min(TALLEST, max(frame.height - len(figure.expiries) - 2, (frame.height - 1) * 3 // 5))
        return height if height > CURVES_LEAST[1] else 0

    def chart(self, frame: Frame, size: tuple[int, int]) -> Sequence[Line]:
        figure = self.figure(frame)
        return self._charts(figure, frame, size[1]) if figure else ()

    def rows(self, frame: Frame) -> Iterable[Row]:
        figure = self.figure(frame)
        past = {name: self._past(ago, frame) for name, ago in AGO.items()}
        for expiry in figure.expiries if figure else ():
            cells: dict[str, Cell] = {
                "expiry": (expiry_name(expiry.expiry), "text"),
                "days": (f"{expiry.days:.1f}" if expiry.days < 10 else f"{expiry.days:,.0f}", "muted"),
                "rr25": skew_cell(expiry.rr25),
                "atm_iv": (vol(expiry.atm_iv), "sum flash"),
                "bf25": (vol_change(expiry.bf25), "text flash"),
            }
            sort = {name: getattr(expiry, name) for name in ("expiry", "days", *CURVES)}
            for name, then in past.items():
                before = next((point for point in then.points if point.expiry == expiry.expiry), None) if then else None
                for curve in CURVES:
                    moved = _less(getattr(expiry, curve), getattr(before, curve, None))
                    cells[f"{curve} {name}"] = (vol_change(moved), "muted flash")
                    sort[f"{curve} {name}"] = moved
            yield Row(str(expiry.expiry), dim(cells, is_stale("options", figure.age_ms if figure else None)), sort)

    def proposes(self, frame: Frame) -> str:
        name = self.underlying(frame)
        figure = frame.model.options.figures(frame.now).get(name)
        month = None if figure is None else figure.constant_maturity.get("30d")
        return proposal("options", name, "constant_maturity.30d.rr25", None if month is None else month.rr25)

    def compares(self, frame: Frame) -> Sequence[str]:
        of = figure_paths("options", (self.underlying(frame),), "constant_maturity")[0]
        return [path for part in ("rr25", "atm_iv", "bf25") for path in figure_paths(of, ("7d", "30d", "90d"), part)]

    def open(self, row: Row, frame: Frame) -> Intent | None:
        return smile_page(self.underlying(frame), int(row.key))

    def _past(self, ago: int, frame: Frame) -> figures.TermStructure | None:
        return frame.model.options.term_structure(self.underlying(frame), frame.now, ago)

    def _words(self, figure: figures.OptionsFigure, frame: Frame) -> Line:
        month = figure.constant_maturity.get("30d")
        parts: list[Span] = []
        for label, now, held in (("RR25", "rr25", "rr25_30d"), ("ATM", "atm_iv", "atm_30d")):
            value = getattr(month, now, None)
            moved = [
                f"{name} {vol_change(_less(value, getattr(self._past(ago, frame), held, None)))}"
                for name, ago in AGO.items()
            ]
            written = vol_change(value) if now == "rr25" else vol(value)
            style = "stale" if is_stale("options", figure.age_ms) else "sum flash"
            told = since_note(getattr(month, "since", None), frame.now) if now == "rr25" else ""
            parts += (
                (f"30d {label} {written} {told}".rstrip(), style),
                (" ".join(moved), "stale" if style == "stale" else "muted"),
            )
        parts[1:1] = warnings_of(figure)
        return fit(parts, frame.width)

    def _charts(self, figure: figures.OptionsFigure, frame: Frame, height: int) -> list[Line]:
        """As many curves beside each other as have room, the chosen one first."""
        names = tuple(CURVES)
        start = names.index(self.first_curve)
        count = max(1, min(len(names), (frame.width + 2) // (CHART_WIDTH + 2)))
        width = (frame.width - 2 * (count - 1)) // count
        lines: list[list[Span]] = [[] for _ in range(height)]
        for name in (names[start:] + names[:start])[:count]:
            for line, part in zip(lines, self._chart(name, figure, frame, (width, height)), strict=True):
                if line:
                    line.append((" " * (2 + width - line_width(line) % (width + 2)), ""))
                line += part
        return list(lines)

    def _chart(
        self, name: str, figure: figures.OptionsFigure, frame: Frame, size: tuple[int, int]
    ) -> list[Sequence[Span]]:
        stale = is_stale("options", figure.age_ms)
        held: list[Sequence[Point]] = [figure.expiries]
        for ago in AGO.values():
            past = self._past(ago, frame)
            held.append(past.points if past else ())
        title: list[Span] = [(CURVES[name], "label")]
        curves = []
        for points, (mark, when, style) in zip(held, LOOKS, strict=True):
            known = [(each.days, getattr(each, name)) for each in points if each.days > 0]
            shown = [(days, value) for days, value in known if value is not None]
            title.append((f"{mark} {when}" if shown else f"{when} {fmt.UNKNOWN}", "stale" if stale else style))
            curves.append(Curve(shown, mark, "stale" if stale else style, joined=when == "now"))
        write = vol if name == "atm_iv" else vol_change
        axes = Axes(lambda days: f"{days:g}d", write, TICKS, logarithmic=True)
        return [fit(title, size[0]), *curve_chart(curves, axes, (size[0], size[1] - 1))]


def _less(value: float | None, earlier: float | None) -> float | None:
    return None if value is None or earlier is None else value - earlier
