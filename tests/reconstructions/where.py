"""The figures that docs/where.md leads to, by the reconstruction that its section is about."""

from __future__ import annotations

import re
from pathlib import Path

from deskmon.model.figure_path import parse
from deskmon.model.figures import State

PAGE = (Path(__file__).parents[2] / "docs" / "where.md").read_text(encoding="utf-8")
SECTIONS = {"2025-11-21": "A", "2026-02-06": "B", "2026-06": "C", "2026-01-29": "D", "2025-11-20": "E"}


def unknown_figures(name: str, state: State) -> set[str]:
    """Those that the page names in the section of a reconstruction and this state of it doesn't know."""
    (section,) = re.findall(rf"^## {SECTIONS[name]}\. .*?(?=^## |\Z)", PAGE, flags=re.M | re.S)
    paths = re.findall(r"`([^`|]+)` \|$", section, flags=re.M)
    assert len(paths) > 10
    return {path for path in paths if parse(path).of(state) is None}
