"""What the tests of panels share: the folder of expected pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.written import same_as_written

PICTURES = Path(__file__).parent / "snapshots"


@pytest.fixture
def same_as_picture() -> Callable[[str, Sequence[str]], None]:
    """Compare lines with snapshots/NAME.txt."""

    def compare(name: str, lines: Sequence[str]) -> None:
        same_as_written(PICTURES / f"{name}.txt", "\n".join(line.rstrip() for line in lines) + "\n")

    return compare
