"""`deskmon demo --panel NAME --reload`: what an author saves is on the screen, with its fault in its cell."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from deskmon.scaffold import write
from tests.desk.terminal import Terminal


def installed(folder: Path, panel: str) -> Path:
    """The file of a new panel, in a third party's package."""
    info = folder / "acme-1.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(f"[deskmon.panels]\n{panel} = {panel}:MySpread\n")
    return write("panel", panel, folder)[0]


def save(path: Path, text: str) -> None:
    """Replace a file as an editor does."""
    path.with_name("new").write_text(text)
    os.replace(path.with_name("new"), path)


def test_a_panel_broken_at_the_start_waits_and_each_save_is_shown_or_its_fault_in_its_cell(tmp_path: Path) -> None:
    path = installed(tmp_path, "my_spread")
    good = path.read_text()
    path.write_text("import nowhere_to_be_found\n")
    argv = ["env", f"PYTHONPATH={tmp_path}", sys.executable, "-m", "deskmon", "demo"]
    with Terminal(argv=[*argv, "--panel", "my_spread", "--reload"], size=(120, 20), cwd=tmp_path) as terminal:
        terminal.until(lambda text: "my_spread failed" in text and "nowhere_to_be_found" in text)
        save(path, good)
        terminal.until(lambda text: "My spread" in text and "from ref" in text and "binance" in text)
        assert terminal.text.count("╭") == 1
        save(path, good.replace('title = "My spread"', 'title = "Mine"').replace('"from ref", 8', '"off", 8'))
        terminal.until(lambda text: "Mine" in text and "off" in text and "my_spread reloaded" in text)
        save(path, good.replace("columns = (", "columns = (("))
        terminal.until(
            lambda text: "my_spread failed" in text and "SyntaxError" in text and "(my_spread.py, line 15)" in text
        )
        assert "my_spread reloaded" not in terminal.text
        save(path, good.replace("price.last - 1", "prise.last - 1"))
        terminal.until(lambda text: "my_spread failed" in text and "(my_spread.py:26)" in text)
        save(path, "import asyncio\nraise asyncio.CancelledError('of the module')\n")
        terminal.until(lambda text: "CancelledError: of the module" in text)
        save(path, "raise KeyboardInterrupt('of the module')\n")
        terminal.until(lambda text: "KeyboardInterrupt: of the module" in text)
        save(path, good)
        terminal.until(lambda text: "from ref" in text and "binance" in text and "r restart" not in text)
        assert not (tmp_path / "__pycache__").exists()


def test_without_a_terminal_the_panel_is_printed_alone(run) -> None:
    frame = run("demo", "--panel", "funding").out
    assert "Funding" in frame and frame.count("╭") == 1


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--reload",), "--reload goes with --panel"),
        (("--panel", "tpe"), "panel 'tpe' isn't installed; did you mean 'tape'?"),
        (("--panel", "tape", "--layout", "risk"), "--panel and --layout don't go together"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(run, argv: tuple[str, ...], words: str) -> None:
    said = run("demo", *argv)
    assert said.status == 2 and words in said.err


def test_a_panel_that_was_written_and_not_installed_says_how(run) -> None:
    run("new", "panel", "my_spread", "--package")
    said = run("demo", "--panel", "my_spread", "--reload")
    assert said.status == 2 and "my_spread.py is here; `python -m pip install -e .` installs" in said.err
