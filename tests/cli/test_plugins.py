"""Plug-ins are found as Python's own entry points are, loaded by name, and what fails says why."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest

from deskmon import plugins
from deskmon.config.loading import examine
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
leaving = acme_leaving:Panel
printing = acme_printing:Printing
untitled = acme_panels:Untitled
untopical = acme_panels:Untopical
misspelt = acme_panels:Misspelt
hasty = acme_panels:Hasty

[deskmon.themes]
acme = acme_themes
empty = acme_themes
lost = acme_gone
"""
PANELS = """
from deskmon.components.panel import Panel

class Working(Panel):
    name = "working"
    title = "Works"
    topics = frozenset({"prices"})

class Untitled(Panel):
    topics = frozenset()

class Untopical(Panel):
    title = "No topics"

class Misspelt(Working):
    keys = ("j", "k")

class Hasty(Working):
    min_interval_ms = 0

class Box:
    class Inner(Panel):
        name = "nested"
        title = "Nested"
        topics = frozenset()
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
    (tmp_path / "acme_leaving.py").write_text("import sys; sys.exit('no licence')\n")
    (tmp_path / "acme_printing.py").write_text("print('hello'); from acme_panels import Working as Printing\n")
    (tmp_path / "acme_themes").mkdir()
    (tmp_path / "acme_themes" / "__init__.py").write_text("")
    (tmp_path / "acme_themes" / "acme.toml").write_text("")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    plugins.forget()
    yield tmp_path
    plugins.choose({})
    plugins.forget()
    for name in ("acme_panels", "acme_raising", "acme_leaving", "acme_printing", "acme_themes"):
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


def test_the_file_of_a_panel_is_found_without_importing_it(acme: Path) -> None:
    inner = acme / "acme_package" / "panels"
    inner.mkdir(parents=True)
    (acme / "acme_package" / "__init__.py").write_text("raise RuntimeError('imported')\n")
    (inner / "deep.py").write_text("")
    points = ENTRY_POINTS.replace("[deskmon.panels]", "[deskmon.panels]\ndeep = acme_package.panels.deep:Deep")
    (acme / "acme-1.5.dist-info" / "entry_points.txt").write_text(f"{points}\n[deskmon.panels]\nbuilt_in = sys:Panel\n")
    plugins.forget()
    assert plugins.panel_source("raising") == acme / "acme_raising.py"
    assert plugins.panel_source("deep") == inner / "deep.py"
    assert plugins.panel_source("built_in") is None
    assert not {"acme_raising", "acme_package"} & sys.modules.keys()


FATAL = {
    "KeyboardInterrupt": "raise KeyboardInterrupt('mine')\n",
    "CancelledError": "import asyncio; raise asyncio.CancelledError('mine')\n",
    "Own": "class Own(BaseException): pass\nraise Own('mine')\n",
}


@pytest.mark.parametrize("kind", FATAL)
async def test_what_a_module_raises_in_a_task_is_its_own_fault_unless_the_task_is_cancelled(
    acme: Path, kind: str
) -> None:
    (acme / "acme_raising.py").write_text(FATAL[kind])
    with pytest.raises(DeskError, match=f"panel 'raising' can't be loaded: {kind}: mine"):
        plugins.load_panel("raising")
    with pytest.raises(DeskError, match=f"can't be loaded: {kind}: mine"):
        await asyncio.to_thread(plugins.load_panel, "raising")

    told: list[str] = []

    async def load() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        try:
            plugins.load_panel("raising")
        except BaseException as fault:  # noqa: BLE001 - whichever it is, it must come out as it is
            told.append(type(fault).__name__)
        await asyncio.sleep(0)

    await asyncio.gather(asyncio.create_task(load()), return_exceptions=True)
    assert told == [kind]


def test_without_a_task_ctrl_c_while_a_module_is_imported_stops_the_command(acme: Path) -> None:
    (acme / "acme_raising.py").write_text(FATAL["KeyboardInterrupt"])
    with pytest.raises(KeyboardInterrupt):
        plugins.load_panel("raising")
    (acme / "acme_raising.py").write_text(FATAL["Own"])
    with pytest.raises(DeskError, match="Own: mine"):
        plugins.load_panel("raising")


def test_of_one_name_twice_the_desks_own_is_taken_wherever_it_stands(acme: Path, monkeypatch) -> None:
    for path in (sys.path, [str(acme), *sys.path]):
        monkeypatch.setattr(sys, "path", path)
        plugins.forget()
        assert plugins.load_panel("tape").__module__ == "deskmon.widgets.tape"
        assert list(plugins.contested()) == [("panels", "tape", ["deskmon", "acme"])]
        assert plugins.package(plugins.PANELS, "tape").endswith("(also in acme)")


def test_the_configuration_chooses_the_other_and_check_names_both(acme: Path) -> None:
    config = acme / "deskmon.toml"
    config.write_text('[desk]\nname = "x"\n')
    (problem,) = examine(config).problems
    assert (problem.severity, problem.key) == ("warning", "plugins.panels.tape")
    assert 'deskmon is used, acme offer it too; [plugins.panels] tape = "acme" chooses' in problem.message
    config.write_text('[plugins.panels]\ntape = "Acme"\n')
    assert not examine(config).problems
    assert plugins.load_panel("tape").title == "Works"
    config.write_text('[plugins.panels]\ntape = "nobody"\n')
    assert "no package" in str(examine(config).problems[-1])
    assert plugins.load_panel("tape").__module__ == "deskmon.widgets.tape"


def test_what_a_module_prints_while_it_is_imported_goes_to_the_log(acme: Path, capsys, caplog) -> None:
    assert plugins.load_panel("printing").title == "Works"
    assert capsys.readouterr().out == ""
    assert "panel 'printing' prints while it is imported: 'hello\\n'" in caplog.text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "no_panel",
            "panel 'no_panel': acme_panels:Box is no Panel; mend or reinstall the package that brings it (acme)",
        ),
        ("absent", "panel 'absent' can't be loaded: AttributeError: module 'acme_panels' has no attribute 'Absent'"),
        ("raising", "panel 'raising' can't be loaded: RuntimeError: no licence"),
        ("leaving", "panel 'leaving' can't be loaded: SystemExit: no licence"),
        ("untitled", "panel 'untitled': acme_panels:Untitled.title is not a text"),
        ("untopical", "panel 'untopical': acme_panels:Untopical.topics is not a set of texts"),
        ("misspelt", "panel 'misspelt': acme_panels:Misspelt.keys is not a tuple of Key"),
        ("hasty", "panel 'hasty': acme_panels:Hasty.min_interval_ms is not a whole number above 0"),
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


def test_feeds_loaded_in_threads_at_once_leave_standard_output_to_the_command(monkeypatch):
    output, inside, gone = sys.stdout, {"early": Event(), "late": Event()}, Event()

    def slow(module):
        name = current_thread().name
        inside[name].set()
        (inside["late"] if name == "early" else gone).wait(0.2)  # the other is inside, or gone, where that can be
        return import_module(module)

    def load():
        plugins.load_feed("demo")
        gone.set()

    monkeypatch.setattr(plugins, "import_module", slow)
    early, late = Thread(target=load, name="early"), Thread(target=load, name="late")
    early.start()
    inside["early"].wait()
    late.start()
    for thread in (early, late):
        thread.join()
    assert sys.stdout is output
