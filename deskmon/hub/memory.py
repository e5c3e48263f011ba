"""How much memory this process takes."""

from __future__ import annotations

import os


def resident_mb() -> float | None:
    """MB (10⁶ bytes) of memory that the process holds now; None on systems that don't say it in /proc."""
    try:
        # No Path: with each, Python interns its parts, four times a second, and its table of such names doubles.
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = int(file.read().split()[1])
    except (OSError, LookupError, ValueError):
        return None
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
