"""docs/panel-list.md knows every panel, key and option, docs/panels.md and docs/panel-kit.md every hook and name of
authors."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

from deskmon import api, components
from deskmon.components.panel import STYLES, Panel
from deskmon.components.table import TablePanel
from deskmon.model import TOPICS
from deskmon.plugins import load_panel, panel_names

DOCS = Path(__file__).parents[2] / "docs"
PAGE = "\n".join((DOCS / name).read_text(encoding="utf-8") for name in ("panels.md", "panel-kit.md"))
LIST = (DOCS / "panel-list.md").read_text(encoding="utf-8")


def spans(page: str) -> list[str]:
    """What a page has as code: its inline spans and its blocks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    return [*blocks, *re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))]


def called(page: str) -> set[str]:
    """What the page's code names or calls: words that begin a span, and those before a parenthesis."""
    return {name for span in spans(page) for name in re.findall(r"^\w+|\w+(?=\()", span)}


CODE = {word for span in spans(PAGE) for word in re.findall(r"\w+", span)}


def test_a_word_of_the_prose_names_nothing():
    page = "Rows and `cells(line)` of a sum:\n\n```python\nprint(vol(x))\n```\n\nThe note `fit` ends it."
    assert called(page) == {"cells", "print", "vol", "fit"}
    assert {word for span in spans(page) for word in re.findall(r"\w+", span)} == called(page) | {"line", "x"}


@pytest.mark.parametrize("name", panel_names())
def test_every_panel_stands_in_the_table_with_its_keys_and_options(name):
    (row,) = [line for line in LIST.splitlines() if line.startswith(f"| `{name}` |")]
    panel = load_panel(name)
    assert all(f"`{key.key}` {key.label}" in row for key in panel.keys)
    shared = TablePanel.Options.__struct_fields__ if issubclass(panel, TablePanel) else ()
    assert all(f"`{option}`" in row for option in panel.Options.__struct_fields__ if option not in shared)


def test_the_options_of_every_table_are_described_once():
    assert all(f"`{option}`" in PAGE for option in TablePanel.Options.__struct_fields__)


def test_every_hook_style_and_topic_is_named():
    hooks = {name for cls in (Panel, TablePanel) for name in vars(cls) if not name.startswith("_")}
    assert hooks - {"options"} <= CODE
    assert {*STYLES, *TOPICS} <= CODE


def test_every_parameter_of_columns_rows_and_sections_is_named():
    for struct in (api.Column, api.Row, api.Section, api.Choice, api.action):
        assert set(inspect.signature(struct).parameters) - {"name"} <= CODE, struct


def test_every_name_of_a_module_of_components_is_named():
    """But the base: what the sections on panels and tables explain."""
    base = {"panel", "choices", "columns", "sections", "table", "scrollbar"}
    for info in pkgutil.iter_modules(components.__path__):
        if info.name not in base:
            module = importlib.import_module(f"{components.__name__}.{info.name}")
            assert {info.name, *module.__all__} <= {*called(PAGE), *CODE}, info.name
