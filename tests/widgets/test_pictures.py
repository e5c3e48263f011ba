"""Whole panels as plain text, in pictures that were looked at. To write them anew: DESKMON_WRITE_SNAPSHOTS=1."""

from __future__ import annotations

import pytest

from deskmon.plugins import load_panel, panel_names
from deskmon.testing import render
from tests.markets import sample

SIZES = ((38, 6), (78, 20), (118, 33))
"""What 40×8, 80×24 and 120×36 leave for one panel."""


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", panel_names())
def test_a_full_market(name, width, height, same_as_picture):
    lines = render(load_panel(name)(), sample("full"), width=width, height=height)
    same_as_picture(f"{name}-{width}x{height}", lines)


@pytest.mark.parametrize("kind", ["empty", "one", "stale"])
@pytest.mark.parametrize("name", panel_names())
def test_other_markets(name, kind, same_as_picture):
    lines = render(load_panel(name)(), sample(kind), width=78, height=20)
    same_as_picture(f"{name}-{kind}", lines)
