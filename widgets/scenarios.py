"""Scenarios: the paths that the market may take, side by side, with what each still misses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from deskmon.api import Cell, Column, Frame, Intent, Notify, Row, Section, TablePanel, events, fmt
from deskmon.components.alerts import figure_page
from deskmon.components.legs import MET, leg_words
from deskmon.components.text import one_line, shorten, wrap

LEAST_WIDTH = 30
"""Cells of a path beside others; where there are fewer the paths stand one below the other."""
LEAST_WRAPPED = 24
"""Cells of a path from which on its comparisons take several lines."""
GAP = 2
BLANK: Cell = ("", "text")
STATES: dict[str, Cell] = {
    "firing": ("● it holds", "ok bold"), "clearing": ("▽ it no longer holds", "warn"),
    "pending": ("◌ all met, not for long enough", "accent"), "unknown": ("? can't tell", "warn"),
    "ok": ("· not yet", "muted"),
}  # fmt: skip
EMPTY = """no scenario is configured
in deskmon.toml: [scenarios.break85.bull] all = ["prices.BTC.last > 85500", "flows.BTC.day_usd > 0"]
with for = "4h" and target = "90000-94000"; `deskmon demo 2025-11-21` shows three paths"""


class Scenarios(TablePanel):
    """Each path's comparisons: which are met, since when, where it leads."""

    name = "scenarios"
    title = "Scenarios"
    topics = frozenset({"alerts", "clock"})
    has_live_figures = False
    definitions = (
        (
            "state",
            "● every comparison holds, as long as the path asks; ◌ they hold, but not yet for long enough",
        ),
        ("met", "how many comparisons hold now, of how many; ? means that a figure isn't known"),
        ("since", "from when (UTC) a comparison holds, doesn't hold, or can't be told"),
        ("target", "where the path leads, as whoever wrote it says"),
        ("left, right", "which path Enter follows; Enter opens the page of the figure under the cursor"),
    )

    def __init__(self, options: object = None) -> None:
        super().__init__(options)
        self._path = 0

    def sections(self, frame: Frame) -> Sequence[Section]:
        sets = _sets(frame)
        if not sets:
            return (Section("scenarios", (), (), EMPTY),)
        sections = []
        for name, paths in sets.items():
            wide = (frame.width - 2 - GAP * (len(paths) - 1)) // len(paths)
            if wide >= LEAST_WIDTH or len(paths) == 1:
                sections.append(self._beside(name, paths, wide, frame.now))
            else:
                sections += [self._beside(f"{name} {path.rule}", [path], frame.width - 2, frame.now) for path in paths]
        return sections

    def note_parts(self, frame: Frame) -> Iterable[str]:
        return (", ".join(one_line(name) for name in _sets(frame)),)

    def on_left_right(self, step: int, frame: Frame) -> Intent | None:
        most = max((len(paths) for paths in _sets(frame).values()), default=1)
        self._path = (self._path + step) % most
        self.changed()
        return None

    def open(self, row: Row, frame: Frame) -> Intent | None:
        paths = [path for paths in _sets(frame).values() for path in paths if path.rule in row.text.split("\n")]
        if not paths:
            return None
        path = paths[min(self._path, len(paths) - 1)]
        number = row.sort["leg"]
        missing = [leg for leg in path.legs if not leg.met] or list(path.legs)
        leg = path.legs[number] if 0 <= number < len(path.legs) else next(iter(missing), None)
        page = None if leg is None else figure_page(leg_words(leg), frame.model)
        return page or Notify("that figure has no page", "warn")

    def _beside(self, name: str, paths: Sequence[events.Alert], width: int, now: int) -> Section:
        chosen = min(self._path, len(paths) - 1)
        labels = [f"▸{_path(path)}" if n == chosen and len(paths) > 1 else _path(path) for n, path in enumerate(paths)]
        columns = [
            Column(str(n), label, min(width, LEAST_WIDTH), least=12, most=width) for n, label in enumerate(labels)
        ]
        heads = [_head(path, now) for path in paths]
        rows = [_row(name, paths, -3 + n, [head[n] for head in heads]) for n in range(3)]
        for number in range(max(len(path.legs) for path in paths)):
            legs = [_leg(path, number, width, now) for path in paths]
            rows += [_row(name, paths, number, line, n) for n, line in enumerate(zip_longest(*legs, fillvalue=BLANK))]
        return Section(name, columns, rows)


def _sets(frame: Frame) -> dict[str, list[events.Alert]]:
    """The paths by set."""
    found: dict[str, list[events.Alert]] = {}
    for rule in frame.model.alerts.rules:
        alert = frame.model.alerts.told(rule)
        if alert is not None and alert.scenario is not None:
            found.setdefault(alert.scenario[0], []).append(alert)
    return found


def _path(alert: events.Alert) -> str:
    kind, path = alert.scenario or ("", alert.rule)
    return one_line(f"{kind} {path}")


def _head(path: events.Alert, now: int) -> tuple[Cell, Cell, Cell]:
    """How the path stands, how much of it, where it leads."""
    words, style = STATES[path.state]
    met = sum(leg.met is True for leg in path.legs)
    unknown = sum(leg.met is None for leg in path.legs)
    counted = f"{met} of {len(path.legs)} met" + (f", {unknown} unknown" if unknown else "")
    target = f"→ {one_line(path.target)}" if path.target else ""
    return (f"{words} · {fmt.age(max(0, now - path.since))}", style), (counted, "text"), (target, "accent")


def _leg(path: events.Alert, number: int, width: int, now: int) -> list[Cell]:
    """A comparison, what it reads, and from when it holds, doesn't hold or can't be told, in as many lines as it
    takes."""
    if number >= len(path.legs):
        return []
    leg = path.legs[number]
    sign, style = MET[leg.met]
    since = "" if leg.since is None else f" since {fmt.since(leg.since, now)}"
    words, room = one_line(leg_words(leg).words) + since, max(1, width - 2)
    lines = wrap(words, room) if width >= LEAST_WRAPPED else [shorten(words, room)]
    return [(f"{' ' if n else sign} {line}", "text" if leg.met else style) for n, line in enumerate(lines)]


def _row(section: str, paths: Sequence[events.Alert], number: int, cells: Iterable[Cell], line: int = 0) -> Row:
    text = "\n".join(path.rule for path in paths)
    by_column = {str(n): cell for n, cell in enumerate(cells)}
    return Row(f"{section} {number} {line}", by_column, {"leg": number}, text=text, continues=line > 0)
