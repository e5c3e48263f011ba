"""The picture of README.md is what the command below it draws."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from deskmon.cli import main
from tests.written import same_as_written

ROOT = Path(__file__).parents[2]


def test_the_picture_is_what_its_command_draws(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (picture,) = re.findall(r"^!\[.*\]\((.*)\)$", page, re.MULTILINE)
    (command,) = re.findall(r"`deskmon (snapshot .*)`", page)
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("DESKMON_CONFIG", raising=False)
    assert main(shlex.split(command)) == 0
    same_as_written(ROOT / picture, capsys.readouterr().out)
