"""The default screen on a hub, on a pseudo-terminal, for `benchmarks.october`: `benchmarks.october_screen URL CONFIG`.

It says "drawn" when the desk is there, types a key each second and waits for its answer, until its input ends. Then it
prints what it saw, as a line of JSON.
"""

from __future__ import annotations

import json
import os
import select
import sys
from typing import Any

from deskmon.bench.keys import PROMPT
from deskmon.bench.pty import PtyChild

PATIENCE_S = 60.0


def _ended() -> bool:
    return bool(select.select([0], [], [], 0)[0]) and not os.read(0, 1)


def run(url: str, config: str) -> dict[str, Any]:
    """What the screen did until standard input ended; times in ms."""
    argv = [sys.executable, "-m", "deskmon", "attach", url, "--config", config]
    took: list[float] = []
    with PtyChild(argv) as child:
        child.read_until(b"quit", PATIENCE_S)
        print("drawn", flush=True)
        begun, written = child.cpu_seconds(), child.written
        is_over = False
        while not is_over or not took:
            is_over = _ended()
            typed = child.send(b"/")
            took.append((child.read_until(PROMPT, PATIENCE_S) - typed) * 1000)
            child.send(b"\r")
            child.drain(1.0)
        return {
            "keys_ms": sorted(took), "bytes": child.written - written, "cpu_s": child.cpu_seconds() - begun,
            "memory_mb": child.resident_mb(),
        }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(*sys.argv[1:])), flush=True)
