"""Lines of the session log: in words, in colours, and the page behind each."""

from __future__ import annotations

from deskmon import format as fmt
from deskmon.components.headlines import headline_key
from deskmon.components.panel import Drill, Intent, Notify
from deskmon.components.text import JOINT, one_line
from deskmon.model.figures import LogFigure
from deskmon.model.view import ModelView

__all__ = [
    "log_key",
    "log_page",
    "log_style",
    "log_words",
]

_STYLES = {
    "building": "warn bold", "cresting": "warn", "fading": "text", "over": "muted",
    "stale": "stale", "reconnecting": "stale", "down": "error", "live": "ok",
    "firing": "warn bold", "ok": "muted", "unknown": "stale",
}  # fmt: skip


def log_key(line: LogFigure) -> str:
    """What tells a line from all others."""
    return f"{line.ts}/{line.kind}/{line.subject or line.by or ''}/{line.state or ''}/{line.text}"


def log_style(line: LogFigure) -> str:
    """Style of a line's text; what is coloured says so in words."""
    by_kind = {"gaps": "warn", "notes": "accent", "funding": "text", "flows": "text"}
    return by_kind.get(line.kind) or _STYLES.get(line.state or "", "text")


def log_words(line: LogFigure) -> str:
    """A line in words, safe to be shown: of a note and a headline with who said it."""
    text = one_line(line.text)
    if line.by:
        text = f"{one_line(line.by)}: {text}"
    if line.kind == "notes" and line.symbol:
        text += f"{JOINT}{fmt.base(one_line(line.symbol))}"
        text += "" if line.price is None else f" {fmt.price(line.price)}"
    return text


def log_page(line: LogFigure, model: ModelView, now: int) -> Intent | None:
    """The page that tells more of a line, at desk time `now` (ms); None where there is none."""
    subject, symbol = line.subject or "", line.symbol or ""
    match line.kind:
        case "waves":
            return Drill("wave", {"wave": int(subject)}, f"wave {subject}")
        case "levels":
            return Drill("level", {"symbol": symbol, "price": line.price or 0.0}, fmt.price(line.price))
        case "funding":
            return _funding(symbol, model, now)
        case "flows":
            return Drill("flow", {"asset": symbol}, f"{symbol} flows")
        case "headlines":
            return _headline(line, model, now)
        case "notes":
            return Drill("symbol", {"symbol": fmt.base(symbol)}, fmt.base(symbol)) if symbol else None  # all is said
        case "alerts":
            return Drill("alerts", {"filter": subject}, "alerts")
    return Drill("feeds", {"filter": subject}, subject)


def _funding(symbol: str, model: ModelView, now: int) -> Intent:
    known = model.funding.figures(now).get(symbol)
    venue = next(iter(known.venues), "") if known is not None else ""
    return Drill("history", {"series": "funding", "symbol": symbol, "venue": venue}, f"{fmt.base(symbol)} funding")


def _headline(line: LogFigure, model: ModelView, now: int) -> Intent:
    for each in model.headlines.figures(now):
        if each.ts == line.ts and each.source == line.by and each.text.startswith(line.text):
            return Drill("headline", {"key": headline_key(each)}, "headline")
    return Notify("only the newest 200 headlines have a page", "warn")
