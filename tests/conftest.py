"""Tests meet the same desk everywhere: no configuration of the machine's owner, no deadlines that noise decides.

`make test` runs modules side by side in several processes; each process makes what its tests share once.
"""

from __future__ import annotations

import gc
import logging
import math
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.remote import Producer

from tests import markets
from tests.commands import run
from tests.length import WHOLE, length
from tests.scopes import Scopes

__all__ = ["run"]

# A short run takes the same random input every time: a failure is of the change, never of chance. A whole run searches.
settings.register_profile("desk", deadline=None, max_examples=length(50, 100), derandomize=not WHOLE)
settings.load_profile("desk")

_folders = count()


LONGEST = ("desk", "security", "reconstructions", "waves", "soak", "mqtt", "timelines", "driver", "widgets")
"""Folders whose modules take longest. They begin first, so that none is left over when the other process has ended."""

FIRST = "test_textual_private.py"
"""With another Textual much fails; this says why."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: (item.path.name != FIRST, order.get(item.path.parent.name, len(order))))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scopes | None:
    return Scopes(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session", autouse=True)
def shared_markets_stay_as_they_are() -> Iterator[None]:
    yield
    assert not markets.changed(), "a test changed what others look at; it should fold a market of its own"


@pytest.fixture(autouse=True)
def nothing_stays_frozen() -> Iterator[None]:
    """What a desk freezes for good is walked again by whoever comes next: Hypothesis takes what is frozen for lost."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.callbacks[:] = [each for each in gc.callbacks if not each.__module__.startswith("deskmon.")]


@pytest.fixture(autouse=True)
def no_config_of_the_owner(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Neither $DESKMON_CONFIG nor a file in the user's config folder reaches a test."""
    monkeypatch.delenv("DESKMON_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-config"))


@pytest.fixture(scope="session")
def demos_of_all_tests(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all processes of a run: beside the folders of each."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if own.name.startswith("popen-") else own) / "demos"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(autouse=True)
def no_history_of_the_owner(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, demos_of_all_tests: Path
) -> None:
    """Each test has folders of its own for data, state and cache, made where a live hub needs them. Embedded markets
    alone are kept for all tests: each is made once."""
    folder = tmp_path_factory.getbasetemp()
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / f"data-{next(_folders)}"))
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / f"state-{next(_folders)}"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache := folder / f"cache-{next(_folders)}"))
    (cache / "deskmon").mkdir(parents=True)
    (cache / "deskmon" / "demos").symlink_to(demos_of_all_tests, target_is_directory=True)


@pytest.fixture(autouse=True)
def a_terminal_of_all_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests see no terminal of the owner either: UTF-8, true colour and its real size, unless they say otherwise."""
    for name, value in {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "COLORTERM": "truecolor"}.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command that a test calls in this process leaves no log, level or hook to the next one."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    yield
    for handler in root.handlers:
        if handler not in before:
            handler.close()
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture(autouse=True)
def no_panel_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk lets a panel rest that took long to draw; here that would tell of the machine's load."""
    monkeypatch.setattr("deskmon.desk.host.SLOW_MS", math.inf)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
