"""Alerts: how each rule stands, what its comparisons read, and how far they are from what they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deskmon.api import (
    AcknowledgeAlert,
    Cell,
    Column,
    Frame,
    Intent,
    Notify,
    Row,
    Section,
    SnoozeAlert,
    TablePanel,
    action,
    events,
    fmt,
)
from deskmon.components.alerts import figure_page, mark_words, severity_style
from deskmon.components.legs import MET, leg_words
from deskmon.components.text import JOINT, one_line, shorten

GROUPS = (
    ("firing", ("firing", "clearing")),
    ("pending", ("pending",)),
    ("can't tell", ("unknown",)),
    ("quiet", ("ok",)),
)
GRAVITY = ("page", "warn", "info")
MOST_VALUE = 14
"""Cells of a value: a status is a word, but a rule may read any text."""
SIGNS = {"firing": "!", "clearing": "▽", "pending": "◌", "unknown": "?", "ok": "·"}
EMPTY = """no rule has been judged yet
a rule in deskmon.toml: [alerts.rules.lost85] when = "prices.BTC.last < 85000"
A on a price, a level, funding or skew proposes one"""


class Alerts(TablePanel):
    """Firing, pending, unknown and quiet rules."""

    name = "alerts"
    title = "Alerts"
    topics = frozenset({"alerts", "clock"})
    has_live_figures = False
    definitions = (
        ("firing", "! it holds, and people are called; ▽ clearing: it no longer holds, but isn't over yet"),
        ("pending", "◌ it holds, but not for as long as `for` asks"),
        ("can't tell", "? a figure isn't known: missing, stale, or its window has a gap; no state moves meanwhile"),
        ("✓ ✗ ?", "a comparison holds, doesn't hold, can't be told"),
        ("away", "from the value to the threshold: percent of the value; of changes and percentages in their own unit"),
        ("since", "from when (UTC) the rule is in its state, and the comparison holds, doesn't hold, or can't be told"),
        ("a, x", "acknowledge: seen, the headline steps back; snooze: still for some time, or until it clears"),
    )

    def sections(self, frame: Frame) -> Sequence[Section]:
        told = [alert for rule in frame.model.alerts.rules if (alert := frame.model.alerts.told(rule)) is not None]
        rules = [alert for alert in told if alert.scenario is None]
        if not rules:
            return (Section("alerts", (), (), EMPTY),)
        sections = []
        for label, states in GROUPS:
            members = sorted((alert for alert in rules if alert.state in states), key=_order)
            columns = _columns(f"{label} {len(members)}")
            rows = [row for alert in members for row in _rows(alert, label == "quiet", frame.now)]
            if rows:
                sections.append(Section(label, columns, rows))
        return sections

    def note_parts(self, frame: Frame) -> Iterable[str]:
        delivery = frame.model.feeds.figures(frame.now).get("alerts")
        return ("" if delivery is None else one_line(delivery.detail or ""),)

    def open(self, row: Row, frame: Frame) -> Intent | None:
        alert = frame.model.alerts.told(row.key)
        legs = [] if alert is None else [leg for leg in alert.legs if leg.met] or list(alert.legs)
        pages = [page for leg in legs if (page := figure_page(leg_words(leg), frame.model)) is not None]
        return pages[0] if pages else Notify("its figures have no page", "warn")

    @action("ack", key="a", help="Acknowledge the alert under the cursor: you saw it")
    def acknowledge(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        alert = None if row is None else frame.model.alerts.told(row.key)
        if alert is None or alert.state not in ("firing", "clearing"):
            return Notify("only what fires is acknowledged", "warn")
        return AcknowledgeAlert(alert.rule)

    @action("snooze", key="x", help="Keep the alert under the cursor still: for some time, or until it clears")
    def snooze(self, frame: Frame) -> Intent | None:
        row = self.selected(frame)
        return Notify("no alert to snooze", "warn") if row is None else SnoozeAlert(row.key)


def _order(alert: events.Alert) -> tuple[bool, int, int]:
    """Those that call before the others, the gravest first, of these the newest."""
    return alert.mark is not None, GRAVITY.index(alert.severity or "warn"), -alert.since


def _columns(label: str) -> tuple[Column, ...]:
    return (
        Column("rule", label, 34, least=24, most=64, name="rule"),
        Column("value", "value", 9, "right", 1),
        Column("threshold", "threshold", 9, "right", 6),
        Column("away", "away", 7, "right", 3),
        Column("since", "since", 6, "right", 2),
        Column("severity", "call", 4, priority=4),
    )


def _rows(alert: events.Alert, is_quiet: bool, now: int) -> Iterable[Row]:
    """The rule, and below it its comparisons; of a quiet rule the first one beside it."""
    is_firing = alert.state in ("firing", "clearing")
    style = severity_style(alert.severity) if is_firing and alert.mark is None else "muted" if is_quiet else "text"
    label = JOINT.join(filter(None, (f"{SIGNS[alert.state]} {one_line(alert.rule)}", mark_words(alert, now))))
    cells: dict[str, Cell] = {
        "rule": (label, style),
        "since": (fmt.since(alert.since, now), "muted"),
        "severity": (alert.severity or "", "muted"),
    }
    text = f"{alert.rule} {alert.state} {alert.severity} {alert.mark or ''} {' '.join(leg.text for leg in alert.legs)}"
    if is_quiet and len(alert.legs) == 1:
        comparison = leg_words(alert.legs[0]).comparison
        if comparison.startswith("crosses"):  # a value beyond the threshold, at rest, would seem to contradict itself
            cells["rule"] = (f"{label}{JOINT}{comparison}", style)
        yield Row(alert.rule, _leg_cells(alert.legs[0], now) | cells, text=text)
        return
    yield Row(alert.rule, cells, text=text)
    for number, leg in enumerate(alert.legs):
        yield Row(f"{alert.rule} {number}", _leg_cells(leg, now), text=text, continues=True)


def _leg_cells(leg: events.LegReading, now: int) -> dict[str, Cell]:
    sign, style = MET[leg.met]
    words = leg_words(leg)
    return {
        "rule": (f"  {sign} {one_line(words.text)}", style),
        "value": (shorten(words.value, MOST_VALUE), "text flash"),
        "threshold": (words.threshold if words.away else "", "muted"),
        "away": (words.away, "text"),
        "since": ("" if leg.since is None else fmt.since(leg.since, now), "muted"),
    }
