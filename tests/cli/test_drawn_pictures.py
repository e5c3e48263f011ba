"""The pictures of README.md and docs/themes.md are what the commands beside them draw."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from deskmon.cli.market import chosen, market
from deskmon.cli.output import frame, parse_size
from deskmon.cli.parser import parse
from tests.written import same_as_written

ROOT = Path(__file__).parents[2]
THEMES = sorted(path.stem for path in (ROOT / "themes").glob("*.toml"))


def command_of(page: str) -> str:
    """The one call of `deskmon snapshot` that a page names."""
    (command,) = re.findall(r"`deskmon (snapshot [^`]*)`", (ROOT / page).read_text(encoding="utf-8"))
    return str(command)


@cache
def demo(at: str) -> Any:
    """The model of the simulated market at a time, made once for all pictures, and the desk time."""
    args = parse(["snapshot", "--demo", "--at", at])
    return market(chosen(args), args)


def drawn(command: str) -> str:
    args = parse(shlex.split(command))
    model, now = demo(args.at)
    return frame(model, chosen(args), now, parse_size(args.size), format=args.format)


@pytest.fixture(autouse=True)
def in_the_clone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("DESKMON_CONFIG", raising=False)


def test_the_picture_of_the_readme() -> None:
    same_as_written(ROOT / "docs" / "desk.svg", drawn(command_of("README.md")))


@pytest.mark.parametrize("name", THEMES)
def test_the_picture_of_a_theme(name: str) -> None:
    command = command_of("docs/themes.md").replace("NAME", name)
    same_as_written(ROOT / "docs" / "themes" / f"{name}.svg", drawn(command))
