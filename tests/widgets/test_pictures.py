"""Whole panels as plain text, in pictures that were looked at. To write them anew: DESKMON_WRITE_SNAPSHOTS=1."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskmon.plugins import load_panel, panel_names
from deskmon.testing import render
from tests.markets import sample
from tests.written import same_as_written

PICTURES = Path(__file__).parent / "snapshots"
SIZES = ((38, 6), (78, 20), (118, 33))
"""What 40×8, 80×24 and 120×36 leave for one panel."""
OTHERS = ("empty", "one", "stale")


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", panel_names())
def test_a_full_market(name, width, height, same_as_picture):
    lines = render(load_panel(name)(), sample("full"), width=width, height=height)
    same_as_picture(f"{name}-{width}x{height}", lines)


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("name", panel_names())
def test_other_markets(name, kind, same_as_picture):
    lines = render(load_panel(name)(), sample(kind), width=78, height=20)
    same_as_picture(f"{name}-{kind}", lines)


def test_every_picture_is_compared():
    drawn = {f"{name}-{width}x{height}" for name in panel_names() for width, height in SIZES}
    drawn |= {f"{name}-{kind}" for name in panel_names() for kind in OTHERS}
    assert {path.stem for path in PICTURES.iterdir()} == drawn


def test_a_run_that_writes_what_it_expects_fails(tmp_path, monkeypatch):
    path = tmp_path / "picture.txt"
    path.write_text("as it was\n")
    monkeypatch.setenv("DESKMON_WRITE_SNAPSHOTS", "1")
    for text in ("as it is\n", "as it is\n"):
        with pytest.raises(pytest.fail.Exception, match="look at it"):
            same_as_written(path, text)
        assert path.read_text() == text
    monkeypatch.delenv("DESKMON_WRITE_SNAPSHOTS")
    same_as_written(path, "as it is\n")
    with pytest.raises(AssertionError, match="writes it anew"):
        same_as_written(path, "as it was\n")
