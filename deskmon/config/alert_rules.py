"""Writes a trader's rules into deskmon.toml, and leaves the rest of the file as it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

import tomlkit
from tomlkit.items import InlineTable

from deskmon.config.files import edit
from deskmon.errors import DeskError

REMEDY = "add it to [alerts.rules.NAME] by hand"
MOST = 24
"""Characters of a rule's name."""
_WORDS = {"<": "below", ">": "above", "<=": "below", ">=": "above"}


def write_rule(path: Path, when: str, clear: str = "") -> tuple[Path, str]:
    """Add a rule to the file, comments and order kept; where it was written, and the name that it got. Raises DeskError
    where the file can't be read, changed or written."""
    names: list[str] = []

    def change(text: str) -> str:
        after, name = with_rule(text, when, clear)
        names.append(name)
        return after

    return edit(path, change, REMEDY), names[0]


def with_rule(text: str, when: str, clear: str = "") -> tuple[str, str]:
    """`text`, a deskmon.toml, with a rule at its end, and the rule's name. Where a rule says the same already, the text
    as it is and that rule's name. Raises ValueError where it isn't TOML, DeskError where `alerts` can't take a rule."""
    document = tomlkit.parse(text)
    alerts = document.get("alerts", {})
    rules = alerts.get("rules", {}) if isinstance(alerts, dict) else None
    if not isinstance(rules, dict) or isinstance(alerts, InlineTable) or isinstance(rules, InlineTable):
        raise DeskError("alerts can't take a rule as it is written", REMEDY)
    same = next((name for name, rule in rules.items() if isinstance(rule, dict) and rule.get("when") == when), None)
    if same is not None:
        return text, str(same)
    name = _name(when, rules.keys())
    ending = "\r\n" if "\r\n" in text else "\n"
    rule = {"when": when, "clear": clear} if clear else {"when": when}
    lines = ["", f"[alerts.rules.{name}]", *tomlkit.dumps(rule).rstrip("\n").split("\n"), ""]
    kept = text.rstrip("\r\n")
    return (kept + ending if kept else "") + ending.join(lines if kept else lines[1:]), name


def _name(when: str, taken: Collection[str]) -> str:
    """`btc_below_85000` for `prices.BTC.last < 85000`, with a number behind it where that is taken."""
    figure, _, rest = when.partition(" ")
    operator, _, value = rest.partition(" ")
    parts = figure.replace("prices.", "", 1).removesuffix(".last").replace("constant_maturity.", "").split(".")
    words = [*parts[:3], _WORDS.get(operator, ""), value]
    plain = re.sub(r"[^a-z0-9]+", "_", " ".join(words).lower()).strip("_") or "rule"
    name = plain[:MOST].strip("_")
    number = 2
    while name in taken:
        ending = f"_{number}"
        name, number = plain[: MOST - len(ending)].strip("_") + ending, number + 1
    return name
