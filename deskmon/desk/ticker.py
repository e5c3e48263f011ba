"""The ticker of a wide desk's footer: figures of the context that the operator chose, each with its change of a day."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from deskmon import format as fmt
from deskmon.components.flows import signed_amount
from deskmon.components.panel import Line, Span
from deskmon.components.series import series_change, series_name, series_unit, series_value
from deskmon.components.text import one_line
from deskmon.errors import UsageError
from deskmon.model import Model, figures

if TYPE_CHECKING:
    from deskmon.model.figure_path import FigurePath

ENDINGS = ("_usd", "_pct", "_ms")


class Ticker:
    """The figures at `paths` (FIGURE of docs/figures.md); one that can't exist is left out."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = paths

    @cached_property
    def _figures(self) -> list[FigurePath]:
        return [found for path in self._paths if (found := _parsed(path)) is not None]

    def items(self, model: Model, now: int) -> list[Line]:
        """Each figure that is known at desk time `now` (ms): its name, its value, of a series its change of a day."""
        return [item for figure in self._figures if (item := _item(figure, model, now))]


def _parsed(path: str) -> FigurePath | None:
    from deskmon.model.figure_path import parse  # the names of all figures, which few desks need at their start

    try:
        return parse(path)
    except UsageError:
        return None


def _item(path: FigurePath, model: Model, now: int) -> Line:
    keys = [step.text for step in path.steps]
    if keys[0] == "metrics" and keys[2:] == ["value"]:
        return _series(keys[1], model, now)
    value = path.read(model, now)
    if not isinstance(value, str | int | float):
        return []
    return [(f"{_name(keys)} ", "footer"), _value(path, value)]


def _series(name: str, model: Model, now: int) -> Line:
    """A context series as its panel writes it, and how old its value is where it is stale."""
    figure = model.metrics.figures(now).get(name)
    if figure is None:
        return []
    unit = series_unit(name, figure) if name == "fear_greed" else ""
    value = " ".join(filter(None, (series_value(figure.value), unit)))
    line: list[Span] = [(f"{series_name(name)} ", "footer"), (value, "footer_key")]
    if figure.stale:
        return [*line, (f" {fmt.age(figure.age_ms)}", "footer warn")]
    change, style = series_change(name, figure, "24h")
    return line if change == fmt.UNKNOWN else [*line, (f" {change}", f"footer {style}")]


def _name(keys: Sequence[str]) -> str:
    """What isn't a word of its unit: `flows.BTC.day_usd` → flows BTC day."""
    words = " ".join(keys[1:] if keys[0] == "prices" else keys)
    for ending in ENDINGS:
        words = words.removesuffix(ending)
    return one_line(words.replace("_", " "))


def _value(path: FigurePath, value: Any) -> Span:
    """A value by its unit: dollars and coins short, fractions and percent as percent, a flow with its sign."""
    from deskmon.model.figure_path import meaning_of

    owner, _, field = path.field.partition(".")
    unit, _ = meaning_of(getattr(figures, owner), field)
    if isinstance(value, str | bool):
        return one_line(str(value)), "footer_key"
    if path.steps[0].text == "flows" and unit == "USD":
        text, style = signed_amount(value)
        return text, f"footer {style}"
    if unit == "fraction":
        return fmt.fraction(value, 3), "footer_key"
    if unit == "%":
        return fmt.percent(value), "footer_key"
    if unit in ("USD", "coins", "count", "bytes"):
        return fmt.amount(value), "footer_key"
    if unit == "ms":
        return fmt.age(value), "footer_key"
    if unit.startswith("ms "):
        return fmt.date(value), "footer_key"
    return series_value(value), "footer_key"
