"""Edit mode and changed files on a real terminal, with a private hub and a third party's feed behind the screen."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from deskmon.config.loading import load
from tests.desk.terminal import Terminal

FEED = """
from deskmon.feedkit import Feed, events

class Acme(Feed):
    name = "acme"
    title = "one tick a moment"

    async def run(self, context):
        context.status("live", "ticking")
        for number in range(10**6):
            context.emit(events.Ticker(ts=context.clock.now(), venue=self.label, symbol="BTC/USD", last=100.0 + number))
            await context.sleep(0.05)
"""
CONFIG = """\
[desk]
layout = "health"   # at start
[feeds.mine]
type = "acme"
[history]
enabled = false
[layouts.health]
[[layouts.health.cells]]
panel = "feeds"
"""


def acme(folder: Path) -> list[str]:
    """The command, with the package of the feed `acme` beside it."""
    info = folder / "site" / "acme-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text("[deskmon.feeds]\nacme = acme_feed:Acme\n")
    (folder / "site" / "acme_feed.py").write_text(FEED)
    return ["env", f"PYTHONPATH={folder / 'site'}", sys.executable, "-m", "deskmon"]


def put(path: Path, text: str) -> None:
    """Replace a file as a careful editor does."""
    path.with_name("new").write_text(text)
    os.replace(path.with_name("new"), path)


def test_feeds_and_panels_change_without_a_restart_and_a_half_written_file_changes_nothing(tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text(CONFIG)
    with Terminal(argv=acme(tmp_path), size=(110, 24), cwd=tmp_path) as terminal:
        terminal.until(lambda text: "mine" in text and "● live" in text)
        pid = terminal.child.pid
        put(path, CONFIG + '[feeds.second]\ntype = "acme"\n')
        terminal.until(lambda text: text.count("● live") == 2 and "second" in text)
        put(path, CONFIG + '[feeds.second]\ntype = "ac')
        terminal.until("not loaded: deskmon.toml:11:")
        assert "1 Feeds" in terminal.text and "second" in terminal.text
        put(path, CONFIG.replace("feeds.mine", "feeds.third").replace('panel = "feeds"', 'panel = "prices"'))
        terminal.until(lambda text: "1 Prices" in text and "not loaded" not in text)
        terminal.press("l")
        terminal.until("layout ")
        terminal.press("feeds\r")
        terminal.until(lambda text: "third" in text and "mine" not in text and "second" not in text)
        assert terminal.child.pid == pid


def test_a_layout_made_by_keys_is_there_after_a_restart(tmp_path):
    path = tmp_path / "deskmon.toml"
    path.write_text(CONFIG)
    command = acme(tmp_path)
    with Terminal(argv=command, size=(110, 24), cwd=tmp_path) as terminal:
        terminal.until("● live")
        for keys, shown in (
            ("e", "EDIT health"), ("n", "name of the new layout"), ("own\r", "no panels"), ("a", "add"),
            ("prices\r", "1 prices"), ("a", "add"), ("tape\r", "2 tape"), ("A", "add"), ("feeds\r", "3 feeds"),
            ("<", "EDIT own *"), ("s", "layout own saved in"), ("\x1b", "layout own"),
        ):  # fmt: skip
            terminal.press(keys)
            terminal.until(shown)
        terminal.until("1 Prices")
        frames = [line for line in terminal.text.splitlines() if "╭" in line or "╰" in line]
    assert [cell.panel for cell in load(path).config.layouts["own"].cells] == ["prices", "tape", "feeds"]
    assert path.read_text().startswith(CONFIG)
    with Terminal(argv=[*command, "--layout", "own"], size=(110, 24), cwd=tmp_path) as terminal:
        terminal.until("3 Feeds")
        again = [line for line in terminal.text.splitlines() if "╭" in line or "╰" in line]
        assert [[at for at, char in enumerate(line) if char in "╭╮╰╯"] for line in again] == [
            [at for at, char in enumerate(line) if char in "╭╮╰╯"] for line in frames
        ]
