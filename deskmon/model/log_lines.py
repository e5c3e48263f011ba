"""One line of the session log from what happened, in words: the text says all, the other fields are for filters."""

from __future__ import annotations

from typing import Any

from deskmon import format as fmt
from deskmon.events import Alert, FeedStatus, Gap, Headline, Level, Note
from deskmon.model.figures import FlowFigure, LogFigure, LogKind, WaveFigure
from deskmon.model.part import stamp

WORDS = {"ok": "is over", "unknown": "can't be told"}
"""States of an alert in words, where they aren't words themselves."""

LONGEST = 500
"""Characters of a line's text."""


def of_wave(wave: WaveFigure, ts: int) -> LogFigure:
    """A wave came into its present state at `ts` (ms)."""
    bound = fmt.AT_LEAST if wave.lower_bound else ""
    lasted = fmt.duration_words((ts if wave.end is None else wave.end) - wave.start)
    words = [
        f"wave {wave.id} {wave.state}",
        f"{bound}${fmt.amount(wave.usd)} in {lasted}",
        f"{fmt.fraction(wave.long_share)} long",
    ]
    if wave.price_move_pct is not None:
        words.append(f"{wave.lead} {fmt.percent(wave.price_move_pct)}")
    return _line(ts, "waves", ", ".join(words), symbol=wave.lead, subject=str(wave.id), state=wave.state, usd=wave.usd)


def of_level(event: Level) -> LogFigure:
    """A level changed its status with a close."""
    zone = f"{fmt.price(event.low)}–{fmt.price(event.high)}" if event.low < event.high else fmt.price(event.price)
    name = f" ({event.label})" if event.label else ""
    text = (
        f"{fmt.base(event.symbol)} {zone}{name} {event.status}, now {event.kind}, "
        f"{event.timeframe} close {fmt.price(event.close)}"
    )
    return _line(event.ts, "levels", text, symbol=event.symbol, price=event.price, subject=event.id, state=event.status)


def of_funding(symbol: str, mean_8h: float, ts: int) -> LogFigure:
    """The mean funding of a symbol, weighted by open interest, has changed its sign."""
    sign = "positive" if mean_8h > 0 else "negative"
    text = f"{fmt.base(symbol)} funding {sign}, mean {fmt.percent(mean_8h * 100, 4)} per 8 h"
    return _line(ts, "funding", text, symbol=symbol, subject=symbol, state=sign)


def of_flow(asset: str, flow: FlowFigure) -> LogFigure:
    """What the funds of an asset reported of their newest day so far."""
    doubt = ", preliminary" if flow.preliminary else ""
    text = (
        f"{asset} funds {fmt.amount(flow.day_usd, plus=True)} USD on {flow.date}, "
        f"{flow.reported} of {flow.expected} funds{doubt}"
    )
    return _line(flow.ts, "flows", text, symbol=asset, subject=f"{asset} {flow.date}", usd=flow.day_usd)


def of_feed(status: FeedStatus) -> LogFigure:
    """A feed has another state."""
    text = f"{status.feed} {status.state}" + (f": {status.detail}" if status.detail else "")
    return _line(stamp(status), "feeds", text, subject=status.feed, state=status.state)


def of_gap(gap: Gap) -> LogFigure:
    """Something was missed."""
    what = "everything" if gap.channel == "all" else gap.channel
    of = "" if gap.venue == gap.feed else f" of {gap.venue}"
    lost = f", {gap.dropped:,} events" if gap.dropped else ""
    text = f"{gap.feed} missed {what}{of} for {fmt.age(gap.until - gap.since)}{lost}"
    return _line(gap.until, "gaps", text, subject=gap.feed)


def of_alert(alert: Alert) -> LogFigure:
    """A rule fires, is over, can't be told, or was marked by a trader."""
    is_marked = alert.mark in ("acknowledged", "snoozed")
    state = str(alert.mark) if is_marked else alert.state
    muted = f", muted by {alert.by}" if alert.mark == "muted" and alert.by else ""
    words = (alert.text or ", ".join(leg.text for leg in alert.legs)).removeprefix(f"{alert.rule}: ")
    text = f"{alert.rule} {WORDS.get(state, state)}{muted}" + (f": {words}" if words and state == "firing" else "")
    by = alert.by if is_marked else None
    return _line(stamp(alert), "alerts", text, subject=alert.rule, state=state, by=by)


def of_headline(event: Headline) -> LogFigure:
    """A line of news."""
    return _line(stamp(event), "headlines", event.text, by=event.source)


def of_note(event: Note) -> LogFigure:
    """What a trader noted."""
    price = None if event.price is None else float(event.price)
    return _line(stamp(event), "notes", event.text, by=event.by, symbol=event.symbol, price=price)


def _line(ts: int, kind: LogKind, text: str, **fields: Any) -> LogFigure:
    return LogFigure(ts=ts, kind=kind, text=text[:LONGEST], **fields)
