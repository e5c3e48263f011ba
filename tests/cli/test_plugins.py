"""Plug-ins are found as Python's own entry points are, loaded by name, and what fails says why."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from deskmon import plugins
from deskmon.errors import DeskError, UsageError

ENTRY_POINTS = """\
# a comment
[console_scripts]
acme = acme.main:run

[deskmon.panels]
working = acme_panels:Working [extra]
nested = acme_panels:Box.Inner
tape = acme_panels:Working
no_panel = acme_panels:Box
absent = acme_panels:Absent
raising = acme_raising:Panel

[deskmon.themes]
acme = acme_themes
empty = acme_themes
lost = acme_gone
"""
PANELS = """
from deskmon.panel import Panel

class Working(Panel):
    name = "working"
    title = "Works"

class Box:
    class Inner(Panel):
        name = "nested"
        title = "Nested"
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A third party's package, last on the path."""
    info = tmp_path / "acme-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Acme\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (tmp_path / "acme_panels.py").write_text(PANELS)
    (tmp_path / "acme_raising.py").write_text("raise RuntimeError('no licence')\n")
    (tmp_path / "acme_themes").mkdir()
    (tmp_path / "acme_themes" / "__init__.py").write_text("")
    (tmp_path / "acme_themes" / "acme.toml").write_text("")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    plugins.forget()
    yield tmp_path
    plugins.forget()
    for name in ("acme_panels", "acme_raising", "acme_themes"):
        sys.modules.pop(name, None)


def test_the_names_are_those_of_importlib_metadata(acme: Path) -> None:
    for group, names in (
        ("deskmon.panels", plugins.panel_names()),
        ("deskmon.feeds", plugins.feed_names()),
        ("deskmon.themes", plugins.theme_names()),
    ):
        assert names == tuple(sorted({entry.name for entry in entry_points(group=group)}))


def test_reading_names_imports_nothing(acme: Path) -> None:
    assert "raising" in plugins.panel_names()
    assert not {"acme_panels", "acme_raising"} & sys.modules.keys()


def test_a_third_partys_plugins_load_by_name(acme: Path) -> None:
    assert plugins.load_panel("working").title == "Works"
    assert plugins.load_panel("nested").title == "Nested"
    assert plugins.theme_path("acme") == acme / "acme_themes" / "acme.toml"
    assert plugins.package(plugins.PANELS, "working") == "Acme 1.5"


def test_of_one_name_twice_the_first_on_the_path_is_taken(acme: Path) -> None:
    assert plugins.load_panel("tape").__module__ == "deskmon.widgets.tape"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "no_panel",
            "panel 'no_panel': acme_panels:Box is no Panel; mend or reinstall the package that brings it (acme)",
        ),
        ("absent", "panel 'absent' can't be loaded: AttributeError: module 'acme_panels' has no attribute 'Absent'"),
        ("raising", "panel 'raising' can't be loaded: RuntimeError: no licence"),
    ],
)
def test_what_cannot_be_loaded_says_why(acme: Path, name: str, message: str) -> None:
    with pytest.raises(DeskError) as caught:
        plugins.load_panel(name)
    assert str(caught.value).startswith(message)
    assert caught.value.status == 1


def test_a_name_that_is_not_there_is_wrong_usage_and_gets_the_nearest(acme: Path) -> None:
    with pytest.raises(UsageError, match="panel 'workign' isn't installed; did you mean 'working'"):
        plugins.load_panel("workign")
    with pytest.raises(UsageError, match=r"feed 'zzzzzz' isn't installed; `deskmon list feeds`"):
        plugins.load_feed("zzzzzz")


def test_a_theme_without_its_file_or_its_package(acme: Path) -> None:
    with pytest.raises(DeskError, match=r"acme_themes holds no empty\.toml"):
        plugins.theme_path("empty")
    with pytest.raises(DeskError, match=r"acme_gone holds no lost\.toml"):
        plugins.theme_path("lost")
