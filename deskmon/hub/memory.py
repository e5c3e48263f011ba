"""How much memory this process takes."""

from __future__ import annotations

import os
from pathlib import Path


def resident_mb() -> float | None:
    """MB (10⁶ bytes) of memory that the process holds now; None on systems that don't say it in /proc."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, LookupError, ValueError):
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
