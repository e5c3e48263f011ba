"""Alerts: which fire, in the header's words; what a rule's comparisons read; which panels and rows they are about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from deskmon import format as fmt
from deskmon.components.legs import LegWords, leg_words
from deskmon.components.markets import main_symbols
from deskmon.components.panel import Drill
from deskmon.components.text import JOINT, one_line
from deskmon.events import Alert, Severity
from deskmon.model.view import ModelView

__all__ = [
    "AlertWords",
    "alert_headline",
    "alert_marks",
    "called_about",
    "called_levels",
    "figure_page",
    "firing",
    "mark_words",
    "seen_count",
    "severity_style",
    "undelivered",
]

_GRAVITY = ("page", "warn", "info")
_STYLES: dict[str, str] = {"page": "error bold", "warn": "warn bold", "info": "accent"}
_PANELS: dict[str, tuple[str, ...]] = {
    "prices": ("prices", "symbol", "chart"), "liquidations": ("liquidations",), "waves": ("waves", "wave"),
    "funding": ("funding",), "open_interest": ("open_interest",), "depth": ("depth", "ladder"),
    "options": ("skew", "options", "dvol"), "levels": ("levels",), "flows": ("flows", "flow"), "feeds": ("feeds",),
    "holdings": ("holders",), "metrics": ("context", "metric"), "correlations": ("correlations",),
    "headlines": ("headlines",), "calendar": ("calendar",),
}  # fmt: skip
"""By the state's key, the panels that show its figures."""
_RUNNING = "waves.current."
"""Begins the path of a figure of the wave that runs."""


class AlertWords(msgspec.Struct, frozen=True):
    """An alert in the header's words. `call`: its severity; `rule`: its rule's name, "" where the rule has words of its
    own; `text`: what it says, told anew each minute; `since`: from when on it fires, as `since 14:07`, or no longer
    holds, as `clearing since 14:07`; `more`: how many others fire. is_of_wave: it reads nothing but the wave that
    runs."""

    call: str
    rule: str
    text: str
    since: str
    more: int
    style: str
    is_of_wave: bool = False


def severity_style(severity: Severity | None) -> str:
    """The style of an alert that fires."""
    return _STYLES[severity or "warn"]


def undelivered(model: ModelView, now: int) -> str:
    """Why alerts of the hub reach nobody, in words; "" where they do, or where it sends none."""
    delivery = model.feeds.figures(now).get("alerts")
    if delivery is None or delivery.state == "live":
        return ""
    return f"ALERTS NOT DELIVERED{JOINT}{one_line(delivery.detail or '')}"


def firing(model: ModelView) -> list[Alert]:
    """Rules that fire and call somebody, the gravest first, of these the newest."""
    told = (model.alerts.told(rule) for rule in model.alerts.rules)
    calling = [alert for alert in told if alert is not None and _fires(alert) and alert.mark is None]
    return sorted(calling, key=lambda alert: (_GRAVITY.index(alert.severity or "warn"), -alert.since))


def seen_count(model: ModelView) -> int:
    """How many rules fire that a trader acknowledged or snoozed."""
    told = (model.alerts.told(rule) for rule in model.alerts.rules)
    return sum(each is not None and _fires(each) and each.mark in ("acknowledged", "snoozed") for each in told)


def alert_headline(model: ModelView, now: int, *, with_info: bool = True) -> AlertWords | None:
    """The gravest alert that fires at `now` (ms), with how many more; None where none does. with_info: whether one of
    severity `info` is enough."""
    found = [alert for alert in firing(model) if with_info or alert.severity != "info"]
    if not found:
        return None
    first, severity, legs = found[0], found[0].severity or "warn", [leg_words(leg) for leg in found[0].legs]
    rule, text = one_line(first.rule), one_line(first.text or "")
    is_own = bool(text) and not text.startswith(f"{rule}: ")  # words of who wrote the rule
    deciding = next((words for leg, words in zip(first.legs, legs, strict=True) if leg.met), legs[0] if legs else None)
    clearing = "clearing " if first.state == "clearing" else ""
    return AlertWords(
        call=f"! {severity.upper() if severity == 'page' else severity}", rule="" if is_own else rule,
        text=text.removeprefix(f"{rule}: ") if is_own or deciding is None else deciding.words,
        since=f"{clearing}since {fmt.since(first.since, now)}", more=len(found) - 1, style=_STYLES[severity],
        is_of_wave=bool(legs) and all(leg.figure.startswith(_RUNNING) for leg in legs),
    )  # fmt: skip


def mark_words(alert: Alert, now: int) -> str:
    """Why nobody is called: `acknowledged by ann`, `snoozed 42m ann`, `muted by lost85`, `expired`."""
    if alert.mark is None:
        return ""
    by = one_line(alert.by or "")
    if alert.mark == "snoozed":
        left = "until clear" if alert.until is None else fmt.age(max(0, alert.until - now))
        return f"snoozed {left} {by}".strip()
    return f"{alert.mark} by {by}" if by else alert.mark


def alert_marks(model: ModelView) -> Mapping[str, str]:
    """Names of panels that show what a firing rule is about, each with the style of the gravest one's mark."""
    marks: dict[str, str] = {}
    for alert in reversed(firing(model)):
        for leg in alert.legs:
            for panel in _PANELS.get(leg_words(leg).part, ()):
                marks[panel] = _STYLES[alert.severity or "warn"]
    return marks


def called_about(model: ModelView, part: str) -> Mapping[str, str]:
    """What firing rules are about below a key of the state: assets, feeds, series, each with the style of its mark."""
    return {fmt.base(leg.subject) if "/" in leg.subject else leg.subject: style for leg, style in _called(model, part)}


def called_levels(model: ModelView, asset: str) -> Mapping[float, str]:
    """Prices of the levels that firing rules are about, each with the style of its mark."""
    legs = _called(model, "levels")
    return {leg.place: style for leg, style in legs if leg.place is not None and fmt.base(leg.subject) == asset}


def _called(model: ModelView, part: str) -> Iterator[tuple[LegWords, str]]:
    """Comparisons of firing rules below a key of the state, each with its rule's style, the gravest last."""
    for alert in reversed(firing(model)):
        for leg in map(leg_words, alert.legs):
            if leg.part == part and leg.subject:
                yield leg, _STYLES[alert.severity or "warn"]


def figure_page(leg: LegWords, model: ModelView) -> Drill | None:
    """The page of the figure that a comparison reads."""
    symbol = main_symbols(model.prices.symbols).get(leg.subject, leg.subject)
    if leg.part == "prices" and symbol in model.prices.symbols:
        return Drill("symbol", {"symbol": symbol}, fmt.base(symbol))
    if leg.part == "levels" and leg.place is not None and symbol in model.prices.symbols:
        return Drill("level", {"symbol": symbol, "price": leg.place}, fmt.price(leg.place))
    if leg.part == "levels":
        return Drill("levels", {"symbol": leg.subject}, f"levels {leg.subject}")
    if leg.part == "metrics" and leg.subject:
        return Drill("metric", {"series": leg.subject}, leg.subject)
    if leg.part == "options":
        return Drill("dvol" if "dvol" in leg.figure else "gamma" if "gex" in leg.figure else "skew")
    panels = _PANELS.get(leg.part)
    return Drill(panels[0], {}, panels[0]) if panels else None


def _fires(alert: Alert) -> bool:
    return alert.state in ("firing", "clearing") and alert.scenario is None
