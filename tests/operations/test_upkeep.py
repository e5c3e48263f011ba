"""Upgrade, rollback, backup, restore and rotation, by the commands of docs/upkeep.md as they stand there."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.operations.machine import Machine, blocks, until

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


@pytest.fixture
def machine(tmp_path):
    (tmp_path / "mine.csv").write_text("time,value\n2026-01-02T00:00:00Z,41\n")
    made = Machine(tmp_path, CONFIG.format(folder=tmp_path))
    yield made
    made.end()


def asked(machine: Machine, *names: str) -> dict:
    return json.loads(machine.run(STATE + ",".join(names)))


def value(machine: Machine) -> float:
    """The value of the one series, as the hub has it; the first time a feed may take a while."""
    until(lambda: asked(machine, "metrics")["metrics"], "the series")
    return asked(machine, "metrics")["metrics"]["fear_greed"]["value"]


@pytest.mark.install
def test_the_page_is_run_from_an_upgrade_to_a_restore(machine, tmp_path):
    machine.run(START)
    assert value(machine) == 41.0
    first = asked(machine, "hub")["hub"]
    assert first["journal"]["segments"] >= 1

    [upgrade] = blocks("upkeep.md", "Upgrade")
    printed = machine.run(upgrade)
    assert '"feeds"' in printed
    assert (tmp_path / "opt/deskmon").readlink() == tmp_path / "opt/deskmon-0.2"
    second = asked(machine, "hub", "log")
    assert second["hub"]["started"] > first["started"]
    assert value(machine) == 41.0

    [rollback] = blocks("upkeep.md", "Rollback")
    machine.run(rollback)
    assert (tmp_path / "opt/deskmon").readlink() == tmp_path / "opt/deskmon-0.1"
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
