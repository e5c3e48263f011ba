"""What an alert says: the rule's own text with its placeholders filled, or its legs with what they read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deskmon import format as fmt
from deskmon.alerts.judging import Judged
from deskmon.alerts.legs import Leg, Value
from deskmon.alerts.reading import Read
from deskmon.alerts.rules import Rule
from deskmon.errors import UsageError
from deskmon.events import MAX_TEXT
from deskmon.model.figure_path import FigurePath, parse

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
OWN = ("value", "rule", "state")
"""Placeholders that are no figures."""


def written(value: Value | None, unit: str) -> str:
    """A value as people write it: fractions as percent, ages short, dollars to three figures."""
    if value is None:
        return fmt.UNKNOWN
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "".join(char if char.isprintable() else " " for char in value)
    if unit == "fraction":
        return fmt.percent(value * 100, 4)
    if unit == "%":
        return fmt.percent(value)
    if unit == "ms":
        return fmt.age(value)
    if unit in ("USD", "coins", "count", "bytes") or abs(value) >= 1e6:
        return fmt.amount(value)
    text = fmt.price(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def leg_unit(leg: Leg) -> str:
    """The unit of what a leg compares."""
    return "%" if leg.change == "change_pct" else leg.path.unit


def text_of(rule: Rule, state: str, judged: Sequence[Judged], deciding: int | None, read: Read, now: int) -> str:
    """What a message about `rule` says at desk time `now` (ms); `deciding` is the place of the leg that decided."""
    if state == "unknown":
        missing = [leg.text for leg, each in zip(rule.legs, judged, strict=True) if each.met is None]
        return f"{rule.name}: can't tell whether {'; '.join(missing)}"[:MAX_TEXT]
    if rule.text is None:
        shown = [index for index, each in enumerate(judged) if each.met] or range(len(judged))
        legs = (f"{rule.legs[at].text} (now {written(judged[at].value, leg_unit(rule.legs[at]))})" for at in shown)
        return f"{rule.name}: {'; '.join(legs)}"[:MAX_TEXT]
    value = None if deciding is None else written(judged[deciding].value, leg_unit(rule.legs[deciding]))
    own = {"value": value or fmt.UNKNOWN, "rule": rule.name, "state": state}

    def filled(match: re.Match[str]) -> str:
        name = match[1]
        if name in own:
            return own[name]
        path = figure(name)
        if path is None:
            return match[0]
        value, at_least, _ = read(path, now)
        return (fmt.AT_LEAST if at_least else "") + written(value, path.unit)

    return PLACEHOLDER.sub(filled, rule.text)[:MAX_TEXT]


def figure(name: str) -> FigurePath | None:
    """The figure that a placeholder names; None where it is none."""
    try:
        return parse(name)
    except UsageError:
        return None
