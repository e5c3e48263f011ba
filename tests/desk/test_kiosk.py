"""A screen that strangers can touch: nothing is written, nothing kept, and nothing leads out of the desk."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk.terminal import Terminal, gone

REFUSED = "layouts stay as they are: this is a kiosk"
VISIT = (
    ("12345678\r", "›"), ("\x1b", gone("›")),  # panels and a page
    ("4", "p pin"), ("p", "⏎ pin"), ("wall\r", gone("⏎ pin")),  # a pin with its label
    ("S", REFUSED), ("\x1a", ""), ("/", "filter /"), ("b\x1b", gone("filter /")),  # options to keep, ctrl-z, a filter
    ("tsw!l", "⏎ choose"), ("flows\r", gone("⏎ choose")),  # a theme, a sort, a window, a layout
    ("?", "› help"), ("\x1b", gone("› help")), ("e", REFUSED),
    (":", "Search"), ("quit (q", "No matches found"), ("\x1b", gone("No matches found")),  # which a plain desk offers
)  # fmt: skip
"""All that could write a file or lead out of the desk; the last words say that the desk still answers."""


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


def test_keys_of_a_stranger_write_no_file_the_palette_offers_no_way_out_and_the_desk_stays(home):
    before = everything(home)
    with Terminal("demo", "--kiosk", size=(160, 44), cwd=home) as terminal:
        terminal.until("DEMO SIMULATED")
        terminal.until("binance")
        terminal.walk(*VISIT)
        terminal.press("q")
        terminal.until_ended()
    assert everything(home) == before


def test_a_kiosk_takes_no_log(home):
    argv = [sys.executable, "-m", "deskmon", "demo", "--kiosk", "--log", "x.log"]
    done = subprocess.run(["script", "-qec", " ".join(argv), "/dev/null"], cwd=home, capture_output=True, text=True)
    assert "a kiosk writes no log" in done.stdout
    assert not (home / "x.log").exists()
