"""The private names of Textual that the desk relies on, all of them: this fails first where another Textual lacks one.

They may change with any minor version, so pyproject.toml pins the minor. To move the pin: install the new Textual, run
this module, and where it passes `make test`.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import tomli
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.widget import Widget

ROOT = Path(__file__).parents[2]
PRIVATE: dict[type, tuple[str, ...]] = {
    App: ("_batch_count", "_closed", "_display", "_driver", "_running"),
    LinuxDriver: (
        "_app", "_auto_restart", "_disable_mouse_support", "_get_terminal_size", "_loop", "_mouse", "_mouse_pixels",
        "_request_terminal_sync_mode_support", "_sigcont_application", "_sigtstp_application", "_writer_thread",
        "exit_event", "process_message", "run_input_thread",
    ),
    ChopsUpdate: ("chop_ends", "chops", "spans"),
    LayoutUpdate: ("region", "strips"),
}  # fmt: skip
"""Class of Textual, and what of it the desk calls, overrides or reads that Textual's documentation doesn't promise."""


def known(cls: type) -> set[str]:
    """Names that a class or a class above it defines, in its body or by `self.name = …`."""
    found = set(dir(cls))
    for each in inspect.getmro(cls):
        if each.__module__.startswith("textual"):
            found |= set(re.findall(r"\bself\.(\w+)\b(?:: [^=\n]+)? = ", inspect.getsource(each)))
    return found


def private_names(tree: ast.AST) -> Iterator[str]:
    """Private names that a module reads of anything, or defines in a class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.FunctionDef):
            name = node.attr if isinstance(node, ast.Attribute) else node.name
            if name.startswith("_") and not name.startswith("__"):
                yield name


@pytest.mark.parametrize(("cls", "names"), PRIVATE.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_this_textual_has_the_private_names_that_the_desk_relies_on(cls, names):
    missing = sorted(set(names) - known(cls))
    words = f"textual {version('textual')} has no {cls.__name__}.{', .'.join(missing)}: follow it where it is used"
    assert not missing, words


def test_no_module_of_the_desk_touches_another_private_name_of_textual():
    theirs = set().union(*map(known, (App, LinuxDriver, Screen, Widget)))
    listed = {name for names in PRIVATE.values() for name in names}
    for path in (ROOT / "deskmon").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^(?:from|import) textual\b", text, re.MULTILINE):
            touched = set(private_names(ast.parse(text))) & theirs - listed
            assert not touched, f"{path}: list {touched} in PRIVATE, or rename what is the desk's own"
            modules = set(re.findall(r"^from (textual(?:\.\w+)*\._\w+) import", text, re.MULTILINE))
            assert modules <= {cls.__module__ for cls in PRIVATE}, f"{path}: list what it imports in PRIVATE"


def test_the_pin_is_the_minor_version_that_is_tested():
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pin = next(need for need in project["dependencies"] if need.startswith("textual"))
    assert re.fullmatch(r"textual~=\d+\.\d+\.\d+", pin)
    assert version("textual").split(".")[:2] == pin.removeprefix("textual~=").split(".")[:2]


def test_a_name_that_textual_lost_is_missing():
    assert "_get_terminal_size" in known(LinuxDriver) and "_mouse_pixels" in known(LinuxDriver)
    assert "_get_terminal_measure" not in known(LinuxDriver)
    assert set(private_names(ast.parse("class A(App):\n    def _display(self): self._driver.x()"))) == {
        "_display", "_driver",
    }  # fmt: skip
