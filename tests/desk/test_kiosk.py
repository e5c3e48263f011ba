"""A screen that strangers can touch: nothing is written, nothing kept, and nothing leads out of the desk."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk.terminal import Terminal

KEYS = [*"12345678", "\r", "\x1b", "p", "wall\r", "S", "e", "\x1a", "\x03", "t", "l", "\r", "s", "w", "!", "\x1b"]
"""Panels, drilldowns, a pin with its label, options, edit mode, ctrl-z, ctrl-c, a theme, a layout, a sort, a window."""


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home with a configuration in it; all that a desk could write to lies below."""
    for name, below in (
        ("HOME", ""),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "c"),
    ):
        monkeypatch.setenv(name, str(tmp_path / below))
    (tmp_path / "deskmon.toml").write_text("# ours\n[journal]\npath = 'written.jsonl'\n[desk]\nname = 'wall'\n")
    return tmp_path


def test_keys_of_a_stranger_write_no_file_and_the_desk_stays(home):
    before = everything(home)
    with Terminal("demo", "--kiosk", size=(160, 44), cwd=home) as terminal:
        terminal.until("DEMO SIMULATED", 60)
        terminal.until("binance")
        for key in KEYS:
            terminal.press(key)
            terminal.watch(0.2)
        terminal.press("e")
        terminal.until("a kiosk's layouts stay as they are")
        terminal.press("q")
        terminal.watch(2.0)
    assert everything(home) == before


@pytest.mark.parametrize("options", [[], ["--kiosk"]])
def test_the_palette_of_a_kiosk_does_not_offer_to_leave(home, options):
    with Terminal("demo", *options, size=(160, 44), cwd=home) as terminal:
        terminal.until("DEMO SIMULATED", 60)
        terminal.press(":")
        terminal.until("Search")
        terminal.press("quit")
        terminal.until("panel liquidations")
        terminal.watch(1.0)
        assert ("quit (q)" in terminal.text) is not bool(options)


def test_a_kiosk_takes_no_log(home):
    argv = [sys.executable, "-m", "deskmon", "demo", "--kiosk", "--log", "x.log"]
    done = subprocess.run(["script", "-qec", " ".join(argv), "/dev/null"], cwd=home, capture_output=True, text=True)
    assert "a kiosk writes no log" in done.stdout
    assert not (home / "x.log").exists()
