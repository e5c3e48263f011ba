"""What moved between two moments: figures then and now, and by how many standard deviations of their usual change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from deskmon.assets import main_symbols
from deskmon.clock import WINDOWS
from deskmon.model.figure import Figure
from deskmon.model.figure_path import FigurePath, parse
from deskmon.model.figures import LogFigure, State
from deskmon.model.path_steps import Name, write_path

if TYPE_CHECKING:
    from deskmon.analytics.changes import Usual
    from deskmon.model import Model

Topic = Literal[
    "prices", "liquidations", "funding", "open_interest", "depth", "options", "flows", "metrics", "levels", "headlines"
]
COUNTED: tuple[Literal["levels", "headlines"], ...] = ("levels", "headlines")
"""Kinds of the session log whose new lines are counted."""
OPTION_FIGURES = {
    "dvol": "DVOL",
    "constant_maturity.30d.atm_iv": "IV 30d",
    "constant_maturity.30d.rr25": "RR25 30d",
    "constant_maturity.7d.rr25": "RR25 7d",
}
"""By path within an underlying's options: how a figure is called."""


class Difference(Figure):
    """One figure at two moments. `figure` is its path, None of what is counted in the log since then; `change` is in
    its own unit, `change_pct` in percent where its changes are told so. `sigma`: standard deviation of its `n` past
    changes over as long a time, in percent where `change_pct` is; `sigmas`: the change by it, of a count what exceeds
    the mean. None is unknown."""

    topic: Topic
    name: str
    figure: str | None
    unit: str
    then: float | None
    now: float | None
    change: float | None
    change_pct: float | None
    sigma: float | None
    sigmas: float | None
    n: int
    words: str = ""


class Tracked(NamedTuple):
    """A figure that is compared: its path, its topic, and how it is called."""

    figure: FigurePath
    topic: Topic
    name: str


_BY_NAME: Sequence[tuple[Topic, Callable[[Model, int], Iterable[str]], str, str]] = (
    ("prices", lambda model, now: main_symbols(model.prices.symbols), "last", "{} price"),
    ("funding", lambda model, now: main_symbols(model.funding.symbols), "mean_8h", "{} funding"),
    ("open_interest", lambda model, now: main_symbols(model.open_interest.symbols), "usd", "{} open interest"),
    ("depth", lambda model, now: main_symbols(model.depth.symbols), 'baseline_ratio."1"', "{} depth 1%"),
    ("flows", lambda model, now: model.flows.figures(now), "day_usd", "{} ETF flow of the day"),
    ("metrics", lambda model, now: model.metrics.figures(now), "value", "{}"),
    *(
        ("options", lambda model, now: model.options.underlyings(), figure, f"{{}} {name}")
        for figure, name in OPTION_FIGURES.items()
    ),
)
"""By part of the state: the names under which it has figures, which of these tells what moved, how it is called."""


def tracked(model: Model, now: int, length: int, then: State | None = None) -> list[Tracked]:
    """The figures that tell what moved over `length` (ms), of all that the model knows, and of the assets that were
    liquidated `then` but aren't any more."""
    found = [
        Tracked(parse(f"{write_path(topic, Name(name))}.{rest}"), topic, words.format(name))
        for topic, names, rest, words in _BY_NAME
        for name in names(model, now)
    ]
    window = window_within(length)
    held = model.liquidations.figures(now).windows.get(window)
    paths = {f"liquidations {window}": f"liquidations.windows.{window}.usd"}
    before = None if then is None else then.liquidations.windows.get(window)
    for asset in {**({} if held is None else held.by_symbol), **({} if before is None else before.by_symbol)}:
        path = write_path(f"liquidations.windows.{window}.by_symbol", Name(asset), Name("usd"))
        paths[f"{asset} liquidations {window}"] = path
    return [*found, *(Tracked(parse(path), "liquidations", name) for name, path in paths.items())]


def window_within(length: int) -> str:
    """The longest standard window that is no longer than `length` (ms), at least the shortest."""
    fitting = [name for name, ms in WINDOWS.items() if ms <= length]
    return fitting[-1] if fitting else next(iter(WINDOWS))


def differences(
    model: Model, now: int, then: State, figures: Sequence[Tracked] | None = None, usuals: Usuals | None = None
) -> list[Difference]:  # fmt: skip
    """How a model at desk time `now` (ms) differs from the state `then`: the `figures` as they come; without them all
    of `tracked` and the counts, what moved most by its own measure first, what can't be measured last. usuals: how
    figures usually change over that time; what the model says where absent."""
    length = max(1, now - then.at)
    asked = tracked(model, now, length, then) if figures is None else figures
    told = usuals or Usuals(now, length)
    found = []
    for each in asked:
        before = _value(each.figure, lambda path: path.of(then))
        after = _value(each.figure, lambda path: path.read(model, now))
        found.append(_difference(each, before, after, *told.of(model, each.figure)))
    if figures is not None:
        return found
    found += [_count(kind, model.log.figures(now), then.at, now) for kind in COUNTED]
    known = [each for each in found if each.then is not None or each.now is not None]
    return sorted(known, key=lambda each: -1.0 if each.sigmas is None else abs(each.sigmas), reverse=True)


class Usuals:
    """How figures usually change over `length` (ms) up to `now`, each asked of the model once. most: figures that may
    be asked in one turn, where a screen draws meanwhile; `turn` begins the next one."""

    def __init__(self, now: int, length: int, most: int | None = None) -> None:
        self.now, self.length = now, length
        self._most, self._left = most, most
        self._known: dict[str, tuple[Usual | None, bool]] = {}

    def turn(self) -> None:
        """Ask for as many more."""
        self._left = self._most

    def of(self, model: Model, figure: FigurePath) -> tuple[Usual | None, bool]:
        """How a figure changes, and whether that is told in percent."""
        known = self._known.get(figure.text)
        if known is None and self._left != 0:
            from deskmon.model.histories import history  # numpy, for the few pages that compare

            self._left = None if self._left is None else self._left - 1
            held = history(model, figure, self.now, self.length)
            known = (None, False) if held is None else (held.usual(self.length, self.now), held.relative)
            self._known[figure.text] = known
        return known or (None, False)


def _difference(of: Tracked, then: object, now: object, known: Usual | None, relative: bool) -> Difference:
    before, after = _number(then), _number(now)
    change = None if before is None or after is None else after - before
    percent = change / before * 100 if relative and change is not None and before else None
    sigma, moved = None if known is None else known.sigma, percent if relative else change
    return Difference(
        topic=of.topic, name=of.name, figure=of.figure.text, unit=of.figure.unit, then=before, now=after,
        change=change, change_pct=percent, sigma=sigma, n=0 if known is None else known.n,
        sigmas=None if sigma is None or moved is None else moved / sigma,
    )  # fmt: skip


def _value(figure: FigurePath, read: Callable[[FigurePath], object]) -> object:
    """What stands at a path. An asset of which a window has no liquidation is at 0, where the window's own is known."""
    value, steps = read(figure), [step.text for step in figure.steps]
    if value is None and steps[0] == "liquidations" and steps[3:4] == ["by_symbol"] and len(steps) == 6:
        whole = parse(f"liquidations.windows.{steps[2]}.{steps[5]}")
        return None if _number(read(whole)) is None else 0.0
    return value


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _count(kind: Literal["levels", "headlines"], log: Sequence[LogFigure], since: int, now: int) -> Difference:
    """How many lines of a kind the log has since then, against as long stretches before."""
    import numpy as np

    from deskmon.analytics.changes import grid, usual

    lines = [line for line in log if line.kind == kind]
    new = [line for line in lines if since < line.ts <= now]
    times = np.array(sorted(line.ts for line in lines if line.ts <= since), dtype=np.int64)
    length = now - since
    points = grid(length, max(1, length // 12), int(times[0]), since) if len(times) else None
    known = None
    if points is not None:
        counts = np.searchsorted(times, points.points, side="right").astype(np.float64)
        known = usual(counts, points.steps)
    sigma = None if known is None else known.sigma
    exceeding = None if known is None or sigma is None else (len(new) - known.mean) / sigma
    return Difference(
        topic=kind, name=COUNT_NAMES[kind], figure=None, unit="lines", then=0, now=len(new), change=len(new),
        change_pct=None, sigma=sigma, sigmas=exceeding, n=0 if known is None else known.n,
        words=new[-1].text if new else "",
    )  # fmt: skip


COUNT_NAMES: Mapping[str, str] = {"levels": "levels that turned", "headlines": "headlines"}
