"""Figures of demos are files that are shipped, read as what they say they are."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import tomli

from deskmon.feeds.demo import data
from deskmon.feeds.demo.simulator.world import World

ROOT = Path(__file__).parents[2]


class Start(msgspec.Struct):
    start: int


class Text(msgspec.Struct):
    start: str


def test_every_file_of_figures_is_shipped_with_its_package():
    shipped = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    found = list((ROOT / "feeds").rglob("*.toml"))
    assert len(found) >= 3
    for path in found:
        package = ".".join(("deskmon", *path.parent.relative_to(ROOT).parts))
        assert any(path.match(pattern) for pattern in shipped[package]), path


def test_times_of_a_file_are_milliseconds_utc():
    assert data.read("simulator", ("world.toml",), Start).start == 1_767_614_400_000


def test_figures_that_do_not_fit_are_refused_with_their_place():
    with pytest.raises(ValueError, match=r"Expected `str`, got `int` - at `\$\.start`"):
        data.read("simulator", ("world.toml",), Text)
    with pytest.raises(ValueError, match="unknown field `note`"):
        data.read("reconstructions", ("2026-02-06.toml",), World)
