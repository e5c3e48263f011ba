"""What the tests of panels share: the folder of expected pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

PICTURES = Path(__file__).parent / "snapshots"


@pytest.fixture
def same_as_picture() -> Callable[[str, Sequence[str]], None]:
    """Compare lines with snapshots/NAME.txt; with DESKMON_WRITE_SNAPSHOTS set, write them there to be looked at."""

    def compare(name: str, lines: Sequence[str]) -> None:
        path = PICTURES / f"{name}.txt"
        drawn = "\n".join(line.rstrip() for line in lines) + "\n"
        if os.environ.get("DESKMON_WRITE_SNAPSHOTS"):
            path.write_text(drawn, encoding="utf-8")
        assert drawn == path.read_text(encoding="utf-8"), f"{name} looks different from {path}"

    return compare
