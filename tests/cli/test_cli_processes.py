"""The command as a process: what is imported, how it ends, private and public hubs, third parties' plug-ins."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands import one_price

HEAVY = {"textual", "numpy", "pandas", "ccxt", "aiohttp", "zstandard", "tomlkit", "rich"}
DESKMON = (sys.executable, "-m", "deskmon")

FEED = """
from deskmon.feedkit import Feed, events

class Acme(Feed):
    name = "acme"
    title = "one tick a moment"

    async def run(self, context):
        for number in range(10**6):
            context.emit(events.Ticker(ts=context.clock.now(), venue="acme", symbol="BTC/USD", last=100.0 + number))
            context.status("live", "ticking")
            await context.sleep(0.05)
"""
ENTRY_POINTS = """
[deskmon.feeds]
acme = acme_feed:Acme
[deskmon.panels]
broken = acme_broken:Broken
"""


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    """An environment with a third party's package: a feed that works, a panel that can't be imported."""
    folder = tmp_path / "site"
    info = folder / "acme-1.5.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.5\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    (folder / "acme_feed.py").write_text(FEED)
    (folder / "acme_broken.py").write_text('raise ValueError("needs a licence")\n')
    (tmp_path / "deskmon.toml").write_text('[feeds.mine]\ntype = "acme"\n')
    return {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "100", "LINES": "30"}


def deskmon(*argv: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DESKMON, *argv], cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "argv",
    [
        ["check"], ["--version"], ["list", "panels"], ["list", "feeds"], ["list", "keys"], ["list", "venues"],
        ["config", "path"], ["demo", "--list"],
    ],
)  # fmt: skip
def test_small_commands_import_nothing_heavy(elsewhere: Path, argv: list[str]) -> None:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "deskmon", *argv],
        cwd=elsewhere, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in result.stderr.splitlines()}
    assert "deskmon" in imported
    assert imported & HEAVY == set()


def test_a_third_partys_feed_is_found_run_and_seen(site: dict[str, str], tmp_path: Path) -> None:
    listed = json.loads(deskmon("list", "feeds", "--json", cwd=tmp_path, env=site).stdout)
    assert {"name": "acme", "package": "acme 1.5", "title": "one tick a moment"} in listed
    result = deskmon("state", "--only", "prices,feeds,mode", cwd=tmp_path, env=site)
    assert (result.returncode, result.stderr) == (0, "")
    state = json.loads(result.stdout)
    assert state["mode"] == "live"
    assert state["prices"]["BTC/USD"]["venue"] == "acme"
    assert state["feeds"]["mine"]["state"] == "live"
    frame = deskmon(cwd=tmp_path, env=site)
    assert frame.returncode == 0
    assert len(frame.stdout.splitlines()) == 30
    assert "LIVE" in frame.stdout


def test_a_plugin_that_cannot_be_imported_is_named(site: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "broken.toml"
    config.write_text('[[layouts.default.cells]]\npanel = "broken"\n')
    check = deskmon("check", "broken.toml", cwd=tmp_path, env=site)
    assert check.returncode == 0
    assert "panel 'broken' can't be loaded: ValueError: needs a licence; mend or reinstall" in check.stdout
    assert "the desk starts all the same" in check.stderr
    look = ("snapshot", "--replay", one_price(tmp_path), "--config", "broken.toml", "--size", "80x24")
    shown = deskmon(*look, cwd=tmp_path, env=site)
    assert shown.returncode == 0
    assert "needs a licence" in shown.stdout


def test_a_recording_ends_in_time_and_is_a_market(site: dict[str, str], tmp_path: Path) -> None:
    at_once = ("--set", "feeds.mine.process=shared")
    result = deskmon("record", "a.jsonl", "--for", "800ms", *at_once, cwd=tmp_path, env=site)
    assert (result.returncode, result.stderr) == (0, "deskmon: recorded to a.jsonl\n")
    state = json.loads(deskmon("state", "--replay", "a.jsonl", "--only", "prices,source", cwd=tmp_path).stdout)
    assert state["source"] == "recorded"
    assert state["prices"]["BTC/USD"]["last"] >= 100.0
    again = deskmon("record", "a.jsonl", "--for", "60s", cwd=tmp_path, env=site)
    assert again.returncode == 1
    assert "exists already" in again.stderr
    assert again.stderr.count("\n") == 1


def test_a_hub_is_attached_to_and_interrupted(site: dict[str, str], tmp_path: Path) -> None:
    hub = subprocess.Popen(
        [*DESKMON, "hub", "--listen", "unix:desk.sock"], cwd=tmp_path, env=site, stderr=subprocess.PIPE, text=True
    )
    try:
        feeds: dict[str, Any] = {}
        while "mine" not in feeds:  # a hub says how its feeds are with its first beat
            result = deskmon("state", "--attach", "unix:desk.sock", "--only", "feeds", cwd=tmp_path, env=site)
            assert (result.returncode, result.stderr) == (0, "")
            feeds = json.loads(result.stdout)["feeds"]
        assert feeds["mine"]["state"] in ("live", "connecting")
        frame = deskmon("attach", "unix:desk.sock", cwd=tmp_path, env=site)
        assert frame.returncode == 0
        assert "crypto desk" in frame.stdout
        hub.send_signal(signal.SIGINT)
        _, errors = hub.communicate(timeout=30)
        assert (hub.returncode, errors) == (130, "")
        assert not (tmp_path / "desk.sock").exists()
    finally:
        if hub.poll() is None:
            hub.kill()
            hub.communicate()


def test_a_reader_that_has_seen_enough_is_no_fault(elsewhere: Path) -> None:
    command = subprocess.Popen(
        [*DESKMON, "state", "--replay", one_price(elsewhere)], cwd=elsewhere, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert command.stdout is not None
    command.stdout.close()
    _, errors = command.communicate(timeout=60)
    assert (command.returncode, errors) == (0, "")


def test_a_fault_of_our_own_is_one_line_and_a_traceback_with_v(elsewhere: Path) -> None:
    code = (
        "import sys; from deskmon.cli import check, main\n"
        "def fail(*args): return 1 / 0\n"
        "check._examine = fail\n"
        "sys.exit(main())"
    )
    for argv, lines in (["check"], 1), (["check", "-v"], None):
        result = subprocess.run(
            [sys.executable, "-c", code, *argv], cwd=elsewhere, capture_output=True, text=True, timeout=60, check=False
        )
        assert result.returncode == 1
        assert "ZeroDivisionError" in result.stderr
        assert ("Traceback" in result.stderr) == (lines is None)
        assert lines is None or result.stderr.count("\n") == lines
