"""How long long tests are: short by default, as in CI; whole with DESKMON_LONG=1."""

from __future__ import annotations

import os
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")
WHOLE = bool(os.environ.get("DESKMON_LONG"))


def length(short: T, whole: T) -> T:
    """One of the two, as this run is."""
    return whole if WHOLE else short


def examples(short: int, whole: int) -> settings:
    """How many random inputs a test of hypothesis takes."""
    return settings(max_examples=length(short, whole))
