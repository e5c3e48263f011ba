"""docs/authors.md followed to the letter: an empty folder beside a wheel, a clean environment, and every command as it
is printed."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

import deskmon
from tests.ports import reserve_port
from tests.wheels import build, checkout, link_packages, make_environment

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "authors.md").read_text(encoding="utf-8")
WHEEL = f"deskmon-{deskmon.__version__}-py3-none-any.whl"
MOST_STEPS, MOST_LINES = 5, 30
SERVER = "python -m http.server 8080 --bind 127.0.0.1 >server.log 2>&1 &\n"


def blocks(language: str) -> list[list[str]]:
    """The fenced blocks of each numbered step."""
    steps = re.findall(r"^## \d\. .*?(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    return [re.findall(rf"^```{language}\n(.*?)^```", step, re.MULTILINE | re.DOTALL) for step in steps]


COMMANDS = "".join(block for step in blocks("sh") for block in step)
PRINTED = [line for step in blocks("text") for block in step for line in block.splitlines()]


def follow(commands: str, folder: Path) -> str:
    """What bash prints that runs the commands in `folder`, with a server that is up once its line was run."""
    port = reserve_port()
    assert SERVER in commands
    up = f"until (exec 3<>/dev/tcp/127.0.0.1/{port}) 2>/dev/null; do sleep 0.1; done\n"
    script = f"set -e\ntrap 'kill $(jobs -p)' EXIT\n{commands.replace(SERVER, SERVER + up).replace('8080', str(port))}"
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    environ |= {"COLUMNS": "160", "LINES": "24", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-W error"}  # authors have pytest alone
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout


def check_hour(printed: str, folder: Path) -> None:
    lines = printed.splitlines()
    assert [line for line in PRINTED if line not in lines] == []
    assert re.search(r"^=+ \d+ passed in ", printed, re.MULTILINE) and "failed" not in printed
    alone, desk = re.split("^ deskmon  ", printed, flags=re.MULTILINE)[1:]
    assert "DEMO SIMULATED" in alone and "1 My spread" in alone and alone.count("╭") == 1
    assert "1 My spread" in desk and "2 Feeds" in desk and "● live" in desk
    assert re.search(r"BTC/USDT +mine +84,812\.50 +0\.000%", desk)
    assert (folder / "my_spread.py").read_text(encoding="utf-8").count("\n") <= MOST_LINES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder with the wheel."""
    made = tmp_path / "mine"
    made.mkdir()
    build(checkout(tmp_path / "checkout"), made)
    return made


def test_there_are_at_most_five_steps_and_they_name_the_wheel_of_this_version() -> None:
    assert 1 < len(blocks("sh")) <= MOST_STEPS and all(blocks("sh"))
    assert COMMANDS.count(WHEEL) == 1 and f"api_version`, now {deskmon.api_version}" in PAGE


def test_what_new_says_comes_next_is_what_the_page_says(run) -> None:
    said = run("new", "panel", "my_spread", "--package").out + run("new", "feed", "my_prices", "--package").out
    following = [line.strip() for line in said.splitlines() if line.startswith("  ")]
    assert len(following) == 5 and all(f"\n{line}\n" in COMMANDS for line in following)


@pytest.mark.timeout(600)
def test_the_hour_ends_with_both_on_the_desk(folder: Path) -> None:
    make_environment(folder / ".venv", link_packages(folder.parent / "packages"))
    commands = COMMANDS.replace("python3 -m venv .venv\n", "")
    commands = commands.replace("pip install", "pip install --no-index --no-deps --no-build-isolation")
    check_hour(follow(commands, folder), folder)


@pytest.mark.install
@pytest.mark.timeout(900)
def test_the_hour_as_printed_with_packages_from_the_index(folder: Path) -> None:
    check_hour(follow(COMMANDS, folder), folder)
