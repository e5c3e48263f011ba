"""Hubs of their own processes, for screens to attach to."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from deskmon.feeds.demo.simulator.timeline import DemoTimeline
from deskmon.journal import JournalWriter

MINUTES, SPEED = 2, 60


@contextmanager
def running_hub(folder: Path, feeds: str) -> Iterator[Path]:
    """The socket of a hub with the `feeds` of a config, while the block runs."""
    config, socket = folder / "deskmon.toml", folder / "hub.sock"
    config.write_text(feeds)
    argv = [sys.executable, "-m", "deskmon", "hub", "--listen", f"unix:{socket}", "--config", str(config)]
    own = {
        name: str(folder / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
    }
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(argv, stderr=log, env={**os.environ, **own})
        while not socket.exists():
            assert process.poll() is None, (folder / "hub.log").read_text()
            time.sleep(0.05)
        yield socket
        process.terminate()
        process.wait(10)


def record_cascade(folder: Path) -> tuple[Path, int]:
    """A journal of the demo's first minutes, and when they begin (ms)."""
    path, timeline = folder / "cascade.jsonl", DemoTimeline(seed=7)
    with JournalWriter(path, timeline.header) as journal:
        journal.write(takewhile(lambda event: event.arrival <= timeline.start + MINUTES * 60_000, timeline.events()))
    return path, timeline.start


@pytest.fixture(scope="module")
def cascade(tmp_path_factory):
    return record_cascade(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def hub(cascade, tmp_path_factory):
    """A hub that replays the journal faster than it was, then stands at its end: screens attach before and after."""
    path, start = cascade
    feeds = f"[feeds.replay]\ntype = 'replay'\npath = '{path}'\nat = '{start}'\nspeed = {SPEED}\n"
    with running_hub(tmp_path_factory.mktemp("hub"), feeds) as socket:
        yield socket


@pytest.fixture(scope="module")
def busy_hub(tmp_path_factory):
    """A hub whose simulated market is in its cascade."""
    with running_hub(tmp_path_factory.mktemp("busy"), "[feeds.demo]\ntype = 'demo'\n") as socket:
        yield socket
