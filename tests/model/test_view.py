"""What panels may read of the model is typed, read-only and written down: docs/model.md is made from it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from deskmon.components.panel import Frame, Then
from deskmon.model import Model
from deskmon.model.market_view import PartView
from deskmon.model.part import Part
from deskmon.model.view import ModelView
from tests.written import same_as_written

PAGE = Path(__file__).parents[2] / "docs" / "model.md"
INTRODUCTION = """\
# What a panel may read

For authors of panels: what `frame.model` tells, by the types of `deskmon/model/view.py`. A panel never changes it.
Times are ms UTC, symbols are unified (`BTC/USDT:USDT`), None is unknown. `correlations` has `figures` only. Meanings: \
[metrics](metrics/index.md).

```python
price = frame.model.prices.price("BTC/USDT:USDT")
funding = frame.model.funding.figures(frame.now)
```

"""
CHANGING = re.compile(r"(fold|add)\w*|apply|clear|restore|checkpoint|listen|refuse|snapshot|settle|note|take")


def parts() -> dict[str, Any]:
    """The type of each part's view by its name."""
    views = {name: get_type_hints(each.fget)["return"] for name, each in members(ModelView).items()}
    return {name: view for name, view in views.items() if hasattr(get_origin(view) or view, "figures")}


def members(view: Any) -> dict[str, Any]:
    """What a view itself offers, beside what all parts do."""
    return {name: each for name, each in vars(view).items() if not name.startswith("_")}


def of_part(view: Any) -> dict[str, Any]:
    """All that the view of a part offers."""
    own = get_origin(view) or view
    return {**(members(PartView) if PartView in own.__mro__ else {}), **members(own)}


CALLS = [(name, call) for name, view in parts().items() for call in of_part(view)]


def test_a_view_says_what_its_part_says() -> None:
    model, views = Model(), parts()
    for part, call in CALLS:
        assert_same(of_part(views[part])[call], getattr(model, part), call)


def assert_same(promised: Any, told: Any, call: str) -> None:
    kept = getattr(type(told), call, None)
    if isinstance(promised, property):
        assert hasattr(told, call)
        promised, kept = promised.fget, kept.fget if isinstance(kept, property) else None
    if kept is None or call == "figures":
        return  # an attribute, or of a type that only mypy can compare
    assert inspect.getdoc(promised) == inspect.getdoc(kept)
    assert inspect.signature(promised) == inspect.signature(kept)


def test_a_panel_gets_the_view_and_every_part_is_in_it() -> None:
    assert get_type_hints(Frame, {"ModelView": ModelView, "Then": Then})["model"] is ModelView
    of_model = {{"trades": "tape"}.get(name, name) for name in Model().revisions} - {"clock"}
    assert set(parts()) == of_model | {"correlations"}


def test_nothing_that_a_panel_may_call_changes_the_model() -> None:
    offered = [*members(ModelView), *(call for _, call in CALLS)]
    assert [name for name in offered if CHANGING.fullmatch(name)] == []
    assert [name for name in vars(Part) if CHANGING.fullmatch(name)] == ["clear", "fold", "checkpoint", "restore"]


def test_the_page_for_authors_has_all_that_they_may_read() -> None:
    own = {name: {k: v for k, v in members(view).items() if k != "figures"} for name, view in parts().items()}
    own |= {name: {} for name, view in parts().items() if get_origin(view)}
    beside = {name: each for name, each in members(ModelView).items() if name not in parts()}
    pieces = [INTRODUCTION, table(beside), "\n## Parts\n\n", table_of_parts()]
    pieces += ["\n## Of every part\n\n", table(members(PartView))]
    pieces += [f"\n## frame.model.{name}\n\n{table(calls)}" for name, calls in own.items() if calls]
    same_as_written(PAGE, "".join(pieces))


def table_of_parts() -> str:
    """What each part is about, and the type of its figures."""
    rows = ["| part | `figures(now)` gives | about |", "|---|---|---|"]
    for name, view in parts().items():
        about = inspect.getdoc(members(ModelView)[name].fget)
        rows.append(f"| `{name}` | `{in_cell(written(figures_of(view)))}` | {about} |")
    return "\n".join(rows) + "\n"


def figures_of(view: Any) -> Any:
    """The type of a part's figures."""
    if get_origin(view) is PartView:
        return get_args(view)[0]
    base = next((each for each in getattr(view, "__orig_bases__", ()) if get_origin(each) is PartView), None)
    return get_args(base)[0] if base else get_type_hints(view.figures)["return"]


def table(calls: dict[str, Any]) -> str:
    """What is offered, with its types, and what it says of itself."""
    rows = ["| name | gives |", "|---|---|"]
    for name, each in calls.items():
        function = each.fget if isinstance(each, property) else each
        words = " ".join((inspect.getdoc(function) or "").split())
        rows.append(f"| `{name}{in_cell(form(function, isinstance(each, property)))}` | {words} |")
    return "\n".join(rows) + "\n"


def in_cell(code: str) -> str:
    """Code in a table's cell."""
    return code.replace("|", r"\|")


def form(function: Any, is_property: bool) -> str:
    """`(symbol: str) → float | None`; of a property only what it is."""
    signature = inspect.signature(function)
    gives = f" → {signature.return_annotation}".replace("→ F", "→ the part's figures")
    if is_property:
        return gives
    given = []
    for name, each in list(signature.parameters.items())[1:]:
        default = "" if each.default is inspect.Parameter.empty else f" = {each.default!r}"
        given.append(f"{name}: {each.annotation}{default}")
    return f"({', '.join(given)}){gives}"


def written(kind: Any) -> str:
    """A type as a program writes it."""
    return kind.__name__ if isinstance(kind, type) and not get_args(kind) else re.sub(r"\b(?:\w+\.)+", "", str(kind))
