"""The chart of one series: funding of a symbol on a venue, or open interest of an asset, of one venue or of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from deskmon.api import DAY, HOUR, Choice, Frame, Line, Panel, Span, fmt, is_stale
from deskmon.components.charts import chart_below, extremes, within
from deskmon.components.markets import main_symbols, symbols_of
from deskmon.components.since import SINCE_DEFINITION, since_phrase
from deskmon.components.text import fit
from deskmon.components.values import rate

Series = Literal["funding", "open_interest"]
WINDOWS = {"24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY, "90d": 90 * DAY}


class History(Panel):
    """How a series went: the line, its newest value, and its extremes with their times."""

    name = "history"
    title = "History"
    topics = frozenset({"funding", "open_interest", "clock"})
    definitions = (
        (
            "funding",
            "8-hour equivalent of the rate: settled ones, each until the next; v: the predictions, each 10 min",
        ),
        ("open interest", "USD, by the hour; the last day of one venue's symbol by the minute"),
        ("high, low", "the highest and lowest value in the window, and when (UTC)"),
        SINCE_DEFINITION,
        ("window", "w, left, right: 24h, 7d, 30d, 90d; a line that begins later is as long as the desk's memory"),
    )

    kind = Choice(
        ("settled", "predicted"), default="", key="v", label="settled", note=None,
        help="Of funding: what was settled, or what was predicted",
    )  # fmt: skip
    window = Choice(tuple(WINDOWS), default="7d", window=True)

    class Options(Panel.Options, frozen=True):
        """series: what is charted; symbol: a unified symbol, of open interest also an asset or `all`, the linked asset
        where empty; venue: its short name, where empty all or, of funding, the first."""

        series: Series = "funding"
        symbol: str = ""
        venue: str = ""

    def heading(self, frame: Frame) -> str:
        what = self._what(frame)
        return what[0].upper() + what[1:]

    def note_parts(self, frame: Frame) -> Iterable[str]:
        unit = (self._shown_kind(frame), "8 h") if self._is_funding else ("USD",)
        return (*unit, *super().note_parts(frame))

    def oldest(self, frame: Frame) -> int | None:
        symbol, venue = self._subject(frame)
        if self._is_funding:
            figure = frame.model.funding.figures(frame.now).get(symbol)
            return figure.venues[venue].age_ms if figure and venue in figure.venues else None
        points = self._points(frame)
        return frame.model.open_interest.age(frame.now, points[-1][0]) if points else None

    def draw(self, frame: Frame) -> Sequence[Line]:
        span = (frame.now - WINDOWS[self.window], frame.now)
        points = within(self._points(frame), *span)
        if not points:
            return [fit([(self._nothing(frame), "muted")], frame.width)][: frame.height]
        hold = 9 * HOUR if self._is_funding else 2 * HOUR
        size = (frame.width, frame.height)
        return chart_below([self._headline(points, frame)], points, span, size, self._write, hold_ms=hold)

    @property
    def _is_funding(self) -> bool:
        return self.options.series == "funding"

    def _what(self, frame: Frame) -> str:
        words = ("funding" if self._is_funding else "open interest", *self._subject(frame))
        return " ".join(word for word in words if word)

    def _subject(self, frame: Frame) -> tuple[str, str]:
        """(symbol or asset, venue) of the series."""
        symbol, venue = self.options.symbol or frame.symbol, self.options.venue
        if not self._is_funding:
            return symbol, venue
        figures = frame.model.funding.figures(frame.now)
        if symbol not in figures:
            symbol = main_symbols(figures).get(fmt.base(symbol), symbol)
        if not venue and symbol in figures:
            venue = next(iter(figures[symbol].venues))
        return symbol, venue

    @kind.shown
    def _shown_kind(self, frame: Frame) -> str:
        """The one chosen; at first what was settled, where anything was."""
        if self.kind:
            return self.kind
        return "settled" if frame.model.funding.settled(*self._subject(frame)) else "predicted"

    def _points(self, frame: Frame) -> Sequence[tuple[int, float]]:
        symbol, venue = self._subject(frame)
        if self._is_funding:
            funding = frame.model.funding
            settled = self._shown_kind(frame) == "settled"
            return funding.settled(symbol, venue) if settled else funding.predicted(symbol, venue)
        known = frame.model.open_interest.figures(frame.now)
        symbols = list(known) if symbol == "all" else [symbol] if symbol in known else symbols_of(symbol, known)
        return frame.model.open_interest.history(symbols, venue or None)

    def _nothing(self, frame: Frame) -> str:
        what = self._what(frame)
        if self._is_funding:
            return f"no {self._shown_kind(frame)} {what} in {self.window} yet"
        return f"no {what} in {self.window} yet"

    def _write(self, value: float) -> str:
        return fmt.fraction(value, 4, plus=True) if self._is_funding else fmt.amount(value)

    def _headline(self, points: Sequence[tuple[int, float]], frame: Frame) -> Sequence[Span]:
        ts, newest = points[-1]
        topic = self.options.series
        style = rate(newest)[1] if self._is_funding else "sum"
        settled = self._is_funding and self._shown_kind(frame) == "settled"
        style = (
            "stale"
            if not settled and is_stale(topic, frame.model.open_interest.age(frame.now, ts))
            else f"{style} flash"
        )
        low, high = extremes(points)
        parts = [(self._write(newest), style), (f"at {fmt.moment(ts, frame.now)}", "muted")]
        if not self._is_funding and newest != high[1]:
            fallen = fmt.percent((newest / high[1] - 1) * 100, 1)
            parts.append((f"{fallen} from {self._write(high[1])} on {fmt.date(high[0])}", "text"))
            parts.append((f"low {self._write(low[1])} on {fmt.date(low[0])}", "muted"))
        else:
            parts += ((f"{name} {self._write(value)} on {fmt.date(at)}", "muted")
                      for name, (at, value) in (("high", high), ("low", low)))  # fmt: skip
        parts.append((self._since(frame), "accent"))
        return fit([part for part in parts if part[0]], frame.width)

    def _since(self, frame: Frame) -> str:
        """Since when the mean, or the sum over the venues, was not so extreme."""
        symbol, venue = self._subject(frame)
        if self._is_funding:
            funding = frame.model.funding.figures(frame.now).get(symbol)
            words = "" if funding is None else since_phrase(funding.since)
            return f"mean of venues {words}" if words else ""
        known = frame.model.open_interest.figures(frame.now)
        symbols = list(known) if symbol == "all" else [symbol] if symbol in known else symbols_of(symbol, known)
        total = None if venue else frame.model.open_interest.together(symbols, frame.now)
        return "" if total is None else since_phrase(total.since)
