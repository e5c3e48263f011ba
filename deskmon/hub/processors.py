"""How many processors the hub may use."""

from __future__ import annotations

import os
from pathlib import Path


def processors(root: Path = Path("/")) -> float:
    """Those that this process may run on, or as many as the quota of its control group (version 2) amounts to, if that
    is less: a container or a unit may be given half a processor. `root`: where `proc` and `sys` are."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        group = (root / "proc/self/cgroup").read_text().rpartition("0::/")[2].strip()
        quota, period = (root / "sys/fs/cgroup" / group / "cpu.max").read_text().split()
        return min(usable, int(quota) / int(period))
    except (OSError, ValueError):  # no quota is "max"
        return usable
