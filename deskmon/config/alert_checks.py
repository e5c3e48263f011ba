"""What is wrong with rules, scenarios and trial runs: figures and names that don't exist, and what could never fire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from deskmon.alerts.settings import (
    MOST_COMPARISONS,
    MOST_RULES,
    AlertTest,
    Condition,
    RuleSettings,
    ScenarioSettings,
    is_rule_name,
    moment,
)
from deskmon.clock import wall_ms
from deskmon.config.findings import Findings, Path, shown, suggestion
from deskmon.errors import UsageError

if TYPE_CHECKING:
    from deskmon.alerts.legs import Leg

_EXAMPLES = {
    "pin": {"symbol": "BTC", "price": "1"}, "asset": {"asset": "BTC"}, "feed": {"feed": "binance"},
}  # fmt: skip
"""What stands for the words of a template's legs while they are judged."""
_LEDGERS = frozenset({"flows", "holdings", "headlines", "calendar"})


def check_alerts(data: Mapping[str, Any], findings: Findings, now: Callable[[], int] = wall_ms) -> None:
    """Report what is wrong with `[alerts.rules]`, `[scenarios]` and `[[tests]]` of the merged `data` at the time `now`
    (ms)."""
    rules = _table(_table(data, "alerts"), "rules")
    for name, rule in rules.items():
        path: Path = ("alerts", "rules", name)
        settings = _read(rule, RuleSettings, path, findings)
        _check_name(name, path, findings)
        if settings is not None and settings.enabled:
            _check_condition(settings, path, _EXAMPLES.get(settings.each or "", {}), findings)
            _check_rule(settings, path, name, rules, findings)
            if settings.expires is not None and moment("expires", settings.expires) <= now():
                findings.warn((*path, "expires"), f"has expired: {settings.expires} is past, so it never fires")
        elif settings is None:
            _check_legs(rule, path, findings)
    scenarios = _table(data, "scenarios")
    for kind, paths in scenarios.items():
        _check_name(kind, ("scenarios", kind), findings)
        for name, scenario in paths.items() if isinstance(paths, dict) else ():
            path = ("scenarios", kind, name)
            _check_name(name, path, findings)
            condition = _read(scenario, ScenarioSettings, path, findings)
            if condition is not None:
                _check_condition(condition, path, {}, findings)
            else:
                _check_legs(scenario, path, findings)
    _check_count(rules, scenarios, findings)
    known = [*rules, *(f"scenarios.{kind}.{name}" for kind, paths in scenarios.items() for name in paths)]
    tests = data.get("tests")
    for index, test in enumerate(tests if isinstance(tests, list) else ()):
        read = _read(test, AlertTest, ("tests", index), findings)
        if read is not None:
            _check_test(read, ("tests", index), known, findings)


def _check_count(rules: Mapping[str, Any], scenarios: Mapping[str, Any], findings: Findings) -> None:
    """Report more than may be judged; a template counts as one."""
    paths = [path for each in scenarios.values() if isinstance(each, dict) for path in each.values()]
    counted = [each for each in (*rules.values(), *paths) if isinstance(each, dict) and each.get("enabled", True)]
    texts = {text for each in counted for _, text in _texts(each)}
    for count, most, what in (
        (len(counted), MOST_RULES, "rules and paths of scenarios"), (len(texts), MOST_COMPARISONS, "comparisons"),
    ):  # fmt: skip
        if count > most:
            findings.error(
                ("alerts", "rules"),
                f"{count:,} {what} are more than the {most} that may be judged, which takes up to 2 % of a core; "
                "enabled = false takes a rule out",
            )


def _texts(condition: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The legs of a table of any shape with their places."""
    for key in ("when", "clear"):
        if isinstance(text := condition.get(key), str):
            yield (*path, key), text
    for key in ("all", "any", "not"):
        texts = condition.get(key)
        for index, text in enumerate(texts if isinstance(texts, list) else ()):
            if isinstance(text, str):
                yield (*path, key, index), text


def _table(data: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _read(value: Any, kind: type[Any], path: Path, findings: Findings) -> Any:
    """The table as settings; None where its shape is wrong, which is reported already."""
    if not findings.clean(*path):
        return None
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None


def _check_name(name: str, path: Path, findings: Findings) -> None:
    if not is_rule_name(name) and not findings.stands(path):
        findings.error(path, "a name has 1 to 24 letters, digits, - or _: it stands in figures and in topics")


def _check_condition(settings: Condition, path: Path, words: Mapping[str, str], findings: Findings) -> None:
    """Report legs that can't be read, and legs that can't hold together."""
    if not settings.legs:
        findings.error(path, "a condition needs `when`, `all`, `any` or `not`")
    read: dict[str, list[Leg]] = {"needed": [], "clear": []}
    for place, text in _written(settings, path):
        leg = _leg(text, place, words, findings)
        if leg is not None and place[-1] == "clear":
            read["clear"].append(leg)
        elif leg is not None and ("any" not in place[len(path) :] and "not" not in place[len(path) :]):
            read["needed"].append(leg)
    from deskmon.alerts.possible import contradiction, never

    for leg in (*read["needed"], *read["clear"]):
        if why := never(leg):
            findings.warn(path, f"never holds: {leg.text}, {why}")
    if why := contradiction(read["needed"]):
        findings.warn(path, f"never fires: {why}")


def _check_legs(condition: Any, path: Path, findings: Findings) -> None:
    """Report legs that can't be read of a table whose shape is wrong elsewhere."""
    if not isinstance(condition, dict) or condition.get("enabled") is False:
        return
    each = condition.get("each")
    words = _EXAMPLES.get(each, {}) if isinstance(each, str) else {}
    for place, text in _texts(condition, path):
        if findings.clean(*place):
            _leg(text, place, words, findings)


def _written(settings: Condition, path: Path) -> Iterator[tuple[Path, str]]:
    """All legs with their places."""
    for key, text in (("when", settings.when), ("clear", settings.clear)):
        if text is not None:
            yield (*path, key), text
    for key, texts in (("all", settings.all), ("any", settings.any), ("not", settings.not_)):
        yield from (((*path, key, index), text) for index, text in enumerate(texts))


def _leg(text: str, path: Path, words: Mapping[str, str], findings: Findings) -> Leg | None:
    from deskmon.alerts.legs import parse_leg

    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    try:
        return parse_leg(text)
    except UsageError as fault:
        findings.error(path, str(fault))
        return None


def _check_rule(settings: RuleSettings, path: Path, name: str, rules: Mapping[str, Any], findings: Findings) -> None:
    for index, muted in enumerate(settings.mutes):
        if muted == name:
            findings.error((*path, "mutes", index), "a rule can't mute itself")
        elif muted not in rules:
            findings.error((*path, "mutes", index), f"no rule {shown(muted)}; {suggestion(muted, rules)}")
    if settings.every and not any(text.strip().partition(".")[0] in _LEDGERS for _, text in _written(settings, path)):
        findings.warn((*path, "every"), f"goes with a figure of {', '.join(sorted(_LEDGERS))}: others have no entries")
    for name_in_text in _placeholders(settings.text or "", _EXAMPLES.get(settings.each or "", {})):
        findings.warn((*path, "text"), f"{{{name_in_text}}} is no figure and stays as it is")


def _placeholders(text: str, words: Mapping[str, str]) -> Sequence[str]:
    """Names in braces that stand for nothing."""
    from deskmon.alerts.words import OWN, PLACEHOLDER, figure

    for word, value in words.items():
        text = text.replace(f"{{{word}}}", value)
    return [name for name in PLACEHOLDER.findall(text) if name not in OWN and figure(name) is None]


def _check_test(test: AlertTest, path: Path, known: Sequence[str], findings: Findings) -> None:
    from deskmon.alerts.trial import series
    from deskmon.model.figure_path import parse

    for name, text in test.series.items():
        try:
            series(parse(name), text)
        except UsageError as fault:
            findings.error((*path, "series", name), str(fault))
    for index, each in enumerate(test.expect):
        if each.rule not in known:
            findings.error(
                (*path, "expect", index, "rule"), f"no rule {shown(each.rule)}; {suggestion(each.rule, known)}"
            )
