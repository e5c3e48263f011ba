"""Files that a test expects and can write anew: pictures of panels, pages made from the code."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ANEW = "DESKMON_WRITE_SNAPSHOTS"


def same_as_written(path: Path, text: str) -> None:
    """Compare `text` with the file at `path`. With $DESKMON_WRITE_SNAPSHOTS set, write the file and fail all the same:
    somebody has to look at it, and a run that writes what it expects proves nothing."""
    if os.environ.get(ANEW):
        path.write_text(text, encoding="utf-8")
        pytest.fail(f"wrote {path}: look at it, then run without {ANEW}")
    assert text == path.read_text(encoding="utf-8"), f"not what {path} has; {ANEW}=1 writes it anew"
