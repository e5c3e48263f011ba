"""What an alert says: the rule's own text with its placeholders filled, or its legs with what they read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeGuard

from deskmon import format as fmt
from deskmon.alerts.judging import Judged
from deskmon.alerts.legs import Leg, Value
from deskmon.alerts.reading import Read
from deskmon.alerts.rules import Rule
from deskmon.errors import UsageError
from deskmon.events import MAX_TEXT
from deskmon.model.figure_path import FigurePath, parse

MOST_DIGITS = 12
"""Digits behind the point that tell a value from its threshold; two that are closer are as good as equal."""
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


def beside_its_threshold(value: Value | None, leg: Leg) -> str:
    """A value that a leg read, in as many digits as it takes not to look like a threshold that it isn't: 99.97 beside
    100, not 100."""
    unit, told = leg_unit(leg), written(value, leg_unit(leg))
    if not _is_number(value) or value in leg.operands:
        return told
    others = [other for other in leg.operands if _is_number(other)]
    alike = {written(other, unit) for other in others}
    for digits in range(MOST_DIGITS):
        if told not in alike:
            break
        told, alike = _exact(value, unit, digits), {_exact(other, unit, digits) for other in others}
    return told


def _is_number(value: Value | None) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _exact(value: float, unit: str, digits: int) -> str:
    """A number with so many digits behind the point, of shares and percentages behind those that they have."""
    if unit == "fraction":
        return fmt.percent(value * 100, 4 + digits)
    if unit == "%":
        return fmt.percent(value, 2 + digits)
    if unit == "ms":
        return f"{value / 1000:,.{digits}f}s"
    return f"{value:,.{digits}f}".replace("-", fmt.MINUS)


def text_of(rule: Rule, state: str, judged: Sequence[Judged], deciding: int | None, read: Read, now: int) -> str:
    """What a message about `rule` says at desk time `now` (ms); `deciding` is the place of the leg that decided."""
    if state == "unknown":
        missing = [leg.text for leg, each in zip(rule.legs, judged, strict=True) if each.met is None]
        return f"{rule.name}: can't tell whether {'; '.join(missing)}"[:MAX_TEXT]
    if rule.text is None:
        shown = [index for index, each in enumerate(judged) if each.met] or range(len(judged))
        legs = (f"{rule.legs[at].text} (now {beside_its_threshold(judged[at].value, rule.legs[at])})" for at in shown)
        return f"{rule.name}: {'; '.join(legs)}"[:MAX_TEXT]
    value = None if deciding is None else beside_its_threshold(judged[deciding].value, rule.legs[deciding])
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
