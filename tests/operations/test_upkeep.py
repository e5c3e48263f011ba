"""Upgrade, rollback, backup, restore and rotation, by the commands of docs/upkeep.md as they stand there."""

from __future__ import annotations

import json
import shutil

import pytest

from deskmon import __version__
from deskmon.model.shape import shape
from tests.operations.machine import Machine, blocks, until
from tests.wheels import build, checkout

CONFIG = """
[feeds.mine]
type = "file"
path = "{folder}/mine.csv"
event = "metric"
columns = {{ ts = "time", value = "value" }}
values = {{ name = "fear_greed" }}
every_s = 1
"""
STATE = "sudo -u deskmon /opt/deskmon/bin/deskmon state --attach unix:/run/deskmon/desk.sock --only "
START, STOP = "systemctl start deskmon-hub", "systemctl stop deskmon-hub"


OLD, NEW = "deskmon-0.1", "deskmon-0.2"
"""Folders in /opt by the names that the pages give to a version and the next one."""
CHANGED = {
    "deskmon/__init__.py": [(f'"{__version__}"', '"0.0.1"')],
    "deskmon/model/coverage.py": [
        ("return [dict(self._said), dict(self._until)]", "return [dict(self._until), dict(self._said)]"),
        ("said, until = data", "until, said = data"),
    ],
}
"""What makes another version of this tree, whose checkpoints have another shape."""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Wheels of an older version and of this one."""
    folder = tmp_path_factory.mktemp("wheels")
    old = checkout(folder / "old")
    for name, changes in CHANGED.items():
        text = (old / name).read_text(encoding="utf-8")
        for before, after in changes:
            assert text.count(before) == 1
            text = text.replace(before, after)
        (old / name).write_text(text, encoding="utf-8")
    return {OLD: build(old, folder / "older"), NEW: build(checkout(folder / "new"), folder / "newer")}


@pytest.fixture
def machine(tmp_path, wheels):
    (tmp_path / "mine.csv").write_text("time,value\n2026-01-02T00:00:00Z,41\n")
    made = Machine(tmp_path, CONFIG.format(folder=tmp_path), wheels)
    yield made
    made.end()


def installed(machine: Machine) -> str:
    """The lines of operations.md that install a version and check the configuration."""
    [first, *_] = blocks("operations.md", "The hub as a service")
    lines = [line for line in first.splitlines() if line.startswith(("python3", "/opt", "ln"))]
    assert len(lines) == 4
    return machine.run("\n".join(lines))


def keys(folder) -> set[str]:
    """Keys of the checkpoints in a folder, in the order in which they were taken."""
    return {path.name.split(".")[2] for path in folder.glob("*.checkpoint")}


def asked(machine: Machine, *names: str) -> dict:
    return json.loads(machine.run(STATE + ",".join(names)))


def value(machine: Machine) -> float:
    """The value of the one series, as the hub has it; the first time a feed may take a while."""
    until(lambda: asked(machine, "metrics")["metrics"], "the series")
    return asked(machine, "metrics")["metrics"]["fear_greed"]["value"]


@pytest.mark.install
@pytest.mark.timeout(600)
def test_the_page_is_run_from_an_upgrade_to_a_restore(machine, tmp_path):
    installed(machine)
    assert machine.run("/opt/deskmon/bin/deskmon --version").split() == ["deskmon", "0.0.1"]
    machine.run(START)
    assert value(machine) == 41.0
    first = asked(machine, "hub")["hub"]
    assert first["journal"]["segments"] >= 1 and first["version"] == "0.0.1"
    journal = tmp_path / "var/lib/deskmon/.local/state/deskmon/journal"
    until(lambda: keys(journal), "a checkpoint")
    [old] = keys(journal)

    [upgrade] = blocks("upkeep.md", "Upgrade")
    printed = machine.run(upgrade)
    assert '"feeds"' in printed
    assert (tmp_path / "opt/deskmon").readlink() == tmp_path / "opt/deskmon-0.2"
    second = asked(machine, "hub", "log")
    assert second["hub"]["started"] > first["started"] and second["hub"]["version"] == __version__
    assert value(machine) == 41.0
    until(lambda: keys(journal) != {old}, "a checkpoint of another shape")
    assert shape() in keys(journal) and shape() != old

    [rollback] = blocks("upkeep.md", "Rollback")
    machine.run(rollback)
    assert (tmp_path / "opt/deskmon").readlink() == tmp_path / "opt/deskmon-0.1"
    assert asked(machine, "hub")["hub"]["version"] == "0.0.1"
    assert value(machine) == 41.0

    [rotate] = blocks("upkeep.md", "Log rotation")
    log, moved = tmp_path / "var/lib/deskmon/hub.log", tmp_path / "var/lib/deskmon/hub.log.1"
    machine.run(rotate)
    until(log.exists, "a new log")
    said = moved.read_text()
    assert said.count(" starts as process ") == 3 and said.count(" by SIGTERM") == 2
    assert log.stat().st_mode & 0o777 == 0o600

    [backup] = blocks("upkeep.md", "Backup")
    assert ".jsonl.zst" in machine.run(backup)
    assert (tmp_path / "var/backups/deskmon").stat().st_mode & 0o777 == 0o700

    machine.run(STOP)
    shutil.rmtree(tmp_path / "var/lib/deskmon/.local")
    (tmp_path / "mine.csv").write_text("time,value\n")
    (tmp_path / "etc/deskmon/deskmon.toml").write_text("broken")
    [restore] = blocks("upkeep.md", "Restore")
    machine.run(restore)
    assert value(machine) == 41.0, "from the backup: the file has no row any more"
    assert any(line["subject"] == "hub" for line in asked(machine, "log")["log"]), "the time between is a gap"
