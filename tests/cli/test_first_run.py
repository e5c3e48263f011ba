"""From nothing to a configuration: what the first run says, what `init` writes, what helps while one writes it."""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from deskmon.cli.parser import COMMANDS, TASKS, build
from deskmon.config.sources import PACKAGED
from tests.desk.terminal import Terminal


@pytest.fixture
def config_home(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(elsewhere / "config"))
    return elsewhere / "config" / "deskmon" / "deskmon.toml"


def test_the_first_run_says_in_three_lines_where_the_configuration_goes(config_home: Path) -> None:
    with Terminal("demo", size=(160, 50)) as terminal:
        terminal.until("Prices")
        terminal.press("q")
        terminal.until_ended()
        lines = re.findall(r"deskmon: ([^\r\n]*)", terminal.raw.decode())
    assert len(lines) == 3
    assert str(PACKAGED) in lines[0]
    assert "`deskmon init`" in lines[1] and str(config_home) in lines[1]
    assert "`deskmon config path`" in lines[2]


def test_a_desk_that_has_a_file_a_history_or_strangers_before_it_is_not_told(config_home: Path, monkeypatch) -> None:
    from argparse import Namespace

    from deskmon.cli import desk

    told: list[str] = []
    monkeypatch.setattr(desk, "complain", told.append)
    desk.welcome(Namespace(config=None, kiosk=True))
    assert told == []
    desk.welcome(Namespace(config=None, kiosk=False))
    assert len(told) == 3
    Path("deskmon.toml").write_text("")
    desk.welcome(Namespace(config=None, kiosk=False))
    assert len(told) == 3
    Path("deskmon.toml").unlink()
    Path(os.environ["XDG_DATA_HOME"], "deskmon").mkdir(parents=True)
    desk.welcome(Namespace(config=None, kiosk=False))
    assert len(told) == 3


def test_init_writes_a_file_that_is_fine_and_changes_nothing(run, elsewhere: Path) -> None:
    before = run("config", "show").out
    assert run("init").out.startswith("wrote deskmon.toml; ")
    assert run("check").out == "deskmon.toml: fine\n"
    assert run("config", "show").out == before
    lines = Path("deskmon.toml").read_text().splitlines()
    assert lines[0].startswith("#:schema file://")
    assert all(line.startswith("#") for line in lines if line and line != "[desk]")


def test_every_setting_of_the_starter_file_is_fine_when_it_is_taken(run, elsewhere: Path) -> None:
    run("init")
    text = Path("deskmon.toml").read_text()
    taken = re.sub(r'^#(?=[a-z\["])', "", text, flags=re.MULTILINE)
    assert taken.count("\n[") > 8 and taken.count(" = ") > 20
    Path("deskmon.toml").write_text(taken)
    assert run("check").out == "deskmon.toml: fine\n"
    assert "Prices" in run("snapshot", "--demo", "--layout", "mine").out


def test_init_never_writes_over_a_file(run, config_home: Path) -> None:
    Path("deskmon.toml").write_text("# mine\n")
    refused = run("init")
    assert (refused.status, refused.out) == (2, "")
    assert "deskmon.toml is there already" in refused.err
    assert Path("deskmon.toml").read_text() == "# mine\n"


def test_init_on_a_full_disk_leaves_nothing_and_writes_the_file_once_there_is_room(run, elsewhere: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        refused = run("init", "--config", "desks/one.toml")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert refused.status == 1 and "can't be written" in refused.err
    assert [*Path("desks").iterdir()] == []
    assert run("init", "--config", "desks/one.toml").status == 0
    assert [file.name for file in Path("desks").iterdir()] == ["one.toml"]


@pytest.mark.parametrize("command", [("init",), ("config", "show")])
@pytest.mark.parametrize(
    ("path", "words"), [("", "--config names no file"), ("~nobody-here/a.toml", "there is no such user here")]
)
def test_a_configuration_that_can_be_no_file_is_wrong_usage(
    run, elsewhere: Path, command: tuple[str, ...], path: str, words: str
) -> None:
    refused = run(*command, "--config", path)
    assert refused.status == 2 and words in refused.err
    assert [*elsewhere.glob("*.toml")] == []


@pytest.mark.parametrize("shared", ["", "~nobody-here/a.toml"])
def test_a_file_that_extends_what_can_be_no_file_is_told_by_check(run, elsewhere: Path, shared: str) -> None:
    Path("deskmon.toml").write_text(f'extends = "{shared}"\n')
    told = run("check")
    assert told.status == 2 and "extends" in told.err + told.out and "deskmon.toml" in told.err + told.out


def test_init_writes_where_it_is_told_to_and_says_what_is_in_use(run, config_home: Path) -> None:
    assert run("config", "path", "--user").out == f"{config_home}\n"
    written = run("init", "--user")
    assert written.out.startswith(f"wrote {config_home}") and written.err == ""
    assert run("config", "path").out == f"{config_home}\n"
    assert run("init", "--config", "desks/one.toml").err == ""
    assert run("check", "desks/one.toml").out == "desks/one.toml: fine\n"
    Path("deskmon.toml").write_text("")
    config_home.unlink()
    assert "in use here is still deskmon.toml (the current folder)" in run("init", "--user").err
    assert "name two places" in run("init", "--user", "--config", "x.toml").err
    assert "--user goes with `deskmon config path`" in run("config", "show", "--user").err


def test_the_help_has_every_command_under_its_task(run) -> None:
    text = run("--help").out
    for task, commands in TASKS.items():
        block = text[text.index(f"\n{task}:\n") :].split("\n\n")[0]
        assert re.findall(r"^  (\w+) +\S", block, re.MULTILINE) == list(commands)
    assert max(map(len, text.splitlines())) <= 100
    assert run("replay", "--help").out.count("The desk on a journal.") == 1


def test_the_manual_has_every_command_option_and_exit_status(run) -> None:
    page = run("man").out.replace("\\-", "-")
    parser, commands = build()
    assert commands.parsers.keys() == COMMANDS.keys()
    for each in (parser, *commands.parsers.values()):
        for action in each._actions:
            if action.help != "==SUPPRESS==":
                assert all(option in page for option in action.option_strings)
    for name in COMMANDS:
        assert f"\n.SS deskmon {name}" in page
    assert re.findall(r"\b(\d+): [a-z]", page) == ["0", "1", "2", "130"]


def test_the_manual_is_sound_roff(run) -> None:
    page = run("man").out
    assert page.isascii()
    assert {line.split()[0] for line in page.splitlines() if line.startswith((".", "'"))} == {
        ".TH", ".SH", ".SS", ".TP", ".B", ".I",
    }  # fmt: skip
    if shutil.which("groff") is None:
        pytest.skip("groff isn't installed")
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8"], input=page, capture_output=True, text=True, check=True)
    assert done.stderr == ""
