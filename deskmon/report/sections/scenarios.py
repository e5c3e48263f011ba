"""Scenarios: the paths that the market may take, each with its comparisons, which of them are met, and since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deskmon import format as fmt
from deskmon.clock import MINUTE
from deskmon.components.legs import leg_words
from deskmon.events import Alert
from deskmon.model import Model
from deskmon.past.market import JUDGED_BEFORE
from deskmon.report.content import Block, Cell, Inline, Link, Paragraph, Table
from deskmon.report.phrases import path_of
from deskmon.report.reading import Reading
from deskmon.report.sections.market_phrases import when

STATES = {
    "firing": "it holds", "clearing": "it no longer holds", "pending": "all is met, but not yet for long enough",
    "unknown": "it can't be told", "ok": "it is not met",
}  # fmt: skip
MET = {True: "met", False: "not met", None: "unknown"}


def tracked(model: Model, assets: Sequence[str]) -> list[str]:
    """Nothing: each path keeps since when it stands."""
    return []


def write(reading: Reading) -> list[Block]:
    """Which paths hold, then a paragraph and a table for each."""
    paths = _paths(reading.model)
    return [*_holding(reading, paths), *(block for path in paths for block in _told(reading, path))]


def _paths(model: Model) -> list[Alert]:
    told = (model.alerts.told(rule) for rule in model.alerts.rules)
    return [alert for alert in told if alert is not None and alert.scenario is not None]


def _holding(reading: Reading, paths: Sequence[Alert]) -> Iterator[Block]:
    if not paths:
        return
    held = [path for path in paths if path.state == "firing"]
    parts: list[Inline] = [f"Of {len(paths)} paths {len(held) or 'none'} {'holds' if len(held) < 2 else 'hold'}"]
    for n, path in enumerate(held):
        kind, name = path.scenario or ("", path.rule)
        told = reading.derived(path_of("scenarios", kind, name, "state"), f"{kind}, {name}")
        parts += [": " if n == 0 else "; ", told, f", since {_since(reading, path.since)}"]
    yield Paragraph([*parts, "."])


def _told(reading: Reading, path: Alert) -> Iterator[Block]:
    kind, name = path.scenario or ("", path.rule)
    met = sum(leg.met is True for leg in path.legs)
    unknown = sum(leg.met is None for leg in path.legs)
    target: list[Inline] = ["; it leads to ", Link(path.target), ", as whoever wrote it says"] if path.target else []
    figure = reading.derived(path_of("scenarios", kind, name, "state"), STATES[path.state])
    yield Paragraph([
        f"Scenario {kind}, path {name}: ", figure, f", since {_since(reading, path.since)}; {met} of {len(path.legs)} "
        f"comparisons are met{f', {unknown} unknown' if unknown else ''}", *target, ".",
    ])  # fmt: skip
    rows: list[list[Cell]] = []
    for n, leg in enumerate(path.legs):
        words = leg_words(leg)
        at = f"{path_of('scenarios', kind, name, 'legs')}[{n}]"
        reads: Cell = [fmt.UNKNOWN]
        if words.value == fmt.UNKNOWN:
            reading.lacks(f"{at}.value", f"{words.figure or 'what it compares'} is unknown")
        else:
            reads = [reading.derived(f"{at}.value", words.value)]
        since = fmt.UNKNOWN if leg.since is None else _since(reading, leg.since)
        rows.append([[Link(words.text)], reads, [MET[leg.met]], [since]])
    if rows:
        yield Table(f"Comparisons of {kind}, {name}", ["comparison", "it reads", "now", "since"], rows)


def _since(reading: Reading, ts: int) -> str:
    """Since when; what was so when judging began may have been so before."""
    return f"{when(ts)} or before" if ts <= reading.end - JUDGED_BEFORE + MINUTE else when(ts)
