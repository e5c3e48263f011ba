"""Funding: assets by venue; what is predicted, what was settled, what seven days cost; each in one unit at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deskmon.api import Cell, Choice, Column, Drill, Frame, Intent, Row, Section, TablePanel, figures, fmt, following
from deskmon.components import carry
from deskmon.components.alerts import called_about
from deskmon.components.carry import Rate, VenueOrder, funding_is_stale, rates_by_asset
from deskmon.components.figure_words import figure_paths
from deskmon.components.markets import main_symbols
from deskmon.components.proposals import proposal
from deskmon.components.sections import only_words
from deskmon.components.since import SINCE_DEFINITION, since_cell, since_column
from deskmon.components.values import rate

VIEWS: tuple[str, ...] = ("predicted", "settled", "7 d", "streak", "next")
UNITS: tuple[str, ...] = ("8h", "apr", "rate")
LABELS = {"8h": "8 h equivalent", "apr": "APR", "rate": "own interval"}
WEEK_HOURS = 168.0


class Funding(TablePanel):
    """What it costs to hold a perpetual, venue beside venue."""

    name = "funding"
    title = "Funding"
    topics = frozenset({"funding", "open_interest", "clock"})
    min_interval_ms = 5_000
    unit = Choice(UNITS, key="u", help="8-hour equivalent, APR, or the rate per the symbol's own interval", note=None)
    view = Choice(VIEWS, key="v", help="Predicted, last settled, 7 days realised, streak, time to the next", note=None)
    definitions = (
        (
            "order",
            "assets by open interest in USD, the most held first, until s sorts; venues as first shown",
        ),
        ("+, −", "above 0 longs pay shorts, below 0 shorts pay longs"),
        ("8 h equivalent", "rate × 8 / interval in hours, so that venues with 1, 4 and 8 h compare"),
        ("APR", "rate × 8760 / interval in hours, without compounding"),
        ("own interval", "the rate as the venue has it, and the hours of its interval"),
        ("predicted", "what the venue expects to settle next; settled: the newest that it did settle"),
        ("7 d", "what was settled in 7 days: own interval, the sum; 8 h and APR, its mean; — where some are missing"),
        (
            "mean",
            "of 8-hour equivalents over venues, weighted by open interest in USD; without it a venue doesn't count",
        ),
        ("spread", "the highest less the lowest venue, and which they are"),
        ("neutral", "closer to 0 than 0.005 % per 8 h: without colour, and in words by the mean"),
        ("streak", "settled intervals of one sign, newest back, times their length: −3 × 8h, three below zero"),
        ("below 0", "the venue's streak that is below zero for longest; no: none is; — nothing settled is known"),
        ("next", "time until the next funding; the soonest of the venues"),
        SINCE_DEFINITION,
        ("▾", "left, right: the venue whose cell Enter charts"),
    )

    def __init__(self, options: Any = None) -> None:
        super().__init__(options)
        self._view = self.view
        self._venue = ""
        self._venue_order = VenueOrder()

    def note_parts(self, frame: Frame) -> Iterable[str]:
        self._view = self._known_view(frame)
        view = {"next": "time to the next", "7 d": "7 d realised"}.get(self._view, self._view)
        return view, LABELS[self.unit] if self._rates else ""

    def sections(self, frame: Frame) -> Sequence[Section]:
        rates = rates_by_asset(frame.model, frame.now)
        self._view = self._known_view(frame)
        venues = self._venues(rates, frame)
        if not venues:
            return only_words("waiting for the first funding rate")
        return (Section("funding", self._columns(venues), self._rows(rates, frame)),)

    def marked(self, frame: Frame) -> Mapping[str, str]:
        return called_about(frame.model, "funding")

    def proposes(self, frame: Frame) -> str:
        row = self.selected(frame)
        symbol = None if row is None else main_symbols(frame.model.prices.symbols).get(row.key)
        figure = None if symbol is None else frame.model.funding.figures(frame.now).get(symbol)
        mean = None if figure is None else figure.mean_8h
        return "" if row is None else proposal("funding", row.key, "mean_8h", mean, is_above=(mean or 0) > 0)

    def compares(self, frame: Frame) -> Sequence[str]:
        known = frame.model.funding.figures(frame.now)
        main = {asset: known[symbol] for asset, symbol in main_symbols(known).items()}
        venues = [
            path for asset, figure in main.items()
            for path in figure_paths(f"{figure_paths('funding', (asset,), 'venues')[0]}", figure.venues, "rate_8h")
        ]  # fmt: skip
        return [*figure_paths("funding", main, "mean_8h"), *venues]

    def open(self, row: Row, frame: Frame) -> Intent | None:
        venues = rates_by_asset(frame.model, frame.now).get(row.key, {})
        venue = self._venue if self._venue in venues else next(iter(venues), "")
        if not venue:
            return None
        options = {"series": "funding", "symbol": venues[venue].symbol, "venue": venue}
        return Drill("history", options, f"{row.key} {venue}")

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        venues = self._venues(rates_by_asset(frame.model, frame.now), frame)
        self._venue = following(venues, self._venue, step) if venues else ""
        return None

    @view.shown
    def _known_view(self, frame: Frame) -> str:
        """What was settled in place of predictions where there are none."""
        rates = rates_by_asset(frame.model, frame.now)
        funding = [held.funding for venues in rates.values() for held in venues.values()]
        unpredicted = bool(funding) and all(each.rate is None for each in funding)
        return "settled" if unpredicted and self.view == "predicted" else self.view

    @property
    def _rates(self) -> bool:
        """Whether the view shows rates, which have a unit."""
        return self._view not in ("streak", "next")

    def _venues(self, rates: Mapping[str, Mapping[str, Rate]], frame: Frame) -> list[str]:
        """All venues, the one with the most open interest first; the chosen one stays chosen while it is there."""
        pairs = ((venue, held.symbol) for venues in rates.values() for venue, held in venues.items())
        venues = self._venue_order.of(frame.model, pairs)
        if self._venue not in venues:
            self._venue = venues[0] if venues else ""
        return venues

    def _columns(self, venues: Sequence[str]) -> list[Column]:
        columns = [Column("asset", "asset", 8, least=7, most=10, order="up")]
        for number, venue in enumerate(venues):
            chosen = venue == self._venue
            label, style = (f"▾{venue}", "accent") if chosen else (venue, "label")
            priority = 1 if chosen else 3 + number
            columns.append(Column(self._id(venue), label, 8, "right", priority, order="down", style=style, name=venue))
        if self._rates:
            of_8h = " 8h" if self.unit == "rate" else ""
            columns += (
                Column(self._id("mean"), f"mean{of_8h}", 8, "right", 2, order="down", name="mean"),
                Column(self._id("spread"), f"spread{of_8h}", 7, "right", 6, order="down", name="spread"),
                Column("between", "lowest – highest", 25, priority=21),
                Column("pays", "who pays", 11, priority=20),
            )
        if self._view == "predicted":
            columns += (
                Column("below", "below 0", 8, "right", 18, order="up"),
                Column("next", "next", 4, "right", 17),
                Column("age", "age", 4, "right", 19),
                since_column(24),
            )
        return columns

    def _id(self, name: str) -> str:
        """Columns of another unit are other columns: they need other widths."""
        return f"{name}/{self.unit if self._rates else self._view}"

    def _rows(self, rates: Mapping[str, Mapping[str, Rate]], frame: Frame) -> Iterable[Row]:
        for asset, venues in rates.items():
            known = [held.funding for held in venues.values()]
            live = [funding.age_ms for funding in known if not funding_is_stale(funding)]
            cells: dict[str, Cell] = {"asset": (asset, "text")}
            sort: dict[str, float | str | None] = {"asset": asset}
            for venue, held in venues.items():
                text, style = self._cell(held.funding, frame.now)
                cells[self._id(venue)] = text, "stale" if funding_is_stale(held.funding) else style
                sort[self._id(venue)] = self._order(held.funding)
            if self._rates:
                self._summary(venues, cells, sort, frame)
            if self._view == "predicted":
                streaks = [funding for funding in known if funding.streak is not None]
                below = min(streaks, key=_time_below, default=None)
                due = [funding.next_ts - frame.now for funding in known if funding.next_ts is not None]
                cells["below"] = _below(below)
                cells["next"] = (fmt.age(max(0, min(due)) if due else None), "muted")
                cells["since"] = self._since(venues, frame)
                cells["age"] = (fmt.age(max(live or [funding.age_ms for funding in known])), "faint")
                sort["below"] = None if below is None else _time_below(below)
            age = max(live) if live else min(funding.age_ms for funding in known)
            yield Row(asset, cells, sort, age, not live, text=f"{asset} {' '.join(venues)}")

    def _since(self, venues: Mapping[str, Rate], frame: Frame) -> Cell:
        """Since when the mean of the asset's main symbol was not so extreme."""
        symbol = main_symbols(rate.symbol for rate in venues.values()).popitem()[1]
        figure = frame.model.funding.figures(frame.now)[symbol]
        return since_cell(frame.now, (figure.since, ("highest", "lowest")))

    def _cell(self, funding: figures.VenueFunding, now: int) -> Cell:
        if self._view == "streak":
            return _streak(funding)
        if self._view == "next":
            return fmt.age(None if funding.next_ts is None else max(0, funding.next_ts - now)), "text"
        held = self._held(funding)
        if held is None:
            return fmt.UNKNOWN, "faint"
        value, hours = held
        text, style = self._write(carry.rate_8h(value, hours))
        if self.unit == "rate":
            text = fmt.fraction(value, 4, plus=True) + ("" if self._view == "7 d" else f"/{hours:g}h")
        return text, f"{style} flash"

    def _order(self, funding: figures.VenueFunding) -> float | None:
        if self._view == "streak":
            return funding.streak
        if self._view == "next":
            return funding.next_ts
        held = self._held(funding)
        return None if held is None else carry.rate_8h(*held)

    def _held(self, funding: figures.VenueFunding) -> tuple[float, float] | None:
        """(rate, hours it is for) of the view; None where it isn't known."""
        if self._view == "predicted":
            known = funding.rate is not None and funding.interval_hours is not None
            return (funding.rate, funding.interval_hours) if known else None  # type: ignore[return-value]
        if self._view == "settled":
            known = funding.settled is not None and funding.settled_hours is not None
            return (funding.settled, funding.settled_hours) if known else None  # type: ignore[return-value]
        return None if funding.realised_7d is None else (funding.realised_7d, WEEK_HOURS)

    def _write(self, value_8h: float | None) -> tuple[str, str]:
        """An 8-hour rate in the unit, quiet where it is neutral."""
        if value_8h is None:
            return fmt.UNKNOWN, "faint"
        in_unit, digits = (carry.apr(value_8h, 8), 1) if self.unit == "apr" else (value_8h, 4)
        style = "muted" if carry.is_neutral(value_8h) else rate(in_unit, digits)[1]
        return fmt.fraction(in_unit, digits, plus=True), style

    def _summary(
        self, venues: Mapping[str, Rate], cells: dict[str, Cell], sort: dict[str, float | str | None], frame: Frame
    ) -> None:
        """Mean and spread of the view's rates, and who pays by the mean; of venues that still tell theirs."""
        live = {venue: rate.funding for venue, rate in venues.items() if not funding_is_stale(rate.funding)}
        held = {venue: self._held(funding) for venue, funding in live.items()}
        values = {venue: carry.rate_8h(*pair) for venue, pair in held.items() if pair is not None}
        weights = {
            venue: frame.model.open_interest.weights(rate.symbol).get(venue, 0.0) for venue, rate in venues.items()
        }
        mean, spread = carry.weighted_mean(values, weights), carry.widest(values)
        text, style = self._write(mean)
        cells[self._id("mean")] = (text, f"{style} flash bold")
        sort[self._id("mean")] = mean
        if mean is not None:
            cells["pays"] = _payer(mean)
        if spread is not None:
            low, high, width = spread
            cells[self._id("spread")] = (self._write(width)[0].lstrip("+"), "text")
            cells["between"] = (f"{low} – {high}", "muted")
            sort[self._id("spread")] = width


def _hours(funding: figures.VenueFunding) -> float:
    """Hours between two settlements; where nobody told, the usual eight."""
    return funding.settled_hours or funding.interval_hours or 8.0


def _time_below(funding: figures.VenueFunding) -> float:
    """Hours for which the venue has settled below zero, negative; 0 where its newest rate wasn't."""
    return min(0, funding.streak or 0) * _hours(funding)


def _below(funding: figures.VenueFunding | None) -> Cell:
    """The streak of the venue that is below zero for longest; None where no streak is known."""
    if funding is None:
        return fmt.UNKNOWN, "faint"
    return _streak(funding) if _time_below(funding) < 0 else ("no", "faint")


def _streak(funding: figures.VenueFunding) -> Cell:
    """How many intervals of one sign were settled in a row, and how long each is: −3 × 8h."""
    if funding.streak is None:
        return fmt.UNKNOWN, "faint"
    count = f"{funding.streak:+}".replace("-", fmt.MINUS)
    return f"{count} × {_hours(funding):g}h", "down" if funding.streak < 0 else "text"


def _payer(mean_8h: float) -> Cell:
    if carry.is_neutral(mean_8h):
        return "neutral", "muted"
    return ("longs pay", "text") if mean_8h > 0 else ("shorts pay", "text")
